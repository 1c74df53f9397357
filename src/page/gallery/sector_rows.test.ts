import { expect, test } from 'vitest';
import { readSector, sectorRows } from './sector_rows';

test('a row has the offset on the disk, the bytes, and what is printable of them', () => {
  const bytes = Uint8Array.from([0xeb, 0x3c, 0x90, ...Buffer.from('mkfs ~'), 0x7f, 0x00]);
  expect(sectorRows(2048, bytes, 8)).toEqual([
    { offset: '00100000', hex: 'eb 3c 90 6d 6b 66 73 20', ascii: '.<.mkfs ' },
    { offset: '00100008', hex: '7e 7f 00', ascii: '~..' },
  ]);
  expect(sectorRows(0, new Uint8Array(512), 16)).toHaveLength(32);
});

test('a sector is a number on the disk, or a sentence', () => {
  expect([' 2048 ', '0x800', '0', '4095'].map((word) => readSector(word, 4096))).toEqual([2048, 2048, 0, 4095]);
  expect(readSector('4096', 4096)).toBe('This disk ends with sector 4095.');
  for (const word of ['', '-1', '1.5', 'x', '1e3', '0x'])
    expect(readSector(word, 4096)).toContain("is no sector's number");
});
