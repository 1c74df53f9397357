/** Filled volumes, judged by fsck.fat and mtools. */
import { describe, expect, test } from 'vitest';
import { fsck, mtoolsTree } from '../../e2e/images';
import type { FatBits } from './fat';
import { fatEntryBytes, fatNames } from './fat_entry';
import { type FatFile, type FilledFat, fillFat, readFatEntry, writeFatEntry } from './fat_fill';

const SECTORS: Readonly<Record<FatBits, number>> = { 12: 2880, 16: 20480, 32: 69632 };
const text = (string: string) => new TextEncoder().encode(string);
const bytes = (length: number, seed: number) => Uint8Array.from({ length }, (_, i) => (i * seed + (i >> 9)) & 0xff);

const FILES: FatFile[] = [
  { path: 'README.TXT', bytes: text('plain') },
  { path: 'lower.txt', bytes: text('flags') },
  { path: 'Mixed Case Name.html', bytes: bytes(70_000, 7) },
  { path: 'Mixed Case Other.html', bytes: bytes(513, 3) },
  { path: 'empty', bytes: new Uint8Array(0) },
  { path: '.profile', bytes: text('dot first') },
  { path: 'a.b.c', bytes: text('two dots') },
  { path: 'Größe ☺.md', bytes: text('not ASCII') },
  { path: 'exactly_13_ch', bytes: text('no zero ends this name') },
  { path: `${'n'.repeat(255)}`, bytes: text('longest') },
  { path: 'sub/deeper/x.bin', bytes: bytes(20_000, 5) },
  { path: 'nothing/', bytes: new Uint8Array(0) },
  ...Array.from({ length: 60 }, (_, i) => ({ path: `many/file number ${i}.text`, bytes: bytes(i * 40, i + 1) })),
];

function image({ writes }: FilledFat, bits: FatBits): Buffer {
  const all = Buffer.alloc(SECTORS[bits] * 512);
  for (const { offset, bytes } of writes) all.set(bytes, offset);
  return all;
}

describe.each([12, 16, 32] as const)('FAT%i', (bits) => {
  const options = { bits, sectors: SECTORS[bits], serial: 1, label: 'FILLED', time: Date.UTC(2026, 10, 24, 12) };

  test('mtools reads what was put in, and fsck.fat finds nothing', () => {
    const filled = image(fillFat(options, FILES), bits);
    expect(fsck(filled)).toBe('');
    const found = mtoolsTree(filled).filter(({ bytes }) => bytes !== undefined);
    const wanted = FILES.filter(({ path }) => !path.endsWith('/')).map(({ path, bytes }) => [
      `/${path}`,
      Buffer.from(bytes).toString('hex'),
    ]);
    expect(new Map(found.map(({ path, bytes }) => [path, bytes!.toString('hex')]))).toEqual(new Map(wanted as []));
    expect(mtoolsTree(filled)).toContainEqual({ path: '/nothing', bytes: undefined });
  });

  test('a gap leaves clusters out, and the next file gets them', () => {
    const size = 512 * (bits === 16 ? 4 : 1);
    const filled = fillFat(options, [
      { path: 'a', bytes: bytes(size * 4, 3), gap: 1 },
      { path: 'b', bytes: bytes(size * 4, 5) },
    ]);
    expect(filled.clusterSize).toBe(size);
    const first = bits === 32 ? 3 : 2;
    expect(filled.chains.get('/a')).toEqual([0, 2, 4, 6].map((n) => n + first));
    expect(filled.chains.get('/b')).toEqual([1, 3, 5, 7].map((n) => n + first));
    expect(fsck(image(filled, bits))).toBe('');
  });

  test('the volume can be filled to the last cluster, and not one further', () => {
    const { shape, clusterSize } = fillFat(options, []);
    const room = shape.clusters - (bits === 32 ? 1 : 0);
    const full = fillFat(options, [{ path: 'all', bytes: bytes(room * clusterSize, 3), gap: 3 }]);
    expect(full.free).toBe(0);
    expect(fsck(image(full, bits))).toBe('');
    const more = [{ path: 'all', bytes: new Uint8Array(room * clusterSize + 1) }];
    expect(() => fillFat(options, more)).toThrow('The files need 1 clusters more than there are.');
  });
});

test('the root directory of a FAT12 has an end', () => {
  const files = Array.from({ length: 225 }, (_, i) => ({ path: `F${i}`, bytes: new Uint8Array(0) }));
  expect(() => fillFat({ bits: 12, sectors: 2880 }, files)).toThrow('needs 225 entries, and has 224.');
});

test.each(['a:b', 'a*', 'x'.repeat(256), 'dot.', 'nul\0', '\ud800'])('no file can be named %j', (path) => {
  expect(() => fillFat({ bits: 12, sectors: 2880 }, [{ path, bytes: new Uint8Array(0) }])).toThrow(
    'cannot hold a file',
  );
});

test('short names: as they are, in lower case by two flags, or an alias beside the long one', () => {
  const taken = new Set<string>();
  const names = (name: string) => {
    const { short, flags, long } = fatNames(name, taken);
    return [String.fromCharCode(...short), flags, long];
  };
  expect(names('READ.ME')).toEqual(['READ    ME ', 0, undefined]);
  expect(names('hello.py')).toEqual(['HELLO   PY ', 0x18, undefined]);
  expect(names('MAKE.rs')).toEqual(['MAKE    RS ', 0x10, undefined]);
  expect(names('Hello.py')).toEqual(['HELLO~1 PY ', 0, 'Hello.py']);
  expect(names('hello world.py')).toEqual(['HELLOW~1PY ', 0, 'hello world.py']);
  expect(names('hello world 2.py')).toEqual(['HELLOW~2PY ', 0, 'hello world 2.py']);
  expect(names('.x')).toEqual(['X~1        ', 0, '.x']);
});

test('a long name as the bytes of its entries', () => {
  const entry = fatEntryBytes({
    ...fatNames('Fourteen chars', new Set()),
    attributes: 0x20,
    cluster: 0x12345,
    size: 6,
    time: 0,
  });
  const u16 = (at: number) => entry[at]! + entry[at + 1]! * 256;
  expect([entry.length, entry[0], entry[32], entry[11], entry[43]]).toEqual([96, 0x42, 0x01, 0x0f, 0x0f]);
  expect([u16(1), u16(3), u16(5)]).toEqual(['s'.charCodeAt(0), 0, 0xffff]);
  expect(String.fromCharCode(...entry.subarray(64, 75))).toBe('FOURTE~1   ');
  expect([u16(64 + 20), u16(64 + 26), u16(64 + 28)]).toEqual([1, 0x2345, 6]);
});

test('FAT12 entries share a byte, and setting one leaves its neighbours', () => {
  const fat = new Uint8Array(9);
  for (const [i, value] of [0xabc, 0xdef, 0x123, 0x456].entries()) writeFatEntry(fat, 12, i, value);
  expect([...fat.subarray(0, 6)]).toEqual([0xbc, 0xfa, 0xde, 0x23, 0x61, 0x45]);
  expect([0, 1, 2, 3].map((i) => readFatEntry(fat, 12, i))).toEqual([0xabc, 0xdef, 0x123, 0x456]);
});
