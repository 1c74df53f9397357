/** Makes a GUID partition table: protective MBR, header and entries at the start, both again at the end. [UEFI 2.10] 5.2.3, 5.3. */
import { crc32 } from './crc32';
import type { SparseWrite } from './fat_format';
import { GPT_ENTRY, GPT_ENTRY_SIZE, GPT_HEADER, GPT_HEADER_LBA, GPT_HEADER_SIZE, GPT_SIGNATURE } from './gpt';
import { MBR_TYPE, writeMbrEntry } from './mbr';

export interface GptPartition {
  readonly startSector: number;
  readonly sectors: number;
}

const SECTOR = 512;
const ENTRIES = 128;
const ENTRIES_SECTORS = (ENTRIES * GPT_ENTRY_SIZE) / SECTOR;
/** "Microsoft basic data", EBD0A0A2-B9E5-4433-87C0-68B6B72699C7 as it is stored. */
const BASIC_DATA = [0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7];
const REVISION = 0x0001_0000;
const REVISION_OFFSET = 8;
const DISK_GUID_OFFSET = 56;

/** A table of basic data partitions that must fit: between the first 34 sectors and the last 33. Its GUIDs come from `seed`. */
export function writeGpt(diskSectors: number, partitions: readonly GptPartition[], seed = 1): SparseWrite[] {
  const mbr = new Uint8Array(SECTOR);
  writeMbrEntry(mbr, 0, { type: MBR_TYPE.GPT_PROTECTIVE, startSector: 1, sectors: diskSectors - 1 });
  const entries = new Uint8Array(ENTRIES * GPT_ENTRY_SIZE);
  for (const [i, { startSector, sectors }] of partitions.entries()) {
    const entry = new DataView(entries.buffer, i * GPT_ENTRY_SIZE, GPT_ENTRY_SIZE);
    entries.set(BASIC_DATA, i * GPT_ENTRY_SIZE + GPT_ENTRY.typeGuid);
    entries.set(guid(seed, i + 1), i * GPT_ENTRY_SIZE + GPT_ENTRY.uniqueGuid);
    entry.setBigUint64(GPT_ENTRY.startLba, BigInt(startSector), true);
    entry.setBigUint64(GPT_ENTRY.endLba, BigInt(startSector + sectors - 1), true);
  }
  const last = diskSectors - 1;
  const header = (myLba: number, alternateLba: number, entriesLba: number) =>
    headerBytes({ myLba, alternateLba, entriesLba, diskSectors, entriesCrc: crc32(entries), seed });
  return [
    { offset: 0, bytes: mbr },
    { offset: GPT_HEADER_LBA * SECTOR, bytes: header(GPT_HEADER_LBA, last, GPT_HEADER_LBA + 1) },
    { offset: (GPT_HEADER_LBA + 1) * SECTOR, bytes: entries },
    { offset: (last - ENTRIES_SECTORS) * SECTOR, bytes: entries },
    { offset: last * SECTOR, bytes: header(last, GPT_HEADER_LBA, last - ENTRIES_SECTORS) },
  ];
}

interface Header {
  readonly myLba: number;
  readonly alternateLba: number;
  readonly entriesLba: number;
  readonly diskSectors: number;
  readonly entriesCrc: number;
  readonly seed: number;
}

function headerBytes({ myLba, alternateLba, entriesLba, diskSectors, entriesCrc, seed }: Header): Uint8Array {
  const header = new Uint8Array(SECTOR);
  const view = new DataView(header.buffer);
  const lba = (offset: number, value: number) => view.setBigUint64(offset, BigInt(value), true);
  for (const [i, character] of [...GPT_SIGNATURE].entries()) header[i] = character.charCodeAt(0);
  view.setUint32(REVISION_OFFSET, REVISION, true);
  view.setUint32(GPT_HEADER.headerSize, GPT_HEADER_SIZE, true);
  lba(GPT_HEADER.myLba, myLba);
  lba(GPT_HEADER.alternateLba, alternateLba);
  lba(GPT_HEADER.firstUsableLba, GPT_HEADER_LBA + 1 + ENTRIES_SECTORS);
  lba(GPT_HEADER.lastUsableLba, diskSectors - 2 - ENTRIES_SECTORS);
  header.set(guid(seed, 0), DISK_GUID_OFFSET);
  lba(GPT_HEADER.entriesLba, entriesLba);
  view.setUint32(GPT_HEADER.entryCount, ENTRIES, true);
  view.setUint32(GPT_HEADER.entrySize, GPT_ENTRY_SIZE, true);
  view.setUint32(GPT_HEADER.entriesCrc, entriesCrc, true);
  view.setUint32(GPT_HEADER.headerCrc, crc32(header.subarray(0, GPT_HEADER_SIZE)), true);
  return header;
}

/** Marked as one of random bits ([RFC 9562] 5.4), though the same for the same numbers. */
function guid(seed: number, number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, seed, true);
  view.setUint32(12, number, true);
  bytes[7] = 0x40;
  bytes[8] = 0x80;
  return bytes;
}
