import { describe, expect, test } from 'vitest';
import { erase, pasteKeys } from './paste';

const PROMPT = { prompt: '>>> ', text: '', behindCursor: 0 } as const;

describe('a paste', () => {
  test('of one line is typed and not run; with its line end it runs', () => {
    expect(pasteKeys('print(1)', PROMPT)).toBe('print(1)');
    expect(pasteKeys('print(1)\r\n', PROMPT)).toBe('print(1)\r');
  });

  test('of several lines goes through paste mode, with its own indentation', () => {
    expect(pasteKeys('if x:\r\n\ty()\r\n    z()\n', PROMPT)).toBe('\x05if x:\r\ty()\r    z()\r\x04');
  });

  test('into a line that is begun takes it along, since paste mode starts on an empty line only', () => {
    const keys = pasteKeys('1\ny=2', { ...PROMPT, text: 'x=' });
    expect(keys.replaceAll('\x7f', '')).toBe('\x1b[F\x05x=1\ry=2\x04');
    expect(keys.split('\x7f').length).toBeGreaterThan(2);
  });

  test('goes as it is to a block that is begun, to a program, and to the guest', () => {
    expect(pasteKeys('a\nb', { ...PROMPT, prompt: '... ' })).toBe('a\rb');
    expect(pasteKeys('a\nb\n', undefined)).toBe('a\rb\r');
  });

  test('cannot end paste mode, switch the console or interrupt: control characters are left out', () => {
    expect(pasteKeys('a\x04\x03b\x1c1\n\x1b[Ac\u00a0d\x7f', PROMPT)).toBe('\x05ab1\r[Ac d\x04');
  });

  test('erasing takes at least a backspace for each byte', () => {
    expect(erase('é'.repeat(50)).split('\x7f').length).toBeGreaterThan(100);
  });
});
