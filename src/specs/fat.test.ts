/** Second reading of [FATGEN103]: sectors written out as digits, and mkfs.fat as the judge of formatting. */
import { closeSync, existsSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tool } from '../../e2e/tools';
import {
  BPB,
  BPB16,
  BPB32,
  DIR,
  FSINFO,
  fatEntryOffset,
  fatEntryStraddles,
  LDIR,
  LDIR_UNIT_OFFSETS,
  readField,
  shortNameChecksum,
  writeField,
} from './fat';
import { formatFat, type SparseWrite } from './fat_format';
import { type FormatOptions, shapeOf } from './fat_shape';

const MKFS = '/usr/sbin/mkfs.fat';

test.each([
  [BPB, 36],
  [BPB16, 62 - 36],
  [BPB32, 90 - 36],
  [FSINFO, 512],
  [DIR, 32],
  [LDIR, 32],
])('the fields of table %# follow each other without a gap', (table, length) => {
  const fields = Object.values(table);
  let next = fields[0]![0];
  for (const [offset, size] of fields) {
    expect(offset).toBe(next);
    next += size;
  }
  expect(next - fields[0]![0]).toBe(length);
});

test('a floppy boot sector as DOS wrote it reads as the document says', () => {
  // prettier-ignore
  const floppy = Uint8Array.from([
    0xeb,
    0x3c,
    0x90,
    ...Buffer.from('MSDOS5.0'),
    0x00,
    0x02,
    0x01,
    0x01,
    0x00,
    0x02,
    0xe0,
    0x00,
    0x40,
    0x0b,
    0xf0,
    0x09,
    0x00,
    0x12,
    0x00,
    0x02,
    0x00,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0x29,
    0x78,
    0x56,
    0x34,
    0x12,
  ]);
  const { BPB_BytsPerSec, BPB_RootEntCnt, BPB_TotSec16, BPB_Media, BPB_FATSz16, BPB_SecPerTrk, BPB_NumHeads } = BPB;
  const read = [BPB_BytsPerSec, BPB_RootEntCnt, BPB_TotSec16, BPB_Media, BPB_FATSz16, BPB_SecPerTrk, BPB_NumHeads];
  expect(read.map((field) => readField(floppy, field))).toEqual([512, 224, 2880, 0xf0, 9, 18, 2]);
  expect(readField(floppy, BPB16.BS_BootSig)).toBe(0x29);
  expect(readField(floppy, BPB16.BS_VolID)).toBe(0x12345678);
});

test('FAT32 fields are at their documented offsets', () => {
  const at = (field: readonly [number, number]) => [...field];
  expect([BPB32.BPB_FATSz32, BPB32.BPB_ExtFlags, BPB32.BPB_RootClus, BPB32.BPB_FSInfo].map(at)).toEqual([
    [36, 4],
    [40, 2],
    [44, 4],
    [48, 2],
  ]);
  expect([BPB32.BS_Reserved1, BPB32.BS_VolID, FSINFO.FSI_Free_Count, FSINFO.FSI_Nxt_Free].map(at)).toEqual([
    [65, 1],
    [67, 4],
    [488, 4],
    [492, 4],
  ]);
  expect([DIR.DIR_FstClusHI, DIR.DIR_FstClusLO, DIR.DIR_FileSize, LDIR.LDIR_Chksum].map(at)).toEqual([
    [20, 2],
    [26, 2],
    [28, 4],
    [13, 1],
  ]);
});

test('the 13 characters of a long entry are where the document puts them', () => {
  expect([...LDIR_UNIT_OFFSETS]).toEqual([1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30]);
});

test('FAT entries lie at cluster * 1.5, 2 and 4, and two FAT12 entries in 1024 lie in two sectors', () => {
  expect([2, 3, 341, 682, 1023].map((n) => fatEntryOffset(12, n))).toEqual([3, 4, 511, 1023, 1534]);
  expect([fatEntryOffset(16, 5), fatEntryOffset(32, 5)]).toEqual([10, 20]);
  const straddling = Array.from({ length: 2048 }, (_, n) => n).filter((n) => fatEntryStraddles(12, n));
  expect(straddling).toEqual([341, 682, 1365, 1706]);
  expect(fatEntryStraddles(16, 255)).toBe(false);
});

test('the checksum of a short name', () => {
  expect(shortNameChecksum(Buffer.from('README  TXT'))).toBe(0x73); // by hand: rotate right, add
  expect(shortNameChecksum(Buffer.from('FILENA~1TXT'))).toBe(checksumByRotation('FILENA~1TXT'));
});

function checksumByRotation(name: string): number {
  let bits = '00000000';
  for (const character of name) {
    const rotated = bits.at(-1)! + bits.slice(0, -1);
    bits = ((Number.parseInt(rotated, 2) + character.charCodeAt(0)) % 256).toString(2).padStart(8, '0');
  }
  return Number.parseInt(bits, 2);
}

test('a 32-bit field survives its highest bit', () => {
  const bytes = new Uint8Array(32);
  writeField(bytes, DIR.DIR_FileSize, 0xfffffffe);
  expect([...bytes.subarray(28)]).toEqual([0xfe, 0xff, 0xff, 0xff]);
  expect(readField(bytes, DIR.DIR_FileSize)).toBe(0xfffffffe);
});

test('the default disk: FAT12 on 30712 sectors has the shape that mkfs.fat gives it', () => {
  expect(shapeOf({ bits: 12, sectors: 30712 })).toEqual({
    bits: 12,
    totalSectors: 30688,
    sectorsPerCluster: 8,
    reservedSectors: 8,
    rootEntries: 512,
    fatSectors: 16,
    clusters: 3827,
    media: 0xf8,
    driveNumber: 0x80,
    sectorsPerTrack: 32,
    heads: 2,
  });
});

test('a size that no FAT of the type can have is refused', () => {
  expect(() => formatFat({ bits: 16, sectors: 2048 })).toThrow(RangeError);
  expect(() => formatFat({ bits: 12, sectors: 16 })).toThrow(RangeError);
});

describe.skipIf(!existsSync(MKFS))('mkfs.fat makes the same volume', () => {
  const KIB: [FormatOptions['bits'], number[]][] = [
    [12, [64, 160, 320, 360, 720, 1200, 1440, 2880, 1024, 4096, 4097, 8192, 15356, 16384, 20480, 32768, 33792]],
    [16, [9216, 20480, 32768, 65536, 131072, 132096, 262144, 263168, 516096, 524288, 1126400, 2065408, 4193280]],
    [32, [1024, 33792, 65536, 266240, 267264, 307200, 1126400, 8387584, 8389632]],
  ];
  const cases = KIB.flatMap(([bits, sizes]) => sizes.map((size) => ({ bits, size })));

  test.each(cases)('FAT$bits of $size KiB', ({ bits, size }) => {
    compare({ bits, sectors: size * 2, serial: 0x1234abcd, label: 'LIONS', time: 1426325213000 }, size);
  });
  test.each([1, 2, 16, 64] as const)('FAT16 with %i sectors in a cluster', (sectorsPerCluster) => {
    const size = 8192 * sectorsPerCluster;
    compare({ bits: 16, sectors: size * 2, serial: 0x1234abcd, sectorsPerCluster }, size);
  });
});

/** Every byte but the boot code. mkfs.fat leaves zeros where we write nothing. */
function compare(options: FormatOptions, kib: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'fat-format-'));
  const path = join(folder, 'image');
  const image = openSync(path, 'w+');
  try {
    ftruncateSync(image, kib * 1024);
    const flags = ['-F', `${options.bits}`, '-i', '1234abcd', '--invariant'];
    if (options.label) flags.push('-n', options.label);
    if (options.sectorsPerCluster) flags.push('-s', `${options.sectorsPerCluster}`);
    tool(MKFS, [...flags, path]);
    for (const write of formatFat(options)) expect(differences(image, write, options.bits)).toEqual([]);
  } finally {
    closeSync(image);
    rmSync(folder, { recursive: true });
  }
}

function differences(image: number, { offset, bytes }: SparseWrite, bits: number): string[] {
  const theirs = new Uint8Array(bytes.length);
  readSync(image, theirs, 0, bytes.length, offset);
  const found: string[] = [];
  for (let i = 0; i < bytes.length && found.length < 20; i++) {
    const inSector = (offset + i) % 512;
    const bootCode = offset === 0 && (i < 512 || (i >= 3072 && i < 3584)) && inSector >= (bits === 32 ? 90 : 62);
    if (bytes[i] !== theirs[i] && !(bootCode && inSector < 510))
      found.push(`${offset + i}: ours ${bytes[i]} theirs ${theirs[i]}`);
  }
  return found;
}
