/** Images of every kind that mkfs.fat, sfdisk and mtools make, through the partition table: mounted, and read as mtools reads them. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inFolder, mtoolsTree } from '../../../../e2e/images';
import { tool } from '../../../../e2e/tools';
import { readRecord, recordBlock } from '../../../blk_virt/logical';
import { readGptEntries, readTable, refusal } from '../../../blk_virt/partitions';
import { Errno } from '../errno';
import { RamDisk } from './ram_disk';
import { contents, mountDisk, pattern, tree, walk } from './test_volume';

const FILES: readonly (readonly [string, Uint8Array])[] = [
  ['/README.TXT', pattern(5, 1)],
  ['/A long name, with commas.html', pattern(30_000, 2)],
  ['/Ünïcode ☺.md', pattern(3000, 3)],
  ['/sub/empty', new Uint8Array(0)],
  ['/sub/deeper/x.bin', pattern(9000, 4)],
];

/** Puts the files on the volume that `drive` (an option of mtools) is. */
function putFiles(drive: readonly string[]): void {
  for (const folder of ['/sub', '/sub/deeper']) tool('mmd', [...drive, `::${folder}`]);
  for (const [path, bytes] of FILES) tool('mcopy', [...drive, '-', `::${path}`], bytes);
}

function volume(kib: number, ...flags: string[]): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, '');
    truncateSync(file, kib * 1024);
    tool('mkfs.fat', [...flags, file]);
    putFiles(['-i', file]);
    return readFileSync(file);
  });
}

/** The window that blk_virt gives a client, read from the table as it reads it. */
function partition(image: Uint8Array, index: number): Uint8Array {
  // A Buffer's slices share its memory; those of the driver's region do not.
  const disk = new Uint8Array(image);
  const sectors = disk.length / 512;
  const block = (number: number, count = 1) => disk.slice(number * 4096, (number + count) * 4096);
  let table = readTable(block(0), sectors);
  if ('gpt' in table) table = readGptEntries(table.gpt, block(table.gpt.wanted.block, table.gpt.wanted.count));
  while ('logical' in table) table = readRecord(table.logical, block(recordBlock(table.logical)));
  if ('refused' in table) throw new Error(table.refused);
  expect(refusal(table, index, sectors)).toBeUndefined();
  const { startSector, sectors: length } = table.partitions[index]!;
  return disk.subarray(startSector * 512, (startSector + Math.floor(length / 8) * 8) * 512);
}

function readsAsMtoolsDoes(ours: Uint8Array, theirs: Buffer): void {
  const { root, volume, disk } = mountDisk(new RamDisk(ours));
  const found = mtoolsTree(theirs);
  expect([...tree(root).keys()].sort()).toEqual(found.map(({ path, bytes }) => (bytes ? path : `${path}/`)).sort());
  expect(found.filter(({ bytes }) => bytes)).toHaveLength(FILES.length);
  for (const { path, bytes } of found)
    if (bytes) expect(Buffer.compare(contents(walk(root, path)), bytes), path).toBe(0);
  volume.unmount();
  expect(disk.writes, 'only read').toBe(0);
}

describe('mkfs.fat', () => {
  test.each<[string, number, string[]]>([
    ['a floppy of 720 KiB', 720, []],
    ['a floppy of 1440 KiB', 1440, []],
    ['a floppy of 2880 KiB', 2880, []],
    ['FAT12, one sector in a cluster', 2040, ['-F', '12', '-s', '1']],
    ['FAT12, 128 sectors in a cluster', 65_536, ['-F', '12', '-s', '128']],
    ['FAT12, one FAT', 4096, ['-F', '12', '-f', '1']],
    ['FAT12, four FATs', 4096, ['-F', '12', '-f', '4']],
    ['FAT12, sectors of 1024', 4096, ['-F', '12', '-S', '1024']],
    ['FAT16, the smallest', 2200, ['-F', '16', '-s', '1']],
    ['FAT16, 64 sectors in a cluster', 133_120, ['-F', '16', '-s', '64']],
    ['FAT16, 16 root entries', 16_384, ['-F', '16', '-r', '16']],
    ['FAT16, sectors of 2048', 65_536, ['-F', '16', '-S', '2048']],
    ['FAT16, 100 reserved sectors', 16_384, ['-F', '16', '-R', '100']],
    ['FAT16, not aligned', 16_384, ['-F', '16', '-a']],
    ['FAT32, one sector in a cluster', 34_816, ['-F', '32', '-s', '1']],
    ['FAT32, 2 sectors in a cluster', 69_632, ['-F', '32', '-s', '2']],
    ['FAT32, sectors of 4096', 270_336, ['-F', '32', '-S', '4096', '-s', '1']],
    ['FAT32, no backup of the boot sector', 34_816, ['-F', '32', '-b', '0']],
    ['with a label', 4096, ['-n', 'LABEL']],
  ])('%s', (_, kib, flags) => {
    const image = volume(kib, ...flags);
    readsAsMtoolsDoes(partition(image, 0), image);
  });
});

test('mformat: a floppy, and its FAT32', () => {
  for (const flags of [
    ['-f', '1440'],
    ['-F', '-T', '70000', '-h', '16', '-s', '63'],
  ]) {
    const image = inFolder((folder) => {
      const file = join(folder, 'volume.img');
      tool('mformat', ['-C', '-i', file, ...flags, '::']);
      putFiles(['-i', file]);
      const whole = readFileSync(file);
      return Buffer.concat([whole, Buffer.alloc((8 - ((whole.length / 512) % 8)) * 512)]);
    });
    readsAsMtoolsDoes(partition(image, 0), image);
  }
});

describe('sfdisk', () => {
  test.each<[string, string, number, number]>([
    ['MBR, one primary', 'label: dos\n,,c\n', 0, 0],
    ['MBR, the fourth primary', 'label: dos\n,2M,c\n,2M,c\n,2M,c\n,,c\n', 3, 3],
    ['MBR, bootable', 'label: dos\n,,c,*\n', 0, 0],
    ['MBR, the third logical', 'label: dos\n,2M,c\n,,5\n,3M,b\n,3M,b\n,4M,b\n', 4, 6],
    ['GPT, one', 'label: gpt\n,,EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n', 0, 0],
    ['GPT, the EFI system partition', 'label: gpt\n,4M,U\n,4M,L\n', 0, 0],
    ['GPT, the last of many', `label: gpt\n${',1M,L\n'.repeat(9)},4M,L\n`, 9, 9],
  ])('%s', (_, script, theirs, ours) => {
    const { disk, inPartition } = inFolder((folder) => {
      const file = join(folder, 'disk.img');
      writeFileSync(file, Buffer.alloc(24 << 20));
      tool('sfdisk', ['--quiet', file], script);
      const { partitiontable: table } = JSON.parse(String(tool('sfdisk', ['--json', file])));
      const { start, size } = table.partitions[theirs] as { start: number; size: number };
      const inPartition = volume(size / 2, '-F', '12', '-h', String(start));
      const disk = readFileSync(file);
      disk.set(inPartition, start * 512);
      return { disk, inPartition };
    });
    readsAsMtoolsDoes(partition(disk, ours), inPartition);
  });
});

describe('what is no FAT is named', () => {
  const made = (...command: string[]) =>
    inFolder((folder) => {
      const file = join(folder, 'x.img');
      writeFileSync(file, Buffer.alloc(8 << 20));
      tool(command[0]!, [...command.slice(1), file]);
      return readFileSync(file);
    });
  const withText = (at: number, text: string) => {
    const image = Buffer.alloc(1 << 20);
    image.write(text, at, 'latin1');
    return image;
  };
  test.each<[string, () => Uint8Array]>([
    ['an ext4 file system', () => made('mkfs.ext4', '-q')],
    ['an ext2 file system', () => made('mkfs.ext2', '-q')],
    ['Linux swap space', () => made('mkswap')],
    ['a LUKS encrypted volume', () => withText(0, 'LUKS\xba\xbe')],
    ['an XFS file system', () => withText(0, 'XFSB')],
    ['a Btrfs file system', () => withText(0x10040, '_BHRfS_M')],
    ['a SquashFS file system', () => withText(0, 'hsqs')],
    ['an ISO 9660 file system', () => withText(0x8001, 'CD001')],
    ['an NTFS file system', () => withText(0, '\xeb\x52\x90NTFS    ')],
    ['an exFAT file system', () => withText(0, '\xeb\x76\x90EXFAT   ')],
    ['an F2FS file system', () => withText(1024, '\x10\x20\xf5\xf2')],
    ['a QEMU disk image in the format qcow2', () => withText(0, 'QFI\xfb')],
    ['a ZIP archive', () => withText(0, 'PK\x03\x04')],
  ])('%s', (name, image) => {
    const device = new RamDisk(partition(image(), 0));
    expect(() => mountDisk(device)).toThrow(Errno);
    expect(() => mountDisk(device)).toThrow(`The device holds ${name}, not a FAT file system.`);
  });
});
