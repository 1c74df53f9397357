/** A disk image dropped anywhere on the page waits here until the panel that opens it is there. */
export class Dropped {
  #waiting: File | undefined;
  #taker: ((image: File) => void) | undefined;

  give(image: File): void {
    if (this.#taker) this.#taker(image);
    else this.#waiting = image;
  }

  /** Everything that is dropped goes to `taker`, until the returned function is called. */
  take(taker: (image: File) => void): () => void {
    this.#taker = taker;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) taker(waiting);
    return () => {
      if (this.#taker === taker) this.#taker = undefined;
    };
  }
}
