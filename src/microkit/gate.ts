/**
 * Pauses a running system and lets it go on one notification at a time; gate_order.ts chooses them. The domains' notification words
 * are the run queue: with one domain moving at a time, the order depends on that choice and on outside input alone.
 */
import { CONTROL, CONTROL_BIT, GATE, PD_STATE } from '../protocol/boot';
import { lookAgain } from '../protocol/notification';
import { controlNow, type SystemMemory } from './layout';

/** One notification that a paused domain could take next. */
export interface Runnable {
  readonly domain: string;
  /** Channel or IRQ id; DEVICE_ID for input or a deadline of the domain's device model. */
  readonly id: number;
}

/** Stands for the domain's device model, and for the next turn of a program that runs without waiting. */
export const DEVICE_ID = 31 - Math.clz32(CONTROL_BIT.DEVICE);

/** A domain that was ended tells nobody that it moves no more: whoever waits for it looks again after this time. */
const LOOK_AGAIN_MS = 50;
/** So often: a domain in an endless loop must not hold up the others for ever. */
const LOOKS = 20;

/** What the gate needs of the system's memory; a guest's control page is another one in each generation. */
export type GatedMemory = Pick<SystemMemory, 'gate' | 'control' | 'guests'>;

export class Gate {
  readonly #gate: Int32Array;
  readonly #views = new WeakMap<SharedArrayBuffer, Int32Array>();

  constructor(readonly memory: GatedMemory) {
    this.#gate = new Int32Array(memory.gate);
  }

  get paused(): boolean {
    return Atomics.load(this.#gate, GATE.MODE) !== 0;
  }

  /** Fulfilled when every domain is at rest, or the system goes on before that, or after a second: `busy` says who is not at rest. */
  async pause(): Promise<void> {
    if (!this.paused) for (const [, words] of this.#domains()) Atomics.store(words, CONTROL.GRANT, 0);
    Atomics.store(this.#gate, GATE.MODE, 1);
    Atomics.notify(this.#gate, GATE.MODE);
    await this.#atRest();
  }

  resume(): void {
    Atomics.store(this.#gate, GATE.MODE, 0);
    Atomics.notify(this.#gate, GATE.MODE);
    Atomics.notify(this.#gate, GATE.STEPS);
    for (const [, words] of this.#domains()) {
      lookAgain(words, CONTROL_BIT.CONTROL);
      Atomics.notify(words, CONTROL.STATE);
    }
  }

  /** Notifications granted and dealt with since the system started. */
  get steps(): number {
    return Atomics.load(this.#gate, GATE.STEPS);
  }

  /** What could happen next, in a fixed order. */
  runnable(): Runnable[] {
    return [...this.#domains()].flatMap(([domain, words]) => {
      const bits = Atomics.load(words, CONTROL.BITS) & Atomics.load(words, CONTROL.WANTED);
      if (Atomics.load(words, CONTROL.STATE) !== PD_STATE.PAUSED) return [];
      const ids = Array.from({ length: DEVICE_ID + 1 }, (_, id) => id).filter((id) => bits & (1 << id));
      return ids.map((id) => ({ domain, id }));
    });
  }

  /** Domains whose program has ended. */
  dead(): string[] {
    return this.#where((_, state) => state === PD_STATE.DEAD);
  }

  /** Domains that compute, or are still on their way to the gate. */
  busy(): string[] {
    return this.#where((words, state) => !isAtRest(words, state));
  }

  /** Lets a domain take one notification; fulfilled when it has dealt with it and all is at rest again. */
  async grant({ domain, id }: Runnable): Promise<void> {
    const words = this.#wordsOf(domain);
    const { steps } = this;
    Atomics.or(words, CONTROL.GRANT, 1 << id);
    Atomics.notify(words, CONTROL.GRANT);
    for (let looks = LOOKS; looks > 0 && this.paused && this.steps === steps && !this.#gone(domain, words); looks--)
      await changed(this.#gate, GATE.STEPS, steps, LOOK_AGAIN_MS);
    await this.#atRest();
  }

  /** Fulfilled after that time, or when the gate is opened or closed. */
  async linger(ms: number): Promise<void> {
    await changed(this.#gate, GATE.MODE, Atomics.load(this.#gate, GATE.MODE), ms);
  }

  #where(holds: (words: Int32Array, state: number) => boolean): string[] {
    const found = [...this.#domains()].filter(([, words]) => holds(words, Atomics.load(words, CONTROL.STATE)));
    return found.map(([domain]) => domain);
  }

  *#domains(): Generator<readonly [name: string, words: Int32Array]> {
    for (const name of this.memory.control.keys()) yield [name, this.#wordsOf(name)];
  }

  #wordsOf(domain: string): Int32Array {
    const page = controlNow(this.memory, domain);
    if (!page) throw new Error(`There is no protection domain '${domain}'.`);
    const words = this.#views.get(page) ?? new Int32Array(page);
    this.#views.set(page, words);
    return words;
  }

  /** The domain was ended, or is another generation now: it will not deal with what it was granted. */
  #gone(domain: string, words: Int32Array): boolean {
    const state = Atomics.load(words, CONTROL.STATE);
    return state === PD_STATE.DEAD || state === PD_STATE.DOWN || this.#wordsOf(domain) !== words;
  }

  /** A domain that was still busy may have woken one that was at rest: over when a whole round finds nobody busy. */
  async #atRest(): Promise<void> {
    for (let looks = LOOKS, busy = true; busy && looks > 0; ) {
      busy = false;
      for (const [, words] of this.#domains()) {
        const state = Atomics.load(words, CONTROL.STATE);
        if (!this.paused || isAtRest(words, state)) continue;
        busy = true;
        if (!(await changed(words, CONTROL.STATE, state, LOOK_AGAIN_MS))) looks--;
      }
    }
  }
}

/** Paused at the gate, or asleep with nothing to wake it, or not there. */
function isAtRest(words: Int32Array, state: number): boolean {
  if (state === PD_STATE.WAITING) return Atomics.load(words, CONTROL.BITS) === 0;
  return state === PD_STATE.PAUSED || state === PD_STATE.DEAD || state === PD_STATE.DOWN;
}

/** False when it has not changed in that time. */
async function changed(words: Int32Array, index: number, from: number, timeoutMs: number): Promise<boolean> {
  const wait = Atomics.waitAsync(words, index, from, timeoutMs);
  return !wait.async || (await wait.value) !== 'timed-out';
}
