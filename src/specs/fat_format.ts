/**
 * Makes an empty FAT volume with the choices of dosfstools' mkfs.fat 4.2 (found by running it): cluster size, reserved
 * sectors, aligned structures, geometry, media byte. The boot code is our own: it asks the BIOS for the next device.
 */
import {
  ATTR_VOLUME_ID,
  BOOT_SIGNATURE,
  BOOT_SIGNATURE_VALUE,
  BPB,
  BPB16,
  BPB32,
  DIR,
  DIR_ENTRY_SIZE,
  EXTENDED_BOOT_SIGNATURE,
  FAT_MARKS,
  FAT12_CLUSTER_LIMIT,
  FAT16_CLUSTER_LIMIT,
  FAT32_CLUSTER_LIMIT,
  type FatBits,
  type Field,
  FSI_LEAD_SIG,
  FSI_STRUC_SIG,
  FSI_TRAIL_SIG,
  FSINFO,
  writeField,
} from './fat';

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

/** Bytes to put at an offset in the partition; what no write covers may hold anything. */
export interface SparseWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
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
const ROOT_CLUSTER = 2;
const FSINFO_SECTOR = 1;
const BACKUP_BOOT_SECTOR = 6;
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

/** All writes that make an empty volume: reserved sectors, both FATs, the root directory. */
export function formatFat(options: FormatOptions): SparseWrite[] {
  const shape = shapeOf(options);
  const reserved = new Uint8Array(shape.reservedSectors * SECTOR);
  const boot = bootSector(shape, options);
  reserved.set(boot);
  if (shape.bits === 32) {
    const info = fsInfo(shape);
    reserved.set(info, FSINFO_SECTOR * SECTOR);
    reserved.set(boot, BACKUP_BOOT_SECTOR * SECTOR);
    reserved.set(info, (BACKUP_BOOT_SECTOR + FSINFO_SECTOR) * SECTOR);
  }
  const fat = firstFat(shape);
  const fatStart = reserved.length;
  const rootStart = fatStart + FATS * fat.length;
  const root = new Uint8Array(shape.rootEntries * DIR_ENTRY_SIZE || shape.sectorsPerCluster * SECTOR);
  if (options.label) writeLabel(root, options);
  return [
    { offset: 0, bytes: reserved },
    { offset: fatStart, bytes: fat },
    { offset: fatStart + fat.length, bytes: fat },
    { offset: rootStart, bytes: root },
  ];
}

function bootSector(shape: FatShape, options: FormatOptions): Uint8Array {
  const boot = new Uint8Array(SECTOR);
  const put = (field: Field, value: number) => writeField(boot, field, value);
  const text = (field: Field, value: string) => boot.set(ascii(value, field[1]), field[0]);
  const small = shape.totalSectors < 0x10000;
  text(BPB.BS_OEMName, 'mkfs.fat');
  put(BPB.BPB_BytsPerSec, SECTOR);
  put(BPB.BPB_SecPerClus, shape.sectorsPerCluster);
  put(BPB.BPB_RsvdSecCnt, shape.reservedSectors);
  put(BPB.BPB_NumFATs, FATS);
  put(BPB.BPB_RootEntCnt, shape.rootEntries);
  put(small ? BPB.BPB_TotSec16 : BPB.BPB_TotSec32, shape.totalSectors);
  put(BPB.BPB_Media, shape.media);
  put(BPB.BPB_SecPerTrk, shape.sectorsPerTrack);
  put(BPB.BPB_NumHeads, shape.heads);
  put(BPB.BPB_HiddSec, options.hiddenSectors ?? 0);
  if (shape.bits === 32) {
    put(BPB32.BPB_FATSz32, shape.fatSectors);
    put(BPB32.BPB_RootClus, ROOT_CLUSTER);
    put(BPB32.BPB_FSInfo, FSINFO_SECTOR);
    put(BPB32.BPB_BkBootSec, BACKUP_BOOT_SECTOR);
  } else put(BPB.BPB_FATSz16, shape.fatSectors);
  const extended = shape.bits === 32 ? BPB32 : BPB16;
  put(extended.BS_DrvNum, shape.driveNumber);
  put(extended.BS_BootSig, EXTENDED_BOOT_SIGNATURE);
  put(extended.BS_VolID, options.serial ?? 0);
  text(extended.BS_VolLab, options.label?.toUpperCase() ?? 'NO NAME');
  text(extended.BS_FilSysType, `FAT${shape.bits}`);
  // jmp over the BPB to: int 18h (no operating system here); jmp $
  const code = extended.BS_FilSysType[0] + extended.BS_FilSysType[1];
  boot.set([0xeb, code - 2, 0x90]);
  boot.set([0xcd, 0x18, 0xeb, 0xfe], code);
  put(BOOT_SIGNATURE, BOOT_SIGNATURE_VALUE);
  return boot;
}

function fsInfo(shape: FatShape): Uint8Array {
  const info = new Uint8Array(SECTOR);
  writeField(info, FSINFO.FSI_LeadSig, FSI_LEAD_SIG);
  writeField(info, FSINFO.FSI_StrucSig, FSI_STRUC_SIG);
  writeField(info, FSINFO.FSI_Free_Count, shape.clusters - 1);
  writeField(info, FSINFO.FSI_Nxt_Free, ROOT_CLUSTER);
  writeField(info, FSINFO.FSI_TrailSig, FSI_TRAIL_SIG);
  return info;
}

/** "FAT[0] and FAT[1]": the media byte with all other bits set, and an end mark. */
function firstFat(shape: FatShape): Uint8Array {
  const fat = new Uint8Array(shape.fatSectors * SECTOR);
  const { END } = FAT_MARKS[shape.bits];
  if (shape.bits === 12) writeField(fat, [0, 3], END * 4096 + 0xf00 + shape.media);
  else {
    const size = shape.bits / 8;
    writeField(fat, [0, size], END - 0xff + shape.media);
    writeField(fat, [size, size], END);
    if (shape.bits === 32) writeField(fat, [ROOT_CLUSTER * size, size], FAT_MARKS[32].END_MIN);
  }
  return fat;
}

function writeLabel(root: Uint8Array, options: FormatOptions): void {
  root.set(ascii(options.label!.toUpperCase(), 11));
  writeField(root, DIR.DIR_Attr, ATTR_VOLUME_ID);
  const time = new Date(options.time ?? Date.UTC(1980, 0, 1));
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  writeField(root, DIR.DIR_CrtTime, clock);
  writeField(root, DIR.DIR_CrtDate, date);
  writeField(root, DIR.DIR_LstAccDate, date);
  writeField(root, DIR.DIR_WrtTime, clock);
  writeField(root, DIR.DIR_WrtDate, date);
}

function ascii(text: string, length: number): Uint8Array {
  return Uint8Array.from(text.padEnd(length).slice(0, length), (character) => character.charCodeAt(0));
}
