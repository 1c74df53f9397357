/** SD commands as words of CMD_XFR_TYP: index, whether data follows, which checks, what kind of response. [IMX8MDQLQRM] CMD_XFR_TYP */

export interface SdCommand {
  readonly name: string;
  readonly word: number;
  readonly argument: number;
}

const DATA = 1 << 21;
const INDEX_CHECK = 1 << 20;
const CRC_CHECK = 1 << 19;
/** The command that ends another one. */
const ABORT = 3 << 22;
const RESPONSE = {
  none: 0,
  R1: (2 << 16) | INDEX_CHECK | CRC_CHECK,
  R1b: (3 << 16) | INDEX_CHECK | CRC_CHECK,
  /** 136 bits, without an index. */
  R2: (1 << 16) | CRC_CHECK,
  /** The OCR: neither index nor CRC. */
  R3: 2 << 16,
} as const;

const command = (
  name: string,
  index: number,
  response: keyof typeof RESPONSE,
  argument: number,
  more = 0,
): SdCommand => ({
  name,
  word: ((index << 24) | RESPONSE[response] | more) >>> 0,
  argument: argument >>> 0,
});

export const SD_COMMAND = {
  goIdle: () => command('CMD0', 0, 'none', 0),
  /** 2.7 to 3.6 V, and a pattern to be echoed. */
  sendIfCond: () => command('CMD8', 8, 'R1', 0x1aa),
  appCmd: (rca: number) => command('CMD55', 55, 'R1', rca << 16),
  sendOpCond: (argument: number) => command('ACMD41', 41, 'R3', argument),
  allSendCid: () => command('CMD2', 2, 'R2', 0),
  sendRelativeAddr: () => command('CMD3', 3, 'R1', 0),
  sendCsd: (rca: number) => command('CMD9', 9, 'R2', rca << 16),
  selectCard: (rca: number) => command('CMD7', 7, 'R1b', rca << 16),
  setBusWidth: (lines: 1 | 4) => command('ACMD6', 6, 'R1', lines === 4 ? 2 : 0),
  stopTransmission: () => command('CMD12', 12, 'R1b', 0, ABORT),
  setBlockLength: (bytes: number) => command('CMD16', 16, 'R1', bytes),
  readMultiple: (address: number) => command('CMD18', 18, 'R1', address, DATA),
  writeMultiple: (address: number) => command('CMD25', 25, 'R1', address, DATA),
} as const;
