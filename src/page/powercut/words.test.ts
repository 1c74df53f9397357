import { expect, test } from 'vitest';
import { mkfs } from '../../../e2e/images';
import { changed } from '../../../e2e/mtools';
import type { WriteEntry } from '../../protocol/write_log_reader';
import type { Finding } from '../fat/check';
import { sourceOf } from '../fat/source';
import { changedRows } from './changed_rows';
import { type Examined, examine, reliesOn } from './examine';
import { placesWords, placeWords } from './place';
import { cacheWords, fsckWords, momentWords } from './words';

const write = { timeNs: 1_204_000_000 } as WriteEntry;

test('moments', () => {
  expect(momentWords(0, { first: 0, last: 0 }, undefined)).toBe('Nothing has been written yet');
  expect(momentWords(0, { first: 0, last: 1 }, undefined)).toBe('Before the first of 1 write');
  expect(momentWords(12, { first: 0, last: 31 }, write)).toBe('After write 12 of 31, 1.204 s after boot');
  expect(momentWords(9, { first: 9, last: 31 }, undefined)).toBe(
    'After write 9 of 31, the oldest moment that the log leads back to',
  );
});

test('what fsck would say', () => {
  const finding = (severity: Finding['severity'], ...clusters: number[]): Finding => {
    return { severity, kind: 'lost', text: 'It is so.', clusters };
  };
  const said = (verdict: Examined['verdict'], ...findings: Finding[]) =>
    fsckWords({ verdict, findings, volume: undefined, looked: [] });
  expect(said('clean', finding('note'))).toBe('fsck would say: clean.');
  expect(said('lost', finding('lost', 3, 4), finding('lost', 9))).toBe('fsck would say: 3 lost clusters.');
  expect(said('errors', finding('error'), finding('lost', 9))).toBe('fsck would say: 1 error and 1 lost cluster.');
});

test('what a cache could have done', () => {
  expect(cacheWords(7, 7)).toBe('All of it had been flushed: no cache could have lost any of it.');
  expect(cacheWords(8, 7)).toMatch(/^The last write was not flushed yet: .* could have lost it\./);
  expect(cacheWords(10, 7)).toMatch(/^The last 3 writes were not flushed yet: .* lost any of them/);
});

test('places: as mkfs.fat lays a FAT12 volume of 1 sector, 12 for each FAT, 32 for the root', async () => {
  const image = changed(mkfs(12, 4096, '-s', '1', '-r', '512'), { a: new Uint8Array(1500) }, [
    'mcopy',
    '@',
    'a',
    '::/a',
  ]);
  const disk = new Uint8Array(image.length + 8 * 512);
  disk.set(image, 8 * 512);
  // An MBR entry for all behind the first 8 sectors.
  disk.set([0x80, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 0, 16, 0, 0], 446);
  disk.set([0x55, 0xaa], 510);
  const { volume } = await examine(sourceOf(disk), 0);
  const at = (sector: number) => placeWords(volume, 8 + sector);
  expect([placeWords(volume, 0), placeWords(volume, 5), placeWords(volume, 8)]).toEqual([
    'the partition table',
    'sector 5, outside the partition',
    'the boot sector',
  ]);
  expect([at(1), at(12), at(13), at(25)]).toEqual([
    'FAT 1, sector 0',
    'FAT 1, sector 11',
    'FAT 2, sector 0',
    'the root directory, sector 0',
  ]);
  expect([at(57), at(59), at(60)]).toEqual(['cluster 2 of /a', 'cluster 4 of /a', 'cluster 5, free']);
  expect(placesWords(volume, [9, 9, 21, 33, 65, 66])).toBe(
    'FAT 1, sector 0; FAT 2, sector 0; the root directory, sector 0; and 2 more places',
  );
  expect(placeWords(undefined, 77)).toBe('sector 77');
});

test('a verdict relies on what was looked at', () => {
  const examined = { looked: [[5, 8]] } as unknown as Examined;
  expect([1, 4, 5, 7, 8].map((sector) => reliesOn(examined, sector, 1))).toEqual([false, false, true, true, false]);
  expect([reliesOn(examined, 0, 6), reliesOn(examined, 0, 5), reliesOn(examined, 0, 100)]).toEqual([true, false, true]);
});

test('rows of bytes that differ', () => {
  const before = new Uint8Array(512);
  const after = before.slice();
  after[16] = after[500] = 1;
  const rows = changedRows([{ sector: 3, before, after }], 16, 9);
  expect(rows.map(({ sector, offset, after: bytes }) => [sector, offset, bytes.length])).toEqual([
    [3, 16, 16],
    [3, 496, 16],
  ]);
  expect(changedRows([{ sector: 3, before, after }], 16, 1)).toHaveLength(1);
});
