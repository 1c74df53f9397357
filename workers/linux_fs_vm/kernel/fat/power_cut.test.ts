/** Cuts the power at every write of every operation: nothing but the allowed classes, and recovery makes all of it sound. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Inode } from '../vfs';
import { check } from './check';
import { type ReplayOptions, replayCuts } from './cut_replay';
import type { FatInode } from './inode';
import { RamDisk } from './ram_disk';
import {
  BITS,
  type Bits,
  emptyImage,
  mountDisk,
  mountImage,
  names,
  pattern,
  putFile,
  seeded,
  tree,
  walk,
} from './test_volume';

const NIGHTLY = Boolean(process.env.NIGHTLY);
const hasFsck = existsSync('/usr/sbin/fsck.fat');
const FSCK_EVERY = NIGHTLY ? 50 : 97;
const RECUT_EVERY = NIGHTLY ? 29 : 37;
/** Classes of reliability bar 6, and the two entries of a rename in flight. */
const ALLOWED =
  /^(The dirty bit is set.*|\d+ (FAT sector\(s\) differed.*|long-name part.*|chain\(s\) longer.*|lost cluster.*|interrupted rename.*|entry\(ies\) with the mark.*|"\.\." entry.*)|FSInfo says.*)$/;

/** What fsck.fat says of any FAT32 as small as those tested here. */
const FEW_CLUSTERS = /^Warning: Filesystem is FAT32|^ +(but has only|This may lead)/;

const NAME = {
  '8.3': 'FILE.TXT',
  'a long name in one sector': 'a long name.txt',
  'a long name over two sectors': 'a long name.txt',
};
type NameKind = keyof typeof NAME;

interface Operation {
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

const OPERATIONS: Operation[] = [
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
function prepared(bits: Bits, kind: NameKind, operation: Operation): Uint8Array {
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

let judged = 0;
afterAll(() => {
  if (process.env.SHOW_COUNTS) process.stderr.write(`states: ${judged}, and ${rejudged} with a second cut\n`);
});
let rejudged = 0;

function show(map: Map<string, string>): string {
  return [...map]
    .sort()
    .map((pair) => pair.join(' '))
    .join('\n');
}

describe.each(BITS)('FAT%i', (bits) => {
  describe.each(Object.keys(NAME) as NameKind[])('%s', (kind) => {
    test.each(OPERATIONS)('$title', (operation) => {
      const before = prepared(bits, kind, operation);
      const disk = new RamDisk(before.slice());
      disk.record();
      const { root, volume } = mountDisk(disk);
      const allowed = new Set([show(tree(root))]);
      for (const step of operation.steps) {
        step(root, NAME[kind]);
        allowed.add(show(tree(root)));
      }
      expect(allowed.size).toBe(operation.steps.length + 1);
      volume.sync();
      let state = 0;
      const options = {
        exhaustive: NIGHTLY ? 7 : 4,
        drawn: NIGHTLY ? 256 : 6,
        next: seeded(bits + operation.title.length),
      };
      const states = replayCuts(before, disk.epochs!, options, (scratch) => {
        const number = state++;
        if (number % RECUT_EVERY === 5) cutRecovery(scratch, allowed, options);
        return judge(scratch, allowed, number % FSCK_EVERY === 13);
      });
      judged += states;
      expect(states).toBeGreaterThan(3);
    });
  });
});

/** The power fails again, during the recovery. */
function cutRecovery(cut: Uint8Array, allowed: Set<string>, options: ReplayOptions): void {
  const disk = new RamDisk(cut.slice());
  disk.record();
  mountDisk(disk);
  rejudged += replayCuts(cut, disk.epochs!, options, (scratch) => judge(scratch, allowed, false));
}

/** Everything that must hold of one cut disk. Returns the sectors that recovery wrote. */
function judge(scratch: Uint8Array, allowed: Set<string>, ask: boolean): Iterable<number> {
  const found = check(new RamDisk(scratch));
  for (const problem of found.problems) expect(problem).toMatch(ALLOWED);
  expect(found.damage).toEqual([]);
  const disk = new RamDisk(scratch);
  disk.record();
  const recovered = mountDisk(disk);
  expect(recovered.volume.readOnly).toBe(false);
  const after = show(tree(recovered.root));
  if (!allowed.has(after)) throw new Error(`neither old nor new:\n${after}\nallowed:\n${[...allowed].join('\n---\n')}`);
  recovered.volume.unmount();
  expect(check(new RamDisk(scratch)).problems).toEqual([]);
  if (ask && hasFsck) expect(fsck(scratch)).toBe('');
  return disk.epochs!.flat().map(({ sector }) => sector);
}

function fsck(image: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'fat-cut-'));
  try {
    writeFileSync(join(folder, 'image'), image);
    const { status, stdout, stderr } = spawnSync('/usr/sbin/fsck.fat', ['-n', join(folder, 'image')], {
      encoding: 'utf8',
    });
    const lines = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => !/^(fsck\.fat .*|.*: \d+ files, .*|)$/.test(line) && !FEW_CLUSTERS.test(line));
    return status === 0 && lines.length === 0 ? '' : `exit ${status}: ${lines.join(' / ')}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
