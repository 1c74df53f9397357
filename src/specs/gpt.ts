/** GUID partition table: header and entries. [UEFI 2.10] 5.3.2 "GPT Header", 5.3.3 "GPT Partition Entry Array". */
export const GPT_HEADER_LBA = 1;
export const GPT_SIGNATURE = 'EFI PART';
export const GPT_HEADER_SIZE = 92;
export const GPT_ENTRY_SIZE = 128;

/** Offsets within the header. */
export const GPT_HEADER = {
  headerSize: 12,
  headerCrc: 16,
  myLba: 24,
  alternateLba: 32,
  firstUsableLba: 40,
  lastUsableLba: 48,
  entriesLba: 72,
  entryCount: 80,
  entrySize: 84,
  entriesCrc: 88,
} as const;

/** Offsets within an entry; an entry whose type GUID is zero is unused. */
export const GPT_ENTRY = { typeGuid: 0, uniqueGuid: 16, startLba: 32, endLba: 40, attributes: 48, name: 56 } as const;

/** CRC-32 of [UEFI 2.10] 4.2: polynomial 0x04c11db7 reflected, all ones in and out. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
