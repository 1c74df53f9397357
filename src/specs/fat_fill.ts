/** Makes a FAT volume that holds files: what mkfs.fat and mcopy would do, in one go and always the same. */
import {
  ATTR_ARCHIVE,
  ATTR_DIRECTORY,
  DIR_ENTRY_SIZE,
  FAT_MARKS,
  type Field,
  FSINFO,
  fatEntryOffset,
  readField,
  writeField,
} from './fat';
import { fatEntryBytes, fatNames } from './fat_entry';
import { formatFat, type SparseWrite } from './fat_format';
import { type FatShape, type FormatOptions, shapeOf } from './fat_shape';

export interface FatFile {
  /** From the root, names with slashes between them; directories on the way are made. A slash at the end: an empty directory. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Clusters left out between one of its own and the next; a later file gets them. */
  readonly gap?: number;
}

export interface FilledFat {
  readonly writes: readonly SparseWrite[];
  readonly shape: FatShape;
  /** Clusters of every file and directory, in the chain's order, by path; '' is the root of a FAT32. */
  readonly chains: ReadonlyMap<string, readonly number[]>;
  /** Clusters that nothing uses. */
  readonly free: number;
  /** In bytes from the start of the volume. */
  readonly fatStart: number;
  readonly fatLength: number;
  readonly dataStart: number;
  readonly clusterSize: number;
}

const SECTOR = 512;
const FSINFO_SECTOR = 1;
const DEFAULT_TIME = Date.UTC(1980, 0, 1);

/** Throws RangeError when the volume has no room for the files, or FAT cannot hold a name. */
export function fillFat(options: FormatOptions, files: readonly FatFile[]): FilledFat {
  const filling = new Filling(options);
  const root = treeOf(files);
  filling.reserve(root, '');
  filling.write(root, '', 0);
  return filling.finish();
}

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, FatFile>;
}

const emptyFolder = (): Folder => ({ folders: new Map(), files: new Map() });

function treeOf(files: readonly FatFile[]): Folder {
  const root = emptyFolder();
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts.pop()!;
    let folder = root;
    for (const part of parts.filter((part) => part !== '')) {
      if (!folder.folders.has(part)) folder.folders.set(part, emptyFolder());
      folder = folder.folders.get(part)!;
    }
    if (name !== '') folder.files.set(name, file);
  }
  return root;
}

class Filling {
  readonly #shape: FatShape;
  readonly #fat: Uint8Array;
  readonly #formatted: readonly SparseWrite[];
  readonly #writes: SparseWrite[] = [];
  readonly #chains = new Map<string, number[]>();
  readonly #names = new Map<string, ReturnType<typeof fatNames>>();
  readonly #clusterSize: number;
  readonly #dataStart: number;
  #free: number;
  #lowest = 2;

  constructor(readonly options: FormatOptions) {
    this.#shape = shapeOf(options);
    this.#formatted = formatFat(options);
    this.#fat = this.#formatted[1]!.bytes;
    this.#clusterSize = this.#shape.sectorsPerCluster * SECTOR;
    this.#dataStart = this.#rootStart + this.#shape.rootEntries * DIR_ENTRY_SIZE;
    this.#free = this.#shape.clusters;
    if (this.#is32) this.#free--;
  }

  /** Gives everything its names and clusters: directories first, and the files of a directory in the order in which they came. */
  reserve(folder: Folder, path: string): void {
    const taken = new Set<string>();
    let slots = path === '' ? (this.options.label ? 1 : 0) : 2;
    for (const name of [...folder.folders.keys(), ...folder.files.keys()]) {
      const names = fatNames(name, taken);
      this.#names.set(`${path}/${name}`, names);
      slots +=
        fatEntryBytes({ ...names, attributes: 0, cluster: 0, size: 0, time: DEFAULT_TIME }).length / DIR_ENTRY_SIZE;
    }
    const clusters = Math.max(1, Math.ceil((slots * DIR_ENTRY_SIZE) / this.#clusterSize));
    if (path !== '') this.#chains.set(path, this.#allocate(clusters, 0));
    else if (this.#is32) this.#chains.set('', this.#chain([2, ...this.#allocate(clusters - 1, 0)]));
    else if (slots > this.#shape.rootEntries)
      throw new RangeError(`The root directory needs ${slots} entries, and has ${this.#shape.rootEntries}.`);
    for (const [name, inner] of folder.folders) this.reserve(inner, `${path}/${name}`);
    for (const [name, { bytes, gap }] of folder.files)
      this.#chains.set(`${path}/${name}`, this.#allocate(Math.ceil(bytes.length / this.#clusterSize), gap ?? 0));
  }

  write(folder: Folder, path: string, parent: number): void {
    const own = this.#chains.get(path) ?? [];
    const first = path === '' ? 0 : own[0]!;
    const entries = path === '' ? [] : [this.#dot('.', first), this.#dot('..', parent)];
    for (const [name, inner] of folder.folders) {
      entries.push(this.#entry(`${path}/${name}`, ATTR_DIRECTORY, 0));
      this.write(inner, `${path}/${name}`, first);
    }
    for (const [name, { bytes }] of folder.files) {
      entries.push(this.#entry(`${path}/${name}`, ATTR_ARCHIVE, bytes.length));
      this.#put(this.#chains.get(`${path}/${name}`)!, bytes);
    }
    const root = this.#formatted[3]!.bytes;
    const label = path === '' && this.options.label ? [root.subarray(0, DIR_ENTRY_SIZE)] : [];
    const length = own.length * this.#clusterSize || root.length;
    const bytes = joined([...label, ...entries], length);
    if (own.length > 0) this.#put(own, bytes);
    else this.#writes.push({ offset: this.#rootStart, bytes });
  }

  finish(): FilledFat {
    const reserved = this.#formatted[0]!;
    if (this.#is32) {
      const info = reserved.bytes.subarray(FSINFO_SECTOR * SECTOR);
      writeField(info, FSINFO.FSI_Free_Count, this.#free);
      writeField(info, FSINFO.FSI_Nxt_Free, this.#lowest - 1);
    }
    const fats = this.#formatted.slice(1, 3).map(({ offset }) => ({ offset, bytes: this.#fat }));
    return {
      writes: [reserved, ...fats, ...this.#writes],
      shape: this.#shape,
      chains: this.#chains,
      free: this.#free,
      fatStart: fats[0]!.offset,
      fatLength: this.#fat.length,
      dataStart: this.#dataStart,
      clusterSize: this.#clusterSize,
    };
  }

  get #is32(): boolean {
    return this.#shape.bits === 32;
  }

  get #rootStart(): number {
    return this.#formatted[3]!.offset;
  }

  #allocate(count: number, gap: number): number[] {
    if (count > this.#free) throw new RangeError(`The files need ${count - this.#free} clusters more than there are.`);
    const chain: number[] = [];
    for (let cluster = this.#lowest; chain.length < count; ) {
      // A gap that leads past the end is made up for by what was left out.
      if (cluster > this.#shape.clusters + 1) cluster = 2;
      if (this.#isFree(cluster)) {
        chain.push(cluster);
        this.#chain([cluster]);
        cluster += gap;
      }
      cluster++;
    }
    this.#free -= count;
    this.#chain(chain);
    while (this.#lowest <= this.#shape.clusters + 1 && !this.#isFree(this.#lowest)) this.#lowest++;
    return chain;
  }

  #isFree(cluster: number): boolean {
    return readFatEntry(this.#fat, this.#shape.bits, cluster) === 0;
  }

  #chain(clusters: number[]): number[] {
    const { END } = FAT_MARKS[this.#shape.bits];
    for (const [i, cluster] of clusters.entries())
      writeFatEntry(this.#fat, this.#shape.bits, cluster, clusters[i + 1] ?? END);
    return clusters;
  }

  #entry(path: string, attributes: number, size: number): Uint8Array {
    const cluster = this.#chains.get(path)![0] ?? 0;
    return fatEntryBytes({ ...this.#names.get(path)!, attributes, cluster, size, time: this.#time });
  }

  #dot(name: string, cluster: number): Uint8Array {
    const short = Uint8Array.from(name.padEnd(11), (character) => character.charCodeAt(0));
    return fatEntryBytes({ short, flags: 0, attributes: ATTR_DIRECTORY, cluster, size: 0, time: this.#time });
  }

  get #time(): number {
    return this.options.time ?? DEFAULT_TIME;
  }

  /** One write for each run of neighbouring clusters. */
  #put(clusters: readonly number[], bytes: Uint8Array): void {
    for (let i = 0, end = 0; i < clusters.length; i = end) {
      for (end = i + 1; clusters[end] === clusters[i]! + end - i; ) end++;
      const part = bytes.subarray(i * this.#clusterSize, end * this.#clusterSize);
      this.#writes.push({ offset: this.#dataStart + (clusters[i]! - 2) * this.#clusterSize, bytes: part });
    }
  }
}

export function readFatEntry(fat: Uint8Array, bits: FatShape['bits'], cluster: number): number {
  const value = readField(fat, entryField(bits, cluster));
  if (bits === 12) return cluster % 2 === 0 ? value % 0x1000 : Math.floor(value / 16);
  return bits === 32 ? value % 0x1000_0000 : value;
}

export function writeFatEntry(fat: Uint8Array, bits: FatShape['bits'], cluster: number, value: number): void {
  const field = entryField(bits, cluster);
  const old = readField(fat, field);
  if (bits !== 12) writeField(fat, field, value);
  else writeField(fat, field, cluster % 2 === 0 ? (old & 0xf000) | value : (old & 0x000f) | (value << 4));
}

const entryField = (bits: FatShape['bits'], cluster: number): Field => [
  fatEntryOffset(bits, cluster),
  bits === 32 ? 4 : 2,
];

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
