/** Who woke whom: notifications and protected calls, from the record of the sender and that of the receiver. */
import type { SystemDescription } from '../../microkit/sdf';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import type { Span } from './recording';

export interface Arrow {
  readonly from: Span;
  readonly to: Span;
  readonly call: boolean;
}

/** Kept at most, and notifications that nobody took yet, per channel. */
const KEPT = 40_000;
const WAITING = 64;

interface Sent {
  readonly span: Span;
  readonly time: number;
}

interface Received {
  readonly span: Span;
  readonly key: string;
  readonly call: boolean;
  tries: number;
}

export class Arrows {
  list: Arrow[] = [];
  /** By domain and channel id, the same channel's other end. */
  readonly #peers = new Map<string, string>();
  readonly #sent = new Map<string, Sent[]>();
  #received: Received[] = [];

  constructor({ channels }: SystemDescription) {
    for (const { a, b } of channels) {
      this.#peers.set(`${a.domain}.${a.id}`, `${b.domain}.${b.id}`);
      this.#peers.set(`${b.domain}.${b.id}`, `${a.domain}.${a.id}`);
    }
  }

  take(span: Span, { kind, channel, time }: TraceRecord): void {
    const key = `${span.domain}.${channel}`;
    if (kind === TRACE.NOTIFY || kind === TRACE.PPC_CALL) {
      const sent = this.#sent.get(key) ?? [];
      sent.push({ span, time });
      if (sent.length > WAITING) sent.shift();
      this.#sent.set(key, sent);
    } else if (kind === TRACE.NOTIFIED || kind === TRACE.PPC_SERVED) {
      this.#received.push({ span, key, call: kind === TRACE.PPC_SERVED, tries: 0 });
    }
  }

  /** The sender's recorder may have been read a moment before it wrote: what finds no match is tried once more. */
  match(): void {
    const received = this.#received;
    this.#received = [];
    for (const one of received) {
      const from = this.#senderOf(one);
      if (from) this.list.push({ from, to: one.span, call: one.call });
      else if (one.tries++ === 0) this.#received.push(one);
    }
    if (this.list.length > KEPT) this.list = this.list.slice(-KEPT / 2);
  }

  /** The last that was sent before the receiver woke; one that was awake already took the first that came. */
  #senderOf({ span, key }: Received): Span | undefined {
    const sent = this.#sent.get(this.#peers.get(key) ?? '');
    if (!sent || sent.length === 0) return undefined;
    let at = sent.findLastIndex(({ time }) => time <= span.start);
    if (at < 0) at = sent[0]!.time <= (span.end ?? Number.POSITIVE_INFINITY) ? 0 : -1;
    if (at < 0) return undefined;
    // Notifications are one bit: those before it became one with it.
    return sent.splice(0, at + 1).at(-1)!.span;
  }

  forgetBefore(time: number): void {
    this.list = this.list.filter(({ to }) => to.start >= time);
  }

  clear(): void {
    this.list = [];
    this.#sent.clear();
    this.#received = [];
  }
}

/** When it left: it is known only that this was while the sender ran, and before the receiver had it. */
export function leaves({ from, to }: Arrow): number {
  return Math.min(from.end ?? to.start, Math.max(to.start, from.start));
}
