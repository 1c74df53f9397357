/** [DDI0487] Arm Architecture Reference Manual for A-profile: the EL1 physical timer of the generic timer, D13.8. Numbers only. */
import { type RegisterTable, register } from './registers';

/** System registers by their encoding in MRS and MSR, as (op0, op1, CRn, CRm, op2). */
const sysreg = (op0: number, op1: number, crn: number, crm: number, op2: number) =>
  (op0 << 14) | (op1 << 11) | (crn << 7) | (crm << 3) | op2;

export const CNTFRQ_EL0 = sysreg(3, 3, 14, 0, 0);
export const CNTPCT_EL0 = sysreg(3, 3, 14, 0, 1);
export const CNTP_TVAL_EL0 = sysreg(3, 3, 14, 2, 0);
export const CNTP_CTL_EL0 = sysreg(3, 3, 14, 2, 1);
export const CNTP_CVAL_EL0 = sysreg(3, 3, 14, 2, 2);

export const CNTP_CTL = { ENABLE: 1n << 0n, IMASK: 1n << 1n, ISTATUS: 1n << 2n } as const;

/** Ticks a second on QEMU's virt board. */
export const CNTFRQ_QEMU = 62_500_000n;

/**
 * Each register's place in the table below. System registers have no addresses: these are ours, for whoever wants to look at them all
 * in one piece of memory.
 */
export const ARM_TIMER = {
  CNTFRQ_EL0: { at: 0, register: CNTFRQ_EL0 },
  CNTPCT_EL0: { at: 8, register: CNTPCT_EL0 },
  CNTP_TVAL_EL0: { at: 16, register: CNTP_TVAL_EL0 },
  CNTP_CTL_EL0: { at: 24, register: CNTP_CTL_EL0 },
  CNTP_CVAL_EL0: { at: 32, register: CNTP_CVAL_EL0 },
} as const;

export const ARM_TIMER_REGISTERS: RegisterTable = {
  name: 'arch timer',
  size: 40,
  registers: [
    register('CNTFRQ_EL0', ARM_TIMER.CNTFRQ_EL0.at, { width: 64, access: 'r' }),
    register('CNTPCT_EL0', ARM_TIMER.CNTPCT_EL0.at, { width: 64, access: 'r' }),
    register('CNTP_TVAL_EL0', ARM_TIMER.CNTP_TVAL_EL0.at, { width: 64 }),
    register('CNTP_CTL_EL0', ARM_TIMER.CNTP_CTL_EL0.at, { width: 64, masks: { ENABLE: 1, IMASK: 2, ISTATUS: 4 } }),
    register('CNTP_CVAL_EL0', ARM_TIMER.CNTP_CVAL_EL0.at, { width: 64 }),
  ],
};
