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
