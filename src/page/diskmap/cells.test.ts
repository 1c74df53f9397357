import { expect, test } from 'vitest';
import { CLUSTER } from '../fat/node';
import {
  barsOf,
  CELL,
  cellAt,
  cellsAround,
  cellsAt,
  cellsOf,
  cellUnder,
  clustersOf,
  crossesOf,
  groundOf,
  linesOf,
  squaresOf,
} from './cells';

/** As a volume of so many clusters: the first two entries stand for none. */
const states = (clusters: number, at: Readonly<Record<number, number>> = {}) => {
  const all = new Uint8Array(clusters + 2);
  for (const [cluster, state] of Object.entries(at)) all[Number(cluster)] = state;
  return all;
};

test('a small volume: a cell a cluster; a large one: as many in each as make 60 rows of 80', () => {
  expect(cellsOf(states(3827)).perCell).toBe(1);
  expect(cellsOf(states(4800)).perCell).toBe(1);
  const cells = cellsOf(states(68_528));
  expect([cells.perCell, cells.states.length]).toEqual([16, 4283]);
  expect(clustersOf(cells, 0, 68_528)).toEqual([2, 17]);
  expect(clustersOf(cells, 4282, 68_528)).toEqual([68_514, 68_529]);
  expect([2, 17, 18, 68_529, 68_530 + 16].map((cluster) => cellAt(cells, cluster))).toEqual([0, 0, 1, 4282, undefined]);
});

test('a cell shows the worst of its clusters', () => {
  const { FREE, FILE, DIRECTORY, BAD, LOST, CROSSED } = CLUSTER;
  const cases: [number[], number][] = [
    [[FREE, FREE], CELL.FREE],
    [[FILE, FILE], CELL.FILE],
    [[FILE, FREE], CELL.PART],
    [[FILE, DIRECTORY], CELL.DIRECTORY],
    [[DIRECTORY, BAD], CELL.BAD],
    [[BAD, LOST], CELL.LOST],
    [[LOST, CROSSED], CELL.CROSSED],
  ];
  const all = states(9600);
  for (const [i, [pair]] of cases.entries()) all.set(pair, 2 + 2 * i);
  const cells = cellsOf(all);
  expect(cells.perCell).toBe(2);
  expect([...cells.states.subarray(0, cases.length)]).toEqual(cases.map(([, cell]) => cell));
});

test('closer: six rows of one cluster each around the one, within the volume', () => {
  const all = states(68_528, { 1000: CLUSTER.LOST });
  const around = cellsAround(all, 1000);
  // Cluster 1000 is in row 12 of 80; one row above it is shown.
  expect([around.first, around.states.length, around.states[1000 - around.first]]).toEqual([882, 480, CELL.LOST]);
  expect(cellsAround(all, 2).first).toBe(2);
  const last = cellsAround(all, 68_529);
  expect(last.first + last.states.length).toBe(68_530);
  expect(cellsAt(around, [881, 882, 1000, 1361, 1362])).toEqual(new Set([0, 118, 479]));
});

test('neighbours in a row are one bar, and a row ends it', () => {
  const isIn = new Set([0, 1, 2, 79, 80]);
  expect(barsOf(160, (cell) => isIn.has(cell))).toBe('M0 0h17v5h-17zM474 0h5v5h-5zM0 6h5v5h-5z');
  expect([groundOf(80), groundOf(162), groundOf(3)]).toEqual([
    'M0 0h480v6h-480z',
    'M0 0h480v12h-480zM0 12h12v6h-12z',
    'M0 0h18v6h-18z',
  ]);
  expect(squaresOf([81], 0.5)).toBe('M5.5 5.5h6v6h-6z');
  expect(crossesOf([1])).toBe('M6 0l5 5M11 0l-5 5');
  expect(linesOf([[0, 81]])).toBe('M2.5,2.5L8.5,8.5');
});

test('the cell under a point; none beside the map', () => {
  const cells = cellsOf(states(100));
  expect(cellUnder(cells, 0, 0)).toBe(0);
  expect(cellUnder(cells, 7, 7)).toBe(81);
  expect([cellUnder(cells, -1, 0), cellUnder(cells, 480, 0), cellUnder(cells, 200, 7)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
