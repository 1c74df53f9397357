import { describe, expect, test } from 'vitest';
import { BOARDS, boardNamed } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { type Box, layoutOf } from './layout';
import { graphOf } from './model';
import { routesOf } from './routes';

const DISK = { store: 'memory', name: 'test' } as const;
/** How airy: the compact drawing, one in between, the full one. */
const DRAWINGS = [0, 0.5, 1];
const CASES = BOARDS.flatMap((board) =>
  (['direct', 'relay'] as const).flatMap((fsSignal) =>
    DRAWINGS.map((drawing) => ({ board: board.name, fsSignal, drawing })),
  ),
);

function drawn(board: string, fsSignal: 'direct' | 'relay', drawing: number) {
  const description = vmfs(boardNamed(board)!, { disk: DISK, fsSignal });
  const graph = graphOf(description);
  const layout = layoutOf(description, graph, drawing);
  return { description, graph, layout, routes: routesOf(graph, layout) };
}

const qemu = () => drawn('qemu_virt_aarch64', 'direct', 1);
const overlap = (a: Box, b: Box, by = 0) =>
  a.x < b.x + b.width + by && b.x < a.x + a.width + by && a.y < b.y + b.height + by && b.y < a.y + a.height + by;

describe.each(CASES)('$board, $fsSignal, $drawing', ({ board, fsSignal, drawing }) => {
  const { description, graph, layout, routes } = drawn(board, fsSignal, drawing);

  test('every domain and its device has a place, inside the drawing', () => {
    const drivers = description.domains.filter(({ device }) => device);
    const expected = [...description.domains.map(({ name }) => name), ...drivers.map(({ name }) => `${name}.device`)];
    expect([...layout.boxes.keys()].sort()).toEqual(expected.sort());
    for (const { x, y, width, height } of layout.boxes.values()) {
      expect(Math.min(x, y, width, height)).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(layout.width);
      expect(y + height).toBeLessThanOrEqual(layout.height);
    }
  });

  test('nothing lies on anything else, but a guest in its monitor', () => {
    for (const a of graph.nodes)
      for (const b of graph.nodes) {
        if (a === b || a.parent === b.id || b.parent === a.id) continue;
        const near = overlap(layout.boxes.get(a.id)!, layout.boxes.get(b.id)!, 4);
        expect(near, `${a.id} and ${b.id}`).toBe(false);
      }
    const guest = layout.boxes.get('linux_fs_vm')!;
    const monitor = layout.boxes.get('fs_driver_vmm')!;
    expect(guest.x).toBeGreaterThan(monitor.x);
    expect(guest.x + guest.width).toBeLessThan(monitor.x + monitor.width);
    expect(guest.y + guest.height).toBeLessThan(monitor.y + monitor.height);
  });

  test('every channel is an edge from border to border of its two ends', () => {
    const { channels } = description;
    const ids = channels.map(({ a, b }) => `${a.domain}.${a.id}-${b.domain}.${b.id}`);
    expect(graph.edges.filter(({ channel }) => channel).map(({ id }) => id)).toEqual(ids);
    const nested = ({ a, b }: (typeof graph.edges)[number]) =>
      graph.nodes.some(({ id, parent }) => (id === a && parent === b) || (id === b && parent === a));
    for (const { edge, path, start, end } of routes) {
      expect(path.startsWith(`M${start.x} ${start.y}`)).toBe(true);
      expect(onBorder(layout.boxes.get(edge.a)!, start.x, start.y) || nested(edge), `${edge.id} starts`).toBe(true);
      if (edge.b === undefined) continue;
      expect(onBorder(layout.boxes.get(edge.b)!, end.x, end.y) || nested(edge), `${edge.id} ends`).toBe(true);
    }
  });
});

function onBorder(box: Box, x: number, y: number): boolean {
  const inside = x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
  return (
    inside && [x - box.x, box.x + box.width - x, y - box.y, box.y + box.height - y].some((d) => Math.abs(d) < 0.01)
  );
}

test('no edge runs through a node that it does not belong to', () => {
  for (const { board, fsSignal, drawing } of CASES) {
    const { graph, layout, routes } = drawn(board, fsSignal, drawing);
    for (const { edge, path } of routes)
      for (const node of graph.nodes) {
        const ends = [edge.a, edge.b].flatMap((id) => [id, graph.nodes.find((other) => other.id === id)?.parent]);
        if (ends.includes(node.id)) continue;
        const box = layout.boxes.get(node.id)!;
        const hit = segments(path).some((segment) => overlap(segment, box, -1));
        expect(hit, `${edge.id} through ${node.id} on ${board}`).toBe(false);
      }
  }
});

test('columns from the hardware to the client, rows by service', () => {
  const { layout } = qemu();
  const x = (id: string) => layout.boxes.get(id)!.x;
  const path = ['blk_driver.device', 'blk_driver', 'blk_virt', 'fs_driver_vmm', 'micropython'].map(x);
  expect(path).toEqual([...path].sort((a, b) => a - b));
  expect(x('micropython_net_copier')).toBe(x('fs_driver_vmm'));
  const rows = ['uart_driver', 'blk_driver', 'ethernet_driver', 'timer_driver'].map((id) => layout.boxes.get(id)!.y);
  expect(rows).toEqual([...rows].sort((a, b) => a - b));
  expect([...layout.tall]).toEqual(['micropython']);
  expect(Math.abs(layout.width - 760)).toBeLessThan(16);
});

test('the ports of micropython in plain words, from top to bottom', () => {
  const { routes } = qemu();
  const ports = routes.filter(({ edge }) => edge.port && [edge.a, edge.b].includes('micropython'));
  const at = ({ start, end, edge }: (typeof ports)[number]) => (edge.b === 'micropython' ? end : start).y;
  const words = ports.sort((a, b) => at(a) - at(b)).map(({ edge }) => edge.port);
  expect(words).toEqual(['print', 'keys', 'commands', 'file data', 'packets out', 'packets in', 'clock']);
});

test('shared memory: queues under their channel, file data on its own, no registers', () => {
  const { graph } = qemu();
  const regions = (id: string) => graph.edges.find((edge) => edge.id === id)?.regions;
  expect(regions('blk_virt.0-blk_driver.1')).toEqual([
    'blk_driver_storage_info',
    'blk_driver_request',
    'blk_driver_response',
  ]);
  expect(regions('linux_fs_vm=micropython')).toEqual(['fs_fs_driver_vmm_share']);
  expect(graph.edges.some(({ regions }) => regions.some((name) => name.endsWith('/regs')))).toBe(false);
});

test('on the MaaXBoard the timer also serves the disk driver', () => {
  const { graph } = drawn('maaxboard', 'direct', 1);
  expect(graph.edges.find(({ id }) => id === 'blk_driver.0-timer_driver.1')?.kind).toBe('call');
  expect(
    graph.nodes
      .filter(({ kind }) => kind === 'device')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['ENET', 'GPT', 'i.MX UART', 'uSDHC']);
});

/** The corners of a path as thin boxes; a rounded corner counts as its point. */
function segments(path: string): Box[] {
  const points = [...path.matchAll(/[MLQ]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  return points.slice(1).map((to, i) => {
    const from = points[i]!;
    const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
    return { x, y, width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) };
  });
}
