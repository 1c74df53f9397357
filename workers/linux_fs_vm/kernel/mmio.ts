/** Guest accesses to addresses with no memory behind them: each traps to the monitor, which answers as the device would. */
import type { Channel, Kernel } from '../../../src/libmicrokit/pd';
import { VCPU_FAULT } from '../../../src/protocol/vmfs';

export class Mmio {
  constructor(
    readonly kernel: Kernel,
    readonly fault: Channel,
    readonly phys: number,
  ) {}

  read32(offset: number): number {
    return this.kernel.ppcall(this.fault, { label: VCPU_FAULT.LOAD32, words: [this.phys + offset] }).words[0] ?? 0;
  }

  write32(offset: number, value: number): void {
    this.kernel.ppcall(this.fault, { label: VCPU_FAULT.STORE32, words: [this.phys + offset, value >>> 0] });
  }
}
