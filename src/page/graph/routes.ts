/** How the graph's edges run between its nodes. What goes to a tall client runs straight; what lies below another row drops into its top. */
import type { Box, Layout } from './layout';
import type { Graph, GraphEdge } from './model';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Route {
  readonly edge: GraphEdge;
  /** The `d` of an SVG path, from `a` to `b`. */
  readonly path: string;
  /** Middle of the place for what waits on this edge. */
  readonly badge: Point;
  readonly start: Point;
  readonly end: Point;
}

const CORNER = 7;
/** Two edges of one node that part: half their distance. */
const FORK = 8;
/** Beside each other, from the guest on: commands and data. */
const PARALLEL = 11;
const BADGE = { back: 17, beside: 13 };

export function routesOf(graph: Graph, layout: Layout): Route[] {
  return graph.edges.map((edge) => {
    const points = pointsOf(graph, layout, edge);
    return { edge, path: rounded(points), badge: badgeOf(points, layout), start: points[0]!, end: points.at(-1)! };
  });
}

const right = ({ x, width }: Box) => x + width;
const bottom = ({ y, height }: Box) => y + height;
const middle = ({ y, height }: Box) => y + height / 2;

function pointsOf(graph: Graph, layout: Layout, edge: GraphEdge): Point[] {
  const a = layout.boxes.get(edge.a)!;
  if (edge.b === undefined) return outOf(a, layout);
  const b = layout.boxes.get(edge.b)!;
  if (isInside(graph, edge)) return insidePoints(graph, layout, edge);
  if (a.x === b.x) return aroundLeft(a, b, layout);
  const [from, to, turned] = a.x < b.x ? [edge.a, edge.b, false] : [edge.b, edge.a, true];
  const points = layout.tall.has(to)
    ? straight(graph, layout, edge, from, to)
    : isBelow(graph, to)
      ? downTo(graph, layout, edge, from, to)
      : stepwise(graph, layout, from, to);
  return turned ? points.toReversed() : points;
}

/** From the device over everything else to the terminal, which is to the right of the drawing. */
function outOf(box: Box, { width }: Layout): Point[] {
  const x = box.x + box.width / 2;
  return [
    { x, y: box.y },
    { x, y: 8 },
    { x: width + 6, y: 8 },
  ];
}

/** Between a monitor and its guest. */
export const isInside = ({ nodes }: Graph, { a, b }: GraphEdge) =>
  nodes.some(({ id, parent }) => parent !== undefined && ((id === a && parent === b) || (id === b && parent === a)));

function insidePoints(graph: Graph, layout: Layout, edge: GraphEdge): Point[] {
  const edges = graph.edges.filter((other) => isInside(graph, other) && samePair(other, edge));
  const guest = graph.nodes.find(({ id, parent }) => parent !== undefined && (id === edge.a || id === edge.b))!;
  const box = layout.boxes.get(guest.id)!;
  const x = box.x + box.width / 2 + 15 * edges.indexOf(edge);
  const points = [
    { x, y: box.y - layout.measures.margin },
    { x, y: box.y },
  ];
  return guest.id === edge.a ? points.toReversed() : points;
}

function samePair(one: GraphEdge, other: GraphEdge): boolean {
  return (one.a === other.a && one.b === other.b) || (one.a === other.b && one.b === other.a);
}

/** Two nodes of one column. */
function aroundLeft(a: Box, b: Box, { columns }: Layout): Point[] {
  const x = columns[1]! - 14;
  const away = (box: Box, other: Box) => middle(box) + (box.y < other.y ? box.height / 4 : -box.height / 4);
  return [
    { x: a.x, y: away(a, b) },
    { x, y: away(a, b) },
    { x, y: away(b, a) },
    { x: b.x, y: away(b, a) },
  ];
}

function straight(graph: Graph, layout: Layout, edge: GraphEdge, from: string, to: string): Point[] {
  const [start, end] = [layout.boxes.get(from)!, layout.boxes.get(to)!];
  const edges = graph.edges.filter((other) => samePair(other, edge));
  const guests = graph.nodes.some(({ parent }) => parent === from);
  // A monitor's own lines are above its guest.
  const at = guests ? start.y + layout.measures.head / 2 : middle(start);
  const y = at + (edges.length > 1 ? (edges.indexOf(edge) * 2 - edges.length + 1) * PARALLEL : 0);
  return [
    { x: right(start), y },
    { x: end.x, y },
  ];
}

/** A monitor, or a client that is not tall: lines from above come in at the top. */
const isBelow = ({ nodes }: Graph, id: string) =>
  nodes.some((node) => (node.id === id && node.kind === 'client') || node.parent === id);

function downTo(graph: Graph, layout: Layout, edge: GraphEdge, from: string, to: string): Point[] {
  const [start, end] = [layout.boxes.get(from)!, layout.boxes.get(to)!];
  if (middle(start) >= end.y) return stepwise(graph, layout, from, to);
  const sources = dropsOn(graph, layout, to);
  const x = end.x + end.width * 0.32 + (end.width * 0.32 * sources.indexOf(from)) / Math.max(1, sources.length - 1);
  const isUnder = start.x < x && x < right(start);
  if (!isUnder)
    return [
      { x: right(start), y: middle(start) },
      { x, y: middle(start) },
      { x, y: end.y },
    ];
  const edges = graph.edges.filter((other) => samePair(other, edge));
  const at = end.x + (end.width * (edges.indexOf(edge) + 1)) / (edges.length + 1);
  return [
    { x: at, y: bottom(start) },
    { x: at, y: end.y },
  ];
}

/** Who drops on a node, the lowest first: so their lines cross least. */
function dropsOn({ edges }: Graph, { boxes }: Layout, to: string): string[] {
  const sources = edges.flatMap(({ a, b }) => (b === to ? a : a === to && b !== undefined ? b : []));
  const above = [...new Set(sources)].filter((id) => {
    const box = boxes.get(id)!;
    return box.x < boxes.get(to)!.x && middle(box) < boxes.get(to)!.y;
  });
  return above.sort((one, other) => boxes.get(other)!.y - boxes.get(one)!.y);
}

/** To the next column; lines that part leave beside each other, in the order of where they go. */
function stepwise(graph: Graph, layout: Layout, from: string, to: string): Point[] {
  const [start, end] = [layout.boxes.get(from)!, layout.boxes.get(to)!];
  const next = [...new Set(graph.edges.flatMap(({ a, b }) => (a === from ? (b ?? []) : b === from ? a : [])))]
    .filter((id) => layout.boxes.get(id)!.x === end.x && middle(layout.boxes.get(id)!) !== middle(start))
    .sort((one, other) => layout.boxes.get(one)!.y - layout.boxes.get(other)!.y);
  const y = middle(start) + (next.includes(to) ? (next.indexOf(to) * 2 - next.length + 1) * FORK : 0);
  if (y === middle(end))
    return [
      { x: right(start), y },
      { x: end.x, y },
    ];
  const x = end.x - 15;
  return [
    { x: right(start), y },
    { x, y },
    { x, y: middle(end) },
    { x: end.x, y: middle(end) },
  ];
}

function rounded(points: readonly Point[]): string {
  const corners = points.slice(1, -1).map((point, i) => corner(points[i]!, point, points[i + 2]!));
  const [first, last] = [points[0]!, points.at(-1)!];
  return `M${first.x} ${first.y}${corners.join('')}L${last.x} ${last.y}`;
}

function corner(before: Point, at: Point, after: Point): string {
  const near = (to: Point) => {
    const length = Math.abs(to.x - at.x) + Math.abs(to.y - at.y);
    const cut = Math.min(CORNER, length / 2);
    return `${at.x + Math.sign(to.x - at.x) * cut} ${at.y + Math.sign(to.y - at.y) * cut}`;
  };
  return `L${near(before)}Q${at.x} ${at.y} ${near(after)}`;
}

/** Near the end that is farther from the hardware, above the line or to the right of it. */
function badgeOf(points: readonly Point[], layout: Layout): Point {
  const outward = points[0]!.x <= points.at(-1)!.x ? points : points.toReversed();
  const [before, end] = [outward.at(-2)!, outward.at(-1)!];
  if (before.x === end.x) return { x: end.x + BADGE.beside + 4, y: (Math.max(before.y, end.y - 24) + end.y) / 2 };
  const back = Math.min(BADGE.back, Math.abs(end.x - before.x) / 2);
  return { x: Math.min(end.x - back, layout.width), y: end.y - BADGE.beside };
}
