import { expect, test } from 'vitest';
import { crc32 } from './crc32';

test.each([
  ['', 0],
  ['123456789', 0xcbf4_3926],
  ['The quick brown fox jumps over the lazy dog', 0x414f_a339],
])('of %o', (text, crc) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(crc);
});
