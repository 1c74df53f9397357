/** Sound volumes with one lie each, and what is expected of whoever mounts them. */
import { BPB, BPB32, DIR, type FatBits, type Field, FSINFO, LDIR, writeField } from '../../../../src/specs/fat';
import { type FilledFat, fillFat, writeFatEntry } from '../../../../src/specs/fat_fill';

const SECTORS: Readonly<Record<FatBits, number>> = { 12: 1024, 16: 8192, 32: 1536 };
const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i % 250) + 1);
const FILES = [
  { path: 'victim.bin', bytes: bytes(5000) },
  { path: 'other.bin', bytes: bytes(5000) },
  { path: 'A long name for a file.text', bytes: bytes(700) },
  { path: 'dir/inner/deep.txt', bytes: bytes(600) },
  { path: 'dir/in dir.txt', bytes: bytes(100) },
];
/** Outcome of reading everything of a path: how many bytes, or the error. */
export type Outcome = number | 'EIO' | 'ENOENT' | 'EINVAL';

export interface Hostile {
  readonly name: string;
  readonly bits: FatBits;
  change(volume: Victim): void;
  /** A phrase of the sentence that refuses it, or what becomes of paths that are read to their end. */
  readonly expected: string | Readonly<Record<string, Outcome>>;
}

export class Victim {
  image: Uint8Array;
  readonly filled: FilledFat;

  constructor(readonly bits: FatBits) {
    const sectors = SECTORS[bits];
    const sectorsPerCluster = 1;
    this.filled = fillFat({ bits, sectors, sectorsPerCluster, serial: 1 }, FILES);
    this.image = new Uint8Array(sectors * 512);
    for (const { offset, bytes } of this.filled.writes) this.image.set(bytes, offset);
  }

  boot(field: Field, value: number): void {
    writeField(this.image, field, value);
  }
  fsInfo(field: Field, value: number): void {
    writeField(this.image, field, value, 512);
  }
  /** Cluster number `n` of the path's chain. */
  cluster(path: string, n = 0): number {
    return this.filled.chains.get(path)![n]!;
  }
  fat(cluster: number, value: number): void {
    for (const start of [this.filled.fatStart, this.filled.fatStart + this.filled.fatLength])
      writeFatEntry(this.image.subarray(start), this.bits, cluster, value);
  }
  entry(short: string, field: Field, value: number): void {
    writeField(this.image, field, value, this.at(short));
  }
  first(short: string, cluster: number): void {
    this.entry(short, DIR.DIR_FstClusHI, Math.floor(cluster / 65536));
    this.entry(short, DIR.DIR_FstClusLO, cluster % 65536);
  }
  name(short: string, text: string): void {
    this.image.set(Buffer.from(text, 'latin1'), this.at(short));
  }
  /** The long entry number `n` before the short one. */
  long(short: string, n: number, field: Field, value: number): void {
    writeField(this.image, field, value, this.at(short) - 32 * n);
  }
  at(short: string): number {
    const from = this.filled.fatStart + 2 * this.filled.fatLength;
    const at = Buffer.from(this.image.buffer).indexOf(short, from, 'latin1');
    if (at === -1) throw new Error(`there is no ${short}`);
    return at;
  }
}

const LONG = 'ALONGN~1TEX';
const LONG_PATH = '/A long name for a file.text';
const VICTIM = 'VICTIM  BIN';
const sound = { '/other.bin': 5000, '/dir/in dir.txt': 100 };
const refused = (name: string, bits: FatBits, expected: string, change: (volume: Victim) => void): Hostile => ({
  name,
  bits,
  change,
  expected,
});
const boot = (bits: FatBits, field: keyof typeof BPB | keyof typeof BPB32, value: number, expected: string): Hostile =>
  refused(`${field} is ${value}`, bits, expected, (volume) => volume.boot({ ...BPB, ...BPB32 }[field], value));
const mounted = (
  name: string,
  bits: FatBits,
  change: (volume: Victim) => void,
  outcomes: Readonly<Record<string, Outcome>>,
): Hostile => ({ name, bits, change, expected: { ...sound, ...outcomes } });

const BOOT_SECTORS: readonly Hostile[] = [
  boot(12, 'BPB_BytsPerSec', 0, 'BPB_BytsPerSec is 0'),
  boot(16, 'BPB_BytsPerSec', 513, 'BPB_BytsPerSec is 513'),
  boot(32, 'BPB_BytsPerSec', 8192, 'BPB_BytsPerSec is 8192'),
  boot(16, 'BPB_SecPerClus', 0, 'BPB_SecPerClus is 0'),
  boot(16, 'BPB_SecPerClus', 5, 'BPB_SecPerClus is 5'),
  boot(16, 'BPB_RsvdSecCnt', 0, 'BPB_RsvdSecCnt is 0'),
  boot(16, 'BPB_RsvdSecCnt', 0xffff, 'BPB_TotSec16 is 8192'),
  boot(12, 'BPB_NumFATs', 0, 'BPB_NumFATs is 0'),
  boot(16, 'BPB_NumFATs', 255, 'BPB_TotSec16 is 8192'),
  boot(16, 'BPB_RootEntCnt', 0, 'BPB_RootEntCnt is 0'),
  boot(12, 'BPB_RootEntCnt', 17, 'BPB_RootEntCnt is 17'),
  boot(12, 'BPB_RootEntCnt', 0xfff0, 'BPB_TotSec16 is 1024'),
  boot(16, 'BPB_TotSec16', 0, 'BPB_TotSec32 is 0'),
  boot(12, 'BPB_TotSec16', 0xffff, 'larger than the device'),
  boot(16, 'BPB_TotSec16', 20, 'BPB_TotSec16 is 20'),
  boot(16, 'BPB_Media', 0x12, 'BPB_Media is 18'),
  boot(16, 'BPB_FATSz16', 0xffff, 'BPB_TotSec16 is 8192'),
  boot(16, 'BPB_FATSz16', 0, 'the boot sector'),
  boot(32, 'BPB_FATSz32', 0, 'BPB_FATSz32 is 0'),
  boot(32, 'BPB_FATSz32', 0xffffffff, 'BPB_TotSec16 is 1536'),
  boot(32, 'BPB_RootClus', 0, 'BPB_RootClus is 0'),
  boot(32, 'BPB_RootClus', 1, 'BPB_RootClus is 1'),
  boot(32, 'BPB_RootClus', 0x0fffffff, 'BPB_RootClus is 268435455'),
  boot(32, 'BPB_FSVer', 0x100, 'BPB_FSVer is 256'),
  boot(32, 'BPB_ExtFlags', 0x85, 'BPB_ExtFlags is 133'),
  boot(32, 'BPB_RootEntCnt', 512, 'BPB_RootEntCnt is 512'),
  refused('no signature', 16, 'does not end with 55 AA', (volume) => volume.boot([510, 2], 0)),
  refused('all ones', 16, 'does not end with 55 AA', ({ image }) => image.fill(0xff)),
  refused('all zeros', 16, 'is blank', ({ image }) => image.fill(0)),
  refused('cut in the middle', 16, 'larger than the device', (volume) => {
    volume.image = volume.image.slice(0, 4096 * 512);
  }),
  refused('only the boot sector', 12, 'larger than the device', (volume) => {
    volume.image = volume.image.slice(0, 512);
  }),
  refused('100 bytes', 12, 'smaller than one sector', (volume) => {
    volume.image = volume.image.slice(0, 100);
  }),
];

/** More clusters than its FATs have entries for. */
export function withShortFat(volume: Victim): void {
  const sectors = 2000;
  const image = new Uint8Array(sectors * 512);
  image.set(volume.image);
  volume.image = image;
  volume.boot(BPB.BPB_TotSec16, sectors);
}

const VOLUMES: readonly Hostile[] = [
  mounted('the FATs are too short', 12, withShortFat, {}),
  mounted('FSInfo is beyond the reserved sectors', 32, (v) => v.boot(BPB32.BPB_FSInfo, 0xfffe), {}),
  mounted('FSInfo is the boot sector', 32, (v) => v.boot(BPB32.BPB_FSInfo, 0), {}),
  mounted('FSInfo has no signature', 32, (v) => v.fsInfo(FSINFO.FSI_LeadSig, 0), {}),
  mounted('FSInfo: next free is beyond the end', 32, (v) => v.fsInfo(FSINFO.FSI_Nxt_Free, 0xfffffffe), {}),
  mounted('FSInfo: more is free than there is', 32, (v) => v.fsInfo(FSINFO.FSI_Free_Count, 0x7fffffff), {}),
  mounted(
    'the FATs differ',
    16,
    (v) => v.image.fill(0, v.filled.fatStart + v.filled.fatLength + 8, v.filled.fatStart + v.filled.fatLength + 200),
    {},
  ),
  mounted('the root directory has a loop', 32, (v) => v.fat(2, 2), {}),
  mounted('the root directory goes on in a free cluster', 32, (v) => v.fat(2, v.filled.shape.clusters), {}),
  mounted('the root directory goes on beyond the end', 32, (v) => v.fat(2, 0x0ffffff0), {}),
  mounted(
    'the root directory has no end mark',
    16,
    (v) => v.image.fill(0xe5, v.at('DIR     ') + 32, v.filled.dataStart),
    {
      '/other.bin': 'ENOENT',
    },
  ),
];

const CHAINS: readonly Hostile[] = ([12, 16, 32] as const).flatMap((bits) => {
  const link = (name: string, value: (volume: Victim) => number, outcome: Outcome = 'EIO') =>
    mounted(name, bits, (v) => v.fat(v.cluster('/victim.bin', 3), value(v)), { '/victim.bin': outcome });
  const last = (v: Victim) => v.filled.shape.clusters + 1;
  return [
    link('a cluster that leads to itself', (v) => v.cluster('/victim.bin', 3)),
    link('a chain in a circle', (v) => v.cluster('/victim.bin')),
    link('a chain into a free cluster', () => 0),
    link('a chain into cluster 1', () => 1),
    link('a chain into a bad cluster', () => ({ 12: 0xff7, 16: 0xfff7, 32: 0x0ffffff7 })[bits]),
    link('a chain beyond the last cluster', (v) => last(v) + 1),
    link('a chain into a reserved number', () => ({ 12: 0xff0, 16: 0xfff0, 32: 0x0ffffff0 })[bits]),
    link('a chain that ends too soon', () => ({ 12: 0xfff, 16: 0xffff, 32: 0x0fffffff })[bits]),
    mounted('a first cluster of 1', bits, (v) => v.first(VICTIM, 1), { '/victim.bin': 'EIO' }),
    mounted('a first cluster beyond the end', bits, (v) => v.first(VICTIM, last(v) + 1), { '/victim.bin': 'EIO' }),
    mounted('a size without a cluster', bits, (v) => v.first(VICTIM, 0), { '/victim.bin': 'EIO' }),
    mounted('a size of 4 GiB', bits, (v) => v.entry(VICTIM, DIR.DIR_FileSize, 0xffffffff), { '/victim.bin': 'EIO' }),
    mounted('no size, and a chain', bits, (v) => v.entry(VICTIM, DIR.DIR_FileSize, 0), { '/victim.bin': 0 }),
    mounted('two files in one chain', bits, (v) => v.first(VICTIM, v.cluster('/other.bin')), { '/victim.bin': 5000 }),
  ];
});

const DIRECTORIES: readonly Hostile[] = [
  mounted('a directory that contains itself', 16, (v) => v.first('INNER      ', v.cluster('/dir')), {
    '/dir/inner/deep.txt': 'EIO',
  }),
  mounted('a directory that contains the root', 32, (v) => v.first('INNER      ', 2), { '/dir/inner/deep.txt': 'EIO' }),
  mounted('a directory at cluster 0', 12, (v) => v.first('INNER      ', 0), { '/dir/inner/deep.txt': 'EIO' }),
  mounted('a directory beyond the end', 16, (v) => v.first('INNER      ', 0xffee), { '/dir/inner/deep.txt': 'EIO' }),
  mounted('a directory in a circle', 16, (v) => v.fat(v.cluster('/dir/inner'), v.cluster('/dir/inner')), {
    '/dir/inner/deep.txt': 600,
  }),
  mounted("a directory whose clusters are a file's", 12, (v) => v.first('INNER      ', v.cluster('/other.bin')), {
    '/dir/inner/deep.txt': 'ENOENT',
  }),
  mounted('a file that is called a directory', 16, (v) => v.entry(VICTIM, DIR.DIR_Attr, 0x10), {
    '/victim.bin/x': 'ENOENT',
  }),
  mounted('".." leads elsewhere', 16, (v) => v.first('..         ', 999), { '/dir/inner/deep.txt': 600 }),
  mounted('no "." at the start', 16, (v) => v.name('.          ', 'X          '), { '/dir/inner/deep.txt': 600 }),
];

const NAMES: readonly Hostile[] = [
  mounted('a short name with a slash', 16, (v) => v.name(VICTIM, 'A/B     BIN'), { '/victim.bin': 'ENOENT' }),
  mounted('a short name with zeros', 16, (v) => v.name(VICTIM, 'AB\0CD\0  BIN'), { '/victim.bin': 'ENOENT' }),
  mounted('a short name of control characters', 12, (v) => v.name(VICTIM, '\x01\x1b[2J\x07  BIN'), {
    '/victim.bin': 'ENOENT',
  }),
  mounted('a short name of spaces', 12, (v) => v.name(VICTIM, '           '), { '/victim.bin': 'ENOENT' }),
  mounted('a file called ..', 16, (v) => v.name(VICTIM, '..         '), { '/victim.bin': 'ENOENT' }),
  mounted('two files of one name', 16, (v) => v.name('OTHER   BIN', VICTIM), {
    '/victim.bin': 5000,
    '/other.bin': 'ENOENT',
  }),
  mounted('a long name with the checksum of another', 16, (v) => v.long(LONG, 1, LDIR.LDIR_Chksum, 0), {
    [LONG_PATH]: 'ENOENT',
    '/ALONGN~1.TEX': 700,
  }),
  mounted('long entries in the wrong order', 16, (v) => v.long(LONG, 1, LDIR.LDIR_Ord, 2), {
    [LONG_PATH]: 'ENOENT',
    '/ALONGN~1.TEX': 700,
  }),
  mounted('a long entry without a number', 32, (v) => v.long(LONG, 1, LDIR.LDIR_Ord, 0), {
    // It is the mark of the directory's end.
    '/ALONGN~1.TEX': 'ENOENT',
  }),
  mounted('a long name that says it has 63 entries', 12, (v) => v.long(LONG, 3, LDIR.LDIR_Ord, 0x7f), {
    '/ALONGN~1.TEX': 700,
  }),
  mounted('a long name with a slash', 16, (v) => v.long(LONG, 1, [3, 2], 0x2f), { '/ALONGN~1.TEX': 700 }),
  mounted('a long name that begins with a zero', 16, (v) => v.long(LONG, 1, [1, 2], 0), { '/ALONGN~1.TEX': 700 }),
  mounted('a long name with half a character', 16, (v) => v.long(LONG, 1, [3, 2], 0xd800), {}),
  mounted('a long name without its short one', 16, (v) => v.entry(LONG, DIR.DIR_Name, 0xe5), { [LONG_PATH]: 'ENOENT' }),
  mounted('a second label', 16, (v) => v.entry(VICTIM, DIR.DIR_Attr, 0x08), { '/victim.bin': 'ENOENT' }),
];

export const HOSTILE: readonly Hostile[] = [...BOOT_SECTORS, ...VOLUMES, ...CHAINS, ...DIRECTORIES, ...NAMES];
