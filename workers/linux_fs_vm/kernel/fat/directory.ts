/**
 * One directory's slots: the fixed root of FAT12 and FAT16, or a chain of clusters. Keeps which slots are used and where
 * each name is, so that a lookup reads nothing and a thousand creations stay linear.
 */
import { DIR, DIR_END, DIR_ENTRY_SIZE, DIR_FREE, DIR_MAX_ENTRIES, SECTOR_SIZE } from '../../../../src/specs/fat';
import { fail } from '../errno';
import type { Chain } from './chain';
import { clusterOffset, type Geometry } from './geometry';
import { foldName } from './names';
import { SlotReader, type SlotSet } from './slots';
import type { VolumeIo } from './volume_io';

export const SLOTS_PER_SECTOR = SECTOR_SIZE / DIR_ENTRY_SIZE;

/** Where a new set goes: its first slot, and how many clusters the directory must grow by. */
export interface Place {
  readonly slot: number;
  readonly count: number;
  readonly clusters: number;
}

interface Index {
  /** Folded long and short names; the value is short slot * 32 + slots of the set. */
  readonly names: Map<string, number>;
  used: Uint8Array;
  /** First slot that was never used: its first byte is 0. */
  end: number;
  /** No free slot is before this one. */
  firstFree: number;
}

/** Bounds what all directories of a volume keep: the one read longest ago forgets first. */
export class IndexBudget {
  readonly #loaded = new Set<Directory>();
  constructor(readonly maximumNames = 100_000) {}

  loaded(directory: Directory): void {
    this.#loaded.delete(directory);
    this.#loaded.add(directory);
    let names = 0;
    for (const other of this.#loaded) names += other.namesKept;
    for (const other of this.#loaded) {
      if (names <= this.maximumNames || other === directory) break;
      names -= other.namesKept;
      other.forget();
      this.#loaded.delete(other);
    }
  }
}

export class Directory {
  #index: Index | undefined;

  constructor(
    readonly io: VolumeIo,
    /** Undefined for the fixed root directory. */
    readonly chain: Chain | undefined,
    readonly budget: IndexBudget,
  ) {}

  get namesKept(): number {
    return this.#index?.names.size ?? 0;
  }
  get slotsPerCluster(): number {
    return this.#geometry.clusterSize / DIR_ENTRY_SIZE;
  }
  get capacity(): number {
    if (this.chain === undefined) return this.#geometry.rootLength / DIR_ENTRY_SIZE;
    return Math.min(DIR_MAX_ENTRIES, this.chain.length * this.slotsPerCluster);
  }
  get #geometry(): Geometry {
    return this.io.geometry;
  }

  forget(): void {
    this.#index = undefined;
  }

  /** Byte offset on the device. */
  offsetOf(slot: number): number {
    if (this.chain === undefined) return this.#geometry.rootStart + slot * DIR_ENTRY_SIZE;
    const run = this.chain.run(Math.floor(slot / this.slotsPerCluster));
    if (run === undefined) fail('EIO', 'a directory ends before its slot');
    return clusterOffset(this.#geometry, run.start) + (slot % this.slotsPerCluster) * DIR_ENTRY_SIZE;
  }

  /** A copy of `count` slots that lie in one sector. */
  read(slot: number, count = 1): Uint8Array {
    const offset = this.offsetOf(slot);
    const at = offset % SECTOR_SIZE;
    return this.io.sectorAt(offset).slice(at, at + count * DIR_ENTRY_SIZE);
  }

  /** The set that holds `name`, long or short. */
  find(name: string): SlotSet | undefined {
    const packed = this.#load().names.get(foldName(name));
    return packed === undefined ? undefined : this.setAt(packed >>> 5, packed & 31);
  }

  has(folded: string): boolean {
    return this.#load().names.has(folded);
  }

  /** The set whose short entry is in `slot`. */
  setAt(slot: number, count: number): SlotSet {
    const reader = new SlotReader();
    for (let i = slot - count + 1; i < slot; i++) reader.next(i, this.read(i));
    const set = reader.next(slot, this.read(slot));
    if (set === undefined || set === 'end') fail('EIO', 'a directory entry has vanished');
    return set;
  }

  /** The first set whose short entry is in `from` or later. */
  next(from: number): SlotSet | undefined {
    const reader = new SlotReader();
    const { capacity } = this;
    for (let slot = from; slot < capacity; slot++) {
      const set = reader.next(slot, this.#view(slot));
      if (set === 'end') return undefined;
      if (set !== undefined) return set;
    }
    return undefined;
  }

  get isEmpty(): boolean {
    return this.next(0) === undefined;
  }

  /** Room for `count` slots, in one sector if there is such room; ENOSPC when the directory cannot hold them. */
  place(count: number): Place {
    const index = this.#load();
    const { capacity } = this;
    let crossing = -1;
    let length = 0;
    for (let slot = index.firstFree; slot < capacity; slot++) {
      length = index.used[slot] ? 0 : length + 1;
      const first = slot - count + 1;
      if (first > index.end) break; // a gap would hide what follows it
      if (length < count) continue;
      if (inOneSector(first, count)) return { slot: first, count, clusters: 0 };
      if (crossing < 0) crossing = first;
    }
    if (crossing >= 0) return { slot: crossing, count, clusters: 0 };
    let first = capacity;
    while (first > 0 && !index.used[first - 1]) first--;
    const clusters = Math.ceil((first + count - capacity) / this.slotsPerCluster);
    const full = this.chain === undefined || this.chain.broken;
    if (full || capacity + clusters * this.slotsPerCluster > DIR_MAX_ENTRIES) fail('ENOSPC', 'the directory is full');
    return { slot: first, count, clusters };
  }

  /** Room in the sector of a set that lies in one sector, counting the set's own slots as free. */
  placeInSectorOf(set: SlotSet, count: number): Place | undefined {
    if (!inOneSector(set.slot - set.count + 1, set.count)) return undefined;
    const index = this.#load();
    const first = set.slot - (set.slot % SLOTS_PER_SECTOR);
    let length = 0;
    for (let slot = first; slot < first + SLOTS_PER_SECTOR; slot++) {
      const own = slot <= set.slot && slot > set.slot - set.count;
      length = index.used[slot] && !own ? 0 : length + 1;
      if (length === count)
        return this.terminator(slot) === undefined ? { slot: slot - count + 1, count, clusters: 0 } : undefined;
    }
    return undefined;
  }

  /** The slot after a new set's last one, if it must be zeroed so that the directory ends there. */
  terminator(last: number): number | undefined {
    const next = last + 1;
    if (last < this.#load().end || next >= this.capacity) return undefined;
    return this.#view(next)[0] === DIR_END ? undefined : next;
  }

  /** Keeps the index equal to the disk after a set was written. */
  added(slot: number, count: number): void {
    const index = this.#index;
    if (index === undefined) return;
    const { capacity } = this;
    if (index.used.length < capacity) {
      const grown = new Uint8Array(capacity);
      grown.set(index.used);
      index.used = grown;
    }
    index.used.fill(1, slot - count + 1, slot + 1);
    index.end = Math.max(index.end, slot + 1);
    while (index.firstFree < index.used.length && index.used[index.firstFree]) index.firstFree++;
    enter(index.names, this.setAt(slot, count));
  }

  removed(set: SlotSet): void {
    const index = this.#index;
    if (index === undefined) return;
    const first = set.slot - set.count + 1;
    index.used.fill(0, first, set.slot + 1);
    index.firstFree = Math.min(index.firstFree, first);
    for (const name of [foldName(set.name), foldName(set.alias)]) {
      if (index.names.get(name) === pack(set)) index.names.delete(name);
    }
  }

  #view(slot: number): Uint8Array {
    const offset = this.offsetOf(slot);
    const at = offset % SECTOR_SIZE;
    return this.io.sectorAt(offset).subarray(at, at + DIR_ENTRY_SIZE);
  }

  #load(): Index {
    if (this.#index !== undefined) return this.#index;
    const { capacity } = this;
    const index: Index = { names: new Map(), used: new Uint8Array(capacity), end: capacity, firstFree: capacity };
    const reader = new SlotReader();
    for (let slot = 0; slot < capacity; slot++) {
      const bytes = this.#view(slot);
      const set = reader.next(slot, bytes);
      if (bytes[DIR.DIR_Name[0]] === DIR_FREE || set === 'end') index.firstFree = Math.min(index.firstFree, slot);
      else index.used[slot] = 1;
      if (set === 'end') {
        index.end = slot;
        break;
      }
      if (set !== undefined) enter(index.names, set);
    }
    this.#index = index;
    this.budget.loaded(this);
    return index;
  }
}

export function inOneSector(slot: number, count: number): boolean {
  return Math.floor(slot / SLOTS_PER_SECTOR) === Math.floor((slot + count - 1) / SLOTS_PER_SECTOR);
}

function pack({ slot, count }: { slot: number; count: number }): number {
  return slot * 32 + count;
}

/** A damaged directory may hold a name twice; the first one counts. */
function enter(names: Map<string, number>, set: SlotSet): void {
  for (const name of [foldName(set.name), foldName(set.alias)]) if (!names.has(name)) names.set(name, pack(set));
}
