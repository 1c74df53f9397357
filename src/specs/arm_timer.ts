/** [DDI0487] Arm Architecture Reference Manual for A-profile: the EL1 physical timer of the generic timer, D13.8. Numbers only. */

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
