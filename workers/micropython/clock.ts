/** Time: ticks and sleep through protected calls to the timer driver, the date from outside the machine. */
import { bit, type Channel, type Kernel } from '../../src/libmicrokit/pd';
import { SDDF_TIMER } from '../../src/protocol/timer';
import type { Terminal } from './terminal';

export class Clock {
  readonly #kernel: Kernel;
  readonly #channel: Channel;
  readonly #terminal: Terminal;
  /** Milliseconds that a program has set the date forward. */
  #offsetMs = 0;

  constructor(kernel: Kernel, channel: Channel, terminal: Terminal) {
    this.#kernel = kernel;
    this.#channel = channel;
    this.#terminal = terminal;
  }

  /** Nanoseconds since boot. */
  nowNs(): number {
    return this.#kernel.ppcall(this.#channel, { label: SDDF_TIMER.GET_TIME, words: [] }).words[0] ?? 0;
  }

  ticksMs(): number {
    return Math.floor(this.nowNs() / 1e6) | 0;
  }

  unixMs(): number {
    return this.#kernel.wallClock() + this.#offsetMs;
  }

  /** Sets the date of this client, until it is ended; the machine's own is set outside. */
  setUnixMs(unixMs: number): void {
    this.#offsetMs = unixMs - this.#kernel.wallClock();
  }

  /** Sleeps; throws Interrupted. A notification left over from an earlier timeout only wakes it early, to look at the clock. */
  delay(microseconds: number): void {
    this.#terminal.checkInterrupt();
    const dueNs = this.nowNs() + microseconds * 1000;
    for (let leftNs = dueNs - this.nowNs(); leftNs > 0; leftNs = dueNs - this.nowNs()) {
      this.#kernel.ppcall(this.#channel, { label: SDDF_TIMER.SET_TIMEOUT, words: [Math.ceil(leftNs)] });
      this.#terminal.block(bit(this.#channel));
    }
  }
}
