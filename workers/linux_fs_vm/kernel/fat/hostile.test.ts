/** Images that lie: refused with one sentence, or mounted and walked without harm; nothing outside the volume is touched. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../errno';
import type { Inode } from '../vfs';
import { check } from './check';
import { RamDisk } from './ram_disk';
import { BITS, type Bits, digest, emptyImage, mountDisk, mountImage, pattern, putFile, seeded } from './test_volume';

const FUZZED = process.env.NIGHTLY ? 100_000 : 1200;

function refusal(image: Uint8Array): string {
  const disk = new RamDisk(image);
  try {
    mountDisk(disk);
  } catch (error) {
    expect(error).toBeInstanceOf(Errno);
    expect((error as Errno).code).toBe('EINVAL');
    expect(disk.writes).toBe(0);
    return (error as Errno).message.replace('EINVAL: ', '');
  }
  return 'mounted';
}

function changed(bits: Bits, at: number, ...bytes: number[]): Uint8Array {
  const image = emptyImage(bits);
  image.set(bytes, at);
  return image;
}

describe('what is not FAT is named', () => {
  const withText = (at: number, text: string) => {
    const image = new Uint8Array(131072);
    image.set(Buffer.from(text, 'latin1'), at);
    return image;
  };
  test.each([
    ['nothing', new Uint8Array(65536), 'The device is blank (its first sector is all zeros), not a FAT file system.'],
    ['ext2', withText(1080, '\x53\xef'), 'The device holds an ext2 file system, not a FAT file system.'],
    ['NTFS', withText(3, 'NTFS    '), 'The device holds an NTFS file system, not a FAT file system.'],
    ['exFAT', withText(3, 'EXFAT   '), 'The device holds an exFAT file system, not a FAT file system.'],
    ['ISO 9660', withText(0x8001, 'CD001'), 'The device holds an ISO 9660 file system, not a FAT file system.'],
    ['a GPT', withText(512, 'EFI PART'), 'The device holds a GUID partition table, not a FAT file system.'],
    [
      'garbage',
      pattern(65536),
      'The device holds no FAT file system that can be used: the boot sector does not end with 55 AA.',
    ],
  ])('%s', (_, image, sentence) => {
    expect(refusal(image)).toBe(sentence);
  });

  test('ext3 and ext4 by their features', () => {
    const image = withText(1080, '\x53\xef');
    image[1024 + 0x5c] = 0x04;
    expect(refusal(image)).toContain('ext3');
    image[1024 + 0x60] = 0x40;
    expect(refusal(image)).toContain('ext4');
  });
});

describe('a boot sector field that cannot be is named', () => {
  test.each([
    [12, 11, [0, 0], 'BPB_BytsPerSec is 0'],
    [12, 11, [0, 1], 'BPB_BytsPerSec is 256'],
    [12, 13, [0], 'BPB_SecPerClus is 0'],
    [12, 13, [3], 'BPB_SecPerClus is 3'],
    [12, 14, [0, 0], 'BPB_RsvdSecCnt is 0'],
    [12, 16, [0], 'BPB_NumFATs is 0'],
    [12, 16, [255], 'BPB_TotSec16 is 512'],
    [12, 17, [0, 0], 'BPB_RootEntCnt is 0'],
    [12, 17, [1, 0], 'BPB_RootEntCnt is 1'],
    [12, 19, [1, 0], 'BPB_TotSec16 is 1'],
    [12, 19, [0xff, 0xff], 'the volume of 65535 sectors is larger than the device'],
    [12, 21, [0], 'BPB_Media is 0'],
    [12, 22, [0xff, 0xff], 'BPB_TotSec16 is 512'],
    [32, 36, [0, 0, 0, 0], 'BPB_FATSz32 is 0'],
    [32, 36, [0xff, 0xff, 0xff, 0xff], 'BPB_TotSec16 is 1024'],
    [32, 40, [0x82, 0], 'BPB_ExtFlags is 130'],
    [32, 42, [1, 0], 'BPB_FSVer is 1'],
    [32, 44, [1, 0, 0, 0], 'BPB_RootClus is 1'],
    [32, 44, [0xff, 0xff, 0, 0], 'BPB_RootClus is 65535'],
    [32, 17, [16, 0], 'BPB_RootEntCnt is 16'],
    [12, 510, [0], 'does not end with 55 AA'],
  ] as const)('FAT%i, byte %i = %j', (bits, at, bytes, phrase) => {
    const sentence = refusal(changed(bits, at, ...bytes));
    expect(sentence).toContain(phrase);
    expect(sentence.split('. ')).toHaveLength(1);
  });
});

/** Offset in the image of the entry of root's first file. */
function entryOffset(volume: { root: Inode }, name: string): number {
  return (volume.root.lookup(name) as unknown as { position: number }).position;
}

describe.each(BITS)('FAT%i: chains and directories that lie', (bits) => {
  function withFile(): {
    image: Uint8Array;
    at: number;
    fat: (cluster: number, value: number) => void;
    cluster: number;
  } {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    putFile(root, 'FILE', pattern(3000));
    root.mkdir('DIR').mkdir('INNER');
    const at = entryOffset(volume, 'FILE');
    volume.unmount();
    const cluster = disk.image[at + 26]! + disk.image[at + 27]! * 256;
    const fat = (number: number, value: number) => {
      const again = mountImage(disk.image);
      again.volume.io.mutate(() => again.volume.table.update([[number, value]]));
      again.volume.unmount();
    };
    return { image: disk.image, at, fat, cluster };
  }
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (error instanceof Errno) return error.code;
      throw error;
    }
    return 'done';
  };

  test('a chain in a circle', () => {
    const { image, fat, cluster } = withFile();
    fat(cluster + 1, cluster);
    const { root } = mountImage(image);
    expect(code(() => root.lookup('FILE').write(2990, pattern(5000)))).toBe('EIO');
    expect(code(() => root.lookup('FILE').read(2500, new Uint8Array(500)))).toBe('EIO');
    expect(code(() => root.unlink('FILE'))).toBe('done');
    expect(check(new RamDisk(image)).problems.length).toBeGreaterThan(0);
  });

  test('a chain into free or missing clusters', () => {
    for (const value of [0, 1, 0xfef]) {
      const { image, fat, cluster } = withFile();
      fat(cluster, value);
      const { root } = mountImage(image);
      expect(code(() => root.lookup('FILE').read(2500, new Uint8Array(500)))).toBe(
        value === 0xfef && bits !== 12 && bits === 16 ? 'EIO' : 'EIO',
      );
      expect(code(() => root.unlink('FILE'))).toBe('done');
    }
  });

  test('a file whose first cluster is out of range', () => {
    const { image, at } = withFile();
    image.set([0xef, 0x0f], at + 26);
    if (bits !== 16) image.set([0xff, 0xff], at + 26);
    const { root } = mountImage(image);
    expect(code(() => root.lookup('FILE').read(0, new Uint8Array(10)))).toMatch(bits === 16 ? /EIO|done/ : /EIO/);
    expect(check(new RamDisk(image)).damage.length).toBeGreaterThan(0);
  });

  test('a directory that contains itself ends with EIO', () => {
    const { image } = withFile();
    const { root, volume } = mountImage(image);
    const dir = root.lookup('DIR') as unknown as { position: number };
    const inner = (root.lookup('DIR').lookup('INNER') as unknown as { position: number }).position;
    image.copyWithin(inner + 26, dir.position + 26, dir.position + 28);
    volume.unmount();
    const again = mountImage(image);
    expect(code(() => again.root.lookup('DIR').lookup('INNER'))).toBe('EIO');
    expect(check(new RamDisk(image)).damage).not.toEqual([]);
  });

  test('real damage on a dirty volume makes it read-only, and nothing is repaired', () => {
    const { image, fat, cluster } = withFile();
    fat(cluster, 0);
    image[bits === 32 ? 65 : 37] = 1;
    const before = digest(image);
    const { root, volume, log } = mountImage(image);
    expect(volume.readOnly).toBe(true);
    expect(code(() => root.create('x'))).toBe('EROFS');
    volume.unmount();
    expect(digest(image)).toBe(before);
    expect(log).toEqual([
      'FAT-fs (vda): Volume was not properly unmounted. Recovering.',
      'FAT-fs (vda): /FILE: the chain is shorter than the file.',
      'FAT-fs (vda): The volume is damaged and is mounted read-only. Please run fsck.',
    ]);
  });

  test(`${FUZZED / 3} mutated images are mounted, walked, written and unmounted without harm`, () => {
    const { root, volume, disk } = mountImage(emptyImage(bits));
    const dir = root.mkdir('a directory with a long name');
    for (let i = 0; i < 12; i++) putFile(dir, `file number ${i}.text`, pattern(400 * i, i));
    putFile(root, 'SHORT', pattern(1500));
    dir.mkdir('deeper').create('x');
    volume.unmount();
    const next = seeded(bits);
    const { geometry } = volume;
    const places = [0, geometry.fatStart, geometry.rootStart, geometry.dataStart];
    let mounted = 0;
    for (let i = 0; i < FUZZED / 3; i++) {
      const image = disk.image.slice();
      for (let n = 1 + next(6); n > 0; n--)
        image[places[next(4)]! + next(next(2) ? 64 : 6000)] = [0, 0xff, 0xe5, next(256)][next(4)]!;
      if (exercise(image, next)) mounted++;
    }
    expect(mounted).toBeGreaterThan(FUZZED / 12);
  });
});

/** Any Errno is an answer; anything else that is thrown, RamDisk's RangeError above all, is a fault. */
function exercise(image: Uint8Array, next: (bound: number) => number): boolean {
  const attempt = (run: () => void) => {
    try {
      run();
      return true;
    } catch (error) {
      if (error instanceof Errno) return false;
      throw error;
    }
  };
  attempt(() => void check(new RamDisk(image)));
  const disk = new RamDisk(image);
  let root: Inode | undefined;
  let unmount = () => {};
  attempt(() => {
    const { volume } = mountDisk(disk);
    root = volume.root;
    unmount = () => volume.unmount();
  });
  if (root === undefined) {
    expect(disk.writes).toBe(0);
    return false;
  }
  const seen: [Inode, string][] = [];
  walkAll(root, attempt, seen, 0);
  for (const [inode, name] of seen.slice(0, 20)) {
    attempt(() => {
      const found = inode.lookup(name);
      found.read(0, new Uint8Array(4000));
      if (next(2)) found.write(next(5000), pattern(next(2000) + 1));
      if (next(3) === 0) inode.rename(name, root!, `moved ${next(9)}`);
      else if (next(2)) inode.unlink(name);
    });
    attempt(() => void inode.create(`new ${next(100)}`));
    attempt(() => void inode.mkdir(`d${next(100)}`));
  }
  attempt(unmount);
  return true;
}

function walkAll(inode: Inode, attempt: (run: () => void) => boolean, seen: [Inode, string][], depth: number): void {
  attempt(() => {
    for (
      let entry = inode.readdir(2);
      entry !== undefined && seen.length < 500;
      entry = inode.readdir(entry.location)
    ) {
      const { name, kind } = entry;
      expect(['', '.', '..'].includes(name) || [...name].some((c) => c < ' ' || c === '/')).toBe(false);
      seen.push([inode, name]);
      if (kind === 'directory' && depth < 8) attempt(() => walkAll(inode.lookup(name), attempt, seen, depth + 1));
    }
  });
}
