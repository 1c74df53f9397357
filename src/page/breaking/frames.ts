/** One animation frame after the other while somebody wants them, and none otherwise: for all that this view shows in motion. */

export class Frames {
  readonly #wanted = new Set<() => void>();
  #asked = 0;

  /** Calls `look` in every frame until the function that is returned was called. */
  want(look: () => void): () => void {
    this.#wanted.add(look);
    this.#ask();
    return () => this.#wanted.delete(look);
  }

  #ask(): void {
    if (this.#asked === 0 && this.#wanted.size > 0) this.#asked = requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#asked = 0;
    for (const look of this.#wanted) look();
    this.#ask();
  }
}
