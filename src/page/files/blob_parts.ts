/** One blob from many pieces, with little of it in memory at a time. */

/** A blob of that size may leave memory, which an array of pieces never does. */
const FOLD = 8 * 2 ** 20;

export class BlobParts {
  #whole: Blob[] = [];
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #length = 0;

  add(piece: Uint8Array<ArrayBuffer>): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length < FOLD) return;
    this.#whole.push(new Blob(this.#pieces));
    this.#pieces = [];
    this.#length = 0;
  }

  blob(type: string): Blob {
    return new Blob([...this.#whole, ...this.#pieces], { type });
  }
}
