/** Disks that the page can make: each as what is not zero on it. */
import type { FatBits } from '../specs/fat';
import { formatFat } from '../specs/fat_format';
import { MBR_TYPE, writeMbrEntry } from '../specs/mbr';

export interface MadeDisk {
  readonly name: string;
  readonly says: string;
  /** In bytes. */
  readonly size: number;
  writes(): Iterable<{ readonly offset: number; readonly bytes: Uint8Array }>;
}

const MIB = 2 ** 20;
const SECTOR = 512;
/** Where fdisk puts the first partition. */
const FIRST_SECTOR = 2048;
const TYPES: Readonly<Record<FatBits, number>> = { 12: 0x01, 16: 0x0e, 32: 0x0c };

interface Volume {
  readonly bits: FatBits;
  readonly megabytes: number;
}

export const MADE_DISKS: readonly MadeDisk[] = [
  whole('FAT12, 4 MiB', 'No partition table, as a floppy has none.', { bits: 12, megabytes: 4 }),
  partitioned('FAT16, 64 MiB', 'One partition.', [{ bits: 16, megabytes: 64 }]),
  partitioned('FAT32, 256 MiB', 'One partition, as on a memory card.', [{ bits: 32, megabytes: 256 }]),
  partitioned(
    'Two partitions',
    'FAT12 and FAT16; the VM gets the first. ?partition=1 in the address gives it the other.',
    [
      { bits: 12, megabytes: 8 },
      { bits: 16, megabytes: 32 },
    ],
  ),
];

function whole(name: string, says: string, { bits, megabytes }: Volume): MadeDisk {
  const size = megabytes * MIB;
  return {
    name,
    says,
    size,
    writes: () => formatFat({ bits, sectors: size / SECTOR, serial: serial(), label: 'VMFS' }),
  };
}

/** Volumes one after the other behind an MBR, each from a whole mebibyte on. */
function partitioned(name: string, says: string, volumes: readonly Volume[]): MadeDisk {
  const size = volumes.reduce((sum, { megabytes }) => sum + megabytes * MIB, FIRST_SECTOR * SECTOR);
  return { name, says, size, writes: () => volumeWrites(volumes) };
}

function* volumeWrites(volumes: readonly Volume[]): Generator<{ offset: number; bytes: Uint8Array }> {
  const sector0 = new Uint8Array(SECTOR);
  let startSector = FIRST_SECTOR;
  for (const [i, { bits, megabytes }] of volumes.entries()) {
    const sectors = (megabytes * MIB) / SECTOR;
    writeMbrEntry(sector0, i, { type: TYPES[bits] ?? MBR_TYPE.LINUX, startSector, sectors });
    const options = { bits, sectors, hiddenSectors: startSector, serial: serial(), label: `VMFS ${i + 1}` };
    for (const { offset, bytes } of formatFat(options)) yield { offset: startSector * SECTOR + offset, bytes };
    startSector += sectors;
  }
  yield { offset: 0, bytes: sector0 };
}

/** Two disks of one kind are told apart by it. */
function serial(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
