/**
 * Where an arrow key leads in the graph: to the nearest node that way, the more straight on the better. Left and right follow the edges
 * where there are some.
 */
import { type Box, type Layout, peersOf } from './layout';
import type { Graph } from './model';

export type Arrow = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

const AXES: Readonly<Record<Arrow, readonly [dx: number, dy: number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};
/** How much worse a step aside is than one ahead. */
const ASIDE = 3;

export const isArrow = (key: string): key is Arrow => key in AXES;

/** Undefined when there is nothing that way. */
export function neighbour(graph: Graph, { boxes }: Layout, from: string, arrow: Arrow): string | undefined {
  const [dx, dy] = AXES[arrow];
  const peers = dx === 0 ? new Set<string>() : peersOf(graph, from);
  const here = boxes.get(from)!;
  const ways = [...boxes].flatMap(([id, there]) => {
    const [x, y] = [ahead(here.x, here.width, there.x, there.width), ahead(here.y, here.height, there.y, there.height)];
    const forward = dx * (centre(there).x - centre(here).x) + dy * (centre(there).y - centre(here).y);
    const along = dx === 0 ? Math.abs(y) : Math.abs(x);
    const aside = dx === 0 ? Math.abs(x) : Math.abs(y);
    return id === from || forward <= 0 || aside > along + here.width ? [] : [{ id, cost: along + ASIDE * aside }];
  });
  ways.sort((a, b) => a.cost - b.cost);
  return (ways.find(({ id }) => peers.has(id)) ?? ways[0])?.id;
}

/** The gap between two stretches; 0 when they overlap. */
function ahead(from: number, length: number, to: number, other: number): number {
  return to > from + length ? to - from - length : to + other < from ? from - to - other : 0;
}

const centre = ({ x, y, width, height }: Box) => ({ x: x + width / 2, y: y + height / 2 });
