/** Generic Interrupt Controller, distributor registers. [IHI0048B] 4.1.2 (GICv2); [IHI0069] 12.9 (GICv3) has these at the same offsets. */
export const GICD = {
  CTLR: 0x000,
  TYPER: 0x004,
  ISENABLER: 0x100,
  ICENABLER: 0x180,
  ISPENDR: 0x200,
  ICPENDR: 0x280,
} as const;
export const GICD_SIZE = 0x1000;
/** Bank registers hold one bit per interrupt id: 32 words for ids 0..1019. */
export const GICD_BANK_SIZE = 0x80;
export const GICD_CTLR_ENABLE = 1;

/** Offset from the bank's start of the word, and the bit in it, for an interrupt id. */
export function gicBit(intid: number): { offset: number; mask: number } {
  return { offset: (intid >> 5) * 4, mask: (1 << (intid & 31)) >>> 0 };
}
