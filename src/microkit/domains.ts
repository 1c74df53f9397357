/** The domains that were started, by name, and the control page that each lives by now. */
import type { SystemMemory } from './layout';
import type { Running } from './running';

export class Domains {
  readonly #running = new Map<string, Running>();
  readonly #words: Map<string, Int32Array>;

  constructor({ control }: SystemMemory) {
    this.#words = new Map([...control].map(([name, buffer]) => [name, new Int32Array(buffer)]));
  }

  get(name: string): Running | undefined {
    return this.#running.get(name);
  }

  set(name: string, running: Running): void {
    this.#running.set(name, running);
  }

  all(): Running[] {
    return [...this.#running.values()];
  }

  clear(): void {
    this.#running.clear();
  }

  livesBy(name: string, words: Int32Array): void {
    this.#words.set(name, words);
  }

  runningOf(name: string): Running {
    const running = this.#running.get(name);
    if (!running && this.#words.has(name))
      throw new Error(`'${name}' has not been started yet: ask when the prompt is there.`);
    if (!running) throw new Error(`There is no protection domain '${name}'.`);
    return running;
  }

  wordsOf(name: string): Int32Array {
    const words = this.#words.get(name);
    if (!words) throw new Error(`There is no protection domain '${name}'.`);
    return words;
  }

  /** Whether a domain that is ended gets a next generation. A guest cannot be built without its monitor PD. */
  comesBack(name: string): boolean {
    const { kind, parent } = this.runningOf(name).domain;
    if (kind !== 'guest') return kind === 'client';
    const monitor = parent === undefined ? undefined : this.#running.get(parent);
    return monitor !== undefined && !monitor.buried && monitor.fault === undefined;
  }
}
