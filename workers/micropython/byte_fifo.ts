/** A growing first-in first-out of bytes: type-ahead that has left the serial ring. */
export class ByteFifo {
  #bytes = new Uint8Array(256);
  #head = 0;
  #tail = 0;

  get length(): number {
    return this.#tail - this.#head;
  }

  push(more: Uint8Array): void {
    this.#makeRoom(more.length);
    this.#bytes.set(more, this.#tail);
    this.#tail += more.length;
  }

  shift(): number | undefined {
    return this.#head < this.#tail ? this.#bytes[this.#head++] : undefined;
  }

  /** Index from the front of the first `byte` at `from` or later; -1 when there is none. */
  indexOf(byte: number, from: number): number {
    const at = this.#bytes.subarray(0, this.#tail).indexOf(byte, this.#head + from);
    return at < 0 ? -1 : at - this.#head;
  }

  drop(count: number): void {
    this.#head = Math.min(this.#tail, this.#head + count);
  }

  #makeRoom(count: number): void {
    if (this.#tail + count <= this.#bytes.length) return;
    const old = this.#bytes.subarray(this.#head, this.#tail);
    const fits = old.length + count <= this.#bytes.length;
    const next = fits ? this.#bytes : new Uint8Array(2 * (old.length + count));
    next.set(old);
    this.#bytes = next;
    this.#tail -= this.#head;
    this.#head = 0;
  }
}
