/** Three things to type first. They tick off as they are used and leave for good after the third, or when dismissed. */
import { keep, kept } from './kept';

export const HINTS = [
  { code: "open('hello.txt', 'w').write('hi')", says: 'write a file through the VM' },
  { code: 'import os; os.listdir()', says: 'see it in the folder' },
  { code: "print(open('hello.txt').read())", says: 'read it, also after a reload' },
] as const;

export interface HintState {
  readonly done: readonly number[];
  readonly gone: boolean;
}

export class Hints {
  state: HintState = kept('hints', read, { done: [], gone: false });
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  used(line: string): void {
    const hint = HINTS.findIndex(({ code }) => code === line.trim());
    if (hint < 0 || this.state.done.includes(hint)) return;
    this.#set({ ...this.state, done: [...this.state.done, hint] });
  }

  dismiss(): void {
    this.#set({ ...this.state, gone: true });
  }

  #set(state: HintState): void {
    this.state = state;
    keep('hints', state);
    for (const listener of this.#listeners) listener();
  }
}

export function allDone({ done }: HintState): boolean {
  return done.length === HINTS.length;
}

function read(value: unknown): HintState | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { done, gone } = value as { done?: unknown; gone?: unknown };
  const known = Array.isArray(done) ? HINTS.map((_, i) => i).filter((i) => done.includes(i)) : [];
  // All three were used before this visit: they do not come back.
  return { done: known, gone: gone === true || known.length === HINTS.length };
}
