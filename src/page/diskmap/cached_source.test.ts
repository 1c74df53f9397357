import { expect, test } from 'vitest';
import { CachedSource } from './cached_source';

const SECTORS = 1000;
const disk = () => Uint8Array.from({ length: SECTORS * 512 }, (_, i) => (i >> 9) % 251);

function watched(bytes: Uint8Array) {
  const asked: [offset: number, length: number][] = [];
  const source = new CachedSource(bytes.length / 512, async (offset, length) => {
    asked.push([offset, length]);
    expect(offset + length).toBeLessThanOrEqual(bytes.length);
    return bytes.slice(offset, offset + length);
  });
  return { asked, source };
}

test('any stretch is what the disk has, and what is known is not asked for again', async () => {
  const bytes = disk();
  const { asked, source } = watched(bytes);
  for (const [sector, count] of [
    [0, 1],
    [63, 2],
    [500, 400],
    [999, 1],
    [0, 1000],
  ] as const) {
    const read = await source.read(sector, count);
    expect(Buffer.compare(read, bytes.subarray(sector * 512, (sector + count) * 512)), `${sector}`).toBe(0);
  }
  expect(asked.reduce((sum, [, length]) => sum + length, 0)).toBe(bytes.length);
  const before = asked.length;
  await source.read(0, 1000);
  expect(asked.length).toBe(before);
});

test('what is written goes over what is known, across the pieces that are kept, and says whether it did', async () => {
  const { asked, source } = watched(disk());
  await source.read(0, 128);
  expect(source.patch(62, new Uint8Array(4 * 512).fill(0xee))).toBe(true);
  const read = await source.read(61, 6);
  expect([0, 1, 2, 3, 4, 5].map((i) => read[i * 512])).toEqual([61, 0xee, 0xee, 0xee, 0xee, 66]);
  expect(source.patch(700, new Uint8Array(512).fill(1))).toBe(false);
  expect(source.patch(127, new Uint8Array(1024).fill(0xdd))).toBe(true);
  expect((await source.read(127, 1))[0]).toBe(0xdd);
  expect(asked.length).toBe(1);
});

test('a write past the end of the disk, and one of nothing, change nothing else', async () => {
  const { source } = watched(disk());
  await source.read(990, 10);
  expect(source.patch(999, new Uint8Array(64 * 512).fill(0xcc))).toBe(true);
  expect((await source.read(998, 2))[0]).toBe(998 % 251);
  expect((await source.read(999, 1))[511]).toBe(0xcc);
  expect(source.patch(2 ** 40, new Uint8Array(512))).toBe(false);
  expect(source.patch(0, new Uint8Array(0))).toBe(false);
});

test('what is handed out is not changed by what is written later', async () => {
  const { source } = watched(disk());
  const read = await source.read(5, 1);
  source.patch(5, new Uint8Array(512).fill(0xee));
  expect(read[0]).toBe(5);
});
