/**
 * The FAT itself: reads the active copy, writes all copies. Entries 0 and 1 and the top four bits of FAT32 entries are
 * kept. [FATGEN103] "FAT Data Structure".
 */
import {
  FAT_MARKS,
  type FatBits,
  fatEntryOffset,
  fatEntryStraddles,
  readField,
  SECTOR_SIZE,
  writeField,
} from '../../../../src/specs/fat';
import { fail } from '../errno';
import { type Geometry, usedFatLength } from './geometry';
import type { VolumeIo } from './volume_io';

export type Change = readonly [cluster: number, value: number];
export const FREE = 0;
/** A whole number of FAT12's three-byte pairs. */
const SCAN_CHUNK = 49152;
const STAGED_SECTORS = 128;

export class FatTable {
  readonly end: number;
  readonly #marks: (typeof FAT_MARKS)[12 | 16 | 32];
  readonly #active: number;

  constructor(
    readonly io: VolumeIo,
    readonly geometry: Geometry,
  ) {
    this.#marks = FAT_MARKS[geometry.bits];
    this.end = this.#marks.END;
    this.#active = this.#copyStart(geometry.fatCopies[0]!);
  }

  isCluster(value: number): boolean {
    return value >= 2 && value <= this.geometry.lastCluster;
  }
  isEnd(value: number): boolean {
    return value >= this.#marks.END_MIN;
  }
  isBad(value: number): boolean {
    return value === this.#marks.BAD;
  }

  /** The raw entry, without FAT32's reserved bits. */
  get(cluster: number): number {
    if (cluster < 0 || cluster > this.geometry.lastCluster) fail('EIO', `cluster ${cluster} is not on this volume`);
    const { bits } = this.geometry;
    const at = this.#active + fatEntryOffset(bits, cluster);
    const sector = this.io.sectorAt(at);
    const i = at % SECTOR_SIZE;
    if (i + 1 < SECTOR_SIZE) return decode(bits, sector, i, cluster);
    const low = sector[i]!;
    return decode(bits, Uint8Array.of(low, this.io.sectorAt(at + 1)[0]!), 0, cluster);
  }

  /** Writes entries to every copy, each sector once. All of it belongs to the current epoch, in no order. */
  update(changes: Iterable<Change>): void {
    let staged = new Map<number, Uint8Array>();
    for (const [cluster, value] of changes) {
      if (!this.isCluster(cluster)) fail('EIO', `cluster ${cluster} is not on this volume`);
      this.#stage(staged, cluster, value);
      if (staged.size >= STAGED_SECTORS) {
        this.#write(staged);
        staged = new Map();
      }
    }
    this.#write(staged);
  }

  /** Links the chain's last cluster to new ones. Costs no flush itself; a torn FAT12 entry needs one in the middle. */
  link(tail: number, next: number): void {
    if (!this.straddles(tail)) return this.update([[tail, next]]);
    // The half in the first sector goes first: with a `next` that acceptsAfter() the value between is an end mark.
    const staged = new Map<number, Uint8Array>();
    this.#stage(staged, tail, next);
    for (const entry of staged) {
      this.#write(new Map([entry]));
      this.io.flush();
    }
  }

  /** Number of the FAT's sector that holds the entry, its first half if it straddles. */
  sectorOf(cluster: number): number {
    return Math.floor(fatEntryOffset(this.geometry.bits, cluster) / SECTOR_SIZE);
  }

  straddles(cluster: number): boolean {
    return fatEntryStraddles(this.geometry.bits, cluster);
  }

  /** Whether a straddling end mark can become a link to `next` without passing through a wrong cluster number. */
  acceptsAfter(tail: number, next: number): boolean {
    if (!this.straddles(tail)) return true;
    return tail & 1 ? (next & 0xf) >= 0x8 : (next & 0xff) >= 0xf8;
  }

  /** All entries of clusters 2 to `last`, read from the device in pieces instead of one by one. */
  forEach(last: number, visit: (cluster: number, value: number) => void): void {
    const { bits } = this.geometry;
    const end = Math.min(this.geometry.fatLength, fatEntryOffset(bits, last) + (bits === 32 ? 4 : 2));
    const bytes = new Uint8Array(Math.min(SCAN_CHUNK, end));
    for (let at = 0, cluster = 0; at < end; at += SCAN_CHUNK) {
      this.io.read(this.#active + at, bytes.subarray(0, Math.min(SCAN_CHUNK, end - at)));
      const after = Math.min(last + 1, ((at + SCAN_CHUNK) * 8) / bits);
      for (; cluster < after; cluster++) {
        if (cluster >= 2) visit(cluster, decode(bits, bytes, fatEntryOffset(bits, cluster) - at, cluster));
      }
    }
  }

  countFree(last: number): number {
    let free = 0;
    this.forEach(last, (_, value) => {
      if (value === FREE) free++;
    });
    return free;
  }

  /** Sectors where a mirror differs from the active copy. */
  differingSectors(): number {
    return this.#eachDifference(() => {});
  }

  /** Makes every mirror equal to the active copy. */
  copyToMirrors(): void {
    this.#eachDifference((offset, bytes) => this.io.write(offset, bytes));
  }

  /** FAT[1] of every copy, for the clean-shutdown bit: a power cut may have changed only one. */
  getMarks(): number[] {
    const { bits, fatCopies } = this.geometry;
    return fatCopies.map((copy) => {
      const at = this.#copyStart(copy) + fatEntryOffset(bits, 1);
      return readField(this.io.sectorAt(at), [at % SECTOR_SIZE, bits / 8]);
    });
  }
  setMark(value: number): void {
    const { bits, fatCopies } = this.geometry;
    const bytes = new Uint8Array(bits / 8);
    writeField(bytes, [0, bytes.length], value);
    for (const copy of fatCopies) this.io.write(this.#copyStart(copy) + fatEntryOffset(bits, 1), bytes);
  }

  #eachDifference(repair: (offset: number, bytes: Uint8Array) => void): number {
    let differences = 0;
    const ours = new Uint8Array(SECTOR_SIZE);
    const length = Math.ceil(usedFatLength(this.geometry) / SECTOR_SIZE) * SECTOR_SIZE;
    for (const copy of this.geometry.fatCopies.slice(1)) {
      for (let at = 0; at < length; at += SECTOR_SIZE) {
        ours.set(this.io.sectorAt(this.#active + at));
        const theirs = this.io.sectorAt(this.#copyStart(copy) + at);
        if (isEqual(ours, theirs)) continue;
        differences++;
        repair(this.#copyStart(copy) + at, ours);
      }
    }
    return differences;
  }

  #copyStart(copy: number): number {
    return this.geometry.fatStart + copy * this.geometry.fatLength;
  }

  #stage(staged: Map<number, Uint8Array>, cluster: number, value: number): void {
    const { bits } = this.geometry;
    const at = fatEntryOffset(bits, cluster);
    const edit = (offset: number, mask: number, byte: number) => {
      const number = Math.floor(offset / SECTOR_SIZE);
      let sector = staged.get(number);
      if (sector === undefined) staged.set(number, (sector = this.io.sectorAt(this.#active + offset).slice()));
      const i = offset % SECTOR_SIZE;
      sector[i] = (sector[i]! & ~mask) | (byte & mask);
    };
    if (bits === 12) {
      const shifted = cluster & 1 ? value << 4 : value;
      edit(at, cluster & 1 ? 0xf0 : 0xff, shifted);
      edit(at + 1, cluster & 1 ? 0xff : 0x0f, shifted >> 8);
      return;
    }
    for (let i = 0; i < bits / 8; i++) edit(at + i, i === 3 ? 0x0f : 0xff, value >>> (8 * i));
  }

  #write(staged: Map<number, Uint8Array>): void {
    for (const { first, bytes } of coalesce(staged)) {
      for (const copy of this.geometry.fatCopies) this.io.write(this.#copyStart(copy) + first * SECTOR_SIZE, bytes);
    }
  }
}

function decode(bits: FatBits, bytes: Uint8Array, at: number, cluster: number): number {
  const pair = bytes[at]! + bytes[at + 1]! * 0x100;
  if (bits === 16) return pair;
  if (bits === 32) return pair + bytes[at + 2]! * 0x10000 + (bytes[at + 3]! & 0x0f) * 0x1000000;
  return cluster & 1 ? pair >> 4 : pair & 0xfff;
}

/** Neighbouring sectors joined, in ascending order. */
function coalesce(staged: Map<number, Uint8Array>): { first: number; bytes: Uint8Array }[] {
  const runs: { first: number; sectors: Uint8Array[] }[] = [];
  for (const [number, sector] of [...staged].sort((a, b) => a[0] - b[0])) {
    const run = runs.at(-1);
    if (run !== undefined && run.first + run.sectors.length === number) run.sectors.push(sector);
    else runs.push({ first: number, sectors: [sector] });
  }
  return runs.map(({ first, sectors }) => {
    const bytes = new Uint8Array(sectors.length * SECTOR_SIZE);
    for (const [i, sector] of sectors.entries()) bytes.set(sector, i * SECTOR_SIZE);
    return { first, bytes };
  });
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
