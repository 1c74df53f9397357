/** A domain's side of the gate: while the system is paused, it takes only bits that it is granted. */
import { CONTROL, CONTROL_BIT, GATE, PASSES_GATE, PD_STATE } from '../protocol/boot';
import type { Recorder } from './recorder';

export class Gatekeeper {
  /** Granted bits were taken and their handling is not over. */
  #stepping = false;

  constructor(
    readonly words: Int32Array,
    readonly gate: Int32Array,
    readonly recorder: Recorder,
  ) {}

  get closed(): boolean {
    return Atomics.load(this.gate, GATE.MODE) !== 0;
  }

  /** The gate is open: everything that is signalled. */
  takeAll(): number {
    this.#stepping = false;
    return Atomics.exchange(this.words, CONTROL.BITS, 0);
  }

  /**
   * The gate is closed: what may be taken, or 0 after a sleep, to look again. A deadline that passes sets the DEVICE bit, so that
   * the stepper can let the domain see it.
   */
  takeGranted(wanted: number, timeoutMs: () => number): number {
    this.#reportStep();
    const passing = Atomics.and(this.words, CONTROL.BITS, ~PASSES_GATE) & PASSES_GATE;
    if (passing !== 0) return passing;
    const granted = Atomics.exchange(this.words, CONTROL.GRANT, 0);
    const bits = granted & ~PASSES_GATE;
    if (bits !== 0) {
      this.#stepping = true;
      return Atomics.and(this.words, CONTROL.BITS, ~bits) & bits;
    }
    if (granted === 0) this.#park(wanted, timeoutMs);
    return 0;
  }

  /** A time-out that passed at the gate is no longer waited for. Not for a domain with devices: there the bit may be their input. */
  forgetTimeOut(): void {
    if (this.closed) Atomics.and(this.words, CONTROL.BITS, ~CONTROL_BIT.DEVICE);
  }

  #park(wanted: number, timeoutMs: () => number): void {
    const { words } = this;
    this.recorder.rests();
    const known = Atomics.load(words, CONTROL.BITS) & CONTROL_BIT.DEVICE;
    Atomics.store(words, CONTROL.WANTED, wanted | CONTROL_BIT.DEVICE);
    Atomics.store(words, CONTROL.STATE, PD_STATE.PAUSED);
    Atomics.notify(words, CONTROL.STATE);
    const woken = Atomics.wait(words, CONTROL.GRANT, 0, known ? Number.POSITIVE_INFINITY : timeoutMs());
    Atomics.store(words, CONTROL.STATE, PD_STATE.RUNNING);
    this.recorder.wakes();
    if (woken === 'timed-out') Atomics.or(words, CONTROL.BITS, CONTROL_BIT.DEVICE);
  }

  #reportStep(): void {
    if (!this.#stepping) return;
    this.#stepping = false;
    Atomics.add(this.gate, GATE.STEPS, 1);
    Atomics.notify(this.gate, GATE.STEPS);
  }
}
