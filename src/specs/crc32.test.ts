import { expect, test } from 'vitest';
import { crc32 } from './crc32';

test.each([
  ['', 0],
  ['a', 0xe8b7_be43],
  ['abc', 0x3524_41c2],
  ['123456789', 0xcbf4_3926],
  ['The quick brown fox jumps over the lazy dog', 0x414f_a339],
])('of %o', (text, crc) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(crc);
});

test('of any length and alignment it is the remainder of a bit at a time', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 151 + (i >> 3)) & 255);
  for (let start = 0; start < 5; start++) {
    for (let end = start; end < bytes.length; end += 7) {
      let crc = -1;
      for (const byte of bytes.subarray(start, end)) {
        for (let bit = 0; bit < 8; bit++) crc = ((crc ^ (byte >> bit)) & 1 ? 0xedb8_8320 : 0) ^ (crc >>> 1);
      }
      expect(crc32(bytes.subarray(start, end))).toBe(~crc >>> 0);
    }
  }
});
