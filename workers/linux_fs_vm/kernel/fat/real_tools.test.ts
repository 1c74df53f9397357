/** dosfstools and mtools as judges: they made the volumes we read, and they read and check the volumes we wrote. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inFolder } from '../../../../e2e/images';
import { ran, tool } from '../../../../e2e/tools';
import {
  BITS,
  contents,
  digest,
  emptyImage,
  mountImage,
  NOON,
  names,
  pattern,
  putFile,
  seeded,
  tree,
  walk,
} from './test_volume';
import { type Model, modelTree, randomStep } from './tree_model';

const hasTools = ['/usr/sbin/mkfs.fat', '/usr/sbin/fsck.fat', '/usr/bin/mcopy', '/usr/bin/mdir'].every(existsSync);
const OPERATIONS = process.env.NIGHTLY ? 20_000 : 400;

function withImage<T>(image: Uint8Array, use: (path: string, folder: string) => T): T {
  return inFolder((folder) => {
    const path = join(folder, 'image');
    writeFileSync(path, image);
    return use(path, folder);
  });
}

/** What fsck.fat finds wrong: nothing on a sound volume. */
function fsck(image: Uint8Array, flags: string[] = ['-n', '-V']): string {
  return withImage(image, (path) => {
    const { status, stdout, stderr } = ran('fsck.fat', [...flags, path]);
    const quiet =
      /^(fsck\.fat .*|Starting check\/repair pass\.|Starting verification pass\.|.*: \d+ files, \d+\/\d+ clusters|)$/;
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => !quiet.test(line));
    return status === 0 && lines.length === 0 ? '' : `exit ${status}\n${lines.join('\n')}`;
  });
}

/** Paths below `prefix`, directories with a slash, as `mdir -/ -b -a` lists them. */
function mdir(path: string): string[] {
  const listed = tool('mdir', ['-/', '-b', '-a', '-i', path, '::/']).toString();
  return listed
    .split('\n')
    .filter((line) => line.startsWith('::/') && line !== '::/')
    .map((line) => line.slice(2))
    .filter((line) => !/\/\.{1,2}\/?$/.test(line))
    .sort();
}

function mtype(path: string, file: string): Uint8Array {
  return tool('mtype', ['-i', path, `::${file}`]);
}

const KINDS = [
  ['FAT12 floppy', ['-F', '12'], 1440],
  ['FAT12, the default disk', ['-F', '12', '-S', '512'], 15356],
  ['FAT16', ['-F', '16'], 16384],
  ['FAT16, 4096-byte sectors', ['-F', '16', '-S', '4096', '-s', '1'], 20480],
  ['FAT32', ['-F', '32'], 34816],
] as const;

describe.skipIf(!hasTools)('volumes made by mkfs.fat and mcopy', () => {
  test.each(KINDS)('%s reads the same here as with mtools, and after our writes it is sound', (_, flags, kib) => {
    withImage(new Uint8Array(kib * 1024), (path, folder) => {
      tool('mkfs.fat', [...flags, '-n', 'LABEL', path]);
      const files = new Map<string, Uint8Array>([
        ['/README.TXT', pattern(5, 1)],
        ['/lower.txt', pattern(1000, 2)],
        ['/Mixed Case Name.html', pattern(70_000, 3)],
        ['/empty', new Uint8Array(0)],
        ['/Дневник ☺ ü.md', pattern(3000, 4)],
        ['/sub/deeper/x.bin', pattern(20_000, 5)],
      ]);
      for (const folderName of ['/sub', '/sub/deeper']) {
        tool('mmd', ['-i', path, `::${folderName}`]);
      }
      for (const [name, bytes] of files) {
        writeFileSync(join(folder, 'one'), bytes);
        tool('mcopy', ['-i', path, join(folder, 'one'), `::${name}`]);
      }
      const { volume, root, disk } = mountImage(new Uint8Array(readFileSync(path)));
      expect([...tree(root).keys()].sort()).toEqual(mdir(path));
      for (const [name, bytes] of files) expect(contents(walk(root, name))).toEqual(bytes);
      walk(root, 'sub').rename('deeper', root, 'Moved Here');
      putFile(walk(root, 'Moved Here'), 'new file.txt', pattern(9000, 6));
      root.unlink('mixed case name.HTML');
      volume.unmount();
      expect(fsck(disk.image)).toBe('');
      writeFileSync(path, disk.image);
      expect(mdir(path)).toEqual([...tree(mountImage(disk.image).root).keys()].sort());
      expect(new Uint8Array(mtype(path, '/Moved Here/new file.txt'))).toEqual(pattern(9000, 6));
    });
  });
});

describe.skipIf(!hasTools)('random operations against a model', () => {
  const seeds = process.env.NIGHTLY ? Array.from({ length: 20 }, (_, i) => i + 1) : [1, 2];
  test.each(BITS.flatMap((bits) => seeds.map((seed) => [bits, seed] as const)))('FAT%i, seed %i', (bits, seed) => {
    const image = emptyImage(bits, { 12: 2048, 16: 8192, 32: 67584 }[bits], 1); // mtools takes a FAT32 of few clusters for a FAT16;
    const mounted = mountImage(image);
    const next = seeded(seed * 100 + bits);
    const model: Model = { root: new Map() };
    for (let step = 0; step < OPERATIONS; step++) randomStep(mounted.root, model, next);
    mounted.volume.unmount();
    expect(fsck(mounted.disk.image)).toBe('');
    const again = mountImage(mounted.disk.image);
    const ours = tree(again.root);
    expect(ours).toEqual(modelTree(model.root, digest));
    withImage(mounted.disk.image, (path) => {
      expect(mdir(path)).toEqual([...ours.keys()].sort());
      for (const [name, digestOfOurs] of [...ours].slice(0, 25)) {
        if (digestOfOurs !== '') expect(new Uint8Array(mtype(path, name))).toEqual(contents(walk(again.root, name)));
      }
    });
  });
});

test.skipIf(!hasTools)('timestamps and the NT case flags are what mtools shows', () => {
  const { root, volume, disk } = mountImage(emptyImage(12), () => NOON + 3661_000);
  root.create('lower.TXT');
  root.create('UPPER.txt');
  volume.unmount();
  withImage(disk.image, (path) => {
    const listed = tool('mdir', ['-i', path, '::/']).toString();
    expect(listed).toMatch(/2026-11-24 +13:01/);
    expect(mdir(path)).toEqual(['/UPPER.txt', '/lower.TXT']);
  });
  expect(names(mountImage(disk.image).root)).toEqual(['lower.TXT', 'UPPER.txt']);
});
