import { expect, test } from 'vitest';
import { descriptor, FileHandles } from './file_handles';

test('an open file follows its name through renames, of itself and of a folder above it', () => {
  const handles = new FileHandles();
  const file = handles.add('/Data/log.txt', 0, 7);
  handles.renamed('/data', '/old');
  expect(file.path).toBe('/old/log.txt');
  handles.renamed('/OLD/LOG.TXT', '/new.txt');
  expect(file).toMatchObject({ path: '/new.txt', gone: false });
  handles.renamed('/other', '/newer.txt');
  expect(file.path).toBe('/new.txt');
});

test('a file whose name was removed or taken by another is gone, also in other case', () => {
  const handles = new FileHandles();
  const [removed, replaced, other] = ['/a', '/b', '/ab'].map((path, i) => handles.add(path, 0, i));
  handles.removed('/A');
  handles.renamed('/c', '/B');
  expect([removed!.gone, replaced!.gone, other!.gone]).toEqual([true, true, false]);
});

test('changing only the case of a name does not lose the file', () => {
  const handles = new FileHandles();
  const file = handles.add('/readme', 0, 1);
  handles.renamed('/readme', '/README');
  expect(file).toMatchObject({ path: '/README', gone: false });
});

test('a lost file has no descriptor but ESTALE', () => {
  const handle = new FileHandles().add('/a', 0, 3);
  expect(descriptor(handle)).toBe(3);
  handle.lost = true;
  expect(() => descriptor(handle)).toThrow('ESTALE');
});
