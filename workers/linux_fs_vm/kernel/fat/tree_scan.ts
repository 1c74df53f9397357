/**
 * One pass over the tree and the FAT that finds what a power cut leaves behind, and what nothing but damage explains.
 * Bounded: every cluster is claimed once, in a bitmap. Writes nothing; recovery and `check` both read its findings.
 */
import { DIR, DIR_ENTRY_SIZE } from '../../../../src/specs/fat';
import type { Extent } from './allocator';
import { Chain } from './chain';
import { Directory, IndexBudget } from './directory';
import { fileSize, firstCluster, isDirectoryEntry, NTRES_RENAMED, SlotReader, type SlotSet } from './slots';
import type { Volume } from './volume';

export interface Placed {
  readonly directory: Directory;
  readonly slot: number;
  readonly count: number;
}

export interface Findings {
  readonly files: number;
  readonly directories: number;
  /** Old entries of interrupted renames: another entry has the same first cluster, size and times. */
  readonly twins: Placed[];
  /** Entries that still carry the mark of a rename. */
  readonly marked: Placed[];
  /** Long entries without a short one. */
  readonly orphans: Placed[];
  /** Files of size 0 that have a first cluster. */
  readonly emptyWithChain: Placed[];
  /** Last clusters, by file size, of chains that go on. */
  readonly overlong: number[];
  /** How many of them run into a free cluster, which a later file would get: an order of writes was not kept. */
  readonly dangling: number;
  /** ".." entries with the wrong first cluster. */
  readonly dotDots: (Placed & { readonly cluster: number })[];
  /** In use by nothing. */
  readonly lost: Extent[];
  /** FAT sectors in which a mirror differs. */
  readonly mirrors: number;
  /** Sentences; with any of these nothing is repaired. */
  readonly damage: string[];
}

interface Visit {
  readonly directory: Directory;
  /** 0 for the root. */
  readonly first: number;
  readonly path: string;
}

const MAXIMUM_DAMAGE = 100;

export function scanTree(volume: Volume): Findings {
  return new Scan(volume).run();
}

class Scan {
  readonly #seen: Uint8Array;
  readonly #owners = new Map<number, Placed & { readonly first: number }>();
  readonly #parents = new Map<number, number>();
  readonly #dots = new Map<number, Placed & { readonly cluster: number }>();
  readonly #queue: Visit[] = [];
  readonly #findings = {
    files: 0,
    directories: 0,
    twins: [] as Placed[],
    marked: [] as Placed[],
    orphans: [] as Placed[],
    emptyWithChain: [] as Placed[],
    overlong: [] as number[],
    dangling: 0,
    dotDots: [] as (Placed & { cluster: number })[],
    lost: [] as Extent[],
    mirrors: 0,
    damage: [] as string[],
  };

  /** Bounds the walks along what lies past the files' ends, which claim nothing. */
  #stepsPastEnd: number;

  constructor(readonly volume: Volume) {
    this.#stepsPastEnd = volume.geometry.lastCluster;
    this.#seen = new Uint8Array((volume.geometry.lastCluster >> 3) + 1);
  }

  run(): Findings {
    const { rootCluster, bits } = this.volume.geometry;
    this.#enqueue(bits === 32 ? rootCluster : undefined, 0, '');
    for (let visit = this.#queue.pop(); visit !== undefined; visit = this.#queue.pop()) this.#directory(visit);
    this.#checkDotDots();
    this.#findLost();
    this.#findings.mirrors = this.volume.table.differingSectors();
    return this.#findings;
  }

  #damage(path: string, what: string): void {
    if (this.#findings.damage.length < MAXIMUM_DAMAGE) this.#findings.damage.push(`${path || '/'}: ${what}.`);
  }

  #enqueue(start: number | undefined, first: number, path: string): void {
    const chain = start === undefined ? undefined : new Chain(this.volume.table, start);
    this.#queue.push({ directory: new Directory(this.volume.io, chain, new IndexBudget(0)), first, path });
  }

  #directory({ directory, first, path }: Visit): void {
    const { chain } = directory;
    if (chain !== undefined) {
      if (chain.broken) this.#damage(path, 'the directory has no end mark');
      if (!this.#claimAll(chain.from(0)))
        return this.#damage(path, 'the directory shares clusters with something else');
    }
    const reader = new SlotReader();
    const { capacity } = directory;
    for (let slot = 0; slot < capacity; slot++) {
      const bytes = directory.read(slot);
      if (first !== 0 && slot < 2) this.#dot(directory, first, path, slot, bytes);
      const set = reader.next(slot, bytes);
      if (set === 'end') break;
      if (set !== undefined) this.#entry(directory, first, set, `${path}/${set.name}`);
    }
    for (const slot of reader.finish()) this.#findings.orphans.push({ directory, slot, count: 1 });
  }

  #dot(directory: Directory, first: number, path: string, slot: number, bytes: Uint8Array): void {
    const name = String.fromCharCode(...bytes.subarray(0, 11)).trimEnd();
    if (name !== '.'.repeat(slot + 1)) return this.#damage(path, `"${'.'.repeat(slot + 1)}" is missing`);
    const cluster = firstCluster(bytes, this.volume.geometry.bits);
    if (slot === 1) this.#dots.set(first, { directory, slot, count: 1, cluster });
    else if (cluster !== first) this.#damage(path, '"." points elsewhere');
  }

  #entry(directory: Directory, parent: number, set: SlotSet, path: string): void {
    const { table, geometry } = this.volume;
    const start = firstCluster(set.entry, geometry.bits);
    const placed = { directory, slot: set.slot, count: set.count, first: parent };
    const isDirectory = isDirectoryEntry(set.entry);
    if (isDirectory) this.#findings.directories++;
    else this.#findings.files++;
    const isMarked = (set.entry[DIR.DIR_NTRes[0]]! & NTRES_RENAMED) !== 0;
    if (isMarked) this.#findings.marked.push(placed);
    if (start === 0 && !isDirectory) {
      if (fileSize(set.entry) > 0) this.#damage(path, 'the file has a size and no cluster');
      return;
    }
    if (!table.isCluster(start)) return this.#damage(path, `its first cluster is ${start}`);
    const owner = this.#owners.get(start);
    if (owner !== undefined) return this.#twin(owner, placed, set, isMarked, path);
    this.#owners.set(start, placed);
    this.#parents.set(start, parent);
    if (isDirectory) this.#enqueue(start, start, path);
    else this.#file(placed, start, fileSize(set.entry), path);
  }

  #file(placed: Placed, start: number, size: number, path: string): void {
    const { table, geometry } = this.volume;
    if (size === 0) {
      if (table.get(start) === 0) this.#findings.dangling++;
      this.#findings.emptyWithChain.push(placed);
      return;
    }
    let cluster = start;
    for (let left = Math.ceil(size / geometry.clusterSize); left > 0; left--) {
      if (!table.isCluster(cluster)) return this.#damage(path, 'the chain is shorter than the file');
      if (!this.#claim(cluster)) return this.#damage(path, 'the file shares clusters with something else');
      const next = table.get(cluster);
      if (left === 1 && !table.isEnd(next)) this.#overlong(cluster, next);
      cluster = next;
    }
  }

  #overlong(last: number, next: number): void {
    const { table } = this.volume;
    this.#findings.overlong.push(last);
    let cluster = next;
    while (table.isCluster(cluster) && this.#stepsPastEnd-- > 0) {
      cluster = table.get(cluster);
      if (cluster === 0) this.#findings.dangling++;
    }
  }

  /** Two entries, one first cluster: a rename was cut short if they are equal but for their names. */
  #twin(
    owner: Placed & { first: number },
    placed: Placed & { first: number },
    set: SlotSet,
    isMarked: boolean,
    path: string,
  ): void {
    const other = owner.directory.read(owner.slot);
    const from = DIR.DIR_CrtTimeTenth[0];
    for (let i = from; i < DIR_ENTRY_SIZE; i++) {
      if (other[i] !== set.entry[i]) return this.#damage(path, 'another entry has the same first cluster');
    }
    if (isDirectoryEntry(other) !== isDirectoryEntry(set.entry))
      return this.#damage(path, 'it is a file and a directory');
    const start = firstCluster(set.entry, this.volume.geometry.bits);
    if (this.#isBelow(placed.first, start)) return this.#damage(path, 'the directory contains itself');
    if (this.#findings.twins.some(({ directory, slot }) => directory === owner.directory && slot === owner.slot)) {
      return this.#damage(path, 'three entries have the same first cluster');
    }
    this.#findings.twins.push(isMarked ? owner : placed);
    if (!isMarked) return;
    this.#owners.set(start, placed);
    this.#parents.set(start, placed.first);
    const empty = this.#findings.emptyWithChain.indexOf(owner);
    if (empty >= 0) this.#findings.emptyWithChain[empty] = placed;
  }

  /** Whether the directory at `first` is the one at `above` or inside it. */
  #isBelow(first: number, above: number): boolean {
    const passed = new Set<number>();
    for (let at: number | undefined = first; at !== undefined && at !== 0; at = this.#parents.get(at)) {
      if (at === above || passed.has(at)) return true;
      passed.add(at);
    }
    return false;
  }

  #claim(cluster: number): boolean {
    const bit = 1 << (cluster & 7);
    if (this.#seen[cluster >> 3]! & bit) return false;
    this.#seen[cluster >> 3]! |= bit;
    return true;
  }
  #claimAll(extents: readonly Extent[]): boolean {
    for (const { start, length } of extents) for (let i = 0; i < length; i++) if (!this.#claim(start + i)) return false;
    return true;
  }

  #checkDotDots(): void {
    for (const [first, { directory, slot, count, cluster }] of this.#dots) {
      const parent = this.#parents.get(first)!;
      if (cluster !== parent) this.#findings.dotDots.push({ directory, slot, count, cluster: parent });
    }
  }

  #findLost(): void {
    const { table, geometry } = this.volume;
    let run: { start: number; length: number } | undefined;
    table.forEach(geometry.lastCluster, (cluster, value) => {
      const isSeen = (this.#seen[cluster >> 3]! & (1 << (cluster & 7))) !== 0;
      if (isSeen || value === 0 || table.isBad(value)) run = undefined;
      else if (run !== undefined) run.length++;
      else this.#findings.lost.push((run = { start: cluster, length: 1 }));
    });
  }
}
