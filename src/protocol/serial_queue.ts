/**
 * Byte ring of the serial class; au-ts/sddf include/sddf/serial/queue.h.
 *   0 u32 tail   4 u32 head   8 u32 producer_signalled; the bytes are in a region of their own.
 */
import type { Region } from './region';
import { struct, u32 } from './struct';

export const SERIAL_QUEUE = struct('serial_queue', 12, { tail: u32(0), head: u32(4), producer_signalled: u32(8) });

const TAIL = 0;
const HEAD = 1;
const PRODUCER_SIGNALLED = 2;

/** One end of a serial queue. The capacity is the data region's size, a power of two. */
export class SerialQueue {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly capacity: number;

  /** `backlog`: a producer keeps at most this many bytes queued, so that Ctrl-C is never behind 64 KiB of output. */
  constructor(
    queue: Region,
    bytes: Region,
    readonly backlog = bytes.size,
  ) {
    this.#words = queue.words;
    this.#bytes = bytes.bytes;
    this.capacity = bytes.size;
    if ((this.capacity & (this.capacity - 1)) !== 0) throw new RangeError(`${bytes.name} is not a power of two long`);
  }

  /** Bytes queued; NaN when the other side wrote an impossible index. */
  get length(): number {
    const length = (Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) >>> 0;
    return length <= this.capacity ? length : Number.NaN;
  }

  get free(): number {
    const length = this.length;
    return Number.isNaN(length) ? 0 : Math.max(0, this.backlog - length);
  }

  /** Producer: appends as much as fits, published at once; returns how much that was. */
  write(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, this.free);
    if (n === 0) return 0;
    const tail = this.#words[TAIL]! >>> 0;
    const at = tail & (this.capacity - 1);
    const first = Math.min(n, this.capacity - at);
    this.#bytes.set(bytes.subarray(0, first), at);
    if (n > first) this.#bytes.set(bytes.subarray(first, n), 0);
    Atomics.store(this.#words, TAIL, (tail + n) | 0);
    return n;
  }

  /** Consumer: takes at most `max` bytes as a private copy; empty when there are none or the queue is broken. */
  read(max = Number.POSITIVE_INFINITY): Uint8Array {
    const copy = this.peek(max);
    if (copy.length > 0) this.consume(copy.length);
    return copy;
  }

  /** Consumer: a private copy of at most `max` bytes, left in the queue. */
  peek(max = Number.POSITIVE_INFINITY): Uint8Array {
    const length = this.length;
    const n = Number.isNaN(length) ? 0 : Math.max(0, Math.min(length, max));
    const at = (this.#words[HEAD]! >>> 0) & (this.capacity - 1);
    const first = Math.min(n, this.capacity - at);
    const copy = new Uint8Array(n);
    copy.set(this.#bytes.subarray(at, at + first));
    if (n > first) copy.set(this.#bytes.subarray(0, n - first), first);
    return copy;
  }

  consume(n: number): void {
    Atomics.store(this.#words, HEAD, (this.#words[HEAD]! + n) | 0);
  }

  /** Producer: "signal me when you free space". */
  requestProducerSignal(): void {
    Atomics.store(this.#words, PRODUCER_SIGNALLED, 0);
  }

  /** Consumer: whether the producer asked, withdrawing the request. */
  takeProducerSignal(): boolean {
    return Atomics.exchange(this.#words, PRODUCER_SIGNALLED, 1) === 0;
  }
}
