import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { zipBlob, zipName } from './downloads';
import { FakeDisk } from './testing/fake_disk';
import { PIECE, Volume } from './volume';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmfs-zip-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const volumeOf = (disk: FakeDisk) => new Volume(disk, { count: () => 1, subscribe: () => () => {} });
const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);

function filled(): FakeDisk {
  const disk = new FakeDisk();
  disk.put('/photos', undefined);
  disk.put('/photos/empty folder', undefined);
  disk.put('/photos/données 😀.bin', pattern(2 * PIECE + 3));
  disk.put('/photos/empty.txt', '');
  disk.put('/other.txt', 'other');
  disk.put('/not asked for', 'x');
  return disk;
}

/** Python's zipfile, which nobody here wrote. */
function asPythonSees(zip: string): Record<string, [size: number, time: string]> {
  const program = `import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({i.filename: [i.file_size, "%d-%d-%d %d:%d" % i.date_time[:5]] for i in z.infolist()}))`;
  return JSON.parse(execFileSync('python3', ['-c', program, zip], { encoding: 'utf8' }));
}

test('an archive holds what was chosen, byte for byte, with empty folders, Unicode names and dates', async () => {
  const seen: [number, number][] = [];
  const say = (done: number, total: number) => seen.push([done, total]);
  const blob = await zipBlob(volumeOf(filled()), '/', ['photos', 'other.txt'], say, signal);
  const path = join(folder, 'a.zip');
  writeFileSync(path, new Uint8Array(await blob.arrayBuffer()));
  const entries = asPythonSees(path);
  expect(Object.fromEntries(Object.entries(entries).map(([name, [size]]) => [name, size]))).toEqual({
    'photos/': 0,
    'photos/empty folder/': 0,
    'photos/données 😀.bin': 2 * PIECE + 3,
    'photos/empty.txt': 0,
    'other.txt': 5,
  });
  const files = unzipSync(new Uint8Array(readFileSync(path)));
  expect(Buffer.compare(files['photos/données 😀.bin']!, pattern(2 * PIECE + 3))).toBe(0);
  const date = new Date(Date.UTC(2026, 10, 24, 3, 50));
  const words = `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()} ${date.getHours()}:${date.getMinutes()}`;
  expect(entries['other.txt']![1]).toBe(words);
  expect(seen.at(-1)).toEqual([2 * PIECE + 8, 2 * PIECE + 8]);
  expect(statSync(path).size).toBeLessThan(2 * PIECE + 2000);
});

test('paths begin at the folder that is shown', async () => {
  const blob = await zipBlob(volumeOf(filled()), '/photos', ['empty.txt'], () => {}, signal);
  expect(Object.keys(unzipSync(new Uint8Array(await blob.arrayBuffer())))).toEqual(['empty.txt']);
});

test('a disk that fails, and a person who cancels, end it', async () => {
  const disk = filled();
  disk.before = (name, path) => {
    if (name === 'read' && path.endsWith('.bin')) throw new Error('EIO');
  };
  await expect(zipBlob(volumeOf(disk), '/', ['photos'], () => {}, signal)).rejects.toThrow('EIO');
  const controller = new AbortController();
  const cancel = () => controller.abort(new Error('enough'));
  await expect(zipBlob(volumeOf(filled()), '/', ['photos'], cancel, controller.signal)).rejects.toThrow('enough');
});

test('more than 4 GiB is refused before anything is read', async () => {
  const disk = filled();
  const volume = volumeOf(disk);
  const huge = { name: 'huge', folder: false, size: 2 ** 32, changedMs: 0, readOnly: false };
  volume.list = async () => [huge];
  await expect(zipBlob(volume, '/', ['huge'], () => {}, signal)).rejects.toThrow('A .zip holds up to 4 GiB');
  expect(disk.calls).toEqual([]);
});

test('what an archive is called', () => {
  expect(zipName('/', ['photos'])).toBe('photos.zip');
  expect(zipName('/', ['a', 'b'])).toBe('disk.zip');
  expect(zipName('/photos', ['a', 'b'])).toBe('photos.zip');
});
