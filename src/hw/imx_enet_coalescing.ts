/** Interrupt coalescing of one direction (TXIC, RXIC): one event for many frames, or for few when the timer ends. */
import { ENET_IC, ENET_IC_TICK_NS } from '../specs/imx_enet';

export class Coalescing {
  /** When the timer ends; undefined while no frame waits for an event. */
  deadlineNs: number | undefined;
  #frames = 0;

  constructor(
    readonly nowNs: () => number,
    /** The register's value. */
    readonly setting: () => number,
    readonly event: () => void,
  ) {}

  frame(): void {
    const setting = this.setting();
    const threshold = (setting >>> ENET_IC.ICFT_SHIFT) & ENET_IC.ICFT;
    const ticks = setting & ENET_IC.ICTT;
    this.#frames++;
    if ((setting & ENET_IC.EN) === 0 || ticks === 0 || this.#frames >= threshold) return this.#fire();
    this.deadlineNs ??= this.nowNs() + ticks * ENET_IC_TICK_NS;
  }

  poll(): void {
    if (this.deadlineNs !== undefined && this.deadlineNs <= this.nowNs()) this.#fire();
  }

  reset(): void {
    this.#frames = 0;
    this.deadlineNs = undefined;
  }

  #fire(): void {
    this.reset();
    this.event();
  }
}
