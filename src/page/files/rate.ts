/** How fast bytes go, over the last two seconds. */
const WINDOW_MS = 2000;
/** Sooner it would be a guess. */
const FIRST_MS = 250;

export class Rate {
  readonly #seen: { readonly at: number; readonly bytes: number }[] = [];

  /** `bytes` in all are there at `at`, in milliseconds. */
  saw(bytes: number, at: number): void {
    this.#seen.push({ at, bytes });
    while (this.#seen.length > 2 && at - this.#seen[1]!.at > WINDOW_MS) this.#seen.shift();
  }

  /** Bytes a second; undefined where it is too early to say. */
  get perSecond(): number | undefined {
    const [first, last] = [this.#seen[0], this.#seen.at(-1)];
    if (!first || !last || last.at - first.at < FIRST_MS) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
