/** A queue of bytes with a limit. Its memory grows with what it holds, to the power of two that the limit fits. */
const SMALLEST = 4096;

export class ByteRing {
  #bytes = new Uint8Array(0);
  #head = 0;
  length = 0;

  constructor(readonly limit: number) {}

  get free(): number {
    return this.limit - this.length;
  }

  /** Adds as much as there is room for; returns how much that was. */
  append(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, this.free);
    if (n <= 0) return 0;
    this.place(this.length, n === bytes.length ? bytes : bytes.subarray(0, n));
    this.length += n;
    return n;
  }

  /** Writes at a distance from the front, also beyond the end: such bytes count once `extend` has reached them. Within the limit. */
  place(offset: number, bytes: Uint8Array): void {
    this.#ensure(offset + bytes.length);
    const at = (this.#head + offset) & (this.#bytes.length - 1);
    const first = this.#bytes.length - at;
    if (bytes.length <= first) return this.#bytes.set(bytes, at);
    this.#bytes.set(bytes.subarray(0, first), at);
    this.#bytes.set(bytes.subarray(first), 0);
  }

  extend(n: number): void {
    this.length += n;
  }

  /** Copies `n` bytes from a distance from the front to `at` of `into`. */
  peek(offset: number, into: Uint8Array, at: number, n: number): void {
    if (n === 0) return;
    const from = (this.#head + offset) & (this.#bytes.length - 1);
    const first = this.#bytes.length - from;
    if (n <= first) return into.set(this.#bytes.subarray(from, from + n), at);
    into.set(this.#bytes.subarray(from), at);
    into.set(this.#bytes.subarray(0, n - first), at + first);
  }

  drop(n: number): void {
    if (n === 0) return;
    this.#head = (this.#head + n) & (this.#bytes.length - 1);
    this.length -= n;
  }

  /** Gives the memory back. */
  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#head = 0;
    this.length = 0;
  }

  #ensure(size: number): void {
    const old = this.#bytes;
    if (size <= old.length) return;
    let capacity = Math.max(SMALLEST, old.length);
    while (capacity < size) capacity *= 2;
    const bytes = new Uint8Array(capacity);
    bytes.set(old.subarray(this.#head));
    bytes.set(old.subarray(0, this.#head), old.length - this.#head);
    this.#bytes = bytes;
    this.#head = 0;
  }
}
