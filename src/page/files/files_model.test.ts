import { beforeEach, describe, expect, test } from 'vitest';
import { FilesModel } from './files_model';
import { gridKey } from './grid_keys';
import { FakeDisk } from './testing/fake_disk';
import { until } from './testing/settled';
import { KEPT_AT_MOST } from './trash';

let disk: FakeDisk;
let model: FilesModel;
let saved: { name: string; file: Blob }[];
let lines: string[];
let refusal: string | undefined;

beforeEach(() => {
  disk = new FakeDisk();
  for (const name of ['/a.txt', '/b.txt', '/c.txt', '/d.txt']) disk.put(name, name);
  disk.put('/sub', undefined);
  disk.put('/sub/in', 'inner');
  saved = [];
  lines = [];
  refusal = undefined;
  model = new FilesModel({
    port: disk,
    starts: { count: () => 1, subscribe: () => () => {} },
    now: () => 0,
    nextFrame: () => new Promise((resolve) => setTimeout(resolve)),
    pause: async () => {},
    save: (file, name) => saved.push({ file, name }),
    runLine: (line) => {
      lines.push(line);
      return refusal;
    },
  });
});

const shown = (path = '/') => until(() => model.listing.state.phase === 'shown' && model.listing.state.path === path);
const press = (key: string, modifiers: Partial<Record<'shiftKey' | 'ctrlKey', boolean>> = {}) =>
  gridKey({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...modifiers }, model, 3);
const chosen = () => [...model.state.selection.chosen];
const notice = () => model.state.notice?.text;

describe('keys', () => {
  beforeEach(() => shown());

  test('move, extend, and open', async () => {
    expect(model.rows).toEqual(['sub', 'a.txt', 'b.txt', 'c.txt', 'd.txt']);
    press('ArrowDown');
    expect(chosen()).toEqual(['sub']);
    press('PageDown');
    press('ArrowUp', { shiftKey: true });
    expect(chosen()).toEqual(['b.txt', 'c.txt']);
    press('End');
    expect(chosen()).toEqual(['d.txt']);
    press('Home', { ctrlKey: true });
    press(' ');
    expect(chosen()).toEqual(['d.txt', 'sub']);
    press('Enter');
    await shown('/sub');
    expect(model.rows).toEqual(['..', 'in']);
    press('a', { ctrlKey: true });
    expect(chosen()).toEqual(['in']);
    press('Backspace');
    await shown('/');
    expect(chosen()).toEqual(['sub']);
  });

  test.each([
    ['ArrowDown', 'sub'],
    ['ArrowUp', 'd.txt'],
    ['Home', 'sub'],
    ['End', 'd.txt'],
  ])('%s from nowhere', (key, name) => {
    press(key);
    expect(chosen()).toEqual([name]);
  });

  test('a letter goes to the next name that begins with it, and nothing else is taken from the page', () => {
    press('c');
    expect(chosen()).toEqual(['c.txt']);
    press('S');
    expect(chosen()).toEqual(['sub']);
    expect([press('z'), press('Tab'), press('c', { ctrlKey: true })]).toEqual([false, false, false]);
    expect(press('Escape')).toBe(true);
    expect(chosen()).toEqual([]);
  });

  test('F2 renames, a name that will not do is said and stays in the field', async () => {
    press('b');
    press('F2');
    expect(model.state.naming).toEqual({ of: 'b.txt' });
    expect(await model.named('x:y')).toBe(false);
    expect(notice()).toContain('FAT has no :');
    expect(await model.named('C.TXT')).toBe(false);
    expect(notice()).toBe('There is C.TXT already: choose another name.');
    expect(model.state.naming).toEqual({ of: 'b.txt' });
    expect(await model.named('B.txt')).toBe(true);
    expect(model.state.naming).toBeUndefined();
    await until(() => chosen()[0] === 'B.txt');
    expect(disk.paths).toContain('/B.txt');
  });
});

test('changes by others keep what is chosen and where the keys are', async () => {
  await shown();
  press('b');
  press('ArrowDown', { shiftKey: true });
  disk.nodes.delete('/B.TXT');
  disk.put('/aa.txt', 'new');
  disk.tell();
  await until(() => model.rows.includes('aa.txt'));
  expect(chosen()).toEqual(['c.txt']);
  expect(model.state.selection.at).toBe('c.txt');
  disk.nodes.delete('/C.TXT');
  disk.tell();
  await until(() => !model.rows.includes('c.txt'));
  expect(chosen()).toEqual([]);
  expect(model.state.selection.at).toBe('d.txt');
});

test('a file that is being uploaded has no second row', async () => {
  await shown();
  const before = [...model.rows];
  let release = () => {};
  disk.before = (name) => (name === 'write' ? new Promise((resolve) => (release = resolve)) : undefined);
  model.upload({ files: [{ path: 'up.txt', contents: new Blob(['x']) }], folders: [] });
  await until(() => disk.calls.some((call) => call.startsWith('write')));
  const listings = disk.calls.length;
  disk.tell();
  await until(() => disk.calls.length > listings && model.listing.state.entries.length === before.length + 1);
  expect(model.rows).toEqual(before);
  release();
  await until(() => model.rows.includes('up.txt'));
});

describe('deleting', () => {
  beforeEach(() => shown());

  test('goes deepest first and comes back as it was', async () => {
    await model.deletions.remove('/', ['sub', 'a.txt']);
    expect(disk.calls.filter((call) => call.startsWith('remove'))).toEqual(
      ['remove /sub/in', 'remove /sub', 'remove /a.txt'].sort((a, b) =>
        a.includes('a.txt') ? -1 : b.includes('a.txt') ? 1 : 0,
      ),
    );
    expect(notice()).toBe('2 entries were deleted');
    model.state.notice!.undo!();
    await until(() => notice() === 'All of it is back');
    expect(disk.text('/sub/in')).toBe('inner');
    expect(disk.text('/a.txt')).toBe('/a.txt');
  });

  test('comes back beside what has its name by now', async () => {
    await model.deletions.remove('/', ['a.txt']);
    disk.put('/A.txt', 'another');
    model.state.notice!.undo!();
    await until(() => notice() === 'a (2).txt is back');
    expect([disk.text('/a.txt'), disk.text('/a (2).txt')]).toEqual(['another', '/a.txt']);
  });

  test('of more than is kept asks first, and has no Undo', async () => {
    disk.size = 2 * KEPT_AT_MOST;
    disk.put('/large', new Uint8Array(KEPT_AT_MOST + 1));
    await model.deletions.remove('/', ['large']);
    expect(disk.paths).toContain('/large');
    expect(model.state.doomed?.bytes).toBe(KEPT_AT_MOST + 1);
    await model.deletions.decided(false);
    expect(disk.paths).toContain('/large');
    await model.deletions.remove('/', ['large']);
    await model.deletions.decided(true);
    expect(disk.paths).not.toContain('/large');
    expect(model.state.notice).toEqual({ text: 'large was deleted', failed: false });
  });

  test('that fails half way says how far it came and brings back what is gone', async () => {
    disk.before = (name, path) => {
      if (name === 'remove' && path === '/sub') throw new Error('EIO');
    };
    await model.deletions.remove('/', ['sub']);
    expect(notice()).toBe('Deleting stopped: 1 of 2 are gone');
    expect(model.jobs.state[0]?.state).toMatchObject({ is: 'failed', retry: true });
    model.state.notice!.undo!();
    await until(() => disk.text('/sub/in') === 'inner');
    expect(disk.paths.filter((path) => path.startsWith('/sub'))).toEqual(['/sub', '/sub/in']);
  });
});

test('one file is downloaded as it is, more as a .zip', async () => {
  await shown();
  await model.download(['a.txt']);
  await model.download(['sub']);
  expect(saved.map(({ name }) => name)).toEqual(['a.txt', 'sub.zip']);
  expect(await saved[0]!.file.text()).toBe('/a.txt');
  expect(model.jobs.state).toEqual([]);
});

test('a download that fails stands in its row, and can be tried again', async () => {
  await shown();
  disk.before = (name) => {
    if (name === 'read') throw new Error('EIO');
  };
  await model.download(['a.txt']);
  expect(model.jobs.state[0]).toMatchObject({ name: 'a.txt', state: { is: 'failed' } });
  disk.before = () => {};
  model.jobs.state[0]!.retry();
  await until(() => saved.length === 1 && model.jobs.state.length === 0);
});

test('a program is saved and then typed at the prompt, its path quoted', async () => {
  await shown();
  disk.put("/it's.py", 'print(1)');
  await model.drafts.open("/it's.py");
  model.drafts.typed("/it's.py", 'print(2)');
  await model.run("/it's.py");
  expect(disk.text("/it's.py")).toBe('print(2)');
  expect(lines).toEqual(["exec(open('/it\\'s.py').read())"]);
  refusal = 'Python is busy.';
  await model.run("/it's.py");
  expect(model.state.notice).toEqual({ text: 'Python is busy.', failed: true });
});
