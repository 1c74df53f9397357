/**
 * Interrupts inside one worker: between the line that a device model drives and the bit its driver sees, as seL4 and the GIC do
 * it. Delivery masks the line until the ack; a level line fires again if it is still high, an edge is latched once.
 */
import type { IrqLine } from './pd';

export class Irq implements IrqLine {
  #high = false;
  #masked = false;
  #latched = false;

  constructor(
    readonly trigger: 'edge' | 'level',
    readonly deliver: () => void,
  ) {}

  level(high: boolean): void {
    const rose = high && !this.#high;
    this.#high = high;
    if (this.trigger === 'edge' && rose) this.#latched = true;
    this.#fire();
  }

  ack(): void {
    this.#masked = false;
    this.#fire();
  }

  #fire(): void {
    const active = this.trigger === 'edge' ? this.#latched : this.#high;
    if (!active || this.#masked) return;
    this.#latched = false;
    this.#masked = true;
    this.deliver();
  }
}
