/** [IMX8MDQLQRM] i.MX 8M Dual/8M QuadLite/8M Quad Reference Manual, "General Purpose Timer (GPT)". Numbers only. */
import { type RegisterTable, registers } from './registers';

/** Register offsets. "GPT Memory Map" */
export const IMX_GPT = {
  CR: 0x00,
  PR: 0x04,
  SR: 0x08,
  IR: 0x0c,
  OCR1: 0x10,
  OCR2: 0x14,
  OCR3: 0x18,
  ICR1: 0x1c,
  ICR2: 0x20,
  CNT: 0x24,
} as const;

/** CR: control. FRR set counts on after a compare with OCR1, clear restarts from 0; SWR clears itself. */
export const GPT_CR = { EN: 1 << 0, ENMOD: 1 << 1, CLKSRC: 7 << 6, FRR: 1 << 9, SWR: 1 << 15 } as const;
/** CLKSRC: the peripheral clock. */
export const GPT_CLKSRC_PERIPHERAL = 1 << 6;
/** Bits of CR that hold what is written: all but SWR, FO1 to FO3 and the reserved ones. */
export const GPT_CR_KEPT = 0x1fff_07ff;
/** Bits of CR that a software reset leaves: EN, ENMOD, DBGEN, WAITEN, STOPEN. */
export const GPT_CR_SURVIVES_SWR = 0x2f;

/** PR: the clock is divided by this field plus one. */
export const GPT_PRESCALER = 0xfff;

/** Bits of SR, written 1 to clear, and of IR: output compare 1 to 3, input capture 1 and 2, rollover. */
export const GPT_SR = {
  OF1: 1 << 0,
  OF2: 1 << 1,
  OF3: 1 << 2,
  IF1: 1 << 3,
  IF2: 1 << 4,
  ROV: 1 << 5,
  ALL: 0x3f,
} as const;

/** Reset value of the three compare registers. */
export const GPT_OCR_RESET = 0xffff_ffff;

/** The peripheral clock as the Maaxboard feeds it to the timer, in hertz. */
export const GPT_CLOCK_HZ = 24_000_000;

const GPT_EVENTS = {
  OF1: GPT_SR.OF1,
  OF2: GPT_SR.OF2,
  OF3: GPT_SR.OF3,
  IF1: GPT_SR.IF1,
  IF2: GPT_SR.IF2,
  ROV: GPT_SR.ROV,
};

export const IMX_GPT_REGISTERS: RegisterTable = {
  name: 'GPT',
  size: 0x1000,
  registers: registers(IMX_GPT, {
    CR: { masks: GPT_CR, valuesOf: { CLKSRC: { off: 0, 'the peripheral clock': 1 } } },
    PR: { masks: { PRESCALER: GPT_PRESCALER } },
    SR: { masks: GPT_EVENTS },
    IR: { masks: GPT_EVENTS },
    ICR1: { access: 'r' },
    ICR2: { access: 'r' },
    CNT: { access: 'r' },
  }),
};
