/** How large everything on a FAT volume of a given size is, by the choices of dosfstools' mkfs.fat 4.2 (found by running it). */
import { DIR_ENTRY_SIZE, FAT12_CLUSTER_LIMIT, FAT16_CLUSTER_LIMIT, FAT32_CLUSTER_LIMIT, type FatBits } from './fat';

export interface FormatOptions {
  readonly bits: FatBits;
  /** Length of the partition in 512-byte sectors; what does not fill a track is left out, as mkfs.fat does. */
  readonly sectors: number;
  /** At most 11 characters of the short-name alphabet; upper-cased. */
  readonly label?: string;
  readonly serial?: number;
  readonly sectorsPerCluster?: number;
  readonly hiddenSectors?: number;
  /** Time of the label entry, Unix milliseconds. */
  readonly time?: number;
}

export interface FatShape {
  readonly bits: FatBits;
  readonly totalSectors: number;
  readonly sectorsPerCluster: number;
  readonly reservedSectors: number;
  readonly rootEntries: number;
  readonly fatSectors: number;
  readonly clusters: number;
  readonly media: number;
  readonly driveNumber: number;
  readonly sectorsPerTrack: number;
  readonly heads: number;
}

const SECTOR = 512;
const FATS = 2;
const MIB = 2048; // in sectors

/** Floppies by size in KiB: [media, sectors per track, sectors per cluster, root entries]. */
const FLOPPIES: Readonly<Record<number, readonly [number, number, number, number]>> = {
  360: [0xfd, 9, 2, 112],
  720: [0xf9, 9, 2, 112],
  1200: [0xf9, 15, 1, 224],
  1440: [0xf0, 18, 1, 224],
  2880: [0xf0, 36, 2, 224],
};

/** The SD Association's geometry for a capacity, which mkfs.fat uses for any disk: [below MiB, heads, sectors per track]. */
const GEOMETRIES = [
  [4, 2, 16],
  [16, 2, 32],
  [32, 4, 32],
  [128, 8, 32],
  [256, 16, 32],
  [504, 16, 63],
  [1008, 32, 63],
  [2016, 64, 63],
  [4032, 128, 63],
  [Number.POSITIVE_INFINITY, 255, 63],
] as const;

/** Sizes of everything on the volume. Throws RangeError when no FAT of this type has this size. */
export function shapeOf(options: FormatOptions): FatShape {
  const { bits } = options;
  const floppy = bits === 32 ? undefined : FLOPPIES[options.sectors / 2];
  const [heads, sectorsPerTrack] = floppy ? [2, floppy[1]] : geometryOf(options.sectors);
  const totalSectors = Math.floor(options.sectors / sectorsPerTrack) * sectorsPerTrack;
  const disk = {
    bits,
    totalSectors,
    heads,
    sectorsPerTrack,
    media: floppy?.[0] ?? 0xf8,
    driveNumber: floppy ? 0x00 : 0x80,
    rootEntries: bits === 32 ? 0 : (floppy?.[3] ?? 512),
    aligned: !floppy && totalSectors > 4 * MIB,
  };
  const first = options.sectorsPerCluster ?? (bits === 32 ? clusterSize32(options.sectors) : (floppy?.[2] ?? 4));
  const last = options.sectorsPerCluster ?? (bits === 32 ? first : 128);
  for (let sectorsPerCluster = first; sectorsPerCluster <= last; sectorsPerCluster *= 2) {
    const shape = layOut(disk, sectorsPerCluster);
    if (shape !== undefined) return shape;
  }
  throw new RangeError(`No FAT${bits} has ${options.sectors} sectors with that cluster size.`);
}

function geometryOf(sectors: number): readonly [number, number] {
  // A size of exactly 4 MiB already counts as the next class; the larger classes end with their size.
  const row = GEOMETRIES.find(([mib], i) => (i === 0 ? sectors < mib * MIB : sectors <= mib * MIB))!;
  return [row[1], row[2]];
}

function clusterSize32(sectors: number): number {
  const mib = sectors / MIB;
  if (mib <= 260) return 1;
  if (mib <= 8 * 1024) return 8;
  if (mib <= 16 * 1024) return 16;
  return mib <= 32 * 1024 ? 32 : 64;
}

type Disk = Omit<FatShape, 'sectorsPerCluster' | 'reservedSectors' | 'fatSectors' | 'clusters'> & { aligned: boolean };

function layOut({ aligned, ...disk }: Disk, sectorsPerCluster: number): FatShape | undefined {
  const align = (sectors: number) => (aligned ? Math.ceil(sectors / sectorsPerCluster) * sectorsPerCluster : sectors);
  const { bits } = disk;
  const reservedSectors = align(bits === 32 ? 32 : 1);
  const rootSectors = align(Math.ceil((disk.rootEntries * DIR_ENTRY_SIZE) / SECTOR));
  const forFatAndData = disk.totalSectors - reservedSectors - rootSectors;
  // Each cluster costs its sectors and one entry in each FAT; entries 0 and 1 cost only the latter.
  const entryBytes = bits / 8;
  const possible = Math.floor(
    (forFatAndData * SECTOR + FATS * 2 * entryBytes) / (sectorsPerCluster * SECTOR + FATS * entryBytes),
  );
  const fatSectors = align(Math.ceil(Math.ceil((possible + 2) * entryBytes) / SECTOR));
  const clusters = Math.floor((forFatAndData - FATS * fatSectors) / sectorsPerCluster);
  const [least, limit] = {
    12: [1, FAT12_CLUSTER_LIMIT],
    16: [FAT12_CLUSTER_LIMIT, FAT16_CLUSTER_LIMIT],
    32: [1, FAT32_CLUSTER_LIMIT],
  }[bits];
  if (clusters < least! || clusters >= limit!) return undefined;
  const rootEntries = (rootSectors * SECTOR) / DIR_ENTRY_SIZE;
  return { ...disk, sectorsPerCluster, reservedSectors, rootEntries, fatSectors, clusters };
}
