/** Takes what is dropped for itself, while it is shown. */
export interface Uploader {
  /** What a drop would do, in one line. */
  says(): string;
  take(data: DataTransfer): void;
}

/** A disk image dropped anywhere on the page waits here until the panel that opens it is there; unless a panel takes every drop. */
export class Dropped {
  uploader: Uploader | undefined;
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

  /** Every drop is an upload, until the returned function is called. */
  upload(uploader: Uploader): () => void {
    this.uploader = uploader;
    return () => {
      if (this.uploader === uploader) this.uploader = undefined;
    };
  }
}
