/** The distributor as the guest programs it: until an interrupt is enabled here, the monitor keeps it pending. */
import { GICD, GICD_CTLR_ENABLE, gicBit } from '../../../src/specs/gic';
import type { Mmio } from './mmio';

export class Gic {
  constructor(readonly distributor: Mmio) {
    distributor.write32(GICD.CTLR, GICD_CTLR_ENABLE);
  }

  enable(intid: number): void {
    const { offset, mask } = gicBit(intid);
    this.distributor.write32(GICD.ISENABLER + offset, mask);
  }
}
