/** Which edges of the graph something ran along since the last look: from the flight recorders, which know who notified whom. */
import type { ProtectionDomain } from '../../microkit/sdf';
import { Region } from '../../protocol/region';
import { readTrace, TRACE, type TraceRecord } from '../../protocol/trace';
import type { Graph } from './model';
import { deviceId } from './model';

export interface Fired {
  readonly edge: string;
  /** From `a` to `b`. */
  readonly forward: boolean;
  readonly count: number;
}

/** Records of one domain that one look reads; when there are more, they stand for the rest. */
const SAMPLE = 64;

interface Hop {
  readonly edge: string;
  readonly forward: boolean;
}

export class TraceFollower {
  /** By domain and channel, what a notification or call from there runs along. */
  readonly #sent = new Map<string, Hop>();
  /** By driver and channel of its interrupt. */
  readonly #interrupts = new Map<string, Hop>();
  readonly #line: string | undefined;
  #traces: ReadonlyMap<string, SharedArrayBuffer> | undefined;
  readonly #seen = new Map<string, number>();

  constructor({ nodes, edges }: Graph) {
    for (const { id, channel } of edges) {
      if (!channel) continue;
      this.#sent.set(keyOf(channel.a.domain, channel.a.id), { edge: id, forward: true });
      this.#sent.set(keyOf(channel.b.domain, channel.b.id), { edge: id, forward: false });
    }
    for (const { id, kind, domain } of nodes) {
      if (kind !== 'driver' || id !== domain.name || !domain.device) continue;
      for (const irq of domain.irqs) this.#interrupts.set(keyOf(id, irq.id), { edge: deviceId(id), forward: true });
    }
    this.#line = nodes.find(({ kind, domain }) => kind === 'driver' && isLine(domain))?.id;
  }

  /** What ran since the last call; nothing at the first call, nor for another system than the last one's. */
  next(traces: ReadonlyMap<string, SharedArrayBuffer> | undefined): Fired[] {
    const same = traces === this.#traces;
    this.#traces = traces;
    if (!traces) return [];
    const fired = new Map<string, Fired>();
    for (const [domain, buffer] of traces) {
      const count = Atomics.load(new Uint32Array(buffer, 0, 1), 0);
      const fresh = same ? (count - (this.#seen.get(domain) ?? 0)) >>> 0 : 0;
      this.#seen.set(domain, count);
      if (fresh > 0) this.#collect(fired, domain, buffer, fresh);
    }
    return [...fired.values()];
  }

  #collect(fired: Map<string, Fired>, domain: string, buffer: SharedArrayBuffer, fresh: number): void {
    const records = readTrace(new Region('trace', buffer), Math.min(fresh, SAMPLE));
    const stands = records.length === 0 ? 0 : fresh / records.length;
    for (const record of records) {
      for (const { edge, forward } of this.#hops(domain, record)) {
        const key = `${edge} ${forward}`;
        fired.set(key, { edge, forward, count: (fired.get(key)?.count ?? 0) + stands });
      }
    }
  }

  #hops(domain: string, { kind, channel }: TraceRecord): Hop[] {
    if (kind === TRACE.NOTIFY || kind === TRACE.PPC_CALL) return hop(this.#sent.get(keyOf(domain, channel)));
    if (kind !== TRACE.NOTIFIED) return [];
    const interrupt = this.#interrupts.get(keyOf(domain, channel));
    // What wakes the serial line's driver is a letter from outside, or one on its way there.
    const line = domain === this.#line ? { edge: 'line', forward: interrupt === undefined } : undefined;
    return [...hop(interrupt), ...hop(line)];
  }
}

const hop = (found: Hop | undefined): Hop[] => (found ? [found] : []);
const keyOf = (domain: string, channel: number) => `${domain}.${channel}`;
const isLine = ({ device }: ProtectionDomain) => device?.port === 'line';
