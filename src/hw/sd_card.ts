/**
 * An SD memory card over a disk, in SD mode: states, commands, responses. [SD 6.0] 4
 * Not modelled: CRC of commands and data, erasing, locking, 1.8 V, high speed. A block is programmed by the time it has arrived.
 */
import { encodeCid, SD_ACMD, SD_BLOCK_SIZE, SD_CMD, SD_OCR, SD_R1, SD_STATE } from '../specs/sd';
import type { Disk } from './disk';
import {
  APP,
  commandCode,
  isForAnother,
  isLegal,
  type SdBlocks,
  type SdResponse,
  type SdTransfer,
} from './sd_card_commands';
import { SdCardMedium } from './sd_card_medium';
import { SdCardPowerUp } from './sd_card_power_up';
import { CARD_CID, cardScr, cardStatus, switchStatus } from './sd_card_registers';

export interface SdCardOptions {
  /** Addressed by sector, with version 2 of the CSD (the default); else by byte, up to 1 GiB. */
  readonly highCapacity?: boolean;
  /** How many requests to initialise it takes until the card is ready; 1 unless told. */
  readonly readyAfter?: number;
}

export class SdCard {
  readonly #medium: SdCardMedium;
  readonly #powerUp: SdCardPowerUp;
  #state: number = SD_STATE.IDLE;
  #rca = 0;
  /** Error bits for the next card status. */
  #latched = 0;
  #app = false;
  #blockLength = SD_BLOCK_SIZE;
  #blockCount: number | undefined;
  #lines: 1 | 4 = 1;
  #transfer: SdTransfer | undefined;

  /** RangeError when no CSD can say the disk's size. */
  constructor(
    readonly disk: Disk,
    { highCapacity = true, readyAfter = 1 }: SdCardOptions = {},
  ) {
    this.#medium = new SdCardMedium(disk, highCapacity);
    this.#powerUp = new SdCardPowerUp(highCapacity, readyAfter);
  }

  /** Capacity in sectors: the disk's, rounded up to a multiple of 1024. */
  get sectors(): number {
    return this.#medium.sectors;
  }

  /** CURRENT_STATE. */
  get state(): number {
    return this.#state;
  }

  /** Data lines in use. */
  get lines(): 1 | 4 {
    return this.#lines;
  }

  /** What is to move on the data lines; undefined while nothing is. */
  get transfer(): SdTransfer | undefined {
    return this.#transfer;
  }

  /** What the card answers; undefined is no response. */
  command(index: number, argument: number): SdResponse | undefined {
    const code = commandCode(index, this.#app);
    const count = this.#blockCount;
    this.#app = false;
    this.#blockCount = undefined;
    if (this.#powerUp.inactive) return undefined;
    if (!isLegal(code, this.#state)) return this.#illegal();
    if (isForAnother(code, argument, this.#rca)) return undefined;
    if (code & APP) return this.#applicationCommand(code & ~APP, argument);
    return this.#transferCommand(code, argument, count) ?? this.#controlCommand(code, argument);
  }

  /** Whether so many sectors lie inside the card. If not, the next status tells. [SD 6.0] 4.3.3 */
  reaches(sector: number, count: number): boolean {
    const inside = this.#medium.holds(sector, count);
    if (!inside) this.#latched |= SD_R1.OUT_OF_RANGE;
    return inside;
  }

  /** Whole sectors into `dest`; zeros where the disk has ended. RangeError outside the card; throws what the disk throws. */
  readBlocks(sector: number, dest: Uint8Array): void {
    if (!this.reaches(sector, dest.length / SD_BLOCK_SIZE)) throw new RangeError(`no such sectors from ${sector}`);
    this.#medium.read(sector, dest);
  }

  /** Whole sectors, stable when it returns. RangeError outside the disk; throws what the disk throws. */
  writeBlocks(sector: number, bytes: Uint8Array): void {
    if (!this.reaches(sector, bytes.length / SD_BLOCK_SIZE)) throw new RangeError(`no such sectors from ${sector}`);
    this.#medium.write(sector, bytes);
  }

  /** So many blocks have moved. An open-ended transfer goes on until STOP_TRANSMISSION. */
  moved(blocks: number): void {
    const transfer = this.#transfer;
    if (!transfer) return;
    const all = transfer.kind === 'register' || !transfer.multiple ? 1 : transfer.count;
    if (all !== undefined && blocks >= all) this.#go(SD_STATE.TRAN);
  }

  #controlCommand(code: number, argument: number): SdResponse | undefined {
    switch (code) {
      case SD_CMD.GO_IDLE_STATE:
        return this.#goIdle();
      case SD_CMD.SEND_IF_COND:
        return this.#sendInterfaceCondition(argument);
      case SD_CMD.ALL_SEND_CID:
        this.#go(SD_STATE.IDENT);
        return { kind: 'R2', register: encodeCid(CARD_CID) };
      case SD_CMD.SEND_RELATIVE_ADDR:
        return this.#publishAddress();
      case SD_CMD.SEND_CSD:
        return { kind: 'R2', register: this.#medium.csd() };
      case SD_CMD.SEND_CID:
        return { kind: 'R2', register: encodeCid(CARD_CID) };
      case SD_CMD.SELECT_CARD:
        return this.#select(argument >>> 16);
      case SD_CMD.SEND_STATUS:
        return this.#r1();
      case SD_CMD.STOP_TRANSMISSION:
        return { ...this.#r1(0, SD_STATE.TRAN), kind: 'R1b' };
      case SD_CMD.APP_CMD:
        this.#app = true;
        return this.#r1(SD_R1.APP_CMD);
    }
    return undefined;
  }

  #transferCommand(code: number, argument: number, count: number | undefined): SdResponse | undefined {
    switch (code) {
      case SD_CMD.SWITCH_FUNC:
        return this.#send(switchStatus(argument));
      case SD_CMD.SET_BLOCKLEN:
        if (argument === 0 || argument > SD_BLOCK_SIZE) return this.#r1(SD_R1.BLOCK_LEN_ERROR);
        this.#blockLength = argument;
        return this.#r1();
      case SD_CMD.SET_BLOCK_COUNT:
        // Zero is open-ended, as without the command.
        this.#blockCount = argument === 0 ? undefined : argument;
        return this.#r1();
      case SD_CMD.READ_SINGLE_BLOCK:
        return this.#begin('read', argument, false, 1);
      case SD_CMD.READ_MULTIPLE_BLOCK:
        return this.#begin('read', argument, true, count);
      case SD_CMD.WRITE_BLOCK:
        return this.#begin('write', argument, false, 1);
      case SD_CMD.WRITE_MULTIPLE_BLOCK:
        return this.#begin('write', argument, true, count);
    }
    return undefined;
  }

  #applicationCommand(code: number, argument: number): SdResponse | undefined {
    switch (code) {
      case SD_ACMD.SD_SEND_OP_COND:
        return this.#sendOperatingCondition(argument);
      case SD_ACMD.SET_BUS_WIDTH:
        this.#lines = (argument & 3) === 2 ? 4 : 1;
        return this.#r1(SD_R1.APP_CMD);
      case SD_ACMD.SD_STATUS:
        return this.#send(cardStatus(this.#lines), SD_R1.APP_CMD);
      case SD_ACMD.SEND_SCR:
        return this.#send(cardScr(), SD_R1.APP_CMD);
      default:
        // SET_WR_BLK_ERASE_COUNT is a hint.
        return this.#r1(SD_R1.APP_CMD);
    }
  }

  #go(state: number, transfer?: SdTransfer): void {
    this.#state = state;
    this.#transfer = transfer;
  }

  #illegal(): undefined {
    this.#latched |= SD_R1.ILLEGAL_COMMAND;
  }

  /** The status tells the state before the command, and each error once. [SD 6.0] 4.10.1 */
  #r1(extra = 0, next = this.#state): { kind: 'R1'; word: number } {
    const word = (this.#latched | extra | (this.#state << SD_R1.STATE_SHIFT) | SD_R1.READY_FOR_DATA) >>> 0;
    this.#latched = 0;
    if (next !== this.#state) this.#go(next);
    return { kind: 'R1', word };
  }

  #goIdle(): undefined {
    this.#go(SD_STATE.IDLE);
    this.#rca = 0;
    this.#latched = 0;
    this.#powerUp.reset();
    this.#blockLength = SD_BLOCK_SIZE;
    this.#lines = 1;
  }

  #sendInterfaceCondition(argument: number): SdResponse | undefined {
    const word = this.#powerUp.interfaceCondition(argument);
    return word === undefined ? undefined : { kind: 'R7', word };
  }

  #sendOperatingCondition(argument: number): SdResponse | undefined {
    const word = this.#powerUp.operatingCondition(argument);
    if (word === undefined) return undefined;
    if (word >= SD_OCR.READY) this.#go(SD_STATE.READY);
    return { kind: 'R3', word };
  }

  /** R6: the new address, and 16 bits of the status. [SD 6.0] 4.9.5 */
  #publishAddress(): SdResponse {
    this.#rca = (this.#rca % 0xffff) + 1;
    const { word } = this.#r1(0, SD_STATE.STBY);
    const errors = (((word >>> 22) & 3) << 14) | (((word >>> 19) & 1) << 13);
    return { kind: 'R6', word: ((this.#rca << 16) | errors | (word & 0x1fff)) >>> 0 };
  }

  /** The address of another card, or none, deselects; only the selected card answers. [SD 6.0] 4.3.7 */
  #select(rca: number): SdResponse | undefined {
    if (rca !== this.#rca) {
      this.#go(SD_STATE.STBY);
      return undefined;
    }
    if (this.#state !== SD_STATE.STBY) return this.#illegal();
    return { ...this.#r1(0, SD_STATE.TRAN), kind: 'R1b' };
  }

  #send(bytes: Uint8Array, extra = 0): SdResponse {
    const response = this.#r1(extra);
    this.#go(SD_STATE.DATA, { kind: 'register', bytes });
    return response;
  }

  /** A request that the card cannot begin is refused in its status, and the card stays where it is. */
  #begin(kind: SdBlocks['kind'], argument: number, multiple: boolean, count: number | undefined): SdResponse {
    const sector = this.#medium.highCapacity ? argument : argument / SD_BLOCK_SIZE;
    const refused = this.#medium.refuses(kind, sector, this.#blockLength);
    if (refused !== 0) return this.#r1(refused);
    const response = this.#r1();
    this.#go(kind === 'read' ? SD_STATE.DATA : SD_STATE.RCV, { kind, sector, multiple, count });
    return response;
  }
}
