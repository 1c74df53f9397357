/** Where the parts of the mounted FAT volume lie on the disk: for breakpoints by name. Reads the disk through the block driver. */
import { BOOT_SIGNATURE, BOOT_SIGNATURE_VALUE, BPB, BPB32, readField, SECTOR_SIZE } from '../../specs/fat';
import { GPT_ENTRY, GPT_HEADER, GPT_HEADER_LBA } from '../../specs/gpt';
import { MBR_ENTRY_COUNT, MBR_TYPE, readMbr } from '../../specs/mbr';

export const AREAS = ['boot sector', 'FAT', 'root directory', 'data'] as const;
export type AreaName = (typeof AREAS)[number];

export interface Sectors {
  /** Of the disk, from 0. */
  readonly from: number;
  readonly count: number;
}

/** Bytes of the disk; offset and length are multiples of 512. */
type Read = (offset: number, length: number) => Promise<Uint8Array>;

/** Rejects with one sentence when there is no such area. */
export async function areaSectors(read: Read, partition: number, area: AreaName): Promise<Sectors> {
  const start = await partitionStart(read, partition);
  const found = areasOf(await read(start * SECTOR_SIZE, SECTOR_SIZE)).find(({ name }) => name === area);
  if (!found) throw new Error(`The volume has no ${area} of its own. A breakpoint on sectors takes their numbers.`);
  return { from: start + found.from, count: found.count };
}

/** In 512-byte sectors from the volume's first; a FAT32 volume's root directory lies among its data. */
export function areasOf(boot: Uint8Array): readonly (Sectors & { readonly name: AreaName })[] {
  const value = (field: keyof typeof BPB) => readField(boot, BPB[field]);
  const unit = value('BPB_BytsPerSec') / SECTOR_SIZE;
  const fatSize = value('BPB_FATSz16') || readField(boot, BPB32.BPB_FATSz32);
  const isVolume = readField(boot, BOOT_SIGNATURE) === BOOT_SIGNATURE_VALUE && Number.isInteger(unit) && unit > 0;
  if (!isVolume || value('BPB_NumFATs') === 0 || fatSize === 0) throw new Error('There is no FAT volume on the disk.');
  const fat = value('BPB_RsvdSecCnt') * unit;
  const root = fat + value('BPB_NumFATs') * fatSize * unit;
  const data = root + Math.ceil((value('BPB_RootEntCnt') * 32) / value('BPB_BytsPerSec')) * unit;
  const end = (value('BPB_TotSec16') || value('BPB_TotSec32')) * unit;
  const areas = [
    { name: 'boot sector', from: 0, count: unit },
    { name: 'FAT', from: fat, count: root - fat },
    { name: 'root directory', from: root, count: data - root },
    { name: 'data', from: data, count: end - data },
  ] as const;
  return areas.filter(({ count }) => count > 0);
}

/** Of the partition with that number, as blk_virt counts them; 0 for a disk without a table. */
async function partitionStart(read: Read, partition: number): Promise<number> {
  const first = await read(0, 2 * SECTOR_SIZE);
  const entries = readMbr(first.subarray(0, SECTOR_SIZE)) ?? [];
  if (entries.some(({ type }) => type === MBR_TYPE.GPT_PROTECTIVE)) return gptStart(read, first, partition);
  const isVolume = readField(first, BPB.BPB_NumFATs) > 0 && readField(first, BPB.BPB_BytsPerSec) >= SECTOR_SIZE;
  if (isVolume || entries.length === 0) return 0;
  if (partition >= MBR_ENTRY_COUNT)
    throw new Error(`Partition ${partition} is a logical one. A breakpoint on sectors takes their numbers.`);
  return entries[partition]!.startSector;
}

async function gptStart(read: Read, first: Uint8Array, partition: number): Promise<number> {
  const header = new DataView(first.buffer, first.byteOffset + GPT_HEADER_LBA * SECTOR_SIZE, SECTOR_SIZE);
  const size = header.getUint32(GPT_HEADER.entrySize, true);
  const at = Number(header.getBigUint64(GPT_HEADER.entriesLba, true)) * SECTOR_SIZE + partition * size;
  const sector = Math.floor(at / SECTOR_SIZE) * SECTOR_SIZE;
  const entry = await read(sector, 2 * SECTOR_SIZE);
  const start = new DataView(entry.buffer, entry.byteOffset).getBigUint64(at - sector + GPT_ENTRY.startLba, true);
  return Number(start);
}
