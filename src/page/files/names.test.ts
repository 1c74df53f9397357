import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkNewName } from '../../../workers/linux_fs_vm/kernel/fat/names';
import { besides, composed, folded, isUnfinished, nameProblem, unfinishedName } from './names';
import { folderOf, isWithin, join, nameOf, steps } from './paths';

describe('names that FAT cannot hold say what to change', () => {
  test.each([
    ['', 'at least one character'],
    ['..', 'more than dots'],
    ['a:b', 'FAT has no : in names'],
    ['what?', 'FAT has no ? in names'],
    ['a\\b', 'FAT has no \\ in names'],
    ['tab\there', 'no control characters'],
    ['name.', 'drops a dot at the end'],
    ['name ', 'drops a space at the end'],
    ['x'.repeat(256), 'has 256 characters, and FAT has room for 255'],
    ['\ud83d', 'half a character'],
  ])('%j', (name, words) => {
    expect(nameProblem(name)).toContain(words);
  });

  test.each(['CON', 'nul.txt', '.hidden', 'données 😀.csv', 'x'.repeat(255), '~upload-1.tmp', 'a+b,c;[d]=e'])(
    '%j will do',
    (name) => {
      expect(nameProblem(name)).toBeUndefined();
    },
  );

  test('whatever passes here passes in the file system, and is stored as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        if (nameProblem(name) === undefined) expect(checkNewName(name)).toBe(name);
      }),
    );
  });

  test('whatever the file system refuses is refused here', () => {
    const near = fc.string({ unit: fc.constantFrom('a', '.', ' ', ':', '\u001f', '\ud800', '😀', '|'), maxLength: 6 });
    fc.assert(
      fc.property(near, (name) => {
        let isRefused = false;
        try {
          checkNewName(name);
        } catch {
          isRefused = true;
        }
        if (isRefused) expect(nameProblem(name)).toBeDefined();
      }),
    );
  });
});

test('a second one of a name keeps its extension, and its length within what FAT holds', () => {
  const taken =
    (...names: string[]) =>
    (name: string) =>
      names.includes(name);
  expect(besides('notes.txt', taken())).toBe('notes (2).txt');
  expect(besides('notes.txt', taken('notes (2).txt', 'notes (3).txt'))).toBe('notes (4).txt');
  expect(besides('folder', taken())).toBe('folder (2)');
  expect(besides('.profile', taken())).toBe('.profile (2)');
  expect(besides(`${'x'.repeat(251)}.txt`, taken())).toHaveLength(255);
  expect(nameProblem(besides(`${'😀'.repeat(125)}.txt`, taken()))).toBeUndefined();
});

test('names that differ in case are one, decomposed letters are composed', () => {
  expect(folded('A.TXT')).toBe(folded('a.txt'));
  expect(folded('straße')).not.toBe(folded('STRASSE'));
  expect(composed('e\u0301')).toBe('\u00e9');
  expect(isUnfinished(unfinishedName(12))).toBe(true);
  expect(isUnfinished('~upload-x.tmp')).toBe(false);
});

test('paths', () => {
  expect([join('/', 'a'), join('/a', 'b')]).toEqual(['/a', '/a/b']);
  expect([folderOf('/a/b'), folderOf('/a'), folderOf('/')]).toEqual(['/a', '/', '/']);
  expect(nameOf('/a/b.c')).toBe('b.c');
  expect(steps('/a/b')).toEqual([
    { path: '/', name: '/' },
    { path: '/a', name: 'a' },
    { path: '/a/b', name: 'b' },
  ]);
  expect([isWithin('/ab', '/a'), isWithin('/a/b', '/a'), isWithin('/a', '/'), isWithin('/a', '/a')]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});
