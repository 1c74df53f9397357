/** What is chosen on the map, and what is under the pointer: the same thing in the tree, the map, the chain and the bytes. */

/** Whose bytes are shown. */
export const LENSES = ['entry', 'fat', 'boot', 'table'] as const;
export type Lens = (typeof LENSES)[number];

export interface Selected {
  /** Of a file or directory. */
  readonly path?: string | undefined;
  readonly cluster?: number | undefined;
  readonly lens: Lens;
  /** Under the pointer or the focus. */
  readonly litPath?: string | undefined;
  readonly litCluster?: number | undefined;
  /** With all others that lie in its cell of the map. */
  readonly litCell?: boolean;
}

export class Selection {
  state: Selected = { lens: 'entry' };
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(change: Partial<Selected>): void {
    const next = { ...this.state, ...change };
    if ((Object.keys(next) as (keyof Selected)[]).every((key) => next[key] === this.state[key])) return;
    this.state = next;
    for (const listener of this.#listeners) listener();
  }
}
