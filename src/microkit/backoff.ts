/** How long to wait before a restart: not at all at first, then longer with each failure that soon follows another. */
const FREE = 3;
const FORGIVEN_AFTER_MS = 30_000;
const FIRST_MS = 250;
const LONGEST_MS = 8000;

export class Backoff {
  #failures = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Delay in milliseconds for a failure at `nowMs`. */
  next(nowMs: number): number {
    if (nowMs - this.#last > FORGIVEN_AFTER_MS) this.#failures = 0;
    this.#last = nowMs;
    const beyond = this.#failures++ - FREE;
    return beyond < 0 ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** beyond);
  }
}
