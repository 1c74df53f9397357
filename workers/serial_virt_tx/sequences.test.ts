import { expect, test } from 'vitest';
import { unfinished } from './sequences';

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  ['', 0],
  ['plain', 0],
  ['\x1b[31m', 0],
  ['\x1b[31mred', 0],
  ['\x1b', 1],
  ['a\x1b[', 2],
  ['a\x1b[3', 3],
  ['a\x1b[38;5;12', 9],
  ['a\x1b[?25', 5],
  ['\x1bc', 0],
  ['\x1bM', 0],
  ['\x1b[2J\x1b[', 2],
])('%j ends with %d bytes of an escape sequence', (text, length) => {
  expect(unfinished(bytes(text))).toBe(length);
});

test.each(['é', '€', '漢', '😀'])('every cut of %s is found, and the whole is not one', (letter) => {
  const all = bytes(`x${letter}`);
  for (let end = 2; end < all.length; end++) expect(unfinished(all.subarray(0, end))).toBe(end - 1);
  expect(unfinished(all)).toBe(0);
});

test.each([[0x80], [0xff], [0xc0], [0xe2, 0x82, 0xac, 0x82], [0xbf, 0xbf, 0xbf, 0xbf]])(
  'bytes that no character begins with are nothing to wait for: %j',
  (...wrong) => {
    expect(unfinished(Uint8Array.from(wrong))).toBe(0);
  },
);

test('a sequence longer than any is not waited for', () => {
  expect(unfinished(bytes(`\x1b[${'1;'.repeat(20)}`))).toBe(0);
});
