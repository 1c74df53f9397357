/** [SD 6.0] SD Specifications, Part 1: Physical Layer Simplified Specification, version 6.00. */

/** Commands. [SD 6.0] 4.7.4 */
export const SD_CMD = {
  GO_IDLE_STATE: 0,
  ALL_SEND_CID: 2,
  SEND_RELATIVE_ADDR: 3,
  SWITCH_FUNC: 6,
  SELECT_CARD: 7,
  SEND_IF_COND: 8,
  SEND_CSD: 9,
  SEND_CID: 10,
  STOP_TRANSMISSION: 12,
  SEND_STATUS: 13,
  SET_BLOCKLEN: 16,
  READ_SINGLE_BLOCK: 17,
  READ_MULTIPLE_BLOCK: 18,
  SET_BLOCK_COUNT: 23,
  WRITE_BLOCK: 24,
  WRITE_MULTIPLE_BLOCK: 25,
  APP_CMD: 55,
} as const;

/** Application commands: the one after APP_CMD. [SD 6.0] 4.7.4, table 4-32 */
export const SD_ACMD = {
  SET_BUS_WIDTH: 6,
  SD_STATUS: 13,
  SET_WR_BLK_ERASE_COUNT: 23,
  SD_SEND_OP_COND: 41,
  SEND_SCR: 51,
} as const;

/** Bits of the card status in R1. [SD 6.0] 4.10.1 */
export const SD_R1 = {
  OUT_OF_RANGE: 0x8000_0000,
  ADDRESS_ERROR: 1 << 30,
  BLOCK_LEN_ERROR: 1 << 29,
  WP_VIOLATION: 1 << 26,
  COM_CRC_ERROR: 1 << 23,
  ILLEGAL_COMMAND: 1 << 22,
  CC_ERROR: 1 << 20,
  ERROR: 1 << 19,
  STATE_SHIFT: 9,
  STATE_MASK: 0xf,
  READY_FOR_DATA: 1 << 8,
  APP_CMD: 1 << 5,
} as const;

/** CURRENT_STATE. [SD 6.0] 4.10.1 */
export const SD_STATE = { IDLE: 0, READY: 1, IDENT: 2, STBY: 3, TRAN: 4, DATA: 5, RCV: 6, PRG: 7, DIS: 8 } as const;

/** Operation conditions register, and the argument of SD_SEND_OP_COND. [SD 6.0] 5.1 and 4.2.3.1 */
export const SD_OCR = {
  /** 2.7 to 3.6 V in steps of 0.1 V from bit 15. */
  VOLTAGES: 0x00ff_8000,
  /** In an argument: anything here is a request to initialise. */
  VOLTAGE_FIELD: 0x00ff_ffff,
  CCS: 1 << 30,
  HCS: 1 << 30,
  READY: 0x8000_0000,
} as const;

/** SEND_IF_COND: voltage in [11:8], pattern to echo in [7:0]. [SD 6.0] 4.3.13 */
export const SD_IF_COND = { VOLTAGE_SHIFT: 8, VOLTAGE_MASK: 0xf, VOLTAGE_27_36: 1, ECHO_MASK: 0xfff } as const;

export const SD_BLOCK_SIZE = 512;
/** CSD version 2 counts in units of 512 KiB. [SD 6.0] 5.3.3 */
export const SD_CAPACITY_UNIT = 1024;
export const SD_SCR_SIZE = 8;
export const SD_STATUS_SIZE = 64;
export const SD_SWITCH_STATUS_SIZE = 64;

/** The 7-bit checksum of commands, responses, CID and CSD. [SD 6.0] 4.5 */
export function crc7(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const feedback = ((crc >> 6) ^ (byte >> bit)) & 1;
      crc = ((crc << 1) & 0x7f) ^ (feedback ? 0x09 : 0);
    }
  }
  return crc;
}

/** Bits `high` to `low` of a register whose first byte is the most significant; at most 32 of them. */
export function sdBits(register: Uint8Array, high: number, low: number): number {
  let value = 0;
  for (let bit = high; bit >= low; bit--) {
    value = value * 2 + ((register[register.length - 1 - (bit >> 3)]! >> (bit & 7)) & 1);
  }
  return value;
}

/** Puts `value` into bits `high` to `low`, which are zero so far; bits of the value that have no place are dropped. */
export function putSdBits(register: Uint8Array, high: number, low: number, value: number): void {
  for (let bit = low; bit <= high; bit++) {
    const one = Math.floor(value / 2 ** (bit - low)) % 2;
    register[register.length - 1 - (bit >> 3)]! |= one << (bit & 7);
  }
}

/** A register of `size` bytes from rows of high bit, low bit, value. */
export function sdRegister(size: number, rows: readonly (readonly [number, number, number])[]): Uint8Array {
  const register = new Uint8Array(size);
  for (const [high, low, value] of rows) putSdBits(register, high, low, value);
  return register;
}

/** Ends a CID or CSD: checksum and the stop bit. [SD 6.0] 5.2 */
function sealed(register: Uint8Array): Uint8Array {
  register[15] = (crc7(register.subarray(0, 15)) << 1) | 1;
  return register;
}

/** Card identification. [SD 6.0] 5.2 */
export interface SdCid {
  readonly manufacturer: number;
  /** 2 ASCII characters. */
  readonly oem: string;
  /** 5 ASCII characters. */
  readonly product: string;
  /** Major and minor digit, one nibble each. */
  readonly revision: number;
  readonly serial: number;
  readonly year: number;
  readonly month: number;
}

/** 16 bytes, most significant first. */
export function encodeCid(cid: SdCid): Uint8Array {
  const text = (from: string, length: number, low: number) =>
    Array.from({ length }, (_, i) => {
      const at = low + 8 * (length - 1 - i);
      return [at + 7, at, from.charCodeAt(i) || 0x20] as const;
    });
  return sealed(
    sdRegister(16, [
      [127, 120, cid.manufacturer],
      ...text(cid.oem, 2, 104),
      ...text(cid.product, 5, 64),
      [63, 56, cid.revision],
      [55, 24, cid.serial],
      [19, 12, cid.year - 2000],
      [11, 8, cid.month],
    ]),
  );
}

export function decodeCid(register: Uint8Array): SdCid {
  const text = (start: number, length: number) => String.fromCharCode(...register.subarray(start, start + length));
  return {
    manufacturer: register[0]!,
    oem: text(1, 2),
    product: text(3, 5),
    revision: register[8]!,
    serial: sdBits(register, 55, 24),
    year: 2000 + sdBits(register, 19, 12),
    month: sdBits(register, 11, 8),
  };
}

/** What a host needs of the card-specific data. [SD 6.0] 5.3 */
export interface SdCsd {
  /** CSD_STRUCTURE: 0 is standard capacity, 1 high and extended, 2 ultra. */
  readonly structure: number;
  /** Capacity in sectors of 512 bytes. */
  readonly sectors: number;
  readonly writeProtected: boolean;
}

/** Fields that both versions have: 25 MHz, classes 0, 2, 4, 5, 7, 8 and 10, blocks of 512 bytes, erased one by one. */
const CSD_COMMON: readonly (readonly [number, number, number])[] = [
  [119, 112, 0x0e],
  [103, 96, 0x32],
  [95, 84, 0x5b5],
  [83, 80, 9],
  [46, 46, 1],
  [45, 39, 0x7f],
  [28, 26, 2],
  [25, 22, 9],
];

/** Version 2, of the capacity in whole units of 1024 sectors. 16 bytes; RangeError beyond 2 TiB or below one unit. */
export function encodeCsdV2(sectors: number, writeProtected: boolean): Uint8Array {
  const size = Math.floor(sectors / SD_CAPACITY_UNIT) - 1;
  if (!(size >= 0 && size < 0x40_0000)) throw new RangeError(`no CSD of version 2 holds ${sectors} sectors`);
  return sealed(sdRegister(16, [...CSD_COMMON, [127, 126, 1], [69, 48, size], [12, 12, Number(writeProtected)]]));
}

/** Version 1, of a capacity in units of 1024 sectors. 16 bytes; RangeError beyond 1 GiB or for part of a unit. */
export function encodeCsdV1(sectors: number, writeProtected: boolean): Uint8Array {
  // Capacity is (C_SIZE + 1) * 2^(C_SIZE_MULT + 2) sectors, and C_SIZE has 12 bits. [SD 6.0] 5.3.2
  const mult = [0, 1, 2, 3, 4, 5, 6, 7].find((m) => sectors / 2 ** (m + 2) <= 4096);
  if (mult === undefined || sectors < SD_CAPACITY_UNIT || sectors % SD_CAPACITY_UNIT !== 0)
    throw new RangeError(`no CSD of version 1 holds ${sectors} sectors`);
  const size = sectors / 2 ** (mult + 2) - 1;
  return sealed(
    sdRegister(16, [...CSD_COMMON, [79, 79, 1], [73, 62, size], [49, 47, mult], [12, 12, Number(writeProtected)]]),
  );
}

/** Undefined for a structure that is reserved. */
export function decodeCsd(register: Uint8Array): SdCsd | undefined {
  const structure = sdBits(register, 127, 126);
  if (structure > 2) return undefined;
  const v1 = (sdBits(register, 73, 62) + 1) * 2 ** (sdBits(register, 49, 47) + 2 + sdBits(register, 83, 80));
  const units = sdBits(register, structure === 2 ? 75 : 69, 48) + 1;
  return {
    structure,
    sectors: structure === 0 ? v1 / SD_BLOCK_SIZE : units * SD_CAPACITY_UNIT,
    writeProtected: sdBits(register, 13, 12) !== 0,
  };
}

/** How a host sees R2: bits 127 to 8 moved down by 8, least significant word first. [SD 6.0] 4.9.3 */
export function responseWords(register: Uint8Array): [number, number, number, number] {
  const word = (high: number, low: number) => sdBits(register, high, low);
  return [word(39, 8), word(71, 40), word(103, 72), word(127, 104)];
}

/** The register behind an R2: 16 bytes, the last one, which the host does not see, zero. */
export function registerOfResponse(words: readonly number[]): Uint8Array {
  return sdRegister(16, [
    [39, 8, words[0] ?? 0],
    [71, 40, words[1] ?? 0],
    [103, 72, words[2] ?? 0],
    [127, 104, words[3] ?? 0],
  ]);
}
