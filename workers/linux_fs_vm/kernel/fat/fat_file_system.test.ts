/** What a mounted volume does, on each type: POSIX meaning, Linux's errors, and how many flushes it costs. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../errno';
import type { Inode } from '../vfs';
import { check } from './check';
import { RamDisk } from './ram_disk';
import {
  BITS,
  contents,
  digest,
  emptyImage,
  mountDisk,
  mountImage,
  NOON,
  names,
  pattern,
  putFile,
  walk,
} from './test_volume';

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
  return 'done';
}

describe.each(BITS)('FAT%i', (bits) => {
  test('what was written is there after an unmount, and the volume is sound and clean', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    putFile(root.mkdir('Folder Ä'), '😀 long file name.bin', pattern(5000));
    expect(check(disk).problems).toContain('The dirty bit is set: the volume was not properly unmounted');
    volume.unmount();
    expect(check(disk).problems).toEqual([]);
    const again = mountImage(disk.image);
    expect(again.log).toEqual([]);
    expect(contents(walk(again.root, 'FOLDER ä/😀 LONG file name.BIN'))).toEqual(pattern(5000));
    expect(again.volume.type).toBe(`FAT${bits}`);
  });

  test('reading alone writes nothing', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    names(root);
    volume.statfs();
    volume.sync();
    volume.unmount();
    expect([disk.writes, disk.flushes]).toEqual([0, 0]);
  });

  test('flushes per operation are those of the tables', () => {
    const { root, disk } = mountImage(emptyImage(bits));
    root.create('first'); // pays for the dirty bit
    const cost = (run: () => unknown) => {
      const before = disk.flushes;
      run();
      return disk.flushes - before;
    };
    const file = root.lookup('first');
    const measured = {
      create: cost(() => root.create('short.txt')),
      createLong: cost(() => root.create('a longer name.txt')),
      append: cost(() => file.write(0, pattern(700))),
      appendInCluster: cost(() => file.write(700, pattern(100))),
      overwrite: cost(() => file.write(10, pattern(500))),
      truncateDown: cost(() => file.truncate(100)),
      truncateUp: cost(() => file.truncate(2000)),
      mkdir: cost(() => root.mkdir('dir')),
      renameInSector: cost(() => root.rename('first', root, 'second')),
      renameElsewhere: cost(() => root.rename('second', root.lookup('dir'), 'second')),
      renameEmpty: cost(() => root.rename('short.txt', root.lookup('dir'), 'short.txt')),
      unlink: cost(() => root.lookup('dir').unlink('second')),
    };
    expect(measured).toEqual({
      create: 1,
      createLong: 1,
      append: 1,
      appendInCluster: 1,
      overwrite: 0,
      truncateDown: 1,
      truncateUp: 2,
      mkdir: 2,
      renameInSector: 1,
      renameElsewhere: 2,
      renameEmpty: 5,
      unlink: 1,
    });
  });

  test('errors are those of Linux', () => {
    const { root } = mountImage(emptyImage(bits));
    const dir = root.mkdir('dir');
    const inner = dir.mkdir('inner');
    root.create('file');
    expect({
      lookup: code(() => root.lookup('none')),
      throughFile: code(() => root.lookup('file').lookup('x')),
      createThere: code(() => root.create('FILE')),
      mkdirThere: code(() => root.mkdir('dir')),
      unlinkDirectory: code(() => root.unlink('dir')),
      rmdirFile: code(() => root.rmdir('file')),
      rmdirFull: code(() => root.rmdir('dir')),
      intoItself: code(() => root.rename('dir', inner, 'dir')),
      fileOverDirectory: code(() => root.rename('file', root, 'dir')),
      directoryOverFile: code(() => root.rename('dir', root, 'file')),
      overFullDirectory: code(() => root.rename(root.mkdir('other') ? 'other' : '', root, 'dir')),
      readDirectory: code(() => dir.read(0, new Uint8Array(1))),
      tooFar: code(() => root.lookup('file').write(0xffffffff, new Uint8Array(1))),
      tooBig: code(() => root.lookup('file').truncate(2 ** 32)),
      noSpace: code(() => root.lookup('file').truncate(2 ** 31)),
      badName: code(() => root.create('a:b')),
    }).toEqual({
      lookup: 'ENOENT',
      throughFile: 'ENOTDIR',
      createThere: 'EEXIST',
      mkdirThere: 'EEXIST',
      unlinkDirectory: 'EISDIR',
      rmdirFile: 'ENOTDIR',
      rmdirFull: 'ENOTEMPTY',
      intoItself: 'EINVAL',
      fileOverDirectory: 'EISDIR',
      directoryOverFile: 'ENOTDIR',
      overFullDirectory: 'ENOTEMPTY',
      readDirectory: 'EISDIR',
      tooFar: 'EFBIG',
      tooBig: 'EFBIG',
      noSpace: 'ENOSPC',
      badName: 'EINVAL',
    });
    inner.hold();
    dir.rmdir('inner');
    expect([inner.nlink, code(() => inner.create('x')), inner.readdir(0)]).toEqual([0, 'ENOENT', undefined]);
  });

  test('a gap reads as zeros even where old bytes lay', () => {
    const { root, disk, volume } = mountImage(emptyImage(bits));
    disk.image.fill(0xee, volume.geometry.dataStart + (bits === 32 ? 512 : 0));
    const file = root.create('gaps');
    file.write(10, Uint8Array.of(1));
    file.write(3000, Uint8Array.of(2));
    file.truncate(4000);
    const expected = new Uint8Array(4000);
    expected[10] = 1;
    expected[3000] = 2;
    expect(contents(file)).toEqual(expected);
    file.truncate(5);
    file.truncate(600);
    expect(contents(file)).toEqual(new Uint8Array(600));
  });

  test('an unlinked file lives until its last holder drops it', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    const free = volume.statfs().blocksFree;
    const file = putFile(root, 'held', pattern(2000));
    file.hold();
    root.unlink('held');
    putFile(root, 'held', pattern(3000, 2));
    file.write(2000, pattern(1000, 3));
    expect([file.nlink, contents(file).length, contents(file).subarray(2000)]).toEqual([0, 3000, pattern(1000, 3)]);
    expect(contents(root.lookup('held'))).toEqual(pattern(3000, 2));
    file.drop();
    root.unlink('held');
    expect(volume.statfs().blocksFree).toBe(free);
    volume.unmount();
    expect(check(disk).problems).toEqual([]);
  });

  test('the same file is the same object, through a rename too', () => {
    const { root } = mountImage(emptyImage(bits));
    const file = putFile(root, 'one', pattern(700));
    file.hold();
    const { ino } = file;
    root.rename('one', root.mkdir('dir'), 'two');
    expect(walk(root, 'dir/TWO')).toBe(file);
    file.write(700, pattern(10, 2));
    expect([file.ino, walk(root, 'dir/two').size]).toEqual([ino, 710]);
    const fresh = root.create('one');
    expect(fresh.ino).not.toBe(ino);
  });

  test('a directory grows, lists all of it in pieces, and moves with its ".."', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    const dir = root.mkdir('many');
    for (let i = 0; i < 60; i++) dir.create(`entry number ${i}`);
    for (let i = 0; i < 60; i += 2) dir.unlink(`ENTRY NUMBER ${i}`);
    root.mkdir('above').mkdir('x');
    root.rename('many', walk(root, 'above/x'), 'moved');
    const moved = walk(root, 'above/x/moved');
    expect(names(moved)).toHaveLength(30);
    expect(moved.lookup('..')).toBe(walk(root, 'above/x'));
    volume.unmount();
    expect(check(disk).problems).toEqual([]);
    expect(names(walk(mountImage(disk.image).root, 'above/x/moved'))).toEqual(names(moved));
  });

  test('full: a root of fixed size, a disk without clusters; nothing changes', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits, bits === 16 ? undefined : bits === 12 ? 64 : 256, 1));
    const filler = root.create('filler');
    filler.write(0, new Uint8Array(volume.statfs().blocksFree * 512));
    expect(volume.statfs().blocksFree).toBe(0);
    expect(code(() => filler.write(filler.size, Uint8Array.of(1)))).toBe('ENOSPC');
    expect(code(() => root.mkdir('dir'))).toBe('ENOSPC');
    let made = 0;
    while (made < 600 && code(() => root.create(`F${made}`)) === 'done') made++;
    expect(code(() => root.create('one more'))).toBe('ENOSPC');
    expect(names(root)).toHaveLength(made + 1);
    if (bits !== 32) expect(made).toBe(511);
    filler.truncate(512);
    expect(code(() => root.mkdir('d'))).toBe(bits === 32 ? 'done' : 'ENOSPC');
    volume.unmount();
    expect(check(disk).problems).toEqual([]);
  });

  test('the free count is right whichever operation comes first', () => {
    const first = mountImage(emptyImage(bits));
    putFile(first.root, 'file', pattern(5000));
    first.volume.unmount();
    for (const operation of [
      (root: Inode) => root.unlink('file'),
      (root: Inode) => root.lookup('file').truncate(100),
      (root: Inode) => void root.mkdir('dir'),
      (root: Inode) => root.rename('file', root.mkdir('d'), 'x'),
    ]) {
      const { root, volume, disk } = mountImage(first.disk.image.slice());
      operation(root);
      const { blocksFree } = volume.statfs();
      volume.unmount();
      expect(check(disk).problems).toEqual([]);
      expect(mountImage(disk.image).volume.statfs().blocksFree).toBe(blocksFree);
    }
  });

  test('a write that fits in part is short, as POSIX says', () => {
    const { root, volume } = mountImage(emptyImage(bits));
    const { blocksFree } = volume.statfs();
    const file = root.create('big');
    expect(file.write(0, pattern((blocksFree + 3) * 512))).toBe(blocksFree * 512);
    expect(digest(contents(file))).toBe(digest(pattern(blocksFree * 512)));
  });

  test('a cluster freed in this epoch is not given out before the flush', () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    const file = putFile(root, 'old', pattern(512 * (volume.statfs().blocksFree - 1)));
    void file;
    root.unlink('old');
    const flushes = disk.flushes;
    const other = root.create('new');
    const before = disk.flushes - flushes;
    other.write(0, pattern(512 * 20));
    expect(before).toBe(1); // create's own flush has freed them
    expect(volume.statfs().blocksFree).toBeGreaterThan(0);
  });

  test('times are UTC with FAT steps; an overwrite within them writes no entry', () => {
    let now = NOON + 1234;
    const { root, disk } = mountImage(emptyImage(bits), () => now);
    const file = root.create('timed');
    expect([file.mtime, file.ctime, file.atime]).toEqual([NOON, NOON, NOON - 12 * 3600_000]);
    file.write(0, pattern(100));
    const writes = disk.writes;
    file.write(0, pattern(100));
    expect(disk.writes - writes).toBe(1);
    now = NOON + 5000;
    file.write(0, pattern(100));
    expect([disk.writes - writes, file.mtime]).toEqual([3, NOON + 4000]);
  });

  test('a thousand files cost reads and flushes in proportion', () => {
    const { root, disk } = mountImage(emptyImage(bits, bits === 32 ? 4096 : bits === 12 ? 3000 : 8192, 1));
    const dir = root.mkdir('d');
    dir.hold();
    for (let i = 0; i < 1000; i++) dir.create(`f${i}`);
    expect(disk.flushes).toBeLessThan(1200);
    expect(names(dir)).toHaveLength(1000);
  });
});

test('sequential reading of a contiguous file is one request', () => {
  const { root, disk } = mountImage(emptyImage(16));
  const file = putFile(root, 'whole', pattern(100_000));
  const reads = disk.reads;
  file.read(0, new Uint8Array(100_000));
  expect(disk.reads - reads).toBe(1);
});

test('a read-only file has no write bits; a read-only device refuses with EROFS', () => {
  const image = emptyImage(12);
  const { root, volume } = mountImage(image);
  root.create('fixed');
  volume.unmount();
  const at = image.findIndex((_, i) => String.fromCharCode(...image.subarray(i, i + 5)) === 'FIXED');
  image[at + 11]! |= 0x01;
  const disk = new RamDisk(image);
  disk.readOnly = true;
  const again = mountDisk(disk);
  expect(again.root.lookup('fixed').mode).toBe(0o555);
  expect(code(() => again.root.create('x'))).toBe('EROFS');
  expect(code(() => again.volume.unmount())).toBe('done');
});

test('a volume a few sectors longer than its device mounts, and the missing clusters are never given out', () => {
  const whole = emptyImage(12, 256, 1);
  const image = whole.subarray(0, whole.length - 4096);
  [image[19], image[20]] = [255, 0]; // 255 sectors on a device of 248: 7 are missing
  const { root, volume, disk } = mountImage(image.slice());
  putFile(root, 'all', new Uint8Array(volume.statfs().blocksFree * 512));
  volume.unmount();
  expect(check(disk).problems).toEqual([]);
  [image[19], image[20]] = [0, 1]; // 8 missing
  expect(code(() => mountImage(image.slice()))).toBe('EINVAL');
});

test('with ExtFlags naming one active FAT only that one is written', () => {
  const image = emptyImage(32);
  const { root, volume, disk } = (() => {
    image[40] = 0x81;
    return mountImage(image);
  })();
  const { fatStart, fatLength } = volume.geometry;
  const first = disk.image.slice(fatStart, fatStart + fatLength);
  putFile(root, 'file', pattern(3000));
  volume.unmount();
  expect(disk.image.slice(fatStart, fatStart + fatLength)).toEqual(first);
  expect(disk.image.slice(fatStart + fatLength, fatStart + 2 * fatLength)).not.toEqual(first);
  expect(check(disk).problems).toEqual([]);
});

test('the reserved top bits of FAT32 entries are kept', () => {
  const image = emptyImage(32);
  const at = 32 * 512 + 3 * 4 + 3;
  image[at] = 0xa0;
  const { root, disk } = mountImage(image);
  const file: Inode = putFile(root, 'file', pattern(400));
  expect([disk.image[at], file.blocks]).toEqual([0xaf, 1]);
  root.unlink('file');
  expect(disk.image[at]).toBe(0xa0);
});

test('a FAT12 entry that lies in two sectors is never given out, and frees correctly when it was used', () => {
  const image = emptyImage(12, 1024, 1);
  const { root, volume } = mountImage(image);
  const file = putFile(root, 'big', pattern(512 * 600));
  expect(digest(contents(file))).toBe(digest(pattern(512 * 600)));
  expect([volume.table.get(341), volume.table.get(682)]).toEqual([0, 0]);
  expect(volume.statfs().blocksFree + 600 + 2).toBe(volume.statfs().blocks);
});
