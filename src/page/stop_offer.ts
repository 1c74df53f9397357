/**
 * Ctrl-C reaches Python between two of its steps. One step that goes on for ever (`sum(range(10**9))`, a regular expression that explodes)
 * never ends, and all that helps then is another MicroPython: this notices, so that the page can offer it.
 */
import type { Machine } from './machine';

/** Ctrl-C takes 10 ms at most; this is long after a person began to wonder. */
const PATIENCE_MS = 1000;

export class StopOffer {
  /** MicroPython did not come back to its prompt after Ctrl-C. */
  offered = false;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly machine: Machine) {
    machine.console.addEventListener('change', () => this.#look());
    machine.subscribe(() => this.#look());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Ctrl-C was sent. */
  interrupted(): void {
    const { state } = this.machine;
    if (this.#timer !== undefined || state.phase !== 'ready' || state.keysTo === 1) return;
    const before = this.#handled;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#set(!this.#stopped(before));
    }, PATIENCE_MS);
  }

  /** A script's exchange is not on the screen: there only a client that does nothing else counts as stuck. */
  #stopped(handledBefore: number | undefined): boolean {
    const { state, console } = this.machine;
    if (state.restarting || state.phase !== 'ready') return true;
    return state.scripted ? this.#handled !== handledBefore : console.reading;
  }

  get #handled(): number | undefined {
    return this.machine.domains().find(({ name }) => name === 'micropython')?.notifications;
  }

  #look(): void {
    const { state, console } = this.machine;
    if (this.offered && (state.restarting || state.phase !== 'ready' || (!state.scripted && console.reading)))
      this.#set(false);
  }

  #set(offered: boolean): void {
    if (offered === this.offered) return;
    this.offered = offered;
    for (const listener of this.#listeners) listener();
  }
}
