/** Bytes typed from the documents, and what the map says about them. */
import { expect, test } from 'vitest';
import { DIR, LDIR } from '../../specs/fat';
import { fillFat } from '../../specs/fat_fill';
import { sourceOf } from '../fat/source';
import { readVolume, type Volume } from '../fat/volume';
import { type BlockField, bootBlocks, entryBlocks, fatBlocks, fieldsOf, tableBlocks } from './blocks';
import { clustersWords, clusterWords, fillWords, mapSentence, pairWords, sizeWords } from './map_words';

const SECTORS = 8192;
const bytes = (length: number) => new Uint8Array(length).fill(7);

async function made(bits: 12 | 16): Promise<{ image: Uint8Array; volume: Volume }> {
  const sectors = bits === 12 ? SECTORS : 4 * SECTORS;
  const image = new Uint8Array(sectors * 512);
  const files = [
    { path: 'pieces.bin', bytes: bytes(5 * 2048), gap: 1 },
    { path: 'A long name.txt', bytes: bytes(10) },
  ];
  for (const write of fillFat({ bits, sectors, serial: 1 }, files).writes) image.set(write.bytes, write.offset);
  const source = sourceOf(image);
  return { image, volume: await readVolume(source, { index: 0, startSector: 0, sectors }) };
}

const said = (fields: readonly BlockField[]) =>
  Object.fromEntries(fields.map(({ name, value, meaning }) => [name, `${value} ${meaning}`]));

test('a directory entry: every field of the table, with its value and what it means', () => {
  const entry = Uint8Array.from([
    ...Buffer.from('NOTES   TXT'),
    ...[0x21, 0x18, 0x64, 0x4a, 0x71, 0x78, 0x5d, 0x78, 0x5d, 0x00, 0x00, 0x50, 0x21, 0x78, 0x5d, 0x29, 0x00],
    ...[0x2c, 0x68, 0x00, 0x00],
  ]);
  const fields = fieldsOf(entry, DIR);
  expect(fields.map(({ name }) => name)).toEqual(Object.keys(DIR));
  expect(said(fields)).toMatchObject({
    DIR_Attr: '0x21 read-only, archive',
    DIR_WrtTime: '0x2150 04:10:32',
    DIR_WrtDate: '0x5d78 2026-11-24',
    DIR_FstClusLO: '0x0029 first cluster 41',
    DIR_FileSize: '0x0000682c 26\u2009668 bytes',
  });
  // A table that says otherwise is followed.
  const moved = { ...DIR, DIR_FileSize: [26, 2] as const };
  expect(said(fieldsOf(entry, moved)).DIR_FileSize).toBe('0x0029 41 bytes');
});

test('the entries of a long name lie in front of the short one, and each says its part', async () => {
  const { image, volume } = await made(12);
  const node = volume.nodes.find(({ name }) => name === 'A long name.txt')!;
  const blocks = await entryBlocks(volume, node, async (at, length) => image.subarray(at, at + length));
  expect(blocks.map(({ title }) => title)).toEqual([
    'Entry 1, a part of the long name',
    'Entry 2, a part of the long name',
    'Entry 3',
  ]);
  expect(Object.keys(said(blocks[0]!.fields))).toEqual(Object.keys(LDIR));
  expect(said(blocks[0]!.fields)).toMatchObject({
    LDIR_Ord: '0x42 number 2, the last',
    LDIR_Name1: expect.stringMatching(/xt$/),
  });
  expect(blocks[1]!.offset + 32).toBe(blocks[2]!.offset);
  expect(Buffer.from(blocks[2]!.bytes.subarray(0, 11)).toString()).toBe('ALONGN~1TXT');
});

test('FAT12: two entries in three bytes, by hand; an entry in two sectors says so', async () => {
  const { volume } = await made(12);
  // pieces.bin lies in 2, 4, 6, 8, 10: entries 2 and 3 are 004 and what the next file got.
  expect(pairWords(volume, 2)).toMatch(
    /^FAT12 packs two entries into three bytes\. Entries 2 and 3 are 04 f0 ff at 0x3 of the FAT: 0x004 is cluster 4, 0xfff is the end\.$/,
  );
  expect(pairWords(volume, 3)).toBe(pairWords(volume, 2));
  expect(pairWords(volume, 341)).toContain('Entry 341 lies in two sectors: a power cut between them tears it.');
  expect(pairWords((await made(16)).volume, 2)).toBeUndefined();
});

test('FAT entries: a window around the cluster, in both copies, and where they differ', async () => {
  const { image, volume } = await made(16);
  const { fatStart, fatLength } = volume.geometry;
  const blocks = fatBlocks(volume, 4);
  expect(blocks.map(({ title, offset }) => [title, offset])).toEqual([
    ['FAT 1 of 2', fatStart],
    ['FAT 2 of 2', fatStart + fatLength],
  ]);
  expect(said(blocks[0]!.fields)).toMatchObject({
    'entry 0': '0xfff8 media byte',
    'entry 4': '0x0006 next is 6',
    'entry 10': '0xffff end of a chain',
    'entry 12': '0x0000 free',
  });
  expect([blocks[0]!.marked, blocks[0]!.differs]).toEqual(['entry 4', new Set()]);
  image[fatStart + fatLength + 9] = 0x55;
  const next = await readVolume(sourceOf(image), volume.partition);
  expect(fatBlocks(next, 4)[1]!.differs).toEqual(new Set([9]));
});

test('the boot sector and a partition table, by the names of their documents', async () => {
  const { volume } = await made(12);
  expect(said(bootBlocks(volume)[0]!.fields)).toMatchObject({
    BPB_BytsPerSec: '0x0200 512',
    BPB_NumFATs: '0x02 2',
    BS_Reserved1: '0x00 clean',
    signature: '0xaa55 ',
  });
  const mbr = new Uint8Array(512);
  mbr.set([0x80, 0, 0, 0, 0x83, 0, 0, 0, 0x00, 0x08, 0, 0, 0xf8, 0x77, 0, 0], 446 + 16);
  const [block] = await tableBlocks('mbr', async () => mbr);
  expect(said(block!.fields)).toMatchObject({
    'entry 0 type': '0x00 empty',
    'entry 1 status': '0x80 active',
    'entry 1 type': '0x83 Linux',
    'entry 1 lbaStart': '0x00000800 sector 2\u2009048',
    'entry 1 sectors': '0x000077f8 15 MiB',
  });
  expect(await tableBlocks('none', async () => mbr)).toEqual([]);
});

test('clusters in words', async () => {
  const { volume } = await made(12);
  expect(clusterWords(volume, 6)).toBe('Cluster 6: /pieces.bin, number 3 of 5.');
  expect(clusterWords(volume, 100)).toBe('Cluster 100: free.');
  expect(clustersWords(volume, 2, 5)).toBe('Clusters 2 to 5: 1 free, 3 file; /pieces.bin and 1 more.');
  expect(mapSentence(volume, undefined)).toMatch(/^Cluster map, \d+ clusters: \d+ free, 6 file\. 2 files\.$/);
  expect(fillWords(volume)).toEqual(['Less than 1 % used by 2 files.']);
  expect([28, 1023, 26_668, 2 ** 20, 15.2 * 2 ** 20, 3.5 * 2 ** 30].map(sizeWords)).toEqual([
    '28 B',
    '1023 B',
    '26 KiB',
    '1.0 MiB',
    '15 MiB',
    '3.5 GiB',
  ]);
});
