/**
 * Pauses a running system and lets it go on one notification at a time, each chosen by a seed. The domains' notification words
 * are the run queue: with one domain moving at a time, the order depends on the seed and on outside input alone.
 */
import { CONTROL, CONTROL_BIT, GATE, PD_STATE } from '../protocol/boot';
import { lookAgain } from '../protocol/notification';

/** One notification that a paused domain could take next. */
export interface Runnable {
  readonly domain: string;
  /** Channel or IRQ id; DEVICE_ID for input or a deadline of the domain's device model. */
  readonly id: number;
}

/** Stands for the domain's device model, and for the next turn of a program that runs without waiting. */
export const DEVICE_ID = 31 - Math.clz32(CONTROL_BIT.DEVICE);

interface Draw {
  below(limit: number): number;
}

export class Gate {
  readonly #gate: Int32Array;
  readonly #domains: ReadonlyMap<string, Int32Array>;

  constructor(gate: SharedArrayBuffer, control: ReadonlyMap<string, SharedArrayBuffer>) {
    this.#gate = new Int32Array(gate);
    this.#domains = new Map([...control].map(([name, buffer]) => [name, new Int32Array(buffer)]));
  }

  get paused(): boolean {
    return Atomics.load(this.#gate, GATE.MODE) !== 0;
  }

  /** Fulfilled when every domain is at rest, or when the system goes on before that. */
  async pause(): Promise<void> {
    if (!this.paused) for (const words of this.#domains.values()) Atomics.store(words, CONTROL.GRANT, 0);
    Atomics.store(this.#gate, GATE.MODE, 1);
    await this.#atRest();
  }

  resume(): void {
    Atomics.store(this.#gate, GATE.MODE, 0);
    Atomics.notify(this.#gate, GATE.STEPS);
    for (const words of this.#domains.values()) {
      lookAgain(words, CONTROL_BIT.CONTROL);
      Atomics.notify(words, CONTROL.STATE);
    }
  }

  /** What could happen next, in a fixed order. */
  runnable(): Runnable[] {
    return [...this.#domains].flatMap(([domain, words]) => {
      const bits = Atomics.load(words, CONTROL.BITS) & Atomics.load(words, CONTROL.WANTED);
      if (Atomics.load(words, CONTROL.STATE) !== PD_STATE.PAUSED) return [];
      const ids = Array.from({ length: DEVICE_ID + 1 }, (_, id) => id).filter((id) => bits & (1 << id));
      return ids.map((id) => ({ domain, id }));
    });
  }

  /** Lets a domain take one notification; fulfilled when it has dealt with it and all is at rest again. */
  async grant({ domain, id }: Runnable): Promise<void> {
    const words = this.#domains.get(domain);
    if (!words) throw new Error(`There is no protection domain '${domain}'.`);
    const steps = Atomics.load(this.#gate, GATE.STEPS);
    Atomics.or(words, CONTROL.GRANT, 1 << id);
    Atomics.notify(words, CONTROL.GRANT);
    while (this.paused && Atomics.load(this.#gate, GATE.STEPS) === steps) await changed(this.#gate, GATE.STEPS, steps);
    await this.#atRest();
  }

  /** One notification, drawn from all that could be next; undefined when there is none. */
  async step(random: Draw): Promise<Runnable | undefined> {
    const choices = this.runnable();
    const choice = choices[choices.length > 0 ? random.below(choices.length) : 0];
    if (choice) await this.grant(choice);
    return choice;
  }

  /** A domain that was still busy may have woken one that was at rest: over when a whole round finds nobody busy. */
  async #atRest(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = false;
      for (const words of this.#domains.values()) {
        const state = Atomics.load(words, CONTROL.STATE);
        if (!this.paused || isAtRest(words, state)) continue;
        busy = true;
        await changed(words, CONTROL.STATE, state);
      }
    }
  }
}

/** Paused at the gate, or asleep with nothing to wake it, or not there. */
function isAtRest(words: Int32Array, state: number): boolean {
  if (state === PD_STATE.WAITING) return Atomics.load(words, CONTROL.BITS) === 0;
  return state === PD_STATE.PAUSED || state === PD_STATE.DEAD || state === PD_STATE.DOWN;
}

async function changed(words: Int32Array, index: number, from: number): Promise<void> {
  const wait = Atomics.waitAsync(words, index, from);
  if (wait.async) await wait.value;
}
