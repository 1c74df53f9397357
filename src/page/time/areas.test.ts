import { expect, test } from 'vitest';
import { defaultDisk } from '../../specs/disk_image';
import { areaSectors, areasOf } from './areas';

/** A boot sector with these [offset, bytes, value], typed from the FAT specification. */
function boot(...fields: readonly (readonly [offset: number, size: 1 | 2 | 4, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  for (const [offset, size, value] of [...fields, [510, 2, 0xaa55] as const]) {
    if (size === 1) view.setUint8(offset, value);
    else if (size === 2) view.setUint16(offset, value, true);
    else view.setUint32(offset, value, true);
  }
  return bytes;
}

/** A floppy of 1.44 MB as everybody formats it. */
const FLOPPY = boot([11, 2, 512], [14, 2, 1], [16, 1, 2], [17, 2, 224], [19, 2, 2880], [22, 2, 9]);
const FAT32 = boot([11, 2, 512], [14, 2, 32], [16, 1, 2], [32, 4, 1_000_000], [36, 4, 7_800]);

const reader = (disk: Uint8Array) => async (offset: number, length: number) => disk.slice(offset, offset + length);

test('a FAT12 volume: boot sector, both FATs, root directory, data', () => {
  expect(areasOf(FLOPPY)).toEqual([
    { name: 'boot sector', from: 0, count: 1 },
    { name: 'FAT', from: 1, count: 18 },
    { name: 'root directory', from: 19, count: 14 },
    { name: 'data', from: 33, count: 2847 },
  ]);
});

test('a FAT32 volume has no root directory of its own', () => {
  expect(areasOf(FAT32).map(({ name, from }) => [name, from])).toEqual([
    ['boot sector', 0],
    ['FAT', 32],
    ['data', 15_632],
  ]);
});

test('sectors larger than 512 bytes count as several', () => {
  const large = boot([11, 2, 2048], [14, 2, 1], [16, 1, 1], [17, 2, 512], [19, 2, 1000], [22, 2, 3]);
  expect(areasOf(large).slice(0, 3)).toEqual([
    { name: 'boot sector', from: 0, count: 4 },
    { name: 'FAT', from: 4, count: 12 },
    { name: 'root directory', from: 16, count: 32 },
  ]);
});

test('what is no FAT volume is refused in one sentence', () => {
  expect(() => areasOf(new Uint8Array(512))).toThrow('There is no FAT volume on the disk.');
  expect(() => areasOf(boot([11, 2, 512], [16, 1, 2]))).toThrow('There is no FAT volume on the disk.');
});

test('on a disk without a table, in a partition of an MBR, and in one of a GPT', async () => {
  expect(await areaSectors(reader(FLOPPY), 0, 'FAT')).toEqual({ from: 1, count: 18 });

  const mbr = new Uint8Array(100 * 512);
  const view = new DataView(mbr.buffer);
  mbr[446 + 16 + 4] = 0x06;
  view.setUint32(446 + 16 + 8, 63, true);
  view.setUint16(510, 0xaa55, true);
  mbr.set(FLOPPY, 63 * 512);
  expect(await areaSectors(reader(mbr), 1, 'root directory')).toEqual({ from: 63 + 19, count: 14 });
  await expect(areaSectors(reader(mbr), 5, 'FAT')).rejects.toThrow(/^Partition 5 is a logical one/);

  const gpt = new Uint8Array(100 * 512);
  const entry = new DataView(gpt.buffer);
  gpt[446 + 4] = 0xee;
  entry.setUint16(510, 0xaa55, true);
  entry.setBigUint64(512 + 72, 2n, true);
  entry.setUint32(512 + 84, 128, true);
  entry.setBigUint64(1024 + 5 * 128 + 32, 70n, true);
  gpt.set(FLOPPY, 70 * 512);
  expect(await areaSectors(reader(gpt), 5, 'FAT')).toEqual({ from: 71, count: 18 });
  await expect(areaSectors(reader(gpt), 5, 'moon' as never)).rejects.toThrow(/The volume has no moon of its own/);
});

test("this project's own disk", async () => {
  const disk = new Uint8Array(16 * 1024 * 1024);
  defaultDisk(1, (offset, bytes) => disk.set(bytes, offset));
  expect((await areaSectors(reader(disk), 0, 'boot sector')).from).toBe(2048);
});
