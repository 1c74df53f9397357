/**
 * Interrupts inside one worker: between the line that a device model drives and the bit its driver sees, as seL4 and the GIC do
 * it. Delivery masks the line until the ack; a level line fires again if it is still high, an edge is latched once.
 */
import type { InterruptFault } from '../protocol/faults';
import type { IrqLine } from './pd';

export interface IrqMishaps {
  /** What goes wrong with the next delivery. */
  next(): InterruptFault | undefined;
  /** Runs `deliver` that much later. */
  later(ms: number, deliver: () => void): void;
}

const DELAY_MS = 100;

export class Irq implements IrqLine {
  #high = false;
  #masked = false;
  #latched = false;
  /** One delivery more after the ack, for nothing. */
  #spurious = false;

  constructor(
    readonly trigger: 'edge' | 'level',
    readonly deliver: () => void,
    readonly mishaps?: IrqMishaps,
  ) {}

  level(high: boolean): void {
    const rose = high && !this.#high;
    this.#high = high;
    if (this.trigger === 'edge' && rose) this.#latched = true;
    this.#fire();
  }

  ack(): void {
    this.#masked = false;
    if (!this.#spurious) return this.#fire();
    this.#spurious = false;
    this.#masked = true;
    this.deliver();
  }

  #fire(): void {
    const active = this.trigger === 'edge' ? this.#latched : this.#high;
    if (!active || this.#masked) return;
    this.#latched = false;
    const mishap = this.mishaps?.next();
    // The controller never saw it: a later one is another.
    if (mishap?.what === 'lost') return;
    this.#masked = true;
    this.#spurious = mishap?.what === 'duplicated';
    if (mishap?.what === 'delayed') this.mishaps!.later(mishap.ms ?? DELAY_MS, this.deliver);
    else this.deliver();
  }
}
