/**
 * Makes an empty FAT volume as dosfstools' mkfs.fat 4.2 does (found by running it). The boot code is our own: it asks the BIOS for
 * the next device.
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
  type Field,
  FSI_LEAD_SIG,
  FSI_STRUC_SIG,
  FSI_TRAIL_SIG,
  FSINFO,
  writeField,
} from './fat';
import { writeFatTimes } from './fat_entry';
import { type FatShape, type FormatOptions, shapeOf } from './fat_shape';

/** Bytes to put at an offset in the partition; what no write covers may hold anything. */
export interface SparseWrite {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const SECTOR = 512;
const FATS = 2;
const ROOT_CLUSTER = 2;
const FSINFO_SECTOR = 1;
const BACKUP_BOOT_SECTOR = 6;

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
  writeFatTimes(root, options.time ?? Date.UTC(1980, 0, 1));
}

function ascii(text: string, length: number): Uint8Array {
  return Uint8Array.from(text.padEnd(length).slice(0, length), (character) => character.charCodeAt(0));
}
