/** Arrow up and down at a prompt: lines from the page's history take the place of what is typed. */
import type { Input } from '../console';
import type { History } from '../history';
import { erase } from '../paste';

export class Recall {
  /** What we put behind the prompt last: the screen may not show it yet. */
  #placed: string | undefined;

  constructor(
    readonly history: History,
    readonly input: () => Input | undefined,
    readonly send: (keys: string) => void,
  ) {}

  /** False when there is no prompt: the key is then the program's. */
  move(direction: 'previous' | 'next'): boolean {
    const input = this.input();
    if (!input) return false;
    const shown = this.#placed ?? input.text;
    const line = direction === 'previous' ? this.history.previous(shown) : this.history.next();
    if (line === undefined) return true;
    this.send(erase(shown) + line);
    this.#placed = line;
    return true;
  }

  /** Other keys were typed. */
  typed(): void {
    this.#placed = undefined;
  }
}
