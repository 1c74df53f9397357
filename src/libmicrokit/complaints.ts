/**
 * Log lines about a peer's misconduct: each kind once, so that a peer that goes on does not fill the log. What happens is
 * counted elsewhere.
 */
import type { Kernel } from './pd';

export class Complaints {
  readonly #said = new Set<string>();

  constructor(readonly kernel: Pick<Kernel, 'print'>) {}

  /** Prints `text` unless there has been a complaint about `subject` before. */
  once(subject: string, text: string): void {
    if (this.#said.has(subject)) return;
    this.#said.add(subject);
    this.kernel.print(`${text}\n`);
  }
}
