/** The retransmission timeout, RFC 6298. Its least is 200 ms, as in Linux and the BSDs, not the second of section 2.4. */
export const RTO_INITIAL_MS = 1000;
const RTO_MIN_MS = 200;
export const RTO_MAX_MS = 60_000;
/** Section 5.7: after a SYN had to be sent again. */
const RTO_AFTER_SYN_MS = 3000;
const CLOCK_GRANULARITY_MS = 1;

export class RttEstimator {
  rto = RTO_INITIAL_MS;
  /** Smoothed round-trip time in milliseconds; undefined before the first sample. */
  srtt: number | undefined;
  #variation = 0;
  /** What `rto` is before it is backed off. */
  #measured = RTO_INITIAL_MS;

  /** Sections 2.2 and 2.3. */
  sample(ms: number): void {
    if (this.srtt === undefined) {
      this.srtt = ms;
      this.#variation = ms / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.srtt - ms);
      this.srtt = 0.875 * this.srtt + 0.125 * ms;
    }
    const rto = this.srtt + Math.max(CLOCK_GRANULARITY_MS, 4 * this.#variation);
    this.#measured = Math.min(Math.max(rto, RTO_MIN_MS), RTO_MAX_MS);
    this.rto = this.#measured;
  }

  /** Section 5.5. */
  backOff(): void {
    this.rto = Math.min(this.rto * 2, RTO_MAX_MS);
  }

  /**
   * New data was acknowledged: the next loss waits as long as a first one. As lwIP and Linux; with Karn's rule alone, each loss of several
   * would wait twice as long as the one before, up to a minute, since nothing can be timed until all are mended.
   */
  answered(): void {
    this.rto = this.#measured;
  }

  synWasLost(): void {
    this.#measured = RTO_AFTER_SYN_MS;
    this.rto = RTO_AFTER_SYN_MS;
  }
}
