/**
 * Where every node of the graph stands: columns by how far it is from the hardware, rows by service. Nothing is placed by name; a column is
 * as wide as its longest name. Lengths are in units of the drawing, which are CSS pixels at 1:1.
 */
import type { SystemDescription } from '../../microkit/sdf';
import { rails } from '../rails';
import { deviceId, type Graph, type GraphNode } from './model';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Drawing = 'full' | 'compact';

/** Heights and distances of a drawing. */
export interface Measures {
  readonly node: number;
  /** Between nodes of a column in one row, and between rows. */
  readonly gap: number;
  readonly rowGap: number;
  /** Above the first row, and above a client that all rows lead to. */
  readonly top: number;
  readonly tallTop: number;
  /** A monitor's own lines above its guest, and the margin around that. */
  readonly head: number;
  readonly margin: number;
}

export const MEASURES: Readonly<Record<Drawing, Measures>> = {
  full: { node: 50, gap: 12, rowGap: 24, top: 54, tallTop: 22, head: 46, margin: 8 },
  compact: { node: 34, gap: 7, rowGap: 10, top: 41, tallTop: 15, head: 34, margin: 5 },
};

/** From the compact drawing, 0, to the full one, 1. */
function measuresAt(ease: number): Measures {
  const { full, compact } = MEASURES;
  const names = Object.keys(full) as (keyof Measures)[];
  const at = (name: keyof Measures) => Math.round(compact[name] + ease * (full[name] - compact[name]));
  return Object.fromEntries(names.map((name) => [name, at(name)])) as Record<keyof Measures, number>;
}

export interface Layout {
  readonly drawing: Drawing;
  readonly measures: Measures;
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Box>;
  /** Clients that are as tall as all the rows they use. */
  readonly tall: ReadonlySet<string>;
  /** Left edge of each column. */
  readonly columns: readonly number[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A drawing with the pins of its devices and the line that leaves it. */
export const outer = ({ width, height }: Layout): Size => ({ width: width + 14, height: height + 8 });

/** A mono letter at 11.5 px, and what a node has beside its name: tab, glyph, margins. */
const LETTER = 7.05;
const BESIDE_NAME = 33;
const DEVICE_LETTER = 6.1;
const DEVICE_MARGIN = 12;
/** So that nothing moves when the board changes. */
const DEVICE_WIDTH = 74;
/** Between columns: room for a turn and a queue's badge. */
const GAPS = [24, 30, 30, 32];
const ROW_ORDER = ['Console', 'Files', 'Network', 'Clock'];

interface Row {
  /** Drivers, virtualisers next to them, and what lies behind those. */
  readonly columns: readonly (readonly GraphNode[])[];
}

/** `ease`: how far from the compact to the full drawing, from 0 to 1. */
export function layoutOf(description: SystemDescription, graph: Graph, ease: number): Layout {
  const measures = measuresAt(ease);
  const drawing = ease < 1 ? 'compact' : 'full';
  const rows = rowsOf(description, graph);
  const clients = graph.nodes.filter(({ kind }) => kind === 'client');
  const tall = new Set(clients.filter((client) => familiesOf(graph, client.id).size > 1).map(({ id }) => id));
  const widths = columnWidths(graph, rows, tall);
  const columns = widths.map((_, i) => widths.slice(0, i).reduce((sum, width, j) => sum + width + GAPS[j]!, 0));
  const boxes = new Map<string, Box>();
  let y = measures.top;
  for (const row of rows) y = placeRow({ graph, measures, columns, widths, boxes }, row, y) + measures.rowGap;
  const bottom = y - measures.rowGap;
  const x = columns.at(-1)!;
  for (const id of tall)
    boxes.set(id, { x, y: measures.tallTop, width: widths.at(-1)!, height: bottom - measures.tallTop });
  return { drawing, measures, width: x + widths.at(-1)!, height: bottom, boxes, tall, columns };
}

/** Ids of the nodes that an edge leads to. */
export function peersOf({ edges }: Graph, id: string): Set<string> {
  return new Set(edges.flatMap(({ a, b }) => (a === id ? (b ?? []) : b === id ? a : [])));
}

/** The same, with a monitor and its guest as one. */
function familiesOf(graph: Graph, id: string): Set<string> {
  const peers = [...peersOf(graph, id)];
  return new Set(peers.map((peer) => graph.nodes.find((node) => node.id === peer)?.parent ?? peer));
}

function rowsOf(description: SystemDescription, graph: Graph): Row[] {
  const services = rails(description).toSorted((a, b) => place(a.service) - place(b.service));
  return services.map(({ rows }) => {
    const nodes = graph.nodes.filter(({ id, parent, kind }) => {
      return kind !== 'client' && parent === undefined && rows.some(({ name }) => name === id);
    });
    const drivers = nodes.filter(({ kind }) => kind === 'driver');
    const isNear = (node: GraphNode) => drivers.some(({ id }) => peersOf(graph, node.id).has(id));
    const others = nodes.filter(({ kind }) => kind !== 'driver');
    return { columns: [drivers, others.filter(isNear), others.filter((node) => !isNear(node))] };
  });
}

const place = (service: string) => (ROW_ORDER.indexOf(service) + ROW_ORDER.length + 1) % (ROW_ORDER.length + 1);

function columnWidths({ nodes }: Graph, rows: readonly Row[], tall: ReadonlySet<string>): number[] {
  const widest = (chosen: readonly GraphNode[], extra: number, letter = LETTER) =>
    Math.ceil(Math.max(0, ...chosen.map(({ name }) => name.length * letter)) + extra);
  const devices = nodes.filter(({ kind }) => kind === 'device');
  const guests = nodes.filter(({ parent }) => parent !== undefined);
  const clients = nodes.filter(({ id }) => tall.has(id));
  const middle = [0, 1, 2].map((i) =>
    widest(
      rows.flatMap(({ columns }) => columns[i]!),
      BESIDE_NAME,
    ),
  );
  return [
    Math.max(DEVICE_WIDTH, widest(devices, DEVICE_MARGIN, DEVICE_LETTER)),
    ...middle.slice(0, 2),
    Math.max(middle[2]!, widest(guests, BESIDE_NAME + 2 * MEASURES.full.margin)),
    widest(clients, BESIDE_NAME),
  ];
}

interface Placing {
  readonly graph: Graph;
  readonly measures: Measures;
  readonly columns: readonly number[];
  readonly widths: readonly number[];
  readonly boxes: Map<string, Box>;
}

/** Places a row from `y` on; returns where it ends. */
function placeRow(placing: Placing, row: Row, y: number): number {
  const { graph, measures, columns, widths, boxes } = placing;
  const heights = row.columns.map((nodes) => stackHeight(placing, nodes));
  const middle = y + Math.max(...heights) / 2;
  row.columns.forEach((nodes, i) => {
    let top = centre(placing, nodes, row.columns[i - 1] ?? [], middle) - heights[i]! / 2;
    for (const node of nodes) {
      const height = heightOf(placing, node);
      boxes.set(node.id, { x: columns[i + 1]!, y: top, width: widths[i + 1]!, height });
      top += height + measures.gap;
    }
  });
  for (const { id } of row.columns[0]!) {
    const driver = boxes.get(id)!;
    boxes.set(deviceId(id), { ...driver, x: columns[0]!, width: widths[0]! });
  }
  const monitors = row.columns.flat().filter(({ id }) => graph.nodes.some(({ parent }) => parent === id));
  const ends = monitors.map((monitor) => placeInside(placing, monitor));
  return Math.max(y + Math.max(...heights), ...ends);
}

/** A column is level with what it is connected to in the column before, or in the middle of the row. */
function centre(
  { graph, boxes }: Placing,
  nodes: readonly GraphNode[],
  before: readonly GraphNode[],
  middle: number,
): number {
  const peers = before.filter(({ id }) => nodes.some((node) => peersOf(graph, node.id).has(id)));
  const only = peers.length === 1 ? boxes.get(peers[0]!.id) : undefined;
  return nodes.length === 1 && only ? only.y + only.height / 2 : middle;
}

function stackHeight(placing: Placing, nodes: readonly GraphNode[]): number {
  const heights = nodes.map((node) => heightOf(placing, node));
  return heights.reduce((sum, height) => sum + height, Math.max(0, nodes.length - 1) * placing.measures.gap);
}

function heightOf({ graph, measures }: Placing, { id }: GraphNode): number {
  const guests = graph.nodes.filter(({ parent }) => parent === id).length;
  return guests === 0 ? measures.node : measures.head + guests * (measures.node + measures.margin);
}

/** Guests in their monitor, and below it the clients that talk to nobody else; returns where that ends. */
function placeInside({ graph, measures, boxes, widths }: Placing, monitor: GraphNode): number {
  const outer = boxes.get(monitor.id)!;
  const guests = graph.nodes.filter(({ parent }) => parent === monitor.id);
  const { head, margin, node, gap } = measures;
  guests.forEach(({ id }, i) => {
    const y = outer.y + head + i * (node + margin);
    boxes.set(id, { x: outer.x + margin, y, width: outer.width - 2 * margin, height: node });
  });
  const below = graph.nodes.filter(({ id, kind }) => {
    const families = familiesOf(graph, id);
    return kind === 'client' && families.size === 1 && families.has(monitor.id);
  });
  const width = widths.at(-1)!;
  const y = outer.y + outer.height + gap + measures.margin;
  below.forEach(({ id }, i) => {
    boxes.set(id, { x: outer.x + outer.width - (i + 1) * width - i * gap, y, width, height: node });
  });
  return below.length === 0 ? outer.y + outer.height : y + node;
}
