/** For tests: the operations whose every write is a place to cut the power, on volumes prepared for them. */
import type { Inode } from '../vfs';
import type { FatInode } from './inode';
import { type Bits, emptyImage, mountImage, names, pattern, putFile, walk } from './test_volume';

export const NAME = {
  '8.3': 'FILE.TXT',
  'a long name in one sector': 'a long name.txt',
  'a long name over two sectors': 'a long name.txt',
};
export type NameKind = keyof typeof NAME;

export interface Operation {
  readonly title: string;
  readonly setUp?: (root: Inode, name: string) => void;
  /** Each step is one call: the tree after a cut is that before or after it. */
  readonly steps: ((root: Inode, name: string) => void)[];
}

/** Uses clusters up to a few before the end of a FAT sector, so that the next chain has entries in two. */
function fillFatSector(root: Inode): void {
  const { volume } = root as FatInode;
  const lastInSector = { 12: 340, 16: 255, 32: 127 }[volume.geometry.bits];
  const { blocks, blocksFree } = volume.statfs();
  putFile(root, 'filler', new Uint8Array((lastInSector - 6 - (blocks - blocksFree)) * 512));
}

const file =
  (length: number, seed = 1) =>
  (root: Inode, name: string) =>
    void putFile(root, name, pattern(length, seed));

export const OPERATIONS: Operation[] = [
  { title: 'create', steps: [(root, name) => void root.create(name)] },
  {
    title: 'create and write',
    steps: [(root, name) => void root.create(name), (root, name) => void root.lookup(name).write(0, pattern(1300))],
  },
  {
    title: 'append within a cluster',
    setUp: file(600),
    steps: [(root, name) => void root.lookup(name).write(600, pattern(100, 2))],
  },
  {
    title: 'append clusters',
    setUp: file(600),
    steps: [(root, name) => void root.lookup(name).write(600, pattern(2000, 2))],
  },
  {
    title: 'append over FAT sectors',
    setUp: (root, name) => {
      fillFatSector(root);
      file(600)(root, name);
    },
    steps: [(root, name) => void root.lookup(name).write(600, pattern(12_000, 2))],
  },
  {
    title: 'write past a gap',
    setUp: file(100),
    steps: [(root, name) => void root.lookup(name).write(1700, pattern(100, 2))],
  },
  { title: 'truncate up', setUp: file(700), steps: [(root, name) => root.lookup(name).truncate(2600)] },
  { title: 'truncate down', setUp: file(2600), steps: [(root, name) => root.lookup(name).truncate(700)] },
  {
    title: 'truncate a chain over FAT sectors',
    setUp: (root, name) => {
      fillFatSector(root);
      file(12_000)(root, name);
    },
    steps: [(root, name) => root.lookup(name).truncate(700)],
  },
  { title: 'truncate to nothing', setUp: file(2600), steps: [(root, name) => root.lookup(name).truncate(0)] },
  { title: 'unlink', setUp: file(2600), steps: [(root, name) => root.unlink(name)] },
  {
    title: 'unlink, then write elsewhere',
    setUp: file(2600),
    steps: [
      (root, name) => root.unlink(name),
      (root) => void root.create('other'),
      (root) => void root.lookup('other').write(0, pattern(2600, 9)),
    ],
  },
  {
    title: 'truncate, then write elsewhere',
    setUp: (root, name) => {
      // Its next clusters are those that the truncation frees.
      putFile(root, 'other', pattern(500, 3));
      file(2600)(root, name);
    },
    steps: [
      (root, name) => root.lookup(name).truncate(700),
      (root) => void root.lookup('other').write(500, pattern(1200, 9)),
    ],
  },
  { title: 'mkdir', steps: [(root, name) => void root.mkdir(name)] },
  { title: 'rmdir', setUp: (root, name) => void root.mkdir(name), steps: [(root, name) => root.rmdir(name)] },
  { title: 'rename in place', setUp: file(700), steps: [(root, name) => root.rename(name, root, 'NEWNAME.TXT')] },
  {
    title: 'rename to a longer name',
    setUp: file(700),
    steps: [(root, name) => root.rename(name, root, `${name} ${'x'.repeat(200)}`)],
  },
  {
    title: 'rename into a directory',
    setUp: file(700),
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  {
    title: 'rename into a full directory',
    setUp: file(700),
    steps: [(root, name) => root.rename(name, walk(root, 'full'), name)],
  },
  {
    title: 'rename an empty file',
    setUp: file(0),
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  {
    title: 'rename a directory',
    setUp: (root, name) => void putFile(root.mkdir(name), 'inside', pattern(600)),
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  {
    title: 'rename over a file',
    setUp: (root, name) => {
      file(700)(root, name);
      putFile(walk(root, 'dir'), name, pattern(1500, 5));
    },
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  {
    title: 'rename an empty file over a file',
    setUp: (root, name) => {
      file(0)(root, name);
      putFile(walk(root, 'dir'), name, pattern(1500, 5));
    },
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  {
    title: 'rename a directory over an empty one',
    setUp: (root, name) => {
      putFile(root.mkdir(name), 'inside', pattern(600));
      walk(root, 'dir').mkdir(name);
    },
    steps: [(root, name) => root.rename(name, walk(root, 'dir'), name)],
  },
  { title: 'create in a full directory', steps: [(root, name) => void walk(root, 'full').create(name)] },
  { title: 'mkdir in a full directory', steps: [(root, name) => void walk(root, 'full').mkdir(name)] },
];

/** A volume whose free clusters are full of old bytes, with files that no operation touches. */
export function prepared(bits: Bits, kind: NameKind, operation: Operation): Uint8Array {
  const image = emptyImage(bits);
  const { root, volume, disk } = mountImage(image);
  disk.image.fill(0xee, volume.geometry.dataStart + (bits === 32 ? 512 : 0));
  putFile(root, 'BYSTAND.ER', pattern(1100, 7));
  root.mkdir('dir');
  const full = root.mkdir('full');
  for (let i = 0; i < 14 - (kind === 'a long name over two sectors' ? 1 : 0); i++) full.create(`F${i}`);
  // The next set begins in the last slot of a sector.
  if (kind === 'a long name over two sectors')
    while (names(root).length % 16 !== 15) root.create(`PAD${names(root).length}`);
  operation.setUp?.(root, NAME[kind]);
  volume.unmount();
  return image;
}
