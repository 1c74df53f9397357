import { beforeEach, describe, expect, test } from 'vitest';
import { fromInput, type Given } from './dropped_tree';
import { FakeDisk } from './testing/fake_disk';
import { until } from './testing/settled';
import { Uploads } from './uploads';
import { PIECE, Volume } from './volume';
import type { WorkRow } from './work_rows';

let disk: FakeDisk;
let uploads: Uploads;
let changes: string[];
let now: number;
/** Every state of the rows that was told of. */
let drawn: (readonly WorkRow[])[];

beforeEach(() => {
  disk = new FakeDisk();
  changes = [];
  now = 0;
  uploads = new Uploads({
    volume: new Volume(disk, { count: () => 1, subscribe: () => () => {} }),
    now: () => (now += 500),
    nextFrame: async () => {},
    changed: (path) => changes.push(path),
  });
  drawn = [];
  uploads.subscribe(() => drawn.push(uploads.state));
});

const blob = (text: string | number) => new Blob([typeof text === 'number' ? new Uint8Array(text) : text]);
const given = (files: Record<string, string | number>, folders: string[] = []): Given => ({
  files: Object.entries(files).map(([path, text]) => ({ path, contents: blob(text) })),
  folders,
});
/** Nothing waits or runs any more, a turn after what was asked last. */
async function idle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  await until(() => uploads.state.every(({ state }) => state.is !== 'waiting' && state.is !== 'running'));
}
async function upload(files: Record<string, string | number>, folders?: string[]): Promise<void> {
  uploads.add('/', given(files, folders));
  await until(() => drawn.length > 0);
  await idle();
}
const named = (name: string): WorkRow => uploads.state.find((row) => row.name === name)!;
const whys = () =>
  Object.fromEntries(uploads.state.map(({ name, state }) => [name, state.is === 'failed' ? state.why : state.is]));

test('files go in one after the other, and their rows go with them', async () => {
  await upload({ 'a.txt': 'A', 'empty.txt': '', 'b.txt': 'B' });
  expect(uploads.state).toEqual([]);
  expect(disk.paths).toEqual(['/a.txt', '/b.txt', '/empty.txt']);
  expect([disk.text('/a.txt'), disk.text('/empty.txt'), disk.text('/b.txt')]).toEqual(['A', '', 'B']);
  expect(changes).toEqual(['/a.txt', '/empty.txt', '/b.txt']);
});

test('a folder is one row, with its folders, empty ones too; into one that is there goes what is new', async () => {
  disk.put('/Tree', undefined);
  disk.put('/Tree/kept', 'kept');
  uploads.add('/', given({ 'tree/a': 'A', 'tree/in/b': 'B' }, ['tree', 'tree/in', 'tree/empty']));
  await until(() => drawn.length > 0);
  await idle();
  expect(drawn[0]!.map(({ name, size }) => [name, size])).toEqual([['tree', 2]]);
  expect(disk.paths.map((path) => path.toLowerCase()).sort()).toEqual(
    ['/tree', '/tree/empty', '/tree/in', '/tree/in/b', '/tree/a', '/tree/kept'].sort(),
  );
});

test('how far it is, and how fast', async () => {
  await upload({ 'a.bin': 3 * PIECE });
  const running = drawn.flat().flatMap(({ state }) => (state.is === 'running' ? state : []));
  expect(running.map(({ total }) => total)).toContain(3 * PIECE);
  expect(running.some(({ done }) => done > 0 && done < 3 * PIECE)).toBe(true);
  expect(running.some(({ perSecond }) => perSecond === 2 * PIECE)).toBe(true);
});

describe('a name that is there', () => {
  beforeEach(() => disk.put('/A.txt', 'old'));

  test('asks, changes nothing, and holds nobody up', async () => {
    await upload({ 'a.txt': 'new', 'b.txt': 'B' });
    expect(whys()).toEqual({ 'a.txt': 'asking' });
    expect([disk.text('/a.txt'), disk.text('/b.txt')]).toEqual(['old', 'B']);
  });

  test.each([
    ['replace', 'new', ['/A.txt']],
    ['both', 'old', ['/A.txt', '/a (2).txt']],
    ['skip', 'old', ['/A.txt']],
  ] as const)('%s', async (choice, contents, paths) => {
    await upload({ 'a.txt': 'new' });
    named('a.txt').answer(choice, false);
    await until(() => uploads.state.length === 0);
    expect(disk.text('/A.txt')).toBe(contents);
    expect(disk.paths.map((path) => path.toLowerCase()).sort()).toEqual(paths.map((path) => path.toLowerCase()).sort());
  });

  test('one answer for all of a batch that ask', async () => {
    disk.put('/b.txt', 'old');
    disk.put('/c.txt', 'old');
    await upload({ 'a.txt': 'new', 'b.txt': 'new', 'c.txt': 'new' });
    expect(uploads.state.map(({ state }) => state.is === 'asking' && state.others)).toEqual([2, 0, 0]);
    named('a.txt').answer('replace', true);
    await until(() => uploads.state.length === 0);
    expect(['/a.txt', '/b.txt', '/c.txt'].map((path) => disk.text(path))).toEqual(['new', 'new', 'new']);
  });

  test('an answer for all holds for those whose turn comes later', async () => {
    disk.put('/later.txt', 'old');
    let release = () => {};
    disk.before = (name, path) =>
      name === 'write' && disk.calls.filter((call) => call.startsWith('write')).length === 1 && path !== ''
        ? new Promise((resolve) => (release = resolve))
        : undefined;
    uploads.add('/', given({ 'a.txt': 'new', slow: 'x', 'later.txt': 'new' }));
    await until(() => disk.calls.some((call) => call.startsWith('write')) && named('a.txt').state.is === 'asking');
    named('a.txt').answer('replace', true);
    release();
    await until(() => uploads.state.length === 0);
    expect([disk.text('/a.txt'), disk.text('/later.txt')]).toEqual(['new', 'new']);
  });

  test('that comes while the upload is under way asks, too', async () => {
    disk.before = (name) => {
      if (name === 'close' && !disk.text('/n.txt')) disk.put('/N.txt', 'theirs');
    };
    await upload({ 'n.txt': 'mine' });
    expect(whys()).toEqual({ 'n.txt': 'asking' });
    expect(disk.text('/n.txt')).toBe('theirs');
  });

  test('a folder is never replaced by a file, nor a file by a folder', async () => {
    disk.put('/d', undefined);
    await upload({ d: 'file', 'a.txt/x': 'in a folder' }, ['a.txt']);
    expect(named('d').state).toEqual({ is: 'asking', there: 'folder', others: 0 });
    named('d').answer('replace', false);
    await idle();
    expect(named('d').state.is).toBe('asking');
    expect(whys()['a.txt']).toContain('A file of that name is in the way');
    expect(disk.text('/A.txt')).toBe('old');
  });
});

describe('what fails stands in its row, the others go on', () => {
  test('names, room, size', async () => {
    disk.size = PIECE;
    await upload({ 'a:b': 'x', 'large.bin': 2 * PIECE, fine: 'x' });
    expect(whys()).toEqual({
      'a:b': 'FAT has no : in names: take it out, or put - in its place.',
      'large.bin': 'does not fit: 2 MiB, 1 MiB free',
    });
    expect(named('a:b').state).toMatchObject({ retry: false });
    expect(disk.paths).toEqual(['/fine']);
    disk.size = 4 * PIECE;
    named('large.bin').retry();
    await until(() => !named('large.bin'));
    expect(disk.paths).toEqual(['/fine', '/large.bin']);
    named('a:b').cancel();
    await until(() => uploads.state.length === 0);
  });

  test('a disk that fails in the middle', async () => {
    let writes = 0;
    disk.before = (name) => {
      if (name === 'write' && ++writes === 2) throw new Error('EIO');
    };
    await upload({ 'a.bin': 3 * PIECE, b: 'B' });
    expect(whys()['a.bin']).toContain('The disk did not answer');
    expect(disk.paths).toEqual(['/b']);
    named('a.bin').retry();
    await until(() => uploads.state.length === 0);
    expect(disk.paths).toEqual(['/a.bin', '/b']);
  });

  test('a folder that cannot be keeps what belongs into it, for another try', async () => {
    disk.put('/t', 'in the way');
    await upload({ 't/a': 'A', 't/b': 'B', other: 'x' }, ['t']);
    expect(Object.keys(whys())).toEqual(['t']);
    disk.nodes.delete('/T');
    named('t').retry();
    await until(() => uploads.state.length === 0);
    expect(disk.paths).toEqual(['/other', '/t', '/t/a', '/t/b']);
  });
});

test('cancelling stops what runs and what waits, and leaves nothing', async () => {
  let release = () => {};
  disk.before = (name) => (name === 'write' ? new Promise((resolve) => (release = resolve)) : undefined);
  uploads.add('/', given({ 'a.bin': 2 * PIECE, 'b.bin': 5 }));
  await until(() => disk.calls.some((call) => call.startsWith('write')));
  named('b.bin').cancel();
  named('a.bin').cancel();
  release();
  await until(() => uploads.state.length === 0 && disk.paths.length === 0);
  expect(disk.openFiles).toBe(0);
});

test('what an input gives: a folder with the folders in it, names composed', () => {
  const file = (path: string) =>
    Object.defineProperty(new File(['x'], path.split('/').at(-1)!), 'webkitRelativePath', { value: path });
  const { files, folders } = fromInput([file('t/e\u0301/a'), file('t/b')]);
  expect(files.map(({ path }) => path)).toEqual(['t/\u00e9/a', 't/b']);
  expect(folders).toEqual(['t', 't/\u00e9']);
  expect(fromInput([new File(['x'], 'plain')])).toMatchObject({ files: [{ path: 'plain' }], folders: [] });
});
