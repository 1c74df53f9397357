/**
 * The uSDHC as its driver sees it: reset, clock, one command at a time, what an interrupt says. [IMX8MDQLQRM] 10.3.7 uSDHC memory map. Twin of
 * au-ts/sddf drivers/blk/mmc/imx/usdhc.c.
 */
import {
  USDHC,
  USDHC_BLK_ATT,
  USDHC_CAP,
  USDHC_DTW,
  USDHC_INT,
  USDHC_MIX,
  USDHC_PRES,
  USDHC_PROT,
  USDHC_SYS,
  USDHC_VEND_SPEC,
} from '../../src/specs/usdhc';
import type { SdCommand } from './sd_commands';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface Transfer {
  readonly paddr: number;
  readonly sectors: number;
  readonly direction: 'read' | 'write';
}

export type Outcome = 'pending' | 'done' | 'failed';

/** Command and transfer complete, every error of command, data, automatic CMD12 and DMA. */
const INTERRUPTS = USDHC_INT.CC | USDHC_INT.TC | USDHC_INT.ERRORS;
const MIX_CTRL = USDHC_MIX.DMAEN | USDHC_MIX.BCEN | USDHC_MIX.AC12EN | USDHC_MIX.MSBSEL;
const CLOCK_FIELDS = (0xf << USDHC_SYS.DVS_SHIFT) | (0xff << USDHC_SYS.SDCLKFS_SHIFT) | (0xf << USDHC_SYS.DTOCV_SHIFT);
const WATERMARK = 0x0001_0001;
const SECTOR = 512;
/** The clock that upstream assumes to feed the controller. */
const SOURCE_HZ = 150_000_000;
/** A device that never answers a register must not hang the driver for ever. */
const SPINS = 100_000;

export class SdHost {
  /** A command of data waits for its transfer, too. */
  #transfers = false;
  #commandDone = false;

  constructor(readonly mmio: Mmio) {}

  /** Everything up to the first command; throws when the controller cannot do what the driver needs. */
  reset(): void {
    const { mmio } = this;
    const capabilities = mmio.read32(USDHC.HOST_CTRL_CAP);
    if ((capabilities & USDHC_CAP.DMAS) === 0) throw new Error('the uSDHC has no DMA');
    mmio.write32(USDHC.INT_STATUS_EN, 0);
    mmio.write32(USDHC.INT_SIGNAL_EN, 0);
    this.#change(USDHC.VEND_SPEC, USDHC_VEND_SPEC.FRC_SDCLK_ON, 0);
    this.#resetBits(USDHC_SYS.RSTA);
    this.setClock(400_000);
    this.#change(USDHC.SYS_CTRL, 0, USDHC_SYS.INITA);
    this.#spin('the 80 clocks of INITA', () => (mmio.read32(USDHC.SYS_CTRL) & USDHC_SYS.INITA) !== 0);
    mmio.write32(USDHC.INT_STATUS_EN, INTERRUPTS);
    mmio.write32(USDHC.INT_SIGNAL_EN, INTERRUPTS);
    mmio.write32(USDHC.MMC_BOOT, 0);
    mmio.write32(USDHC.CLK_TUNE_CTRL_STATUS, 0);
    mmio.write32(USDHC.DLL_CTRL, 0);
    mmio.write32(USDHC.MIX_CTRL, MIX_CTRL);
    mmio.write32(USDHC.WTMK_LVL, WATERMARK);
    mmio.write32(USDHC.PROT_CTRL, USDHC_PROT.EMODE_LITTLE);
  }

  /** The smallest divisors that stay below `hz`. */
  setClock(hz: number): void {
    let prescaler = 1;
    while (SOURCE_HZ / (16 * prescaler) > hz && prescaler < 256) prescaler *= 2;
    let divisor = 1;
    while (SOURCE_HZ / (divisor * prescaler) > hz && divisor < 16) divisor++;
    this.#clockStable();
    const fields =
      ((prescaler >> 1) << USDHC_SYS.SDCLKFS_SHIFT) |
      ((divisor - 1) << USDHC_SYS.DVS_SHIFT) |
      (0xf << USDHC_SYS.DTOCV_SHIFT);
    this.#change(USDHC.SYS_CTRL, CLOCK_FIELDS, fields);
    this.#clockStable();
  }

  /** The card has been told to use four data lines. */
  driveFourLines(): void {
    const { DTW_MASK, DTW_SHIFT } = USDHC_PROT;
    this.#change(USDHC.PROT_CTRL, DTW_MASK << DTW_SHIFT, USDHC_DTW.BITS_4 << DTW_SHIFT);
  }

  /** Starts a command; `finish` at an interrupt says when it is over. */
  send({ word, argument }: SdCommand, transfer?: Transfer): void {
    const { mmio } = this;
    this.#transfers = transfer !== undefined;
    this.#commandDone = false;
    if (transfer) {
      const isRead = transfer.direction === 'read';
      mmio.write32(USDHC.DS_ADDR, transfer.paddr);
      mmio.write32(USDHC.MIX_CTRL, MIX_CTRL | (isRead ? USDHC_MIX.DTDSEL : 0));
      mmio.write32(USDHC.BLK_ATT, ((transfer.sectors << USDHC_BLK_ATT.BLKCNT_SHIFT) | SECTOR) >>> 0);
    }
    mmio.write32(USDHC.CMD_ARG, argument);
    mmio.write32(USDHC.CMD_XFR_TYP, word);
  }

  /** What the interrupt means for the command under way. differs: an interrupt without status means nothing. */
  finish(): Outcome {
    const status = this.mmio.read32(USDHC.INT_STATUS);
    if (status & ~(USDHC_INT.CC | USDHC_INT.TC)) {
      this.#recover();
      return 'failed';
    }
    this.mmio.write32(USDHC.INT_STATUS, status);
    if (status & USDHC_INT.CC) this.#commandDone = true;
    if (!this.#commandDone) return 'pending';
    return this.#transfers && (status & USDHC_INT.TC) === 0 ? 'pending' : 'done';
  }

  /** CMD_RSP0 to CMD_RSP3. */
  response(): [number, number, number, number] {
    const word = (i: number) => this.mmio.read32(USDHC.CMD_RSP0 + 4 * i);
    return [word(0), word(1), word(2), word(3)];
  }

  /** differs: upstream leaves the lines busy after an error, so that every later command fails. */
  #recover(): void {
    this.mmio.write32(USDHC.INT_STATUS, 0xffff_ffff);
    this.#resetBits(USDHC_SYS.RSTC | USDHC_SYS.RSTD);
  }

  #resetBits(bits: number): void {
    this.#change(USDHC.SYS_CTRL, 0, bits);
    this.#spin('a reset', () => (this.mmio.read32(USDHC.SYS_CTRL) & bits) === 0);
  }

  #clockStable(): void {
    this.#spin('its clock', () => (this.mmio.read32(USDHC.PRES_STATE) & USDHC_PRES.SDSTB) !== 0);
  }

  #change(offset: number, clear: number, set: number): void {
    this.mmio.write32(offset, ((this.mmio.read32(offset) & ~clear) | set) >>> 0);
  }

  #spin(what: string, done: () => boolean): void {
    for (let i = 0; i < SPINS; i++) if (done()) return;
    throw new Error(`the uSDHC does not get past ${what}`);
  }
}
