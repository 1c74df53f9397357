/** Congestion control: slow start, avoidance and fast recovery of RFC 5681, in the way of NewReno, RFC 6582; initial window of RFC 6928. */
import { seqBefore } from '../specs/tcp';

const DUPLICATES = 3;
const INITIAL_SEGMENTS = 10;
const INITIAL_BYTES = 14_600;

export class NewReno {
  /** Bytes that may be in flight. */
  cwnd: number;
  ssthresh = Number.POSITIVE_INFINITY;
  #duplicates = 0;
  #isRecovering = false;
  /** What was sent before the latest loss ends here: only what lies beyond starts another recovery. */
  #recover: number;
  /** Bytes acknowledged towards the next growth during avoidance. */
  #counted = 0;

  constructor(
    readonly mss: number,
    initialSequence: number,
    /** More is never in flight. */
    readonly limit: number,
  ) {
    this.#recover = initialSequence;
    this.cwnd = this.#initialWindow;
  }

  get #initialWindow(): number {
    return Math.min(INITIAL_SEGMENTS * this.mss, Math.max(2 * this.mss, INITIAL_BYTES));
  }

  /** cwnd, and a new segment for each of the first two duplicates: limited transmit, RFC 3042. */
  get window(): number {
    const extra = this.#isRecovering ? 0 : Math.min(this.#duplicates, DUPLICATES - 1) * this.mss;
    return this.cwnd + extra;
  }

  /** New data was acknowledged up to `ack`; true when the segment that begins there is lost too (a partial acknowledgment). */
  acknowledged(ack: number, bytes: number, inFlight: number): boolean {
    this.#duplicates = 0;
    if (this.#isRecovering) {
      if (seqBefore(ack, this.#recover)) {
        this.cwnd = Math.max(this.cwnd - bytes, this.mss) + (bytes >= this.mss ? this.mss : 0);
        return true;
      }
      this.#isRecovering = false;
      this.cwnd = Math.min(this.ssthresh, Math.max(inFlight, this.mss) + this.mss);
      return false;
    }
    // Stays just behind, or half the sequence space later it would seem to be ahead.
    if (seqBefore(this.#recover, ack)) this.#recover = (ack - 1) >>> 0;
    this.#grow(bytes);
    return false;
  }

  /** An acknowledgment came again; true when the segment at `una` is to be sent again now. */
  duplicate(una: number, sentUpTo: number, inFlight: number): boolean {
    if (this.#isRecovering) {
      this.cwnd = Math.min(this.cwnd + this.mss, this.limit);
      return false;
    }
    this.#duplicates++;
    if (this.#duplicates !== DUPLICATES || !seqBefore(this.#recover, una)) return false;
    this.ssthresh = Math.max(inFlight / 2, 2 * this.mss);
    this.cwnd = this.ssthresh + DUPLICATES * this.mss;
    this.#isRecovering = true;
    this.#recover = sentUpTo;
    return true;
  }

  timedOut(sentUpTo: number, inFlight: number): void {
    this.ssthresh = Math.max(inFlight / 2, 2 * this.mss);
    this.cwnd = this.mss;
    this.#duplicates = 0;
    this.#isRecovering = false;
    this.#recover = sentUpTo;
  }

  /** Nothing was sent for longer than the retransmission timeout: RFC 5681 section 4.1. */
  restart(): void {
    this.cwnd = Math.min(this.cwnd, this.#initialWindow);
  }

  #grow(bytes: number): void {
    if (this.cwnd < this.ssthresh) {
      this.cwnd += Math.min(bytes, this.mss);
    } else {
      this.#counted += bytes;
      if (this.#counted < this.cwnd) return;
      this.#counted -= this.cwnd;
      this.cwnd += this.mss;
    }
    this.cwnd = Math.min(this.cwnd, this.limit);
  }
}
