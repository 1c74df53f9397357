/**
 * The EL1 physical timer of the Arm generic timer, at QEMU's 62.5 MHz. Its registers are system registers, not memory.
 * Not modelled: the virtual and hypervisor timers, event streams, access traps.
 */
import {
  CNTFRQ_EL0,
  CNTFRQ_QEMU,
  CNTP_CTL,
  CNTP_CTL_EL0,
  CNTP_CVAL_EL0,
  CNTP_TVAL_EL0,
  CNTPCT_EL0,
} from '../specs/arm_timer';
import type { IrqLine } from './device';

const NS_PER_TICK = 1_000_000_000n / CNTFRQ_QEMU;
const TVAL_BITS = 32;

export class ArmTimer {
  #compare = 0n;
  #control = 0n;
  /** The interrupt line as last driven. */
  #output = false;

  constructor(
    readonly irq: IrqLine,
    /** The crystal: nanoseconds since power-on. */
    readonly nowNs: () => number,
  ) {}

  mrs(register: number): bigint {
    switch (register) {
      case CNTFRQ_EL0:
        return CNTFRQ_QEMU;
      case CNTPCT_EL0:
        return this.#count;
      case CNTP_CVAL_EL0:
        return this.#compare;
      case CNTP_TVAL_EL0:
        return BigInt.asUintN(TVAL_BITS, this.#compare - this.#count);
      case CNTP_CTL_EL0:
        return this.#control | (this.#met ? CNTP_CTL.ISTATUS : 0n);
      default:
        return 0n;
    }
  }

  msr(register: number, value: bigint): void {
    if (register === CNTP_CVAL_EL0) this.#compare = BigInt.asUintN(64, value);
    if (register === CNTP_TVAL_EL0) this.#compare = BigInt.asUintN(64, this.#count + BigInt.asIntN(TVAL_BITS, value));
    if (register === CNTP_CTL_EL0) this.#control = value & (CNTP_CTL.ENABLE | CNTP_CTL.IMASK);
    this.poll();
  }

  /** The output is a level: it follows the condition, and the condition follows the time. */
  poll(): void {
    this.#output = this.#met && (this.#control & CNTP_CTL.IMASK) === 0n;
    this.irq.level(this.#output);
  }

  /** When the output is to rise, until a poll has seen to it; undefined while it is high, masked or disabled. */
  get deadlineNs(): number | undefined {
    if (this.#control !== CNTP_CTL.ENABLE || this.#output) return undefined;
    const due = Number(this.#compare * NS_PER_TICK);
    return Number.isSafeInteger(due) ? due : undefined;
  }

  get #count(): bigint {
    return BigInt(Math.floor(this.nowNs())) / NS_PER_TICK;
  }

  get #met(): boolean {
    return (this.#control & CNTP_CTL.ENABLE) !== 0n && this.#count >= this.#compare;
  }
}
