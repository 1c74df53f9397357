/** Where data waits between guest and virtualiser. */
import { expect, test } from 'vitest';
import { DataCells } from './data_cells';

test('neighbouring cells, fewer than wished when memory is in pieces, none when it is full', () => {
  const cells = new DataCells(8);
  const all = Array.from({ length: 8 }, () => cells.take(1)!);
  expect(cells.take(1)).toBeUndefined();
  for (const run of all.filter((_, i) => i % 2 === 0)) cells.give(run);
  expect(cells.take(4)).toEqual({ first: 0, count: 1 });
  cells.give(all[3]!);
  expect(cells.take(8)).toEqual({ first: 2, count: 2 });
  expect(cells.free).toBe(2);
  expect(cells.take(1)).toEqual({ first: 4, count: 1 });
  expect(cells.take(0)).toBeUndefined();
});
