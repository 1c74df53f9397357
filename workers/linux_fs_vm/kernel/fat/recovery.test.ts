/** Recovery of what a power cut leaves, built by hand: what it says, what it keeps, and that it may be cut itself. */
import { describe, expect, test } from 'vitest';
import { check } from './check';
import { replayCuts } from './cut_replay';
import type { FatInode } from './inode';
import { RamDisk } from './ram_disk';
import {
  BITS,
  type Bits,
  contents,
  digest,
  emptyImage,
  mountDisk,
  mountImage,
  names,
  pattern,
  putFile,
  seeded,
  tree,
} from './test_volume';

/** Mounts, lets `damage` write to the disk, and leaves the dirty bit set. */
function interrupted(bits: Bits, damage: (root: FatInode) => void): Uint8Array {
  const { volume, disk } = mountImage(emptyImage(bits));
  const { root } = volume;
  putFile(root, 'KEEP', pattern(900));
  const lastInSector = { 12: 340, 16: 255, 32: 127 }[bits];
  const { blocks, blocksFree } = volume.statfs();
  putFile(root, 'FILLER', new Uint8Array((lastInSector - 6 - (blocks - blocksFree)) * 512));
  putFile(root, 'LONG', pattern(9000, 2)); // its entries lie in two FAT sectors
  root.mkdir('DIR');
  damage(root);
  return disk.image;
}

function edit(inode: FatInode, change: (entry: Uint8Array) => void): void {
  const entry = inode.entry.slice();
  change(entry);
  inode.volume.io.write(inode.position!, entry);
}

const show = (root: FatInode) => [...tree(root)].sort().join('\n');

/** The log of the recovery; the same tree after a cut at any point of it and another recovery. */
function recovered(image: Uint8Array): { root: FatInode; log: string[] } {
  const disk = new RamDisk(image.slice());
  disk.record();
  const { volume, log } = mountDisk(disk);
  const wanted = show(volume.root);
  expect(check(disk).problems).toEqual([]);
  replayCuts(image, disk.epochs!, { exhaustive: 8, drawn: 60, next: seeded(5) }, (scratch) => {
    const again = new RamDisk(scratch);
    again.record();
    const found = check(again);
    expect(found.damage.concat(found.problems.filter((problem) => problem.includes('into free')))).toEqual([]);
    expect(show(mountDisk(again).volume.root)).toBe(wanted);
    expect(check(again).problems).toEqual([]);
    return again.epochs!.flat().map(({ sector }) => sector);
  });
  return { root: volume.root, log: log.slice(1) };
}

describe.each(BITS)('FAT%i', (bits) => {
  test('only the dirty bit', () => {
    expect(recovered(interrupted(bits, () => {})).log).toEqual([]);
  });

  test('a chain longer than its file, over two FAT sectors', () => {
    const image = interrupted(bits, (root) => edit(root.lookup('LONG'), (entry) => entry.set([0xbc, 0x02, 0, 0], 28)));
    const { root, log } = recovered(image);
    expect(digest(contents(root.lookup('LONG')))).toBe(digest(pattern(9000, 2).subarray(0, 700)));
    expect(log).toEqual(['FAT-fs (vda): 1 chain(s) longer than the file', 'FAT-fs (vda): 16 lost cluster(s)']);
  });

  test('a removed entry whose clusters were not freed, and a FAT that differs', () => {
    const image = interrupted(bits, (root) => {
      const { volume } = root;
      edit(root.lookup('LONG'), (entry) => void (entry[0] = 0xe5));
      volume.io.write(volume.geometry.fatStart + volume.geometry.fatLength + 20, Uint8Array.of(0x55));
    });
    const { root, log } = recovered(image);
    expect(names(root)).toEqual(['KEEP', 'FILLER', 'DIR']);
    expect(log).toEqual([
      'FAT-fs (vda): 1 FAT sector(s) differed between the copies',
      'FAT-fs (vda): 18 lost cluster(s)',
    ]);
  });

  test('of two entries with one first cluster the marked one is kept', () => {
    for (const marked of [true, false]) {
      const image = interrupted(bits, (root) => {
        const copy = root.create('COPY') as FatInode;
        const from = root.lookup('LONG').entry;
        edit(copy, (entry) => {
          entry.set(from.subarray(11), 11);
          if (marked) entry[12]! |= 0x40;
        });
      });
      const { root, log } = recovered(image);
      expect(names(root)).toEqual(
        ['KEEP', 'FILLER', marked ? 'COPY' : 'LONG', 'DIR'].sort((a, b) => order(a) - order(b)),
      );
      expect(log).toEqual(['FAT-fs (vda): 1 interrupted rename(s)']);
    }
  });

  test('long entries without a file are deleted', () => {
    const image = interrupted(bits, (root) => {
      const file = root.create('a long name for a file') as FatInode;
      edit(file, (entry) => void (entry[0] = 0xe5));
    });
    expect(recovered(image).log).toEqual(['FAT-fs (vda): 2 long-name part(s) without a file']);
  });
});

function order(name: string): number {
  return ['KEEP', 'FILLER', 'LONG', 'DIR', 'COPY'].indexOf(name);
}

test('a dirty volume on a read-only device is mounted as it is', () => {
  const disk = new RamDisk(interrupted(16, () => {}));
  disk.readOnly = true;
  const { log } = mountDisk(disk);
  expect(disk.writes).toBe(0);
  expect(log).toEqual(['FAT-fs (vda): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.']);
});
