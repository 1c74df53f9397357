/**
 * [FATGEN103] Microsoft, "FAT: General Overview of On-Disk Format", version 1.03. Layouts and entry arithmetic only.
 * A field is [offset, size in bytes]; all numbers on the disk are little-endian.
 */
export type Field = readonly [offset: number, size: number];
export type FatBits = 12 | 16 | 32;

/** Unit of a torn write, whatever BPB_BytsPerSec says: a block device's sector. */
export const SECTOR_SIZE = 512;

/** "Boot Sector and BPB Structure": the part all three types share. */
export const BPB = {
  BS_jmpBoot: [0, 3],
  BS_OEMName: [3, 8],
  BPB_BytsPerSec: [11, 2],
  BPB_SecPerClus: [13, 1],
  BPB_RsvdSecCnt: [14, 2],
  BPB_NumFATs: [16, 1],
  BPB_RootEntCnt: [17, 2],
  BPB_TotSec16: [19, 2],
  BPB_Media: [21, 1],
  BPB_FATSz16: [22, 2],
  BPB_SecPerTrk: [24, 2],
  BPB_NumHeads: [26, 2],
  BPB_HiddSec: [28, 4],
  BPB_TotSec32: [32, 4],
} as const satisfies Record<string, Field>;

/** "Fat12 and Fat16 Structure Starting at Offset 36". */
export const BPB16 = {
  BS_DrvNum: [36, 1],
  BS_Reserved1: [37, 1],
  BS_BootSig: [38, 1],
  BS_VolID: [39, 4],
  BS_VolLab: [43, 11],
  BS_FilSysType: [54, 8],
} as const satisfies Record<string, Field>;

/** "FAT32 Structure Starting at Offset 36". */
export const BPB32 = {
  BPB_FATSz32: [36, 4],
  BPB_ExtFlags: [40, 2],
  BPB_FSVer: [42, 2],
  BPB_RootClus: [44, 4],
  BPB_FSInfo: [48, 2],
  BPB_BkBootSec: [50, 2],
  BPB_Reserved: [52, 12],
  BS_DrvNum: [64, 1],
  BS_Reserved1: [65, 1],
  BS_BootSig: [66, 1],
  BS_VolID: [67, 4],
  BS_VolLab: [71, 11],
  BS_FilSysType: [82, 8],
} as const satisfies Record<string, Field>;

/** The last two bytes of sector 0, whatever the sector size. */
export const BOOT_SIGNATURE = [510, 2] as const satisfies Field;
export const BOOT_SIGNATURE_VALUE = 0xaa55;
/** BS_BootSig: the three fields after it are there. */
export const EXTENDED_BOOT_SIGNATURE = 0x29;
/** BS_Reserved1 bit 0: Windows NT and Linux set it while the volume is mounted. */
export const BS_DIRTY = 0x01;
/** BPB_ExtFlags: bit 7 set means that only the FAT in bits 0-3 is kept up to date. */
export const EXT_FLAGS_NO_MIRROR = 0x80;
export const EXT_FLAGS_ACTIVE = 0x0f;

/** "FAT32 FSInfo Sector Structure and Backup Boot Sector". */
export const FSINFO = {
  FSI_LeadSig: [0, 4],
  FSI_Reserved1: [4, 480],
  FSI_StrucSig: [484, 4],
  FSI_Free_Count: [488, 4],
  FSI_Nxt_Free: [492, 4],
  FSI_Reserved2: [496, 12],
  FSI_TrailSig: [508, 4],
} as const satisfies Record<string, Field>;
export const FSI_LEAD_SIG = 0x41615252;
export const FSI_STRUC_SIG = 0x61417272;
export const FSI_TRAIL_SIG = 0xaa550000;
export const FSI_UNKNOWN = 0xffffffff;

/** "FAT Directory Structure": one 32-byte short entry. */
export const DIR = {
  DIR_Name: [0, 11],
  DIR_Attr: [11, 1],
  DIR_NTRes: [12, 1],
  DIR_CrtTimeTenth: [13, 1],
  DIR_CrtTime: [14, 2],
  DIR_CrtDate: [16, 2],
  DIR_LstAccDate: [18, 2],
  DIR_FstClusHI: [20, 2],
  DIR_WrtTime: [22, 2],
  DIR_WrtDate: [24, 2],
  DIR_FstClusLO: [26, 2],
  DIR_FileSize: [28, 4],
} as const satisfies Record<string, Field>;
export const DIR_ENTRY_SIZE = 32;

/** First byte of DIR_Name. */
export const DIR_FREE = 0xe5;
export const DIR_END = 0x00;
/** Stands for a first byte of E5, which is a letter in Japanese code pages. */
export const DIR_KANJI_E5 = 0x05;

export const ATTR_READ_ONLY = 0x01;
export const ATTR_HIDDEN = 0x02;
export const ATTR_SYSTEM = 0x04;
export const ATTR_VOLUME_ID = 0x08;
export const ATTR_DIRECTORY = 0x10;
export const ATTR_ARCHIVE = 0x20;
export const ATTR_LONG_NAME = 0x0f;
export const ATTR_LONG_NAME_MASK = 0x3f;

/** DIR_NTRes, as Windows NT uses it: the base name, or the extension, is shown in lower case. */
export const NTRES_LOWER_BASE = 0x08;
export const NTRES_LOWER_EXT = 0x10;

/** "FAT Long Directory Entries". */
export const LDIR = {
  LDIR_Ord: [0, 1],
  LDIR_Name1: [1, 10],
  LDIR_Attr: [11, 1],
  LDIR_Type: [12, 1],
  LDIR_Chksum: [13, 1],
  LDIR_Name2: [14, 12],
  LDIR_FstClusLO: [26, 2],
  LDIR_Name3: [28, 4],
} as const satisfies Record<string, Field>;
export const LAST_LONG_ENTRY = 0x40;
/** Byte offsets of the 13 UTF-16 units of one long entry: LDIR_Name1, Name2, Name3. */
export const LDIR_UNIT_OFFSETS = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const;
export const LONG_NAME_MAX_UNITS = 255;

/** "FAT Type Determination": fewer clusters than these make a FAT12, a FAT16. */
export const FAT12_CLUSTER_LIMIT = 4085;
export const FAT16_CLUSTER_LIMIT = 65525;
export const FAT32_CLUSTER_LIMIT = 0x0ffffff5;

/** A directory has at most 65,536 entries ("Other Notes Relating to FAT Directories"). */
export const DIR_MAX_ENTRIES = 65536;
export const FILE_MAX_SIZE = 0xffffffff;

/** Marks in a FAT entry; `END_MIN` and above end a chain ("FAT Data Structure"). */
export const FAT_MARKS = {
  12: { BAD: 0xff7, END_MIN: 0xff8, END: 0xfff, MASK: 0xfff },
  16: { BAD: 0xfff7, END_MIN: 0xfff8, END: 0xffff, MASK: 0xffff },
  32: { BAD: 0x0ffffff7, END_MIN: 0x0ffffff8, END: 0x0fffffff, MASK: 0x0fffffff },
} as const;
/** FAT[1]: the bit is 1 on a volume that was unmounted, 0 while it is in use. FAT12 has none. */
export const CLEAN_SHUTDOWN_MASK = { 12: 0, 16: 0x8000, 32: 0x08000000 } as const;

export function readField(bytes: Uint8Array, [offset, size]: Field, base = 0): number {
  let value = 0;
  for (let i = size - 1; i >= 0; i--) value = value * 256 + bytes[base + offset + i]!;
  return value;
}

export function writeField(bytes: Uint8Array, [offset, size]: Field, value: number, base = 0): void {
  let rest = value;
  for (let i = 0; i < size; i++) {
    bytes[base + offset + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** Byte offset in the FAT of the entry for `cluster`; a FAT12 entry is 12 bits from there or from half a byte later. */
export function fatEntryOffset(bits: FatBits, cluster: number): number {
  return bits === 12 ? cluster + (cluster >>> 1) : cluster * (bits / 8);
}

/** True when the entry lies in two sectors, so that a power cut can tear it. Only FAT12 has such entries. */
export function fatEntryStraddles(bits: FatBits, cluster: number): boolean {
  return bits === 12 && fatEntryOffset(12, cluster) % SECTOR_SIZE === SECTOR_SIZE - 1;
}

/** DIR_Name's checksum, kept in every long entry of the set ("ChkSum"). */
export function shortNameChecksum(name: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + name[i]!) & 0xff;
  return sum;
}
