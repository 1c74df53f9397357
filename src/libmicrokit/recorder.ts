/** A domain's own end of its flight recorder (protocol/trace.ts): what it is told, with the time of the wake-up that it belongs to. */
import { REBOOT_CHANNEL } from '../protocol/boot';
import { TRACE, type TraceWriter } from '../protocol/trace';

/** Bits that stand for channels, interrupts and the reboot of a guest. */
const NOTIFICATIONS = (1 << (REBOOT_CHANNEL + 1)) - 1;
const MAX_RAN = 2 ** 32 - 1;

export class Recorder {
  #wokeAt: number;

  constructor(
    readonly writer: TraceWriter,
    /** Milliseconds since boot. */
    readonly nowMs: () => number,
  ) {
    this.#wokeAt = nowMs();
  }

  record(kind: number, channel: number, request: number, a: number, b: number): void {
    this.writer.record(this.#wokeAt, kind, channel, request, a, b);
  }

  /** Notifications that were taken by a wait inside the program. */
  taken(bits: number): void {
    for (let left = bits & NOTIFICATIONS; left !== 0; left &= left - 1) {
      this.record(TRACE.NOTIFIED, 31 - Math.clz32(left & -left), 0, 0, 0);
    }
  }

  wakes(): void {
    this.#wokeAt = this.nowMs();
  }

  /** The domain is about to sleep: with the time until now, the time that it ran is known. */
  rests(): void {
    if (this.writer.off) return;
    const now = this.nowMs();
    this.writer.record(now, TRACE.RAN, 0, 0, Math.min((now - this.#wokeAt) * 1e6, MAX_RAN), 0);
  }
}
