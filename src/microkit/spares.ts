/** Workers that have loaded their program and wait for a boot message: a guest that dies is replaced without loading anything. */

export class Spares {
  readonly #waiting = new Map<string, Worker>();
  #closed = false;

  constructor(readonly spawn: (image: string, name: string) => Worker) {}

  /** A worker for this program: the spare if there is one. */
  take(image: string, name: string): Worker {
    const spare = this.#waiting.get(name);
    this.#waiting.delete(name);
    return spare ?? this.spawn(image, name);
  }

  /** Loads one for the next time. */
  prepare(image: string, name: string): void {
    if (this.#closed || this.#waiting.has(name)) return;
    const spare = this.spawn(image, name);
    this.#waiting.set(name, spare);
    // It did not load: the next one is made when it is needed, and reports that.
    spare.addEventListener('error', () => this.#waiting.get(name) === spare && this.#waiting.delete(name));
  }

  close(): void {
    this.#closed = true;
    for (const spare of this.#waiting.values()) spare.terminate();
    this.#waiting.clear();
  }
}
