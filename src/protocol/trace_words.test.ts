import { expect, test } from 'vitest';
import { clientOf, ownRequest, packBlocks, packDisk, requestOf, unpackBlocks, unpackDisk, WHY } from './trace_words';

test('a request of the guest to its disk: pages needed, pages ahead, slot, reasons', () => {
  const words = { asked: 64, ahead: 48, slot: 127, why: WHY.FAT | WHY.PART | WHY.MARK };
  expect(packDisk(words)).toBe(64 + 48 * 128 + 127 * 0x4000 + 196 * 0x20_0000);
  expect(unpackDisk(packDisk(words))).toEqual(words);
});

test('a request in a block queue: blocks, id, code', () => {
  const words = { count: 0xffff, id: 1023, code: 3 };
  expect(packBlocks(words)).toBe(0x0fff_ffff);
  expect(unpackBlocks(packBlocks(words))).toEqual(words);
});

test('what does not fit is cut and touches nothing else', () => {
  expect(unpackBlocks(packBlocks({ count: 0x1_0001, id: 2 ** 31, code: Number.NaN }))).toEqual({
    count: 1,
    id: 0,
    code: 0,
  });
});

test('a number says whose request it is and is never 0', () => {
  expect(requestOf(0, 7)).toBe(7);
  expect(requestOf(1, 7)).toBe(0x1000_0007);
  expect([0, 2 ** 28, 2 ** 40].map((id) => requestOf(0, id))).toEqual([1, 1, 1]);
  expect([requestOf(0, 2 ** 53 - 1), requestOf(14, 0xffff_ffff), ownRequest(3)].map(clientOf)).toEqual([
    0,
    14,
    'guest',
  ]);
  expect(ownRequest(3)).toBeLessThan(2 ** 32);
});

test("a client's later self has other numbers", () => {
  const first = (generation: number) => (generation - 1) * (2 ** 40 + 2 ** 20) + 1;
  const numbers = [1, 2, 3, 200].map((generation) => requestOf(0, first(generation)));
  expect(new Set(numbers).size).toBe(4);
});
