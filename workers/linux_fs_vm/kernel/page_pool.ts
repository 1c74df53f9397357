/** The page cache's memory: slots of 4 KiB in guest RAM, found by page number, reused by the clock algorithm. */
import { GUEST_SLOT, GUEST_SLOT_FLAG } from '../../../src/protocol/vmfs';
import type { Memory } from './memory';
import type { Segment } from './request_queue';

export const PAGE_SIZE = 4096;
const FREE = -1;
/** Never used again: a device that was given up may still write to it. */
const LOST = -2;
/** Of the device, which has no page numbers beyond: 8 TiB. */
export const MAX_PAGES = 2 ** 31 - 1;

const BIT = GUEST_SLOT_FLAG;
type Mark = 'reading' | 'writing' | 'dirty';

/** Words of a slot's record: which page it has, and its flags. */
const WORDS = GUEST_SLOT.size >> 2;
const FLAGS = GUEST_SLOT.fields.flags.offset >> 2;

export class PagePool {
  readonly #slotOf = new Map<number, number>();
  readonly #slots: readonly Uint8Array[];
  #hand = 0;

  constructor(
    readonly memory: Memory,
    /** A record of GUEST_SLOT for each slot. They are what the pool works with, and whoever has the memory can see them. */
    readonly records: Int32Array = new Int32Array(WORDS * Math.floor(memory.bytes.length / PAGE_SIZE)),
  ) {
    const count = Math.floor(memory.bytes.length / PAGE_SIZE);
    for (let slot = 0; slot < count; slot++) {
      this.#setPage(slot, FREE);
      this.#setFlags(slot, 0);
    }
    this.#slots = Array.from({ length: count }, (_, i) => memory.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
  }

  get used(): number {
    return this.#slotOf.size;
  }

  find(page: number): number | undefined {
    return this.#slotOf.get(page);
  }

  /** The page's memory, marked as recently used. */
  bytes(page: number): Uint8Array | undefined {
    const slot = this.#slotOf.get(page);
    if (slot === undefined) return undefined;
    this.#setFlags(slot, this.#flags(slot) | BIT.referenced);
    return this.#slots[slot];
  }

  is(page: number, how: Mark): boolean {
    const slot = this.#slotOf.get(page);
    return slot !== undefined && (this.#flags(slot) & BIT[how]) !== 0;
  }

  mark(page: number, how: Mark, on: boolean): void {
    const slot = this.#slotOf.get(page)!;
    this.#setFlags(slot, on ? this.#flags(slot) | BIT[how] : this.#flags(slot) & ~BIT[how]);
  }

  /** Memory for a page that has none; undefined when every slot is in flight or may not be evicted. */
  take(page: number, evictable: (page: number) => boolean): Uint8Array | undefined {
    const slot = this.#victim(evictable);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(this.#page(slot));
    this.#slotOf.set(page, slot);
    this.#setPage(slot, page);
    this.#setFlags(slot, BIT.referenced);
    return this.#slots[slot];
  }

  forget(page: number, lost: boolean): void {
    const slot = this.#slotOf.get(page)!;
    this.#slotOf.delete(page);
    this.#setPage(slot, lost ? LOST : FREE);
    this.#setFlags(slot, 0);
  }

  clear(): void {
    for (const page of [...this.#slotOf.keys()]) this.forget(page, false);
  }

  /** Where the pages are in physical memory, neighbours merged. */
  segments(pages: readonly number[]): Segment[] {
    const merged: { phys: number; length: number }[] = [];
    for (const page of pages) {
      const phys = this.memory.phys + this.#slotOf.get(page)! * PAGE_SIZE;
      const last = merged.at(-1);
      if (last && last.phys + last.length === phys) last.length += PAGE_SIZE;
      else merged.push({ phys, length: PAGE_SIZE });
    }
    return merged;
  }

  /** Two turns of the hand: the first may only take away reference bits. */
  #victim(evictable: (page: number) => boolean): number | undefined {
    for (let turns = 0; turns < 2 * this.#slots.length; turns++) {
      const slot = this.#hand;
      this.#hand = (this.#hand + 1) % this.#slots.length;
      const page = this.#page(slot);
      const flags = this.#flags(slot);
      if (page === FREE) return slot;
      if (page === LOST || flags & (BIT.reading | BIT.writing) || !evictable(page)) continue;
      if (flags & BIT.referenced) this.#setFlags(slot, flags & ~BIT.referenced);
      else return slot;
    }
    return undefined;
  }

  #page(slot: number): number {
    return this.records[slot * WORDS]!;
  }

  #setPage(slot: number, page: number): void {
    this.records[slot * WORDS] = page;
  }

  #flags(slot: number): number {
    return this.records[slot * WORDS + FLAGS]!;
  }

  #setFlags(slot: number, flags: number): void {
    this.records[slot * WORDS + FLAGS] = flags;
  }
}
