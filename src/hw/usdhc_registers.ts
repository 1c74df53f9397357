/** The register file of the uSDHC: words, the bits of each that are kept, and the values after a reset. */
import { USDHC, USDHC_INT, USDHC_RESET, USDHC_SIZE } from '../specs/usdhc';

const ALL = 0xffff_ffff;

/**
 * Bits that a write stores, by offset. Delay lines (0x60 to 0x78) are not there and keep nothing. At 0x58 only ADMA2 looks, so a
 * driver that writes DLL_CTRL there does no harm.
 */
const KEPT: ReadonlyMap<number, number> = new Map<number, number>([
  [USDHC.DS_ADDR, ALL - 3],
  [USDHC.BLK_ATT, 0xffff_1fff],
  [USDHC.CMD_ARG, ALL],
  [USDHC.CMD_XFR_TYP, 0x3ffb_0000],
  [USDHC.PROT_CTRL, ALL],
  [USDHC.SYS_CTRL, 0x08ff_ffff],
  [USDHC.INT_STATUS_EN, USDHC_INT.ALL],
  [USDHC.INT_SIGNAL_EN, USDHC_INT.ALL],
  [USDHC.WTMK_LVL, ALL],
  [USDHC.MIX_CTRL, ALL],
  [USDHC.ADMA_SYS_ADDR, ALL - 3],
  [USDHC.VEND_SPEC, ALL],
  [USDHC.MMC_BOOT, ALL],
  [USDHC.VEND_SPEC2, ALL],
  [USDHC.TUNING_CTRL, ALL],
]);

/** What RSTA leaves alone: drivers write it themselves afterwards. */
const SURVIVES_RSTA: readonly number[] = [
  USDHC.MIX_CTRL,
  USDHC.VEND_SPEC,
  USDHC.MMC_BOOT,
  USDHC.VEND_SPEC2,
  USDHC.TUNING_CTRL,
];

export class UsdhcRegisters {
  readonly #words = new Uint32Array(USDHC_SIZE / 4);

  constructor() {
    for (const [offset, value] of USDHC_RESET) this.set(offset, value);
  }

  /** 0 where there is no register. */
  get(offset: number): number {
    return this.#words[offset / 4] ?? 0;
  }

  /** By the controller itself. */
  set(offset: number, value: number): void {
    this.#words[offset / 4] = value;
  }

  change(offset: number, clear: number, set: number): void {
    this.set(offset, (this.get(offset) & ~clear) | set);
  }

  /** By the processor: other registers and bits do not change. */
  write(offset: number, value: number): void {
    const kept = KEPT.get(offset);
    if (kept !== undefined) this.set(offset, value & kept);
  }

  /** RSTA. */
  reset(): void {
    const survivors = SURVIVES_RSTA.map((offset) => [offset, this.get(offset)] as const);
    this.#words.fill(0);
    for (const [offset, value] of [...USDHC_RESET, ...survivors]) this.set(offset, value);
  }
}
