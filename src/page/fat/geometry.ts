/** Where everything lies in a FAT volume, by its boot sector. [FATGEN103] "Boot Sector and BPB Structure", "FAT Type Determination". */
import {
  BOOT_SIGNATURE,
  BOOT_SIGNATURE_VALUE,
  BPB,
  BPB16,
  BPB32,
  BS_DIRTY,
  DIR_ENTRY_SIZE,
  EXT_FLAGS_ACTIVE,
  EXT_FLAGS_NO_MIRROR,
  FAT12_CLUSTER_LIMIT,
  FAT16_CLUSTER_LIMIT,
  FAT32_CLUSTER_LIMIT,
  type FatBits,
  type Field,
  fatEntryOffset,
  readField,
  SECTOR_SIZE,
} from '../../specs/fat';

/** Offsets and lengths in bytes, from the start of the volume. */
export interface Geometry {
  readonly bits: FatBits;
  readonly bytesPerSector: number;
  readonly clusterSize: number;
  readonly fatStart: number;
  readonly fatLength: number;
  readonly fats: number;
  /** The one that is read. */
  readonly activeFat: number;
  /** The others are copies of it. */
  readonly mirrored: boolean;
  /** The fixed root directory of FAT12 and FAT16; length 0 on FAT32. */
  readonly rootStart: number;
  readonly rootLength: number;
  /** First cluster of FAT32's root directory; 0 otherwise. */
  readonly rootCluster: number;
  readonly dataStart: number;
  /** The first cluster is 2, the last is `clusters` + 1. */
  readonly clusters: number;
  readonly totalSectors: number;
  readonly dirty: boolean;
  /** FAT32's: undefined where the boot sector names none within the reserved sectors. */
  readonly fsInfo: number | undefined;
  readonly backupBoot: number | undefined;
}

/** As the file system VM takes them: partitions end with a block of sDDF, which may be this much before the volume's end. */
const TOLERATED_CUT = 8 * SECTOR_SIZE;
const SECTOR_SIZES: readonly number[] = [512, 1024, 2048, 4096];
const FIXED_MEDIA = 0xf0;
const LEAST_MEDIA = 0xf8;

const isPowerOfTwo = (value: number) => value > 0 && (value & (value - 1)) === 0;

/** A volume that begins in sector 0 of a disk: code that jumps over a BPB, and a sane one. A partition table has other code there. */
export function isFatBoot(sector0: Uint8Array): boolean {
  const jumps = sector0[0] === 0xeb || sector0[0] === 0xe9;
  const fats = readField(sector0, BPB.BPB_NumFATs);
  return (
    jumps &&
    SECTOR_SIZES.includes(readField(sector0, BPB.BPB_BytsPerSec)) &&
    isPowerOfTwo(readField(sector0, BPB.BPB_SecPerClus)) &&
    fats > 0 &&
    fats <= 2
  );
}

/** The geometry, or one sentence that names what is wrong with the boot sector of a volume of `length` bytes. */
export function readGeometry(boot: Uint8Array, length: number): Geometry | string {
  const get = (field: Field) => readField(boot, field);
  const is32 = get(BPB.BPB_FATSz16) === 0;
  const wrong = wrongField(get, is32);
  if (wrong) return wrong;
  const bytesPerSector = get(BPB.BPB_BytsPerSec);
  const clusterSize = get(BPB.BPB_SecPerClus) * bytesPerSector;
  const fats = get(BPB.BPB_NumFATs);
  const fatStart = get(BPB.BPB_RsvdSecCnt) * bytesPerSector;
  const fatLength = (is32 ? get(BPB32.BPB_FATSz32) : get(BPB.BPB_FATSz16)) * bytesPerSector;
  const rootStart = fatStart + fats * fatLength;
  const rootLength = get(BPB.BPB_RootEntCnt) * DIR_ENTRY_SIZE;
  const dataStart = rootStart + rootLength;
  const totalSectors = get(BPB.BPB_TotSec16) || get(BPB.BPB_TotSec32);
  const end = totalSectors * bytesPerSector;
  if (end < dataStart + clusterSize) return `The boot sector's ${totalSectors} sectors leave no room for a cluster.`;
  if (end - length >= TOLERATED_CUT || length < dataStart + clusterSize)
    return `The volume of ${totalSectors} sectors is larger than its partition.`;
  const inData = Math.floor((end - dataStart) / clusterSize);
  const bits = is32 ? 32 : inData < FAT12_CLUSTER_LIMIT ? 12 : 16;
  if (inData >= (is32 ? FAT32_CLUSTER_LIMIT : FAT16_CLUSTER_LIMIT)) return `No FAT${bits} has ${inData} clusters.`;
  const clusters = Math.min(inData, Math.floor((fatLength * 8) / bits) - 2);
  if (clusters < 1) return `The FAT of ${fatLength} bytes has no entry for a cluster.`;
  const rootCluster = is32 ? get(BPB32.BPB_RootClus) : 0;
  if (is32 && !(rootCluster >= 2 && rootCluster < clusters + 2)) return bad('BPB_RootClus', rootCluster);
  const flags = is32 ? get(BPB32.BPB_ExtFlags) : 0;
  const mirrored = (flags & EXT_FLAGS_NO_MIRROR) === 0;
  const activeFat = mirrored ? 0 : flags & EXT_FLAGS_ACTIVE;
  if (activeFat >= fats) return bad('BPB_ExtFlags', flags);
  const reserved = (field: Field) => {
    const sector = is32 ? get(field) : 0;
    return sector > 0 && sector < get(BPB.BPB_RsvdSecCnt) ? sector * bytesPerSector : undefined;
  };
  return {
    bits,
    bytesPerSector,
    clusterSize,
    fatStart,
    fatLength,
    fats,
    activeFat,
    mirrored,
    rootStart,
    rootLength,
    rootCluster,
    dataStart,
    clusters,
    totalSectors,
    dirty: (get((is32 ? BPB32 : BPB16).BS_Reserved1) & BS_DIRTY) !== 0,
    fsInfo: reserved(BPB32.BPB_FSInfo),
    backupBoot: reserved(BPB32.BPB_BkBootSec),
  };
}

/** The fields that can be wrong by themselves. */
function wrongField(get: (field: Field) => number, is32: boolean): string | undefined {
  const [size, media, root] = [get(BPB.BPB_BytsPerSec), get(BPB.BPB_Media), get(BPB.BPB_RootEntCnt)];
  if (get(BOOT_SIGNATURE) !== BOOT_SIGNATURE_VALUE)
    return 'There is no FAT volume here: its first sector does not end with 55 AA.';
  if (!SECTOR_SIZES.includes(size)) return bad('BPB_BytsPerSec', size);
  if (!isPowerOfTwo(get(BPB.BPB_SecPerClus))) return bad('BPB_SecPerClus', get(BPB.BPB_SecPerClus));
  if (get(BPB.BPB_RsvdSecCnt) === 0) return bad('BPB_RsvdSecCnt', 0);
  if (get(BPB.BPB_NumFATs) === 0) return bad('BPB_NumFATs', 0);
  if (media !== FIXED_MEDIA && media < LEAST_MEDIA) return bad('BPB_Media', media);
  if (is32 && get(BPB32.BPB_FATSz32) === 0) return bad('BPB_FATSz32', 0);
  const rootIsSound = is32 ? root === 0 : root > 0 && (root * DIR_ENTRY_SIZE) % size === 0;
  return rootIsSound ? undefined : bad('BPB_RootEntCnt', root);
}

const bad = (field: string, value: number) =>
  `There is no FAT volume here that can be read: the boot sector's ${field} is ${value}.`;

/** From the start of the volume. */
export function clusterOffset({ dataStart, clusterSize }: Geometry, cluster: number): number {
  return dataStart + (cluster - 2) * clusterSize;
}

/** Bytes of a FAT that hold the entries of clusters: padding follows. */
export function usedFatLength({ bits, clusters, fatLength }: Geometry): number {
  return Math.min(fatLength, fatEntryOffset(bits, clusters + 1) + (bits === 32 ? 4 : 2));
}

export const isCluster = ({ clusters }: Geometry, value: number): boolean => value >= 2 && value < clusters + 2;
