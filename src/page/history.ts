/**
 * Lines typed at the prompt, kept across reloads. MicroPython's own history has eight lines and dies with its worker, so at a prompt
 * the page answers the arrow keys itself.
 */
import { keep, kept } from './kept';

const MAX_LINES = 500;
const MAX_LENGTH = 1000;

export class History {
  #lines: string[] = [];
  /** How many lines back; 0 is the line being typed. */
  #back = 0;
  #draft = '';

  /** Newest last. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  load(): void {
    this.#lines = stored();
  }

  add(line: string): void {
    this.#back = 0;
    if (line.trim() === '' || line.length > MAX_LENGTH) return;
    // Read anew: another tab may have added to it meanwhile.
    const lines = stored();
    const all = lines.length > 0 ? lines : this.#lines;
    this.#lines = [...all, ...(all.at(-1) === line ? [] : [line])].slice(-MAX_LINES);
    keep('history', this.#lines);
  }

  /** The line before the one shown, if there is one; `typed` comes back with `next`. */
  previous(typed: string): string | undefined {
    if (this.#back >= this.#lines.length) return undefined;
    if (this.#back === 0) this.#draft = typed;
    this.#back++;
    return this.#lines.at(-this.#back);
  }

  next(): string | undefined {
    if (this.#back === 0) return undefined;
    this.#back--;
    return this.#back === 0 ? this.#draft : this.#lines.at(-this.#back);
  }
}

function stored(): string[] {
  const strings = (value: unknown) =>
    Array.isArray(value)
      ? value.filter((line): line is string => typeof line === 'string' && line.length <= MAX_LENGTH).slice(-MAX_LINES)
      : undefined;
  return kept('history', strings, []);
}
