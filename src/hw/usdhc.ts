/**
 * The SD host controller of the i.MX 8M (uSDHC), with one card. A command and its data are over within the write that starts them.
 * Not modelled: data through DATA_BUFF_ACC_PORT, ADMA1, tuning and delay lines, boot mode, big endian data, card insertion, clocks.
 */
import { responseWords, SD_CMD } from '../specs/sd';
import {
  USDHC,
  USDHC_AC12,
  USDHC_BLK_ATT,
  USDHC_INT,
  USDHC_MIX,
  USDHC_PRES,
  USDHC_PROT,
  USDHC_RSPTYP,
  USDHC_SYS,
  USDHC_XFR,
} from '../specs/usdhc';
import type { Device, Dma, IrqLine } from './device';
import { NoAnswer } from './faulty_disk';
import type { SdCard } from './sd_card';
import type { SdResponse } from './sd_card_commands';
import { UsdhcRegisters } from './usdhc_registers';
import { type TransferSetup, transferData } from './usdhc_transfer';

const RESETS = USDHC_SYS.RSTA | USDHC_SYS.RSTC | USDHC_SYS.RSTD | USDHC_SYS.RSTT;
/** What RSTD forgets. [i.MX8MDQLQRM] SYS_CTRL */
const DATA_EVENTS = USDHC_INT.TC | USDHC_INT.BGE | USDHC_INT.DINT | USDHC_INT.BWR | USDHC_INT.BRR;
const FAILED = USDHC_INT.ERRORS;

export class Usdhc implements Device {
  readonly #registers = new UsdhcRegisters();
  /** CIHB, CDIHB and DLA; set only while the medium does not answer. */
  #busy = 0;

  constructor(
    /** Undefined is an empty slot. */
    readonly card: SdCard | undefined,
    readonly dma: Dma,
    readonly irq: IrqLine,
  ) {}

  /** 0 where there is no register. */
  read32(offset: number): number {
    return offset === USDHC.PRES_STATE ? this.#presentState() : this.#registers.get(offset);
  }

  write32(offset: number, value: number): void {
    switch (offset) {
      case USDHC.CMD_XFR_TYP:
        return this.#command(value);
      case USDHC.SYS_CTRL:
        return this.#writeSysCtrl(value);
      case USDHC.INT_STATUS:
        this.#registers.change(USDHC.INT_STATUS, value, 0);
        break;
      case USDHC.FORCE_EVENT:
        this.#registers.change(USDHC.AUTOCMD12_ERR_STATUS, 0, value & USDHC_AC12.ALL);
        return this.#raise(value & USDHC_INT.ERRORS);
      default:
        this.#registers.write(offset, value);
    }
    this.#drive();
  }

  /** The medium answers again: what it kept has failed. */
  failHeld(): void {
    if ((this.#busy & USDHC_PRES.CDIHB) === 0) return;
    this.#busy = 0;
    this.#raise(USDHC_INT.DTOE);
  }

  #presentState(): number {
    const slot = this.card ? USDHC_PRES.CINST | USDHC_PRES.DLSL | USDHC_PRES.CLSL : 0;
    const writable = this.card?.disk.readOnly ? 0 : USDHC_PRES.WPSPL;
    return (this.#busy | USDHC_PRES.SDSTB | slot | writable) >>> 0;
  }

  #writeSysCtrl(value: number): void {
    // [i.MX8MDQLQRM] SYS_CTRL: INITA is ignored while a line is in use. It reads 1 until the next command, the resets never do.
    const kept = this.#busy === 0 ? value & ~RESETS : value & ~RESETS & ~USDHC_SYS.INITA;
    this.#registers.write(USDHC.SYS_CTRL, kept);
    if (value & USDHC_SYS.RSTC) {
      this.#busy &= ~USDHC_PRES.CIHB;
      this.#registers.change(USDHC.INT_STATUS, USDHC_INT.CC, 0);
    }
    if (value & USDHC_SYS.RSTD) {
      this.#busy = 0;
      this.#registers.change(USDHC.INT_STATUS, DATA_EVENTS, 0);
    }
    if (value & USDHC_SYS.RSTA) {
      // The card keeps its state: it has no reset line.
      this.#busy = 0;
      this.#registers.reset();
    }
    this.#drive();
  }

  #command(value: number): void {
    const needs = value & USDHC_XFR.DPSEL ? USDHC_PRES.CIHB | USDHC_PRES.CDIHB : USDHC_PRES.CIHB;
    // [i.MX8MDQLQRM] PRES_STATE: a command cannot be issued on lines in use.
    if (this.#busy & needs) return;
    this.#registers.write(USDHC.CMD_XFR_TYP, value);
    this.#registers.change(USDHC.SYS_CTRL, USDHC_SYS.INITA, 0);
    this.#registers.set(USDHC.AUTOCMD12_ERR_STATUS, 0);
    this.#registers.set(USDHC.ADMA_ERR, 0);
    const index = (value >>> USDHC_XFR.CMDINX_SHIFT) & USDHC_XFR.CMDINX_MASK;
    const response = this.card?.command(index, this.#registers.get(USDHC.CMD_ARG));
    const error = responseError(response, value);
    if (error !== 0) return this.#raise(error);
    this.#keep(response, value);
    if ((value & USDHC_XFR.DPSEL) === 0) return this.#raise(USDHC_INT.CC);
    const bits = this.#data();
    if (bits !== undefined) this.#raise(USDHC_INT.CC | bits);
  }

  #keep(response: SdResponse | undefined, value: number): void {
    if (!response || responseType(value) === USDHC_RSPTYP.NONE) return;
    const words = response.kind === 'R2' ? responseWords(response.register) : [response.word];
    for (const [i, word] of words.entries()) this.#registers.set(USDHC.CMD_RSP0 + 4 * i, word);
  }

  /** Bits for INT_STATUS; undefined when the medium does not answer. */
  #data(): number | undefined {
    const { card } = this;
    if (!card) return USDHC_INT.DTOE;
    try {
      const setup = this.#setup();
      const { bits, blocks, dsAddr, admaSysAddr, admaErr } = transferData(card, this.dma, setup);
      this.#registers.set(USDHC.DS_ADDR, dsAddr);
      this.#registers.set(USDHC.ADMA_SYS_ADDR, admaSysAddr);
      this.#registers.set(USDHC.ADMA_ERR, admaErr);
      if (bits & FAILED) return bits;
      card.moved(blocks);
      return bits | this.#finish(card, setup);
    } catch (error) {
      if (!(error instanceof NoAnswer)) return USDHC_INT.DTOE;
      this.#busy = USDHC_PRES.CIHB | USDHC_PRES.CDIHB | USDHC_PRES.DLA;
      return undefined;
    }
  }

  /** After the last block: the count is used up, and the card is told to stop. */
  #finish(card: SdCard, setup: TransferSetup): number {
    if (!setup.multiple) return USDHC_INT.TC;
    this.#registers.set(USDHC.BLK_ATT, setup.blockSize);
    if ((this.#registers.get(USDHC.MIX_CTRL) & USDHC_MIX.AC12EN) === 0) return USDHC_INT.TC;
    const response = card.command(SD_CMD.STOP_TRANSMISSION, 0);
    if (response?.kind === 'R1b') {
      this.#registers.set(USDHC.CMD_RSP3, response.word);
      return USDHC_INT.TC;
    }
    this.#registers.set(USDHC.AUTOCMD12_ERR_STATUS, USDHC_AC12.TIMEOUT);
    return USDHC_INT.AC12E;
  }

  #setup(): TransferSetup {
    const mix = this.#registers.get(USDHC.MIX_CTRL);
    const prot = this.#registers.get(USDHC.PROT_CTRL);
    const attributes = this.#registers.get(USDHC.BLK_ATT);
    return {
      dma: (mix & USDHC_MIX.DMAEN) !== 0,
      read: (mix & USDHC_MIX.DTDSEL) !== 0,
      multiple: (mix & USDHC_MIX.MSBSEL) !== 0,
      counted: (mix & USDHC_MIX.BCEN) !== 0,
      blockSize: attributes & USDHC_BLK_ATT.BLKSIZE_MASK,
      blockCount: attributes >>> USDHC_BLK_ATT.BLKCNT_SHIFT,
      dmaSelect: (prot >>> USDHC_PROT.DMASEL_SHIFT) & USDHC_PROT.DMASEL_MASK,
      width: (prot >>> USDHC_PROT.DTW_SHIFT) & USDHC_PROT.DTW_MASK,
      dsAddr: this.#registers.get(USDHC.DS_ADDR),
      admaSysAddr: this.#registers.get(USDHC.ADMA_SYS_ADDR),
    };
  }

  /** Only what INT_STATUS_EN lets through is recorded. */
  #raise(bits: number): void {
    this.#registers.change(USDHC.INT_STATUS, 0, bits & this.#registers.get(USDHC.INT_STATUS_EN));
    this.#drive();
  }

  #drive(): void {
    const pending = this.#registers.get(USDHC.INT_STATUS) & this.#registers.get(USDHC.INT_SIGNAL_EN);
    this.irq.level(pending !== 0);
  }
}

const responseType = (value: number): number => (value >>> USDHC_XFR.RSPTYP_SHIFT) & USDHC_XFR.RSPTYP_MASK;

/** What is wrong with the answer to a command; 0 is nothing. A command that wants none does not look. */
function responseError(response: SdResponse | undefined, value: number): number {
  const type = responseType(value);
  if (type === USDHC_RSPTYP.NONE) return 0;
  if (!response) return USDHC_INT.CTOE;
  if ((response.kind === 'R2') !== (type === USDHC_RSPTYP.BITS_136)) return USDHC_INT.CEBE;
  // [SD 6.0] 4.9: R2 and R3 carry ones for the index, and R3 for the checksum.
  const index = response.kind === 'R2' || response.kind === 'R3' ? value & USDHC_XFR.CICEN : 0;
  const checksum = response.kind === 'R3' ? value & USDHC_XFR.CCCEN : 0;
  return (index && USDHC_INT.CIE) | (checksum && USDHC_INT.CCE);
}
