/**
 * The sending half of a connection: what is sent when, RFC 9293 section 3.8; the timers of retransmission (RFC 6298) and of zero windows
 * (section 3.8.6.1). After a timeout everything unacknowledged is sent again from the front, as the window opens.
 */
import { seqAtMost, seqBefore, seqDistance, TCP_DEFAULT_MSS, TCP_FLAG, type TcpSegment } from '../specs/tcp';
import { ByteRing } from './byte_ring';
import type { NetError } from './errors';
import type { Netif } from './netif';
import { NewReno } from './tcp_congestion';
import { RTO_MAX_MS, RttEstimator } from './tcp_rtt';

/** R2 of section 3.8.3: about 100 s for data with the least timeout, two minutes for a SYN. */
const MAX_RETRIES = 12;
const MAX_SYN_RETRIES = 6;

/** Sends a segment with `length` bytes, `offset` from the front of the buffer; ACK and window are added to the flags. */
export type Transmit = (sequence: number, flags: number, offset: number, length: number) => void;

export class TcpSender {
  /** From `una` on; a FIN follows when `isClosing`. */
  readonly buffer: ByteRing;
  readonly rtt = new RttEstimator();
  congestion: NewReno;
  una: number;
  /** Next to send; `max` is beyond it when something is sent again. */
  nxt: number;
  max: number;
  /** What the peer takes, in bytes from `una`. */
  window = 0;
  windowScale = 0;
  mss = TCP_DEFAULT_MSS;
  isSynAcked = false;
  isFinAcked = false;
  isClosing = false;
  noDelay = false;
  /** Probes of a window that has stayed closed, answered or not. */
  probes = 0;
  deadline = Number.POSITIVE_INFINITY;
  #timer: 'off' | 'retransmit' | 'persist' = 'off';
  #persistMs = 0;
  #retries = 0;
  #widest = 0;
  /** Sequence and acknowledgment number of the segment that the window is from. */
  #wl1 = 0;
  #wl2 = 0;
  /** The segment that is timed: where it ends, and when it was sent. */
  #timed: { end: number; sentMs: number } | undefined;
  #lastSentMs = 0;

  constructor(
    readonly netif: Netif,
    readonly initialSequence: number,
    limit: number,
    readonly transmit: Transmit,
  ) {
    this.buffer = new ByteRing(limit);
    this.una = initialSequence;
    this.nxt = initialSequence;
    this.max = initialSequence;
    this.congestion = new NewReno(this.mss, initialSequence, limit);
  }

  /** The widest window that the peer has given. */
  get widest(): number {
    return this.#widest;
  }

  get inFlight(): number {
    return seqDistance(this.nxt, this.una);
  }

  /** Acknowledgments up to here are of what we sent; a probe's byte is one more. */
  get sentUpTo(): number {
    const probed = (this.una + 1) >>> 0;
    return this.#timer === 'persist' && seqBefore(this.max, probed) ? probed : this.max;
  }

  setMss(mss: number): void {
    this.mss = mss;
    this.congestion = new NewReno(mss, this.initialSequence, this.buffer.limit);
  }

  sendSyn(): void {
    this.transmit(this.initialSequence, TCP_FLAG.SYN, 0, 0);
    this.nxt = (this.initialSequence + 1) >>> 0;
    this.max = this.nxt;
    this.#timed = { end: this.nxt, sentMs: this.netif.now };
    this.#start('retransmit', this.rtt.rto);
  }

  /** The window that the peer's first segments give; the one in a SYN is not scaled. */
  setWindow({ sequence, acknowledgment, window, flags }: TcpSegment): void {
    this.window = window << (flags & TCP_FLAG.SYN ? 0 : this.windowScale);
    this.#widest = Math.max(this.#widest, this.window);
    this.#wl1 = sequence;
    this.#wl2 = acknowledgment;
    if (this.window > 0) this.probes = 0;
  }

  /** Takes an acknowledgment that is not of something never sent. */
  acknowledge(segment: TcpSegment): void {
    const { acknowledgment, sequence } = segment;
    const isNew = seqBefore(this.una, acknowledgment);
    if (isNew) this.#advance(acknowledgment);
    else if (this.#isDuplicate(segment)) this.#duplicate();
    // Who answers is there, whatever its window.
    if (this.#timer === 'persist' || this.window === 0) this.#retries = 0;
    const isLater = seqBefore(this.#wl1, sequence);
    if (isLater || (this.#wl1 === sequence && seqAtMost(this.#wl2, acknowledgment))) this.setWindow(segment);
  }

  /** Sends what may be sent. */
  output(): void {
    if (this.inFlight === 0 && this.netif.now - this.#lastSentMs > this.rtt.rto) this.congestion.restart();
    while (this.#sendNext());
    if (this.inFlight > 0) return;
    if (this.buffer.length === 0) this.stop();
    else if (this.#timer !== 'persist') this.#start('persist', (this.#persistMs = this.rtt.rto));
  }

  /** Does what is due; ETIMEDOUT when the peer has been silent for too long. */
  poll(): NetError | undefined {
    if (this.netif.now < this.deadline) return undefined;
    const limit = this.isSynAcked ? MAX_RETRIES : MAX_SYN_RETRIES;
    if (++this.#retries > limit) return 'ETIMEDOUT';
    if (this.#timer === 'persist') this.#probe();
    else this.#timeOut();
    return undefined;
  }

  stop(): void {
    this.#timer = 'off';
    this.deadline = Number.POSITIVE_INFINITY;
  }

  #start(timer: 'retransmit' | 'persist', ms: number): void {
    this.#timer = timer;
    this.deadline = this.netif.now + ms;
  }

  #advance(acknowledgment: number): void {
    let bytes = seqDistance(acknowledgment, this.una);
    if (!this.isSynAcked) {
      this.isSynAcked = true;
      bytes--;
      if (this.#retries > 0) this.rtt.synWasLost();
    }
    if (bytes > this.buffer.length) {
      this.isFinAcked = true;
      bytes = this.buffer.length;
    }
    this.buffer.drop(bytes);
    this.una = acknowledgment;
    if (seqBefore(this.nxt, acknowledgment)) this.nxt = acknowledgment;
    if (seqBefore(this.max, acknowledgment)) this.max = acknowledgment;
    this.#retries = 0;
    if (bytes > 0) this.rtt.answered();
    if (this.#timed && seqAtMost(this.#timed.end, acknowledgment)) {
      this.rtt.sample(this.netif.now - this.#timed.sentMs);
      this.#timed = undefined;
    }
    if (bytes > 0 && this.congestion.acknowledged(acknowledgment, bytes, seqDistance(this.max, this.una)))
      this.#resendFirst();
    if (this.una === this.max) this.stop();
    else this.#start('retransmit', this.rtt.rto);
  }

  /** RFC 5681 section 2, DUPLICATE ACKNOWLEDGMENT. */
  #isDuplicate({ acknowledgment, length, flags, window }: TcpSegment): boolean {
    const isBare = length === 0 && (flags & (TCP_FLAG.SYN | TCP_FLAG.FIN)) === 0;
    return isBare && acknowledgment === this.una && this.max !== this.una && window << this.windowScale === this.window;
  }

  #duplicate(): void {
    if (this.congestion.duplicate(this.una, this.max, seqDistance(this.max, this.una))) this.#resendFirst();
  }

  /** True when a segment went out. */
  #sendNext(): boolean {
    const { inFlight, buffer } = this;
    if (!this.isSynAcked || this.isFinAcked || inFlight > buffer.length) return false;
    const unsent = buffer.length - inFlight;
    const room = Math.min(this.window, this.congestion.window) - inFlight;
    const length = Math.max(0, Math.min(unsent, room, this.mss));
    const withFin = this.isClosing && length === unsent;
    if (length === 0 ? !withFin : !this.#isWorthSending(length, unsent, withFin)) return false;
    this.#send(length, withFin);
    return true;
  }

  /** Against silly windows (RFC 9293 section 3.8.6.2.1) and small segments (Nagle, section 3.7.4). */
  #isWorthSending(length: number, unsent: number, withFin: boolean): boolean {
    if (length === this.mss || length >= this.#widest / 2 || seqBefore(this.nxt, this.max)) return true;
    return length === unsent && (this.noDelay || withFin || this.inFlight === 0);
  }

  #send(length: number, withFin: boolean): void {
    const { inFlight, nxt, buffer } = this;
    const end = (nxt + length + (withFin ? 1 : 0)) >>> 0;
    if (nxt !== this.max) this.netif.counters.retransmitted++;
    else this.#timed ??= { end, sentMs: this.netif.now };
    this.transmit(nxt, flagsOf(withFin, inFlight + length === buffer.length), inFlight, length);
    this.nxt = end;
    if (seqBefore(this.max, end)) this.max = end;
    this.#lastSentMs = this.netif.now;
    if (this.#timer !== 'retransmit') this.#start('retransmit', this.rtt.rto);
  }

  /** The first segment again, with the FIN when that had been sent with it; what is timed can no longer be told apart (Karn). */
  #resendFirst(): void {
    const length = Math.min(this.buffer.length, this.mss);
    const isLast = length === this.buffer.length;
    const withFin = isLast && this.isClosing && seqBefore((this.una + length) >>> 0, this.max);
    this.netif.counters.retransmitted++;
    this.#timed = undefined;
    this.transmit(this.una, flagsOf(withFin, isLast), 0, length);
  }

  #timeOut(): void {
    this.rtt.backOff();
    this.#timed = undefined;
    this.congestion.timedOut(this.max, seqDistance(this.max, this.una));
    this.#start('retransmit', this.rtt.rto);
    if (!this.isSynAcked) {
      this.netif.counters.retransmitted++;
      return this.transmit(this.initialSequence, TCP_FLAG.SYN, 0, 0);
    }
    this.nxt = this.una;
    this.output();
  }

  /** One byte into a closed window; into one that is open but small, what fits: it has waited long enough for more. */
  #probe(): void {
    this.#persistMs = Math.min(this.#persistMs * 2, RTO_MAX_MS);
    const room = Math.min(this.window, this.buffer.length, this.mss);
    if (room > 0) return this.#send(room, this.isClosing && room === this.buffer.length);
    this.probes++;
    this.#start('persist', this.#persistMs);
    this.transmit(this.una, 0, 0, 1);
  }
}

function flagsOf(withFin: boolean, isLast: boolean): number {
  return (withFin ? TCP_FLAG.FIN : 0) | (isLast ? TCP_FLAG.PSH : 0);
}
