/**
 * Who goes next in a paused system. seL4 always runs the runnable thread with the highest priority: so does this. Among domains of one
 * priority a seed chooses; within a domain the event loop dispatches in ascending order. Outside input and time come in only when nobody
 * has anything else to do: how long a person or the host takes must not change the order.
 */
import { DEVICE_ID, type Runnable } from './gate';
import type { SystemDescription } from './sdf';

export interface Next extends Runnable {
  readonly priority: number;
  /** The next best of another domain, which has to wait. */
  readonly over?: { readonly domain: string; readonly priority: number };
  /** Domains of this priority that could go as well: the seed has chosen. */
  readonly ties: readonly string[];
}

export class GateOrder {
  readonly #priorities: ReadonlyMap<string, number>;
  #taken = 0;

  constructor(
    { domains }: Pick<SystemDescription, 'domains'>,
    readonly seed: number,
  ) {
    this.#priorities = new Map(domains.map(({ name, priority }) => [name, priority]));
  }

  /** The same until `taken` is called, as long as the same domains can run. */
  next(runnable: readonly Runnable[]): Next | undefined {
    const first = new Map<string, Runnable>();
    const inside = runnable.filter(({ id }) => id !== DEVICE_ID);
    for (const one of inside.length > 0 ? inside : runnable) if (!first.has(one.domain)) first.set(one.domain, one);
    const ranked = [...first.values()]
      .map((one) => ({ ...one, priority: this.#priorities.get(one.domain) ?? 0 }))
      .sort((a, b) => b.priority - a.priority);
    const best = ranked.filter(({ priority }) => priority === ranked[0]!.priority);
    const chosen = best[scatter(this.seed, this.#taken) % best.length];
    if (!chosen) return undefined;
    const over = ranked.find(({ priority }) => priority < chosen.priority);
    const ties = best.filter(({ domain }) => domain !== chosen.domain).map(({ domain }) => domain);
    return { ...chosen, ties, ...(over ? { over: { domain: over.domain, priority: over.priority } } : {}) };
  }

  /** The chosen one has gone: the next tie is decided anew. */
  taken(): void {
    this.#taken++;
  }
}

/** A number that looks thrown, of the seed and the number of the step: the finaliser of MurmurHash3. */
function scatter(seed: number, step: number): number {
  let bits = (seed ^ Math.imul(step + 1, 0x9e37_79b1)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
