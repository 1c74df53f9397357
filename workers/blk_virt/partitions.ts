/**
 * Where each partition lies, read from a disk that nobody vouches for: MBR, GPT, or a file system without a table. Twin of
 * au-ts/sddf blk/components/partitioning.c and gpt.h.
 */
import { BLK_TRANSFER_SIZE } from '../../src/protocol/blk_queue';
import { crc32 } from '../../src/specs/crc32';
import { GPT_ENTRY, GPT_HEADER, GPT_HEADER_LBA, GPT_HEADER_SIZE, GPT_SIGNATURE } from '../../src/specs/gpt';
import { MBR_EXTENDED_TYPES, MBR_STATUSES, MBR_TYPE, type MbrEntry, readMbr } from '../../src/specs/mbr';
import { type LogicalWalk, logicalWalk } from './logical';

export const SECTOR = 512;
const SECTORS_PER_BLOCK = BLK_TRANSFER_SIZE / SECTOR;

export interface Partition {
  readonly startSector: number;
  readonly sectors: number;
}

export interface Partitions {
  /** By index; undefined = none there. */
  readonly partitions: readonly (Partition | undefined)[];
  /** The first sector that is not the table's own. */
  readonly firstSector: number;
  /** Index of the extended partition, which holds others and is none. */
  readonly extended?: number;
}

/** What reading the table came to: partitions, or one sentence. */
export type Table = Partitions | { readonly refused: string };

/** The table needs these blocks too. */
export interface Wanted {
  readonly block: number;
  readonly count: number;
}

/** Reads block 0 (4096 bytes): the whole answer, or the GPT entries that must be read for it. */
export function readTable(
  block0: Uint8Array,
  diskSectors: number,
): Table | { readonly gpt: Gpt } | { readonly logical: LogicalWalk } {
  const entries = readMbr(block0.subarray(0, SECTOR));
  const whole = { partitions: [{ startSector: 0, sectors: diskSectors }], firstSector: 0 };
  if (hasFatBootSector(block0)) return whole;
  // A boot sector that is no FAT's, or a damaged one: the file system is the one to say what is wrong with it.
  if (hasJump(block0) && !entries?.some(({ type }) => type !== MBR_TYPE.EMPTY)) return whole;
  // differs: upstream refuses. Here the file system gets to see, and names, what is not its own: ext4, ISO 9660, a blank disk.
  if (!entries) return whole;
  if (!entries.every(({ status }) => MBR_STATUSES.includes(status!))) return { refused: 'Invalid MBR signature' };
  if (entries[0]?.type === MBR_TYPE.GPT_PROTECTIVE) return readGptHeader(block0, diskSectors);
  return readPrimary(entries, diskSectors);
}

function readPrimary(entries: readonly MbrEntry[], diskSectors: number): Table | { readonly logical: LogicalWalk } {
  const isPartition = ({ type, sectors }: MbrEntry) =>
    type !== MBR_TYPE.EMPTY && sectors > 0 && !MBR_EXTENDED_TYPES.includes(type);
  const extended = entries.findIndex(({ type }) => MBR_EXTENDED_TYPES.includes(type));
  const primary = {
    partitions: entries.map((entry) =>
      isPartition(entry) ? { startSector: entry.startSector, sectors: entry.sectors } : undefined,
    ),
    firstSector: 1,
    ...(extended === -1 ? {} : { extended }),
  };
  const logical = logicalWalk(primary, entries, diskSectors);
  return logical ? { logical } : primary;
}

/** x86 code that jumps over a BIOS parameter block. */
function hasJump(block0: Uint8Array): boolean {
  return block0[0] === 0xeb || block0[0] === 0xe9;
}

/** A FAT volume at sector 0: a jump, a sane sector size and at least one FAT. An MBR has boot code there instead. */
function hasFatBootSector(block0: Uint8Array): boolean {
  const sectorSize = block0[11]! | (block0[12]! << 8);
  const perCluster = block0[13]!;
  const fats = block0[16]!;
  const power = perCluster !== 0 && (perCluster & (perCluster - 1)) === 0;
  return hasJump(block0) && sectorSize === SECTOR && power && fats > 0 && fats <= 2;
}

export interface Gpt {
  readonly wanted: Wanted;
  /** Byte offset of the entries within the wanted blocks. */
  readonly offset: number;
  readonly entrySize: number;
  readonly entryCount: number;
  readonly entriesCrc: number;
  /** After the entries. */
  readonly firstSector: number;
}

/** 128 entries of 128 bytes are usual; more than this fits no data region and is refused before it is read. */
const MAX_TABLE_BYTES = 1 << 20;

function readGptHeader(block0: Uint8Array, diskSectors: number): Table | { readonly gpt: Gpt } {
  const header = block0.slice(GPT_HEADER_LBA * SECTOR, (GPT_HEADER_LBA + 1) * SECTOR);
  const view = new DataView(header.buffer);
  const u32 = (offset: number) => view.getUint32(offset, true);
  if (String.fromCharCode(...header.subarray(0, 8)) !== GPT_SIGNATURE) return { refused: 'Invalid GPT signature' };
  const headerSize = u32(GPT_HEADER.headerSize);
  if (headerSize < GPT_HEADER_SIZE || headerSize > SECTOR) return { refused: `Invalid GPT header size ${headerSize}` };
  const stored = u32(GPT_HEADER.headerCrc);
  view.setUint32(GPT_HEADER.headerCrc, 0, true);
  if (crc32(header.subarray(0, headerSize)) !== stored) return { refused: 'GPT header checksum is wrong' };
  const entriesLba = u64(view, GPT_HEADER.entriesLba);
  const [entryCount, entrySize] = [u32(GPT_HEADER.entryCount), u32(GPT_HEADER.entrySize)];
  if (entrySize < 128 || entrySize % 8 !== 0 || entryCount === 0 || entryCount > MAX_TABLE_BYTES / entrySize) {
    return { refused: `Invalid GPT with ${entryCount} entries of ${entrySize} bytes` };
  }
  const sectors = Math.ceil((entryCount * entrySize) / SECTOR);
  if (!(entriesLba >= 2 && entriesLba < diskSectors && sectors <= diskSectors - entriesLba)) {
    return { refused: 'GPT entries lie outside the disk' };
  }
  const block = Math.floor(entriesLba / SECTORS_PER_BLOCK);
  const offset = (entriesLba % SECTORS_PER_BLOCK) * SECTOR;
  const count = Math.ceil((offset + entryCount * entrySize) / BLK_TRANSFER_SIZE);
  const entriesCrc = u32(GPT_HEADER.entriesCrc);
  const firstSector = entriesLba + sectors;
  return { gpt: { wanted: { block, count }, offset, entrySize, entryCount, entriesCrc, firstSector } };
}

/** Reads the entries that readTable wanted. */
export function readGptEntries(gpt: Gpt, blocks: Uint8Array): Table {
  const table = blocks.slice(gpt.offset, gpt.offset + gpt.entryCount * gpt.entrySize);
  if (crc32(table) !== gpt.entriesCrc) return { refused: 'GPT entries checksum is wrong' };
  const view = new DataView(table.buffer);
  const partitions = Array.from({ length: gpt.entryCount }, (_, i): Partition | undefined => {
    const at = i * gpt.entrySize;
    const unused = table.subarray(at + GPT_ENTRY.typeGuid, at + GPT_ENTRY.typeGuid + 16).every((byte) => byte === 0);
    if (unused) return undefined;
    const startSector = u64(view, at + GPT_ENTRY.startLba);
    const endSector = u64(view, at + GPT_ENTRY.endLba);
    // NaN and an end before the start both fail the checks of `usable`.
    return { startSector, sectors: endSector - startSector + 1 };
  });
  return { partitions, firstSector: gpt.firstSector };
}

/**
 * Why a client may not have partition `index` of the table, as one sentence; undefined when it may.
 * Refuses what does not exist, leaves the disk, overlaps another or the table, or does not start on a block.
 */
export function refusal(
  { partitions, firstSector, extended }: Partitions,
  index: number,
  diskSectors: number,
): string | undefined {
  const chosen = partitions[index];
  if (index === extended) return `partition: ${index} is an extended partition: its logical ones are 4 and up`;
  if (!chosen) return `partition: ${index}, partition does not exist`;
  const { startSector, sectors } = chosen;
  if (!(sectors > 0 && startSector < diskSectors && sectors <= diskSectors - startSector)) {
    return `partition: ${index}, sectors ${startSector} + ${sectors} lie outside the disk of ${diskSectors} sectors`;
  }
  if (startSector < firstSector) return `partition: ${index}, sector ${startSector} belongs to the partition table`;
  if (startSector % SECTORS_PER_BLOCK !== 0)
    return `Partition ${index} start sector ${startSector} not aligned to sDDF transfer size`;
  const overlapping = partitions.findIndex(
    (other, i) =>
      i !== index &&
      other &&
      other.startSector < startSector + sectors &&
      startSector < other.startSector + other.sectors,
  );
  return overlapping === -1 ? undefined : `partition: ${index} overlaps partition ${overlapping}`;
}

function u64(view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 0x1_0000_0000 + view.getUint32(at, true);
  return value <= Number.MAX_SAFE_INTEGER ? value : Number.NaN;
}
