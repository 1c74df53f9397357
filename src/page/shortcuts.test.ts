import { expect, test } from 'vitest';
import { shortcutOf } from './shortcuts';

const press = (key: string, held: object = {}) =>
  shortcutOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });

test('single keys do what the help says', () => {
  expect(press('p')).toBe('pause');
  expect(press('S', { shiftKey: true })).toBe('stepStatement');
  expect(press('?', { shiftKey: true })).toBe('help');
  expect(press('Escape')).toBe('back');
});

test("the browser's own keys and everything else stay theirs", () => {
  expect(press('p', { ctrlKey: true })).toBeUndefined();
  expect(press('d', { metaKey: true })).toBeUndefined();
  expect(press('b', { altKey: true })).toBeUndefined();
  expect(press('x')).toBeUndefined();
  expect(press('toString')).toBeUndefined();
});
