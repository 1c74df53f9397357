/** Images with one lie each: refused with a sentence, or mounted safely, with the error that the lie deserves and all else as it was. */
import { describe, expect, test } from 'vitest';
import { Errno } from '../errno';
import type { Inode } from '../vfs';
import { check } from './check';
import { RamDisk } from './ram_disk';
import { HOSTILE, type Outcome, Victim, withShortFat } from './test_hostile_images';
import { contents, type Mounted, mountDisk, pattern, seeded, walk } from './test_volume';

const FUZZED = process.env.NIGHTLY ? 100_000 : 500;
/** Requests to the disk that looking at all of such a volume may take: a loop takes more. */
const PATIENCE = 20_000;

/** What `run` returns, or the code of the Errno it throws; nothing else may be thrown. */
function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

function mount(disk: RamDisk): Mounted | string {
  try {
    return mountDisk(disk);
  } catch (error) {
    if (error instanceof Errno) return error.message;
    throw error;
  }
}

const outcome = (root: Inode, path: string): Outcome => attempt(() => contents(walk(root, path)).length) as Outcome;

test('the set is large, and its volumes are sound before they lie', () => {
  expect(HOSTILE.length).toBeGreaterThan(60);
  expect(new Set(HOSTILE.map(({ name, bits }) => `${bits} ${name}`)).size).toBe(HOSTILE.length);
  for (const bits of [12, 16, 32] as const) {
    const { image } = new Victim(bits);
    expect(check(new RamDisk(image)).problems).toEqual([]);
    const { root } = mountDisk(new RamDisk(image));
    expect(['/victim.bin', '/A long name for a file.text', '/dir/inner/deep.txt'].map((p) => outcome(root, p))).toEqual(
      [5000, 700, 600],
    );
  }
});

describe.each(HOSTILE)('FAT$bits: $name', ({ bits, change, expected }) => {
  test('as expected', () => {
    const victim = new Victim(bits);
    change(victim);
    const before = victim.image.slice();
    const disk = new RamDisk(victim.image);
    const volume = mount(disk);
    if (typeof expected === 'string') {
      expect(volume).toContain(expected);
      expect(Buffer.compare(before, victim.image), 'nothing is written').toBe(0);
      return;
    }
    if (typeof volume === 'string') throw new Error(volume);
    for (const [path, wanted] of Object.entries(expected))
      expect([path, outcome(volume.root, path)]).toEqual([path, wanted]);
    exercise(volume);
    expect(disk.reads + disk.writes).toBeLessThan(PATIENCE);
    check(new RamDisk(victim.image));
  });
});

test('a FAT that is too short is used to its end, and what lies behind it is left alone', () => {
  const victim = new Victim(12);
  withShortFat(victim);
  const { root, volume } = mountDisk(new RamDisk(victim.image));
  const { fatStart, fatLength } = victim.filled;
  // 12 bits for each cluster, of which the first two are none.
  expect(volume.statfs().blocks).toBe(Math.floor((fatLength * 8) / 12) - 2);
  const large = root.create('large');
  for (let at = 0; attempt(() => large.write(at, pattern(5120))) !== 'ENOSPC'; ) at = large.size;
  volume.unmount();
  const fat = (n: number) => victim.image.subarray(fatStart + n * fatLength, fatStart + (n + 1) * fatLength);
  expect(Buffer.compare(fat(0), fat(1))).toBe(0);
  expect(outcome(mountDisk(new RamDisk(victim.image)).root, '/other.bin')).toBe(5000);
});

/** Reads, writes, makes and removes whatever can be, everywhere. */
function exercise({ root, volume }: Mounted): void {
  const seen: [Inode, string][] = [];
  list(root, seen, 0);
  for (const [directory, name] of seen) {
    expect(['', '.', '..'].includes(name) || [...name].some((sign) => sign < ' ' || sign === '/')).toBe(false);
    attempt(() => directory.lookup(name).write(4000, pattern(3000)));
    attempt(() => directory.lookup(name).read(0, new Uint8Array(9000)));
    attempt(() => directory.rename(name, root, `moved ${name}`));
    attempt(() => directory.unlink(name));
    attempt(() => void directory.create(`new ${name}`));
  }
  attempt(() => void root.mkdir('fresh').create('file'));
  attempt(() => volume.statfs());
  attempt(() => volume.unmount());
}

function list(directory: Inode, seen: [Inode, string][], depth: number): void {
  attempt(() => {
    let entry = directory.readdir(2);
    for (let left = 300; entry !== undefined && left > 0; left--) {
      seen.push([directory, entry.name]);
      const { name, kind } = entry;
      if (kind === 'directory' && depth < 6) attempt(() => list(directory.lookup(name), seen, depth + 1));
      entry = directory.readdir(entry.location);
    }
  });
}

test.each([12, 16, 32] as const)(`FAT%i: ${FUZZED} images with a few bytes changed do no harm`, (bits) => {
  const next = seeded(1000 + bits);
  const { image, filled } = new Victim(bits);
  const root = filled.fatStart + 2 * filled.fatLength;
  const places = [0, filled.fatStart, root, filled.dataStart];
  let mountedOnes = 0;
  for (let i = 0; i < FUZZED; i++) {
    const copy = image.slice();
    for (let n = 1 + next(5); n > 0; n--) {
      const at = places[next(4)]! + next([90, 300, 2000][next(3)]!);
      copy[at] = [0, 0xff, 0xe5, copy[at]! ^ (1 << next(8)), next(256)][next(5)]!;
    }
    const disk = new RamDisk(copy);
    const volume = mount(disk);
    if (typeof volume === 'string') continue;
    mountedOnes++;
    exercise(volume);
    if (disk.reads + disk.writes > PATIENCE) expect.fail(`image ${i} takes ${disk.reads + disk.writes} requests`);
  }
  expect(mountedOnes).toBeGreaterThan(FUZZED / 4);
});
