/**
 * The receiving half of a connection: the window it gives, RFC 9293 section 3.8.6, and data in whatever order it comes. Bytes ahead of their
 * turn are put where they will belong in the one buffer, so that they take no memory of their own.
 */
import { seqAtMost, seqBefore, seqDistance, TCP_FLAG, TCP_MAX_WINDOW_SCALE, type TcpSegment } from '../specs/tcp';
import { ByteRing } from './byte_ring';

const MAX_WINDOW_FIELD = 0xffff;
/** Stretches ahead of their turn; what would need more is dropped, and comes again. */
const MAX_RANGES = 256;

/** Sequence numbers of bytes that came early: from `start` up to, not including, `end`. */
interface Range {
  start: number;
  end: number;
}

export class TcpReceiver {
  readonly buffer: ByteRing;
  /** Our shift, offered in the SYN. */
  readonly offeredScale: number;
  /** Whether the peer scales too. */
  isScaled = false;
  nxt = 0;
  /** The peer's FIN has been reached: nothing more comes. */
  isFinished = false;
  /** Everything before it was given to the peer as window. */
  #edge = 0;
  #ranges: Range[] = [];
  #fin: number | undefined;

  constructor(limit: number) {
    this.buffer = new ByteRing(limit);
    let scale = 0;
    while (MAX_WINDOW_FIELD << scale < limit && scale < TCP_MAX_WINDOW_SCALE) scale++;
    this.offeredScale = scale;
  }

  get windowScale(): number {
    return this.isScaled ? this.offeredScale : 0;
  }

  begin(peerSequence: number): void {
    this.nxt = (peerSequence + 1) >>> 0;
    this.#edge = this.nxt;
  }

  /** The window to send, 16 bits. Its edge never moves back, and forward only when that is worth it (section 3.8.6.2.2). */
  offer(mss: number): number {
    const promised = seqDistance(this.#edge, this.nxt);
    const gain = this.#room - promised;
    const isWorthIt = gain >= Math.min(this.buffer.limit / 2, mss);
    const unit = 1 << this.windowScale;
    const window = isWorthIt ? Math.floor(this.#room / unit) : Math.ceil(promised / unit);
    const field = Math.min(window, MAX_WINDOW_FIELD);
    const edge = (this.nxt + field * unit) >>> 0;
    if (seqBefore(this.#edge, edge)) this.#edge = edge;
    return field;
  }

  /** The window of a SYN, which is not scaled. */
  offerUnscaled(): number {
    const window = Math.min(this.#room, MAX_WINDOW_FIELD);
    this.#edge = (this.nxt + window) >>> 0;
    return window;
  }

  /** Whether so much room has been made since the last offer that the peer should hear of it. */
  get hasNews(): boolean {
    return !this.isFinished && this.#room - seqDistance(this.#edge, this.nxt) >= this.buffer.limit / 4;
  }

  /** Section 3.10.7.4, first check. With a window of 0, what begins at the right place may be looked at, but for its data. */
  isAcceptable({ sequence, length, flags }: TcpSegment): boolean {
    const window = seqDistance(this.#edge, this.nxt);
    const size = length + (flags & TCP_FLAG.SYN ? 1 : 0) + (flags & TCP_FLAG.FIN ? 1 : 0);
    if (window === 0) return sequence === this.nxt;
    const isInside = (at: number) => seqAtMost(this.nxt, at) && seqBefore(at, this.#edge);
    return isInside(sequence) || (size > 0 && isInside((sequence + size - 1) >>> 0));
  }

  /** Takes what is new and fits. `now`: the peer should hear at once, since something is missing, was missing, or had no room. */
  accept(bytes: Uint8Array, segment: TcpSegment): 'nothing' | 'data' | 'now' {
    const { length, flags } = segment;
    const hasFin = (flags & TCP_FLAG.FIN) !== 0;
    if (length === 0 && !hasFin) return 'nothing';
    const old = seqBefore(segment.sequence, this.nxt) ? seqDistance(this.nxt, segment.sequence) : 0;
    if (this.isFinished || old > length) return 'now';
    const sequence = (segment.sequence + old) >>> 0;
    const ahead = seqDistance(sequence, this.nxt);
    const room = Math.min(seqDistance(this.#edge, this.nxt), this.buffer.free);
    const kept = Math.min(length - old, Math.max(0, room - ahead));
    const wasInOrder = this.#ranges.length === 0 && ahead === 0;
    if (kept > 0 && !this.#store(sequence, ahead, bytes.subarray(segment.at + old, segment.at + old + kept)))
      return 'now';
    if (hasFin && kept === length - old) this.#fin ??= (sequence + kept) >>> 0;
    if (this.#fin === this.nxt) {
      this.nxt = (this.nxt + 1) >>> 0;
      this.isFinished = true;
    }
    return wasInOrder && old === 0 && kept === length && !hasFin ? 'data' : 'now';
  }

  /** A unit of the window is kept back: rounding up to it must not promise more than there is. */
  get #room(): number {
    return Math.max(0, this.buffer.free - (1 << this.windowScale) + 1);
  }

  /** False when there are too many stretches. */
  #store(sequence: number, ahead: number, bytes: Uint8Array): boolean {
    if (ahead > 0 && this.#ranges.length >= MAX_RANGES) return false;
    this.buffer.place(this.buffer.length + ahead, bytes);
    const end = (sequence + bytes.length) >>> 0;
    if (ahead === 0) this.#advance(end);
    else this.#remember(sequence, end);
    return true;
  }

  /** Everything up to `end` is there, and what had come early right behind it. */
  #advance(end: number): void {
    let reached = end;
    while (this.#ranges.length > 0 && seqAtMost(this.#ranges[0]!.start, reached)) {
      const { end: further } = this.#ranges.shift()!;
      if (seqBefore(reached, further)) reached = further;
    }
    this.buffer.extend(seqDistance(reached, this.nxt));
    this.nxt = reached;
  }

  /** Keeps the stretches sorted and apart. */
  #remember(start: number, end: number): void {
    const before = this.#ranges.filter((range) => seqBefore(range.end, start));
    const after = this.#ranges.filter((range) => seqBefore(end, range.start));
    const merged: Range = { start, end };
    for (const range of this.#ranges.slice(before.length, this.#ranges.length - after.length)) {
      if (seqBefore(range.start, merged.start)) merged.start = range.start;
      if (seqBefore(merged.end, range.end)) merged.end = range.end;
    }
    this.#ranges = [...before, merged, ...after];
  }
}
