/** What the flight recorders say, as sentences: the newest events of all domains, in the order of their time, repeats told once with their number. */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { readTrace, TRACE, type TraceRecord } from '../../protocol/trace';
import type { RailKind } from '../rails';
import { eventWords } from './events';
import { domainNamed, shownKind } from './model';

export interface Told {
  /** Unique and ascending. */
  readonly key: number;
  readonly domain: string;
  readonly kind: RailKind;
  readonly words: string;
  /** How often it happened in this look; from 1. */
  readonly times: number;
  /** Milliseconds since the first event of its burst. */
  readonly ms: number;
}

/** Records of one domain that one look reads; the rest is told as a number. */
const SAMPLE = 64;
/** Of each domain, at the first look: what it did last. */
const BEFORE = 4;
const KEPT = 120;
/** A pause of the whole system that ends a burst. */
const BURST_GAP_MS = 300;
/** What was received is told where it was sent; how long a domain ran, by the timeline. */
const UNTOLD: readonly number[] = [TRACE.NOTIFIED, TRACE.RAN];

export class Teller {
  told: readonly Told[] = [];
  #memory: SystemMemory | undefined;
  readonly #seen = new Map<string, number>();
  #burst = { since: 0, last: Number.NEGATIVE_INFINITY };
  #key = 0;

  /** Reads on; true when there is something new. Begins with the last few events, anew for another system than the last one's. */
  look(memory: SystemMemory | undefined): boolean {
    const same = memory === this.#memory;
    this.#memory = memory;
    if (!same) this.told = [];
    if (!memory) return !same;
    const fresh = [...memory.trace].flatMap(([domain, buffer]) => this.#fresh(domain, buffer, same));
    if (fresh.length === 0) return !same;
    fresh.sort((a, b) => a.record.time - b.record.time || a.record.sequence - b.record.sequence);
    this.told = [...this.told, ...this.#tell(memory, fresh)].slice(-KEPT);
    return true;
  }

  #fresh(domain: string, buffer: SharedArrayBuffer, same: boolean): { domain: string; record: TraceRecord }[] {
    const count = Atomics.load(new Uint32Array(buffer, 0, 1), 0);
    const fresh = same ? (count - (this.#seen.get(domain) ?? 0)) >>> 0 : Math.min(count, BEFORE);
    this.#seen.set(domain, count);
    if (fresh === 0) return [];
    return readTrace(new Region('trace', buffer), Math.min(fresh, SAMPLE))
      .filter(({ kind }) => !UNTOLD.includes(kind))
      .map((record) => ({ domain, record }));
  }

  #tell({ description }: SystemMemory, events: readonly { domain: string; record: TraceRecord }[]): Told[] {
    const told = new Map<string, Told>();
    for (const { domain, record } of events) {
      if (record.time - this.#burst.last > BURST_GAP_MS) this.#burst.since = record.time;
      this.#burst.last = Math.max(this.#burst.last, record.time);
      const of = domainNamed(description, domain);
      const words = eventWords(description, of, record);
      const known = told.get(`${domain} ${words}`);
      const first = {
        key: this.#key,
        domain,
        kind: shownKind(of),
        words,
        times: 0,
        ms: record.time - this.#burst.since,
      };
      if (!known) this.#key++;
      told.set(`${domain} ${words}`, { ...(known ?? first), times: (known?.times ?? 0) + 1 });
    }
    return [...told.values()];
  }
}
