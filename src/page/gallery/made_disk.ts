/** A disk that the page can make: as what is not zero on it. */
import type { FatBits } from '../../specs/fat';
import type { SparseWrite } from '../../specs/fat_format';
import { writeGpt } from '../../specs/gpt_write';
import { MBR_TYPE, writeMbrEntry } from '../../specs/mbr';

export interface MadeDisk {
  readonly name: string;
  readonly says: string;
  /** In bytes. */
  readonly size: number;
  writes(): Iterable<SparseWrite>;
}

export type PartitionTable = 'none' | 'mbr' | 'gpt';

export const MIB = 2 ** 20;
export const SECTOR = 512;
/** Where fdisk and its like put the first partition. */
export const FIRST_SECTOR = 2048;
const TYPES: Readonly<Record<FatBits, number>> = { 12: 0x01, 16: 0x0e, 32: 0x0c };

/** A volume that lies somewhere on a disk; `writes` is told after how many sectors. */
export interface MadeVolume {
  readonly bits: FatBits;
  /** A whole number of mebibytes. */
  readonly sectors: number;
  writes(hiddenSectors: number): Iterable<SparseWrite>;
}

/** Length in bytes of a disk that holds these volumes; a GPT has a copy of itself at the end. */
export function diskSize(table: PartitionTable, volumes: readonly MadeVolume[]): number {
  const sectors = volumes.reduce((sum, volume) => sum + volume.sectors, 0);
  return sectors * SECTOR + (table === 'none' ? 0 : table === 'mbr' ? MIB : 2 * MIB);
}

/** The volumes one after the other behind a table, or the only one without. */
export function* diskWrites(table: PartitionTable, volumes: readonly MadeVolume[]): Generator<SparseWrite> {
  let startSector = table === 'none' ? 0 : FIRST_SECTOR;
  const partitions = volumes.map((volume) => {
    const partition = { volume, startSector, sectors: volume.sectors };
    startSector += volume.sectors;
    return partition;
  });
  for (const partition of partitions) {
    for (const { offset, bytes } of partition.volume.writes(partition.startSector))
      yield { offset: partition.startSector * SECTOR + offset, bytes };
  }
  if (table === 'gpt') yield* writeGpt(diskSize(table, volumes) / SECTOR, partitions);
  if (table !== 'mbr') return;
  const sector0 = new Uint8Array(SECTOR);
  for (const [i, { volume, startSector, sectors }] of partitions.entries())
    writeMbrEntry(sector0, i, { type: TYPES[volume.bits] ?? MBR_TYPE.LINUX, startSector, sectors });
  yield { offset: 0, bytes: sector0 };
}
