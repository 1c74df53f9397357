/**
 * A ring of records of any size in a region, behind a header of words: its memory, and copies in and out of it. Indices count bytes of
 * records and run freely to 2^32; a record may go on at the ring's beginning.
 */
import type { Region } from './region';

export class ByteRing {
  readonly words: Int32Array;
  readonly capacity: number;
  readonly #bytes: Uint8Array;

  /** RangeError where the region holds no power of two of bytes, at least `least`, behind `header` bytes. */
  constructor(at: Region, header: number, least: number) {
    this.words = at.words;
    this.capacity = at.size - header;
    // A place in the ring must not jump when the indices wrap.
    if (this.capacity < least || (this.capacity & (this.capacity - 1)) !== 0)
      throw new RangeError(`${at.name} does not hold a page and a power of two of bytes`);
    this.#bytes = at.bytes.subarray(header);
  }

  load(index: number): number {
    return Atomics.load(this.words, index) >>> 0;
  }

  store(index: number, value: number): void {
    Atomics.store(this.words, index, value | 0);
  }

  put(position: number, record: Uint8Array): void {
    const at = position & (this.capacity - 1);
    const first = Math.min(record.length, this.capacity - at);
    this.#bytes.set(record.subarray(0, first), at);
    this.#bytes.set(record.subarray(first), 0);
  }

  take(position: number, into: Uint8Array): void {
    const at = position & (this.capacity - 1);
    const first = Math.min(into.length, this.capacity - at);
    into.set(this.#bytes.subarray(at, at + first));
    into.set(this.#bytes.subarray(0, into.length - first), first);
  }
}
