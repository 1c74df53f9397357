/**
 * The serial line between the board and the page's terminal: bytes that left the machine. Two rings of the same shape, one per
 * direction; the transmit ring has several writers (the UART model and the debug console), so it has a lock word.
 *   0 u32 lock   4 u32 head   8 u32 tail   12 u32 writer waits   16 bytes
 */
import type { Region } from './region';

const LOCK = 0;
const HEAD = 1;
const TAIL = 2;
const WRITER_WAITS = 3;
const HEADER = 16;
/** Tries for the lock before its holder is taken for dead: some hundredths of a second. */
const PATIENCE = 3e6;

/** Small on purpose: what is in this ring has left Python but not reached the screen, and Ctrl-C has to wait for it. */
export const LINE_TX_SIZE = HEADER + 16 * 1024;
export const LINE_RX_SIZE = HEADER + 64 * 1024;

export class Line {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly capacity: number;

  constructor(at: Region) {
    this.#words = at.words;
    this.#bytes = at.bytes.subarray(HEADER);
    this.capacity = this.#bytes.length;
    // Indices run freely to 2^32; a slot must not jump when they wrap.
    if ((this.capacity & (this.capacity - 1)) !== 0)
      throw new RangeError(`${at.name} does not hold a power of two of bytes`);
  }

  get length(): number {
    return (Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) >>> 0;
  }

  get free(): number {
    return this.capacity - this.length;
  }

  /** Appends as much as fits and wakes the reader; returns how much that was. Safe from several workers. */
  write(bytes: Uint8Array): number {
    this.#lock();
    const n = Math.min(bytes.length, this.free);
    const tail = this.#words[TAIL]! >>> 0;
    for (let i = 0; i < n; i++) this.#bytes[(tail + i) % this.capacity] = bytes[i]!;
    Atomics.store(this.#words, TAIL, (tail + n) | 0);
    Atomics.store(this.#words, LOCK, 0);
    Atomics.notify(this.#words, TAIL);
    return n;
  }

  /**
   * The lock is held for one short copy, so spinning for it is short; Atomics.wait is not allowed on the page. A holder that was
   * terminated in between never lets go: then the lock is taken over, at the worst to the harm of a few letters.
   */
  #lock(): void {
    for (let tries = 0; tries < PATIENCE; tries++) {
      if (Atomics.compareExchange(this.#words, LOCK, 0, 1) === 0) return;
    }
  }

  /** Takes at most `max` bytes as a private copy and wakes a writer that waits for room. */
  read(max: number): Uint8Array {
    const n = Math.min(this.length, max);
    const head = this.#words[HEAD]! >>> 0;
    const copy = new Uint8Array(n);
    for (let i = 0; i < n; i++) copy[i] = this.#bytes[(head + i) % this.capacity]!;
    Atomics.store(this.#words, HEAD, (head + n) | 0);
    Atomics.notify(this.#words, HEAD);
    return copy;
  }

  /** The UART found the ring full and wants its DEVICE bit set when there is room. */
  requestRoom(): void {
    Atomics.store(this.#words, WRITER_WAITS, 1);
  }

  /** Reader, after taking bytes: whether the UART waits for room, withdrawing the request. */
  takeRoomRequest(): boolean {
    return Atomics.exchange(this.#words, WRITER_WAITS, 0) !== 0;
  }

  /** The words a waiter sleeps on: the reader on TAIL, a writer on HEAD. */
  get words(): Int32Array {
    return this.#words;
  }
  static readonly HEAD = HEAD;
  static readonly TAIL = TAIL;
}
