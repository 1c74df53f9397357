/** The default disk, judged by programs nobody here wrote, and by the digits of the original's build. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fsck, inFolder, mtoolsTree, partition } from '../../e2e/images';
import { tool } from '../../e2e/tools';
import { defaultDisk } from './disk_image';

function image(): Buffer {
  const bytes = Buffer.alloc(16 * 1024 * 1024);
  defaultDisk(0x1234_abcd, (offset, part) => bytes.set(part, offset));
  return bytes;
}

test('one partition of type 0x83 from sector 2048, 30712 sectors long, as sfdisk reads it', () => {
  inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, image());
    const table = JSON.parse(tool('sfdisk', ['--json', file]).toString());
    expect(table.partitiontable).toMatchObject({ label: 'dos', unit: 'sectors', sectorsize: 512 });
    expect(table.partitiontable.partitions).toMatchObject([{ start: 2048, size: 30712, type: '83' }]);
    expect(tool('sfdisk', ['--verify', file]).toString()).toContain('No errors detected');
  });
});

test('an empty FAT12 volume that fsck.fat finds nothing wrong with and mtools can read', () => {
  const volume = partition(image());
  expect(volume.length).toBe(30712 * 512);
  expect(volume.toString('latin1', 54, 62)).toBe('FAT12   ');
  expect(volume.readUInt32LE(39), 'serial').toBe(0x1234_abcd);
  expect(fsck(volume)).toBe('');
  expect(mtoolsTree(volume)).toEqual([]);
});

test('everything that is not written is zero, so that a fresh file or memory will do', () => {
  const disk = image();
  let written = 0;
  defaultDisk(1, (_, part) => {
    written += part.length;
  });
  expect(written).toBeLessThan(64 * 1024);
  expect(disk.subarray(512, 2048 * 512).every((byte) => byte === 0)).toBe(true);
});
