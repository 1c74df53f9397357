/** Requests that fail, and disks that are full: the caller hears of it, and what is on the disk stays sound. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../errno';
import type { Inode } from '../vfs';
import { check } from './check';
import { RamDisk } from './ram_disk';
import { BITS, emptyImage, mountDisk, mountImage, pattern, putFile, tree, walk } from './test_volume';

const OPERATIONS: Record<string, (root: Inode) => void> = {
  create: (root) => void root.create('a new and longer name.txt'),
  mkdir: (root) => void root.mkdir('new directory'),
  'create in a full directory': (root) => void walk(root, 'full').create('x'),
  append: (root) => void root.lookup('FILE').write(900, pattern(3000, 2)),
  'truncate up': (root) => root.lookup('FILE').truncate(5000),
  'truncate down': (root) => root.lookup('FILE').truncate(10),
  unlink: (root) => root.unlink('FILE'),
  'rename elsewhere': (root) => root.rename('FILE', walk(root, 'full'), 'FILE'),
  'rename an empty file': (root) => root.rename('EMPTY', walk(root, 'full'), 'EMPTY'),
  'rename over': (root) => root.rename('FILE', walk(root, 'dir'), 'target'),
};

function prepare(bits: (typeof BITS)[number], sectors?: number): Uint8Array {
  const { root, volume, disk } = mountImage(emptyImage(bits, sectors, sectors === undefined ? undefined : 1));
  putFile(root, 'FILE', pattern(900));
  root.create('EMPTY');
  putFile(root.mkdir('dir'), 'target', pattern(700, 3));
  const full = root.mkdir('full');
  for (let i = 0; i < 14; i++) full.create(`F${i}`);
  volume.unmount();
  return disk.image;
}

function attempt(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
  return 'done';
}

const show = (root: Inode) => JSON.stringify([...tree(root)].sort());

describe.each(BITS)('FAT%i', (bits) => {
  describe.each(Object.entries(OPERATIONS))('%s', (_, operation) => {
    test.each(['write', 'flush'] as const)(
      'every %s of it fails once: never success, then read-only, then recovered',
      (kind) => {
        const before = prepare(bits);
        const done = mountImage(before.slice());
        const old = show(done.root);
        operation(done.root);
        const allowed = [old, show(done.root)];
        let failed = 0;
        for (let k = 0; k < 100; k++) {
          const disk = new RamDisk(before.slice());
          disk.failing = [kind];
          disk.failAt = k;
          const { root, volume } = mountDisk(disk);
          const result = attempt(() => operation(root));
          const happened = disk.requests > k;
          if (!happened) break;
          failed++;
          // A failed flush or FAT write stops the volume; a failed write of file contents only the caller.
          if (result === 'done') throw new Error(`${kind} ${k} failed and the operation succeeded`);
          expect(result).toBe('EIO');
          if (volume.readOnly) expect(attempt(() => root.create('after'))).toBe('EROFS');
          attempt(() => volume.unmount());
          const again = mountDisk(new RamDisk(disk.image));
          expect(allowed).toContain(show(again.root));
          again.volume.unmount();
          expect(check(again.disk).problems).toEqual([]);
        }
        expect(failed).toBeGreaterThan(1);
      },
    );
  });

  test.each([0, 1, 2, 3])('with %i free clusters an operation is done, or refused and nothing has changed', (left) => {
    for (const [title, operation] of Object.entries(OPERATIONS)) {
      const { root, volume, disk } = mountImage(prepare(bits, bits === 16 ? undefined : 400));
      putFile(root, 'filler', new Uint8Array((volume.statfs().blocksFree - left) * 512));
      volume.sync();
      const before = [show(root), volume.statfs().blocksFree];
      const result = attempt(() => operation(root));
      const isShort = title === 'append' && left > 0;
      expect([title, result]).toEqual([title, expect.stringMatching(/^(done|ENOSPC)$/)]);
      if (result === 'ENOSPC') expect([show(root), volume.statfs().blocksFree]).toEqual(before);
      else if (!isShort) expect([title, left]).not.toEqual(['truncate up', 0]);
      volume.unmount();
      expect(check(disk).problems).toEqual([]);
      const again = mountImage(disk.image);
      expect(again.volume.statfs().blocksFree).toBe(volume.statfs().blocksFree);
    }
  });

  test('a failed read of file contents is EIO and stops nothing', () => {
    const { root, disk, volume } = mountImage(prepare(bits));
    disk.failAt = disk.requests;
    expect(attempt(() => void root.lookup('FILE').read(0, new Uint8Array(10)))).toBe('EIO');
    expect([volume.readOnly, root.lookup('FILE').read(0, new Uint8Array(10))]).toEqual([false, 10]);
  });
});
