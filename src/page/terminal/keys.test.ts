import { expect, test } from 'vitest';
import type { Input } from '../console';
import { History } from '../history';
import { keyAction } from './keys';
import { acrossRows } from './line_editing';
import { Recall } from './recall';

/** 'Ctrl Shift C' as the browser reports it. */
function key(words: string) {
  const parts = words.split(' ');
  const has = (name: string) => parts.includes(name);
  return { key: parts.at(-1)!, ctrlKey: has('Ctrl'), shiftKey: has('Shift'), altKey: has('Alt'), metaKey: has('Meta') };
}

const PLAIN = { selected: false, mac: false };

test.each([
  ['Ctrl c', 'line'],
  ['Ctrl v', 'browser'],
  ['Ctrl Shift C', 'copy'],
  ['Ctrl Shift V', 'browser'],
  ['Ctrl Shift ArrowUp', 'leave'],
  ['Ctrl Shift F', 'find'],
  ['ArrowUp', 'previous'],
  ['ArrowDown', 'next'],
  ['Shift ArrowUp', 'line'],
  ['Tab', 'line'],
  ['Ctrl a', 'line'],
  ['c', 'line'],
])('%s does: %s', (words, action) => {
  expect(keyAction(key(words), PLAIN)).toBe(action);
});

test('Ctrl C copies what is selected, but not on a Mac, where Command C does', () => {
  expect(keyAction(key('Ctrl c'), { selected: true, mac: false })).toBe('copy');
  expect(keyAction(key('Ctrl c'), { selected: true, mac: true })).toBe('line');
  expect(keyAction(key('Meta c'), { selected: true, mac: true })).toBe('browser');
});

test("arrows recall lines in place of what is shown, even before it is echoed; without a prompt they are the program's", () => {
  let input: Input | undefined = { prompt: '>>> ', text: 'x', behindCursor: 0 };
  const sent: string[] = [];
  const history = new History();
  history.add('a long line that was typed before');
  history.add('last');
  const recall = new Recall(
    history,
    () => input,
    (keys) => sent.push(keys),
  );
  expect(recall.move('previous')).toBe(true);
  expect(recall.move('previous')).toBe(true);
  recall.move('next');
  recall.move('next');
  const backspaces = sent.map((keys) => keys.split('\x7f').length - 1);
  expect(sent.map((keys) => keys.replaceAll('\x7f', ''))).toEqual([
    '\x1b[Flast',
    '\x1b[Fa long line that was typed before',
    '\x1b[Flast',
    '\x1b[Fx',
  ]);
  expect(backspaces[2]).toBeGreaterThanOrEqual('a long line that was typed before'.length);
  input = undefined;
  expect(recall.move('previous')).toBe(false);
  expect(sent).toHaveLength(4);
});

test('steps of the line editor go across rows, and other output is not touched', () => {
  expect(acrossRows('ab\x1b[3D\x1b[D')).toBe('ab\b\b\b\b');
  expect(acrossRows('\b\x1b[K')).toBe('\b\x1b[9999X\x1b[?J');
  expect(acrossRows('\x1b[31mred\x1b[2K')).toBe('\x1b[31mred\x1b[2K');
  expect(acrossRows('\x1b[999999999D').length).toBeLessThan(5000);
});
