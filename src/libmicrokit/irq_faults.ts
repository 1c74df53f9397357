/** Interrupts that are lost, doubled or late on request: the faults of one domain, counted over its interrupt lines together. */
import { FaultSet, type InterruptFault, type SetFault } from '../protocol/faults';
import type { IrqMishaps } from './irq';
import type { Kernel, PolledDevice } from './pd';

export class IrqFaults implements IrqMishaps, PolledDevice {
  readonly #faults = new FaultSet<InterruptFault>();
  #late: { readonly dueNs: number; readonly deliver: () => void }[] = [];

  constructor(readonly kernel: Pick<Kernel, 'name' | 'now'>) {}

  set(all: readonly SetFault[]): void {
    const mine = (entry: SetFault): entry is SetFault<InterruptFault> =>
      entry.fault.on === 'interrupt' && entry.fault.domain === this.kernel.name;
    this.#faults.set(all.filter(mine));
  }

  hits(): Record<number, number> {
    return this.#faults.hits();
  }

  next(): InterruptFault | undefined {
    return this.#faults.next(() => true);
  }

  later(ms: number, deliver: () => void): void {
    this.#late.push({ dueNs: this.kernel.now() + ms * 1e6, deliver });
  }

  get deadlineNs(): number | undefined {
    return this.#late.length === 0 ? undefined : Math.min(...this.#late.map(({ dueNs }) => dueNs));
  }

  poll(): void {
    const now = this.kernel.now();
    const due = this.#late.filter(({ dueNs }) => dueNs <= now);
    this.#late = this.#late.filter(({ dueNs }) => dueNs > now);
    for (const { deliver } of due) deliver();
  }
}
