import { describe, expect, test } from 'vitest';
import type { Errno } from '../errno';
import { checkNewName, chooseNames, foldName } from './names';

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const free = () => false;
const code = (run: () => void) => {
  try {
    run();
  } catch (error) {
    return (error as Errno).code;
  }
  return 'accepted';
};

describe('names that need no long entries', () => {
  test.each([
    ['README.TXT', 'README  TXT', 0x00],
    ['readme.txt', 'README  TXT', 0x18],
    ['readme.TXT', 'README  TXT', 0x08],
    ['README.txt', 'README  TXT', 0x10],
    ['a', 'A          ', 0x08],
    ['1.2', '1       2  ', 0x00],
    ["$%'-_@~`!(){}^#&"[0]!, '$          ', 0x00],
  ])('%s', (name, bytes, flags) => {
    const { short, long } = chooseNames(name, free);
    expect([ascii(short.bytes), short.flags, long]).toEqual([bytes, flags, undefined]);
  });
});

describe('short names beside long ones', () => {
  test.each([
    ['Readme.txt', 'README  TXT'], // the same but for case: no tail needed
    ['readme.html', 'README~1HTM'],
    ['The quick brown.fox', 'THEQUI~1FOX'],
    ['a+b.c', 'A_B~1   C  '],
    ['.profile', 'PROFIL~1   '],
    ['archive.tar.gz', 'ARCHIV~1GZ '],
    ['Ünïcödé.txt', '_N_C_D~1TXT'],
    ['😀', '__~1       '],
    ['two words', 'TWOWOR~1   '],
    ['name.', 'NAME       '],
  ])('%s', (name, bytes) => {
    expect(ascii(chooseNames(checkNewName(name), free).short.bytes)).toBe(bytes);
  });

  test('the tail counts up, then a hash takes over, and a thousand alike all differ', () => {
    const taken = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const { short } = chooseNames(`the same beginning ${i}.text`, (folded) => taken.has(folded));
      const base = ascii(short.bytes.subarray(0, 8)).trimEnd();
      const name = `${base}.${ascii(short.bytes.subarray(8)).trimEnd()}`;
      expect(taken.has(name)).toBe(false);
      expect(base).toMatch(i < 9 ? /^THESAM~[1-9]$/ : /^TH[0-9A-F]{4}~1$/);
      taken.add(name);
    }
  });
});

test.each(['', '.', '...', 'a/b', 'a\\b', 'a:b', 'a*', 'a?', 'a"', 'a<', 'a>', 'a|', 'a\u0000b', 'a\u001f', '\ud800'])(
  'the name %j is refused with EINVAL',
  (name) => {
    expect(code(() => checkNewName(name))).toBe('EINVAL');
  },
);

test('255 UTF-16 units are a name, 256 are too long, also as surrogate pairs', () => {
  expect(code(() => checkNewName('x'.repeat(255)))).toBe('accepted');
  expect(code(() => checkNewName('x'.repeat(256)))).toBe('ENAMETOOLONG');
  expect(code(() => checkNewName('😀'.repeat(127)))).toBe('accepted');
  expect(code(() => checkNewName('😀'.repeat(128)))).toBe('ENAMETOOLONG');
});

test('names are the same whatever their case and trailing dots, not more', () => {
  expect(foldName('Straße.TXT')).toBe(foldName('sTRAßE.txt'));
  expect(foldName('Straße')).not.toBe(foldName('STRASSE'));
  expect(foldName('ÀÉÎõü')).toBe(foldName('àéîÕÜ'));
  expect(foldName('дневник')).toBe(foldName('ДНЕВНИК'));
  expect(foldName('name..')).toBe(foldName('NAME'));
  expect(foldName('name ')).not.toBe(foldName('name'));
  expect(foldName('__proto__')).toBe('__PROTO__');
});

test('trailing dots are not stored', () => {
  expect(checkNewName('name...')).toBe('name');
  expect(checkNewName('.hidden.')).toBe('.hidden');
});
