/** The page cache's memory: slots of 4 KiB in guest RAM, found by page number, reused by the clock algorithm. */
import type { Memory } from './memory';
import type { Segment } from './request_queue';

export const PAGE_SIZE = 4096;
const FREE = -1;
/** Never used again: a device that was given up may still write to it. */
const LOST = -2;

const BIT = { referenced: 1, reading: 2, writing: 4 } as const;
type Busy = 'reading' | 'writing';

export class PagePool {
  readonly #slotOf = new Map<number, number>();
  readonly #pageOf: Float64Array;
  readonly #flags: Uint8Array;
  readonly #slots: readonly Uint8Array[];
  #hand = 0;

  constructor(readonly memory: Memory) {
    const count = Math.floor(memory.bytes.length / PAGE_SIZE);
    this.#pageOf = new Float64Array(count).fill(FREE);
    this.#flags = new Uint8Array(count);
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
    this.#flags[slot]! |= BIT.referenced;
    return this.#slots[slot];
  }

  isBusy(page: number, how: Busy): boolean {
    const slot = this.#slotOf.get(page);
    return slot !== undefined && (this.#flags[slot]! & BIT[how]) !== 0;
  }

  setBusy(page: number, how: Busy, busy: boolean): void {
    const slot = this.#slotOf.get(page)!;
    if (busy) this.#flags[slot]! |= BIT[how];
    else this.#flags[slot]! &= ~BIT[how];
  }

  /** Memory for a page that has none; undefined when every slot is in flight or may not be evicted. */
  take(page: number, evictable: (page: number) => boolean): Uint8Array | undefined {
    const slot = this.#victim(evictable);
    if (slot === undefined) return undefined;
    this.#slotOf.delete(this.#pageOf[slot]!);
    this.#slotOf.set(page, slot);
    this.#pageOf[slot] = page;
    this.#flags[slot] = BIT.referenced;
    return this.#slots[slot];
  }

  forget(page: number, lost: boolean): void {
    const slot = this.#slotOf.get(page)!;
    this.#slotOf.delete(page);
    this.#pageOf[slot] = lost ? LOST : FREE;
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
      const page = this.#pageOf[slot]!;
      if (page === FREE) return slot;
      if (page === LOST || this.#flags[slot]! & (BIT.reading | BIT.writing) || !evictable(page)) continue;
      if (this.#flags[slot]! & BIT.referenced) this.#flags[slot]! &= ~BIT.referenced;
      else return slot;
    }
    return undefined;
  }
}
