import { expect, test } from 'vitest';
import { region } from './region';
import { bytes, i64, readStruct, readU64, struct, u8, u16, u32, u64, writeStruct, writeU64 } from './struct';

const TABLE = struct('t', 40, { a: u8(0), b: u16(2), c: u32(4), d: u64(8), e: i64(16), text: bytes(24, 8) });
const at = () => region('t', 48);

test('each field is little-endian, where the table says, and leaves its neighbours alone', () => {
  const { view, bytes: all } = at();
  all.fill(0xee);
  writeStruct(view, 4, TABLE, { a: 0x11, b: 0x2233, c: 0x4455_6677, d: 0x0001_0203_0405_0607, e: -2 });
  expect([...all.subarray(4, 28)]).toEqual([
    0x11, 0xee, 0x33, 0x22, 0x77, 0x66, 0x55, 0x44, 7, 6, 5, 4, 3, 2, 1, 0, 0xfe, 255, 255, 255, 255, 255, 255, 255,
  ]);
  expect([...all.subarray(28)]).toEqual(new Array(20).fill(0xee));
  expect(all[3]).toBe(0xee);
  expect(readStruct(view, 4, TABLE)).toEqual({
    a: 0x11,
    b: 0x2233,
    c: 0x4455_6677,
    d: 0x0001_0203_0405_0607,
    e: -2,
    text: 0,
  });
});

test('a read is a copy: later changes of the memory do not reach it', () => {
  const { view } = at();
  writeStruct(view, 0, TABLE, { c: 1 });
  const copy = readStruct(view, 0, TABLE);
  writeStruct(view, 0, TABLE, { c: 2 });
  expect(copy.c).toBe(1);
});

test('a u64 that no JavaScript number can hold reads as NaN, not as its neighbour', () => {
  const { view } = at();
  const read = (value: bigint) => {
    view.setBigUint64(0, value, true);
    return readU64(view, 0);
  };
  expect(read(2n ** 53n - 1n)).toBe(2 ** 53 - 1);
  for (const value of [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) expect(read(value)).toBeNaN();
});

test('an i64 likewise, on both sides of zero', () => {
  const { view } = at();
  const read = (value: bigint) => {
    view.setBigInt64(16, value, true);
    return readStruct(view, 0, TABLE).e;
  };
  expect([read(-1n), read(-(2n ** 53n) + 1n)]).toEqual([-1, -(2 ** 53) + 1]);
  for (const value of [2n ** 53n, -(2n ** 53n), -(2n ** 63n)]) expect(read(value)).toBeNaN();
});

test('writing what is not a u64 is our own mistake', () => {
  const { view } = at();
  for (const value of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => writeU64(view, 0, value)).toThrow(RangeError);
  writeU64(view, 0, 2 ** 53 - 1);
  expect(view.getBigUint64(0, true)).toBe(2n ** 53n - 1n);
});

test('a region holds a range only if all of it lies inside', () => {
  const r = region('r', 100);
  const inside = [
    [0, 100],
    [100, 0],
    [99, 1],
  ];
  const outside = [
    [0, 101],
    [100, 1],
    [-1, 1],
    [1, -1],
    [Number.NaN, 1],
    [1, Number.NaN],
    [2 ** 53, 1],
    [1, 2 ** 53],
  ];
  expect(inside.map(([offset, length]) => r.holds(offset!, length!))).toEqual([true, true, true]);
  expect(outside.map(([offset, length]) => r.holds(offset!, length!))).toEqual(outside.map(() => false));
});
