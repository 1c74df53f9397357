import { expect, test } from 'vitest';
import { FakeDisk } from './testing/fake_disk';
import { until } from './testing/settled';
import { freePath, PIECE, Volume } from './volume';

function volumeOn(disk: FakeDisk) {
  let starts = 1;
  const listeners = new Set<() => void>();
  const volume = new Volume(disk, {
    count: () => starts,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const restart = () => {
    starts++;
    for (const listener of listeners) listener();
  };
  return { volume, restart };
}

const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
const written = (disk: FakeDisk, path: string) => disk.nodes.get(path.toUpperCase())?.bytes;

test.each([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])(
  '%i bytes arrive as they are, and come back',
  async (length) => {
    const disk = new FakeDisk();
    const { volume } = volumeOn(disk);
    const bytes = pattern(length);
    const seen: number[] = [];
    await volume.write('/a.bin', new Blob([bytes]), { progress: (done) => seen.push(done) });
    expect(Buffer.compare(written(disk, '/a.bin')!, bytes)).toBe(0);
    expect(seen.at(-1) ?? 0).toBe(length);
    expect(Buffer.compare((await volume.read('/a.bin', 0, Number.MAX_SAFE_INTEGER)).bytes, bytes)).toBe(0);
    const parts: Uint8Array[] = [];
    for await (const part of volume.stream('/a.bin')) parts.push(part);
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
    expect(disk.paths).toEqual(['/a.bin']);
    expect(disk.openFiles).toBe(0);
  },
);

test('the real name is never half written: it appears by a rename when all is there', async () => {
  const disk = new FakeDisk();
  disk.put('/f', 'old');
  const { volume } = volumeOn(disk);
  const seen = new Set<string | undefined>();
  disk.before = () => void seen.add(disk.text('/f')?.slice(0, 3));
  await volume.write('/f', new Blob([pattern(2 * PIECE)]));
  expect([...seen]).toEqual(['old']);
  expect(disk.calls.at(-1)).toBe('rename /~upload-1.tmp');
});

test('a write that fails leaves the old file and nothing else', async () => {
  const disk = new FakeDisk();
  disk.put('/f', 'old');
  disk.size = 2 * PIECE;
  const { volume } = volumeOn(disk);
  await expect(volume.write('/f', new Blob([pattern(3 * PIECE)]))).rejects.toThrow('ENOSPC');
  expect(disk.paths).toEqual(['/f']);
  expect(disk.text('/f')).toBe('old');
  expect(disk.openFiles).toBe(0);
});

test('a write that is cancelled leaves the old file and nothing else', async () => {
  const disk = new FakeDisk();
  disk.put('/f', 'old');
  const { volume } = volumeOn(disk);
  const controller = new AbortController();
  const progress = () => controller.abort(new Error('enough'));
  const writing = volume.write('/f', new Blob([pattern(3 * PIECE)]), { progress, signal: controller.signal });
  await expect(writing).rejects.toThrow('enough');
  expect(disk.paths).toEqual(['/f']);
  expect(disk.text('/f')).toBe('old');
});

test('where nothing may be replaced, a file that came meanwhile stays', async () => {
  const disk = new FakeDisk();
  const { volume } = volumeOn(disk);
  const progress = () => disk.put('/F', 'theirs');
  await expect(volume.write('/f', new Blob(['mine']), { progress, replaces: false })).rejects.toThrow('EEXIST');
  expect(disk.paths).toEqual(['/F']);
  expect(disk.text('/f')).toBe('theirs');
});

test('what waits when the system is started anew is rejected, and the new one gets no file numbers of the old', async () => {
  const disk = new FakeDisk();
  disk.put('/f', 'x');
  const { volume, restart } = volumeOn(disk);
  disk.before = (name) => (name === 'read' ? new Promise<void>(() => {}) : undefined);
  const reading = volume.read('/f', 0, 10);
  await until(() => disk.calls.includes('read /f'));
  restart();
  await expect(reading).rejects.toThrow('The system was started anew');
  expect(disk.calls.filter((call) => call.startsWith('close'))).toEqual([]);
  disk.before = () => {};
  expect((await volume.read('/f', 0, 10)).size).toBe(1);
});

test('folders come first, then names as people count', async () => {
  const disk = new FakeDisk();
  for (const name of ['/b10', '/b9', '/A']) disk.put(name, '');
  disk.put('/z', undefined);
  const { volume } = volumeOn(disk);
  expect((await volume.list('/')).map(({ name }) => name)).toEqual(['z', 'A', 'b9', 'b10']);
});

test('what has a name, and the next free one', async () => {
  const disk = new FakeDisk();
  disk.put('/a.txt', '');
  disk.put('/a (2).txt', '');
  disk.put('/d', undefined);
  const { volume } = volumeOn(disk);
  expect(await Promise.all(['/A.TXT', '/d', '/n'].map((path) => volume.kind(path)))).toEqual([
    'file',
    'folder',
    undefined,
  ]);
  expect(await freePath(volume, '/a.txt')).toBe('/a (3).txt');
  expect(await freePath(volume, '/n')).toBe('/n');
});
