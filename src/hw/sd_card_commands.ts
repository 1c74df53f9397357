/** Which commands an SD card knows, in which states, and the shapes of its answers. [SD 6.0] 4.7 to 4.9 */
import { SD_ACMD, SD_CMD, SD_STATE } from '../specs/sd';

/** What comes back on the command line: 32 bits, or the 16 bytes of a register. */
export type SdResponse =
  | { readonly kind: 'R1' | 'R1b' | 'R3' | 'R6' | 'R7'; readonly word: number }
  | { readonly kind: 'R2'; readonly register: Uint8Array };

/** Blocks of the card, from a sector on. `count` is what SET_BLOCK_COUNT said. */
export interface SdBlocks {
  readonly kind: 'read' | 'write';
  readonly sector: number;
  readonly multiple: boolean;
  readonly count: number | undefined;
}

/** What the card expects on the data lines; a register is read as one block. */
export type SdTransfer = SdBlocks | { readonly kind: 'register'; readonly bytes: Uint8Array };

/** Marks an application command; command numbers have 6 bits. */
export const APP = 1 << 6;

const { IDLE, READY, IDENT, STBY, TRAN, DATA, RCV } = SD_STATE;
const ADDRESSED = [STBY, TRAN, DATA, RCV] as const;

/** The states in which a command is legal. [SD 6.0] 4.8, table 4-35 */
const LEGAL: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [SD_CMD.GO_IDLE_STATE, [IDLE, READY, IDENT, ...ADDRESSED]],
  [SD_CMD.ALL_SEND_CID, [READY]],
  [SD_CMD.SEND_RELATIVE_ADDR, [IDENT, STBY]],
  [SD_CMD.SWITCH_FUNC, [TRAN]],
  [SD_CMD.SELECT_CARD, [STBY, TRAN, DATA]],
  [SD_CMD.SEND_IF_COND, [IDLE]],
  [SD_CMD.SEND_CSD, [STBY]],
  [SD_CMD.SEND_CID, [STBY]],
  [SD_CMD.STOP_TRANSMISSION, [DATA, RCV]],
  [SD_CMD.SEND_STATUS, ADDRESSED],
  [SD_CMD.SET_BLOCKLEN, [TRAN]],
  [SD_CMD.READ_SINGLE_BLOCK, [TRAN]],
  [SD_CMD.READ_MULTIPLE_BLOCK, [TRAN]],
  [SD_CMD.SET_BLOCK_COUNT, [TRAN]],
  [SD_CMD.WRITE_BLOCK, [TRAN]],
  [SD_CMD.WRITE_MULTIPLE_BLOCK, [TRAN]],
  [SD_CMD.APP_CMD, [IDLE, ...ADDRESSED]],
  [APP | SD_ACMD.SET_BUS_WIDTH, [TRAN]],
  [APP | SD_ACMD.SD_STATUS, [TRAN]],
  [APP | SD_ACMD.SET_WR_BLK_ERASE_COUNT, [TRAN]],
  [APP | SD_ACMD.SD_SEND_OP_COND, [IDLE]],
  [APP | SD_ACMD.SEND_SCR, [TRAN]],
]);

/** Commands to one card whose argument names it. SELECT_CARD is not among them: it speaks to the other cards too. */
const NAMES_CARD: readonly number[] = [SD_CMD.SEND_CSD, SD_CMD.SEND_CID, SD_CMD.SEND_STATUS, SD_CMD.APP_CMD];

/** After APP_CMD a number that no application command has is the plain command. [SD 6.0] 4.3.9.1 */
export const commandCode = (index: number, app: boolean): number =>
  app && LEGAL.has(APP | index) ? APP | index : index;

export const isLegal = (code: number, state: number): boolean => LEGAL.get(code)?.includes(state) ?? false;

/** Whether the command is for a card of another address than `rca`. */
export const isForAnother = (code: number, argument: number, rca: number): boolean =>
  NAMES_CARD.includes(code) && argument >>> 16 !== rca;
