/** The map's cells: one cluster each, 80 a row; of a large volume, several clusters each, so that all of it is seen at once. */
import { CLUSTER } from '../fat/node';

export const PER_ROW = 80;
const MOST_ROWS = 60;
const CLOSE_ROWS = 6;
const FIRST = 2;

/** What a cell shows: the worst of its clusters. `PART`: some of them are a file's and others free. */
export const CELL = { FREE: 0, FILE: 1, PART: 2, DIRECTORY: 3, BAD: 4, LOST: 5, CROSSED: 6 } as const;

export interface Cells {
  /** The first cluster of the first. */
  readonly first: number;
  /** Clusters in one; a power of two. */
  readonly perCell: number;
  /** Of CELL. */
  readonly states: Uint8Array;
}

/** All of a volume; `states` by cluster, of CLUSTER. */
export function cellsOf(states: Uint8Array): Cells {
  let perCell = 1;
  while (states.length - FIRST > perCell * PER_ROW * MOST_ROWS) perCell *= 2;
  return cellsFrom(states, FIRST, states.length, perCell);
}

/** One cluster each, around this one: what a large volume's map is too coarse for. */
export function cellsAround(states: Uint8Array, cluster: number): Cells {
  const row = Math.floor((cluster - FIRST) / PER_ROW);
  const lastRow = Math.floor((states.length - FIRST - 1) / PER_ROW);
  const fromRow = Math.max(0, Math.min(row - 1, lastRow - CLOSE_ROWS + 1));
  const first = FIRST + fromRow * PER_ROW;
  return cellsFrom(states, first, Math.min(states.length, first + CLOSE_ROWS * PER_ROW), 1);
}

function cellsFrom(states: Uint8Array, first: number, end: number, perCell: number): Cells {
  const cells = new Uint8Array(Math.ceil((end - first) / perCell));
  for (let cell = 0; cell < cells.length; cell++) {
    const from = first + cell * perCell;
    const to = Math.min(end, from + perCell);
    let seen = 0;
    for (let cluster = from; cluster < to; cluster++) seen |= 1 << states[cluster]!;
    cells[cell] = cellOf(seen);
  }
  return { first, perCell, states: cells };
}

/** `seen`: a bit for each of CLUSTER that is in it. */
function cellOf(seen: number): number {
  const has = (state: number) => (seen & (1 << state)) !== 0;
  for (const [cluster, cell] of WORST) if (has(cluster)) return cell;
  if (!has(CLUSTER.FILE)) return CELL.FREE;
  return has(CLUSTER.FREE) ? CELL.PART : CELL.FILE;
}

const WORST = [
  [CLUSTER.CROSSED, CELL.CROSSED],
  [CLUSTER.LOST, CELL.LOST],
  [CLUSTER.BAD, CELL.BAD],
  [CLUSTER.DIRECTORY, CELL.DIRECTORY],
] as const;

/** Undefined for a cluster that is not on the map. */
export function cellAt({ first, perCell, states }: Cells, cluster: number): number | undefined {
  const cell = Math.floor((cluster - first) / perCell);
  return cell >= 0 && cell < states.length ? cell : undefined;
}

/** Cells of the clusters that are on the map, each once. */
export function cellsAt(cells: Cells, clusters: Iterable<number>): Set<number> {
  const found = new Set<number>();
  for (const cluster of clusters) {
    const cell = cellAt(cells, cluster);
    if (cell !== undefined) found.add(cell);
  }
  return found;
}

/** First and last cluster of a cell, of a volume with so many. */
export function clustersOf({ first, perCell }: Cells, cell: number, clusters: number): [first: number, last: number] {
  const from = first + cell * perCell;
  return [from, Math.min(from + perCell - 1, clusters + 1)];
}

/** Distance of one cell's left edge from the next one's, in the drawing; a cell is one less. */
export const PITCH = 6;

export const xOf = (cell: number): number => (cell % PER_ROW) * PITCH;
export const yOf = (cell: number): number => Math.floor(cell / PER_ROW) * PITCH;
export const rowsOf = ({ states }: Cells): number => Math.ceil(states.length / PER_ROW);

/** An SVG path over the cells for which that holds: neighbours in a row are one bar. */
export function barsOf(count: number, isIn: (cell: number) => boolean): string {
  let path = '';
  for (let cell = 0; cell < count; ) {
    let end = cell;
    while (end < count && isIn(end) && Math.floor(end / PER_ROW) === Math.floor(cell / PER_ROW)) end++;
    if (end > cell) path += barOf(cell, end - cell);
    cell = Math.max(end, cell + 1);
  }
  return path;
}

const barOf = (cell: number, cells: number) => {
  const width = cells * PITCH - 1;
  return `M${xOf(cell)} ${yOf(cell)}h${width}v${PITCH - 1}h-${width}z`;
};

/** Around all cells, row by row: what lies under them. */
export function groundOf(count: number): string {
  const [rows, rest] = [Math.floor(count / PER_ROW), count % PER_ROW];
  const box = (y: number, cells: number, height: number) =>
    cells * height === 0 ? '' : `M0 ${y}h${cells * PITCH}v${height}h-${cells * PITCH}z`;
  return box(0, PER_ROW, rows * PITCH) + box(rows * PITCH, rest, PITCH);
}

/** Each by itself; `by`: larger than the cell on every side. */
export function squaresOf(cells: Iterable<number>, by = 0): string {
  const size = PITCH - 1 + 2 * by;
  return Array.from(cells, (cell) => `M${xOf(cell) - by} ${yOf(cell) - by}h${size}v${size}h-${size}z`).join('');
}

/** Crosses through them. */
export function crossesOf(cells: Iterable<number>): string {
  const size = PITCH - 1;
  return Array.from(cells, (cell) => {
    const [x, y] = [xOf(cell), yOf(cell)];
    return `M${x} ${y}l${size} ${size}M${x + size} ${y}l-${size} ${size}`;
  }).join('');
}

/** From the middle of each cell to that of the next. */
export function linesOf(jumps: readonly (readonly [from: number, to: number])[]): string {
  const middle = (cell: number) => `${xOf(cell) + (PITCH - 1) / 2},${yOf(cell) + (PITCH - 1) / 2}`;
  return jumps.map(([from, to]) => `M${middle(from)}L${middle(to)}`).join('');
}

/** The cell under a point of the drawing; undefined outside. */
export function cellUnder({ states }: Cells, x: number, y: number): number | undefined {
  const [column, row] = [Math.floor(x / PITCH), Math.floor(y / PITCH)];
  const cell = row * PER_ROW + column;
  return column >= 0 && column < PER_ROW && row >= 0 && cell < states.length ? cell : undefined;
}
