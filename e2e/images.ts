/** Disk images judged by programs nobody here wrote: dosfstools and mtools. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ran, tool } from './tools';

/** Runs `use` with a folder that is gone when it has returned or its promise is settled. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'vmfs-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let result: T;
  try {
    result = use(folder);
  } catch (error) {
    remove();
    throw error;
  }
  if (result instanceof Promise) return result.finally(remove) as T;
  remove();
  return result;
}

/** A volume without partition table, made by mkfs.fat; `sectors` of 512 bytes. */
export function mkfs(type: 12 | 16 | 32, sectors: number, ...options: string[]): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, Buffer.alloc(sectors * 512));
    tool('mkfs.fat', ['-F', String(type), ...options, file]);
    return readFileSync(file);
  });
}

/** The first partition of an MBR disk, or the whole of a disk without one. */
export function partition(image: Buffer): Buffer {
  const bootable = image.readUInt16LE(510) === 0xaa55 && image[0] !== 0xeb;
  if (!bootable) return image;
  const start = image.readUInt32LE(446 + 8) * 512;
  return image.subarray(start, start + image.readUInt32LE(446 + 12) * 512);
}

/** What `fsck.fat -n` complains about: empty when it is silent, apart from its banner and its summary line. */
export function fsck(volume: Buffer): string {
  return inFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, volume);
    const { status, stdout } = ran('fsck.fat', ['-n', '-V', file]);
    const said = status === 0 ? stdout.toString() : `${stdout}\n(exit code not 0)`;
    const noise = [
      /^fsck\.fat \d/,
      /files?, \d+\/\d+ clusters$/,
      /^Starting check\/repair pass\.$/,
      /^Starting verification pass\.$/,
      /^$/,
    ];
    return said
      .split('\n')
      .filter((line) => !noise.some((pattern) => pattern.test(line)))
      .join('\n');
  });
}

/** Every path of a volume as mtools reads it, with the bytes of files; sorted by path. */
export function mtoolsTree(volume: Buffer): { path: string; bytes: Buffer | undefined }[] {
  return inFolder((folder) => {
    const file = join(folder, 'volume.img');
    writeFileSync(file, volume);
    const out = join(folder, 'tree');
    mkdirSync(out);
    tool('mcopy', ['-s', '-n', '-m', '-i', file, '::/', out]);
    return walk(out, '');
  });
}

function walk(root: string, path: string): { path: string; bytes: Buffer | undefined }[] {
  return readdirSync(join(root, path)).flatMap((name) => {
    const at = `${path}/${name}`;
    if (statSync(join(root, at)).isDirectory()) return [{ path: at, bytes: undefined }, ...walk(root, at)];
    return [{ path: at, bytes: readFileSync(join(root, at)) }];
  });
}

/** A disk with a table that sfdisk makes from its script, and a FAT volume by mkfs.fat in each partition, labelled P1, P2 ... in sfdisk's order. */
export function partitionedDisk(script: string, megabytes: number): Buffer {
  return inFolder((folder) => {
    const file = join(folder, 'disk.img');
    writeFileSync(file, Buffer.alloc(megabytes << 20));
    tool('sfdisk', ['--quiet', file], script);
    const { partitiontable } = JSON.parse(tool('sfdisk', ['--json', file]).toString()) as {
      partitiontable: { partitions: { start: number; size: number; type: string }[] };
    };
    const image = readFileSync(file);
    for (const [i, { start, size, type }] of partitiontable.partitions.entries()) {
      const isExtended = /^(5|f|85)$/.test(type);
      if (!isExtended) image.set(mkfs(12, size, '-n', `P${i + 1}`), start * 512);
    }
    return image;
  });
}
