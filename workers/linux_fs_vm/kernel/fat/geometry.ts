/**
 * Reads and checks the boot sector: where the FATs, the root directory and the clusters are. The disk is not trusted:
 * a field that does not fit the device refuses the mount with the field's name. [FATGEN103] "Boot Sector and BPB Structure".
 */
import {
  BOOT_SIGNATURE,
  BOOT_SIGNATURE_VALUE,
  BPB,
  BPB16,
  BPB32,
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
} from '../../../../src/specs/fat';

/** All offsets are bytes from the start of the partition. */
export interface Geometry {
  readonly bits: FatBits;
  readonly clusterSize: number;
  readonly fatStart: number;
  readonly fatLength: number;
  /** Numbers of the FATs to write; the first is the active one, which is read. */
  readonly fatCopies: readonly number[];
  /** FAT12 and FAT16: the fixed root directory; length 0 on FAT32. */
  readonly rootStart: number;
  readonly rootLength: number;
  /** FAT32: first cluster of the root directory; 0 otherwise. */
  readonly rootCluster: number;
  readonly dataStart: number;
  readonly lastCluster: number;
  /** Below lastCluster when the device lacks the volume's last few sectors: clusters after it are never allocated. */
  readonly lastUsableCluster: number;
  readonly fsInfo: number | undefined;
  /** Offset of BS_Reserved1 with the dirty bit, if the extended boot record is there. */
  readonly dirtyByte: number | undefined;
  /** Bytes from here on do not belong to the volume. */
  readonly end: number;
}

/** The device may be this much shorter than the volume: partitions are rounded down to the 4096-byte blocks of sDDF. */
const TOLERATED_CUT_SECTORS = 8;
const EXTENDED_BOOT_SIGNATURES = [0x28, 0x29];

/** The geometry, or a phrase that names what is wrong with the boot sector. */
export function readGeometry(boot: Uint8Array, deviceLength: number): Geometry | string {
  const get = (field: Field) => readField(boot, field);
  const sectorSize = get(BPB.BPB_BytsPerSec);
  const sectorsPerCluster = get(BPB.BPB_SecPerClus);
  const reserved = get(BPB.BPB_RsvdSecCnt);
  const fats = get(BPB.BPB_NumFATs);
  const rootEntries = get(BPB.BPB_RootEntCnt);
  const media = get(BPB.BPB_Media);
  if (get(BOOT_SIGNATURE) !== BOOT_SIGNATURE_VALUE) return 'the boot sector does not end with 55 AA';
  if (![512, 1024, 2048, 4096].includes(sectorSize)) return bad('BPB_BytsPerSec', sectorSize);
  if (!isPowerOfTwo(sectorsPerCluster)) return bad('BPB_SecPerClus', sectorsPerCluster);
  if (reserved === 0) return bad('BPB_RsvdSecCnt', reserved);
  if (fats === 0) return bad('BPB_NumFATs', fats);
  if (media !== 0xf0 && media < 0xf8) return bad('BPB_Media', media);
  const is32 = get(BPB.BPB_FATSz16) === 0;
  const fatSectors = is32 ? get(BPB32.BPB_FATSz32) : get(BPB.BPB_FATSz16);
  if (fatSectors === 0) return bad('BPB_FATSz32', fatSectors);
  if (is32 ? rootEntries !== 0 : rootEntries === 0 || (rootEntries * DIR_ENTRY_SIZE) % sectorSize !== 0) {
    return bad('BPB_RootEntCnt', rootEntries);
  }
  if (is32 && get(BPB32.BPB_FSVer) !== 0) return bad('BPB_FSVer', get(BPB32.BPB_FSVer));
  const totalSectors = get(BPB.BPB_TotSec16) || get(BPB.BPB_TotSec32);
  const fatStart = reserved * sectorSize;
  const fatLength = fatSectors * sectorSize;
  const rootStart = fatStart + fats * fatLength;
  const rootLength = rootEntries * DIR_ENTRY_SIZE;
  const dataStart = rootStart + rootLength;
  const end = totalSectors * sectorSize;
  const clusterSize = sectorsPerCluster * sectorSize;
  if (end < dataStart + clusterSize) return bad(get(BPB.BPB_TotSec16) ? 'BPB_TotSec16' : 'BPB_TotSec32', totalSectors);
  if (end - deviceLength >= TOLERATED_CUT_SECTORS * 512 || deviceLength < dataStart + clusterSize) {
    return `the volume of ${totalSectors} sectors is larger than the device`;
  }
  const clusters = Math.floor((end - dataStart) / clusterSize);
  const bits = typeOf(is32, clusters);
  if (bits === undefined) return `${clusters} clusters are too many for its FAT`;
  const entries = Math.floor((fatLength * 8) / bits);
  const lastCluster = Math.min(clusters + 1, entries - 1);
  if (lastCluster < 2) return bad(is32 ? 'BPB_FATSz32' : 'BPB_FATSz16', fatSectors);
  const copies = fatCopies(is32 ? get(BPB32.BPB_ExtFlags) : 0, fats);
  if (copies === undefined) return bad('BPB_ExtFlags', get(BPB32.BPB_ExtFlags));
  const rootCluster = is32 ? get(BPB32.BPB_RootClus) : 0;
  if (is32 && (rootCluster < 2 || rootCluster > lastCluster)) return bad('BPB_RootClus', rootCluster);
  return {
    bits,
    clusterSize,
    fatStart,
    fatLength,
    fatCopies: copies,
    rootStart,
    rootLength,
    rootCluster,
    dataStart,
    lastCluster,
    lastUsableCluster: Math.min(lastCluster, 1 + Math.floor((deviceLength - dataStart) / clusterSize)),
    fsInfo: is32 ? fsInfoOffset(get(BPB32.BPB_FSInfo), reserved, sectorSize) : undefined,
    dirtyByte: dirtyByteOffset(boot, is32),
    end: Math.min(end, deviceLength),
  };
}

export function clusterOffset(geometry: Geometry, cluster: number): number {
  return geometry.dataStart + (cluster - 2) * geometry.clusterSize;
}

/** Bytes of the FAT that hold the entries of real clusters; what follows them is padding. */
export function usedFatLength(geometry: Geometry): number {
  return Math.min(
    geometry.fatLength,
    fatEntryOffset(geometry.bits, geometry.lastCluster) + (geometry.bits === 32 ? 4 : 2),
  );
}

function bad(field: string, value: number): string {
  return `the boot sector's ${field} is ${value}`;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}

/** "FAT Type Determination", with Linux's exception: BPB_FATSz16 = 0 is FAT32 however few its clusters are. */
function typeOf(is32: boolean, clusters: number): FatBits | undefined {
  if (is32) return clusters < FAT32_CLUSTER_LIMIT ? 32 : undefined;
  if (clusters < FAT12_CLUSTER_LIMIT) return 12;
  return clusters < FAT16_CLUSTER_LIMIT ? 16 : undefined;
}

function fatCopies(extFlags: number, fats: number): number[] | undefined {
  const all = Array.from({ length: fats }, (_, number) => number);
  if ((extFlags & EXT_FLAGS_NO_MIRROR) === 0) return all;
  const active = extFlags & EXT_FLAGS_ACTIVE;
  return active < fats ? [active] : undefined;
}

function fsInfoOffset(sector: number, reserved: number, sectorSize: number): number | undefined {
  return sector > 0 && sector < reserved ? sector * sectorSize : undefined;
}

function dirtyByteOffset(boot: Uint8Array, is32: boolean): number | undefined {
  const { BS_BootSig, BS_Reserved1 } = is32 ? BPB32 : BPB16;
  return EXTENDED_BOOT_SIGNATURES.includes(readField(boot, BS_BootSig)) ? BS_Reserved1[0] : undefined;
}
