/**
 * The network's part of the system: Ethernet driver, a virtualiser for each direction, the copier that keeps the client away from the
 * device's memory, and what MicroPython has of it. Ours are the regions `.../net/counters/...`, what each hop dropped, and why, and
 * `.../net/capture/...`, the frames that pass it while somebody looks on.
 */
import type { Channel, MemoryRegion, ProtectionDomain } from '../microkit/sdf';
import { CAPTURE_SIZE } from '../protocol/capture';
import type { Board } from './board';
import { end, mappings } from './parts';

const CLIENT = 'micropython';
const COPIER = 'micropython_net_copier';
/** sdfgen draws one when it builds the system; here it is the same each time. */
export const NET_CLIENT_MAC = '52:54:01:00:00:01';
const QUEUE_SIZE = 0x3000;
const DATA_SIZE = 0x10_0000;

/** Both queues of every connection: who is nearer to the device comes first. */
const CONNECTIONS = [
  ['ethernet_driver', 'net_virt_rx'],
  ['ethernet_driver', 'net_virt_tx'],
  ['net_virt_rx', COPIER],
  [COPIER, CLIENT],
  ['net_virt_tx', CLIENT],
] as const;

const named = ({ net }: Board, what: string) => `${net.device.node}/net/${what}`;
const deviceData = (board: Board) => named(board, 'rx/data/device');
const rxData = (board: Board) => named(board, `rx/data/client/${CLIENT}`);
const txData = (board: Board) => named(board, `tx/data/client/${CLIENT}`);
const metadata = (board: Board) => named(board, 'rx/virt_metadata');
const counters = (board: Board, domain: string) => named(board, `counters/${domain}`);
const capture = (board: Board, domain: string) => ['net_capture', named(board, `capture/${domain}`)] as const;

/** Two queues of a connection under the symbols that one of its ends knows them by. */
const queues = (board: Board, symbol: string, a: string, b: string) =>
  (['free', 'active'] as const).map(
    (which) => [`${symbol}_${which}`, named(board, `queue/${a}/${b}/${which}`)] as const,
  );

/** `phys` hands out DMA memory downwards; the order is upstream's. */
export function networkRegions(board: Board, phys: (name: string, size: number) => MemoryRegion): MemoryRegion[] {
  const connections = CONNECTIONS.flatMap(([a, b]) =>
    queues(board, '', a, b).map(([, name]) => ({ name, size: QUEUE_SIZE })),
  );
  return [
    ...board.net.regions.map(({ name, size }) => phys(`${board.net.device.node}/${name}`, size)),
    phys(deviceData(board), DATA_SIZE),
    { name: metadata(board), size: 0x1000 },
    ...connections,
    { name: rxData(board), size: DATA_SIZE },
    phys(txData(board), DATA_SIZE),
    ...['net_virt_rx', 'net_virt_tx', COPIER].map((domain) => ({ name: counters(board, domain), size: 0x1000 })),
    ...['ethernet_driver', 'net_virt_rx', 'net_virt_tx', COPIER, CLIENT].map((domain) => ({
      name: capture(board, domain)[1],
      size: CAPTURE_SIZE,
    })),
  ];
}

export function networkDomains(board: Board): ProtectionDomain[] {
  return [netVirtTx(board), netVirtRx(board), ethernetDriver(board), copier(board)];
}

function ethernetDriver(board: Board): ProtectionDomain {
  const { net } = board;
  const own = net.regions.map(({ name, symbol }) => [symbol, `${net.device.node}/${name}`] as const);
  return {
    name: 'ethernet_driver',
    image: net.image,
    kind: 'driver',
    priority: 101,
    budgetUs: 100,
    periodUs: 400,
    maps: mappings([
      ['regs', `${net.device.node}/regs`],
      ...own,
      ...queues(board, 'rx', 'ethernet_driver', 'net_virt_rx'),
      ...queues(board, 'tx', 'ethernet_driver', 'net_virt_tx'),
      capture(board, 'ethernet_driver'),
    ]),
    irqs: [{ ...net.irq, symbol: 'irq' }],
    device: {
      ...net.device,
      dma: [...own.map(([, region]) => region), deviceData(board), txData(board)],
      port: 'wire',
    },
  };
}

function netVirtRx(board: Board): ProtectionDomain {
  return {
    name: 'net_virt_rx',
    image: 'net_virt_rx',
    kind: 'virtualiser',
    priority: 108,
    budgetUs: 100,
    periodUs: 500,
    maps: mappings([
      ...queues(board, 'driver', 'ethernet_driver', 'net_virt_rx'),
      ...queues(board, 'client_0', 'net_virt_rx', COPIER),
      ['data', deviceData(board), 'r'],
      ['buffer_metadata', metadata(board)],
      ['net_counters', counters(board, 'net_virt_rx')],
      capture(board, 'net_virt_rx'),
    ]),
    irqs: [],
    config: { clients: [{ name: CLIENT, mac: NET_CLIENT_MAC }] },
  };
}

function netVirtTx(board: Board): ProtectionDomain {
  return {
    name: 'net_virt_tx',
    image: 'net_virt_tx',
    kind: 'virtualiser',
    priority: 109,
    budgetUs: 100,
    periodUs: 500,
    maps: mappings([
      ...queues(board, 'driver', 'ethernet_driver', 'net_virt_tx'),
      ...queues(board, 'client_0', 'net_virt_tx', CLIENT),
      ['client_0_data', txData(board), 'r'],
      ['net_counters', counters(board, 'net_virt_tx')],
      capture(board, 'net_virt_tx'),
    ]),
    irqs: [],
    config: { clients: [{ name: CLIENT }] },
  };
}

function copier(board: Board): ProtectionDomain {
  return {
    name: COPIER,
    image: 'net_copy',
    kind: 'virtualiser',
    priority: 97,
    budgetUs: 20_000,
    periodUs: 20_000,
    maps: mappings([
      ...queues(board, 'virt', 'net_virt_rx', COPIER),
      ...queues(board, 'client', COPIER, CLIENT),
      ['device_data', deviceData(board)],
      ['client_data', rxData(board)],
      ['net_counters', counters(board, COPIER)],
      capture(board, COPIER),
    ]),
    irqs: [],
  };
}

export function clientNetMappings(board: Board): (readonly [symbol: string, region: string])[] {
  return [
    ...queues(board, 'net_rx', COPIER, CLIENT),
    ['net_rx_data', rxData(board)],
    ...queues(board, 'net_tx', 'net_virt_tx', CLIENT),
    ['net_tx_data', txData(board)],
    capture(board, CLIENT),
  ];
}

export function networkChannels(): Channel[] {
  return [
    { a: end('ethernet_driver', 1, 'rx'), b: end('net_virt_rx', 0, 'driver') },
    { a: end('ethernet_driver', 2, 'tx'), b: end('net_virt_tx', 0, 'driver') },
    { a: end('net_virt_rx', 1, 'client_0'), b: end(COPIER, 0, 'virt_rx') },
    { a: end(COPIER, 1, 'client'), b: end(CLIENT, 3, 'net_rx') },
    { a: end('net_virt_tx', 1, 'client_0'), b: end(CLIENT, 4, 'net_tx') },
  ];
}
