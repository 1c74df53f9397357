/** A driver, both virtualisers, and clients with a copier each, in the simulator: what tests of the chain share. */
import type { Environment } from '../../../src/libmicrokit/pd';
import type { SimKernel } from '../../../src/libmicrokit/sim_kernel';
import { Simulator } from '../../../src/libmicrokit/simulator';
import { NET_COUNTERS_REGION_SIZE, readNetCounters } from '../../../src/protocol/net_counters';
import { NET_QUEUE_REGION_SIZE, NetQueue } from '../../../src/protocol/net_queue';
import { type Region, region } from '../../../src/protocol/region';
import { program as netCopy } from '../../net_copy/pd';
import { program as netVirtTx } from '../../net_virt_tx/pd';
import { program as netVirtRx } from '../pd';
import { bootMessages, type Domain, type Link } from './boot';
import { frames, Station } from './stations';

export const DATA_SIZE = 0x10_0000;
export const RX_PADDR = 0x5fef_0000;
export const macOf = (client: number) => `52:54:01:00:00:0${client + 1}`;

export interface NetChain {
  readonly simulator: Simulator;
  readonly driver: Station;
  readonly clients: readonly Station[];
  readonly kernels: Readonly<Record<string, SimKernel>>;
  readonly regions: Readonly<Record<string, Region>>;
  counters(domain: string): ReturnType<typeof readNetCounters>;
  /** What lies in a ring, from its head on, seen by nobody's end. */
  contents(ring: string): number[];
}

const PROGRAMS = { net_virt_rx: netVirtRx, net_virt_tx: netVirtTx, net_copy: netCopy };

/** Rings are named `<giver>-<taker>-free` and `-active` by the way of the frames. */
function makeRegions(clients: number): Record<string, Region> {
  const connections = ['driver-rx', 'tx-driver'];
  for (let i = 0; i < clients; i++) connections.push(`rx-copy_${i}`, `copy_${i}-client_${i}`, `client_${i}-tx`);
  const rings = connections.flatMap((name) => [`${name}-free`, `${name}-active`]);
  const regions = rings.map((name) => region(name, NET_QUEUE_REGION_SIZE));
  regions.push(region('rx_data', DATA_SIZE, RX_PADDR), region('metadata', 0x1000));
  for (let i = 0; i < clients; i++) {
    regions.push(region(`rx_data_${i}`, DATA_SIZE), region(`tx_data_${i}`, DATA_SIZE, RX_PADDR - (i + 1) * DATA_SIZE));
    regions.push(region(`net_copy_${i}-counters`, NET_COUNTERS_REGION_SIZE));
  }
  for (const name of ['net_virt_rx', 'net_virt_tx']) regions.push(region(`${name}-counters`, NET_COUNTERS_REGION_SIZE));
  return Object.fromEntries(regions.map((at) => [at.name, at]));
}

function domainsOf(clients: number, regions: Record<string, Region>): Record<string, Domain> {
  const pair = (symbol: string, name: string) => ({
    [`${symbol}_free`]: regions[`${name}-free`]!,
    [`${symbol}_active`]: regions[`${name}-active`]!,
  });
  const each = <T>(of: (i: number) => Record<string, T>) =>
    Object.assign({}, ...Array.from({ length: clients }, (_, i) => of(i))) as Record<string, T>;
  const config = { clients: Array.from({ length: clients }, (_, i) => ({ name: `client_${i}`, mac: macOf(i) })) };
  const counters = (name: string) => ({ net_counters: regions[`${name}-counters`]! });
  return {
    driver: { regions: { card: regions.metadata!, ...pair('rx', 'driver-rx'), ...pair('tx', 'tx-driver') } },
    net_virt_rx: {
      regions: {
        ...{ data: regions.rx_data!, buffer_metadata: regions.metadata!, ...counters('net_virt_rx') },
        ...pair('driver', 'driver-rx'),
        ...each((i) => pair(`client_${i}`, `rx-copy_${i}`)),
      },
      config,
    },
    net_virt_tx: {
      regions: {
        ...counters('net_virt_tx'),
        ...pair('driver', 'tx-driver'),
        ...each((i) => ({ ...pair(`client_${i}`, `client_${i}-tx`), [`client_${i}_data`]: regions[`tx_data_${i}`]! })),
      },
      config,
    },
    ...each((i) => ({
      [`net_copy_${i}`]: {
        regions: {
          ...{ device_data: regions.rx_data!, client_data: regions[`rx_data_${i}`]!, ...counters(`net_copy_${i}`) },
          ...pair('virt', `rx-copy_${i}`),
          ...pair('client', `copy_${i}-client_${i}`),
        },
      },
      [`client_${i}`]: { regions: { ...pair('rx', `copy_${i}-client_${i}`), ...pair('tx', `client_${i}-tx`) } },
    })),
  };
}

function linksOf(clients: number): Link[] {
  const links: Link[] = [
    { a: ['net_virt_rx', 'driver'], b: ['driver', 'rx'] },
    { a: ['net_virt_tx', 'driver'], b: ['driver', 'tx'] },
  ];
  for (let i = 0; i < clients; i++) {
    links.push({ a: ['net_virt_rx', `client_${i}`], b: [`net_copy_${i}`, 'virt_rx'] });
    links.push({ a: [`net_copy_${i}`, 'client'], b: [`client_${i}`, 'rx'] });
    links.push({ a: ['net_virt_tx', `client_${i}`], b: [`client_${i}`, 'tx'] });
  }
  return links;
}

export interface ChainOptions {
  readonly seed: number;
  readonly clients?: number;
  /** What comes out at the driver, and at each client. */
  readonly onWire: (frame: Uint8Array) => void;
  readonly onClient: (client: number, frame: Uint8Array) => void;
}

export async function netChain({ seed, clients = 2, onWire, onClient }: ChainOptions): Promise<NetChain> {
  const regions = makeRegions(clients);
  const simulator = new Simulator(seed);
  const kernels: Record<string, SimKernel> = {};
  const stations = new Map<string, Station>();
  const stationOf = (name: string) => (env: Environment) => {
    const i = Number(name.slice('client_'.length));
    const txData = Array.from({ length: clients }, (_, client) => regions[`tx_data_${client}`]!);
    const received = frames(name === 'driver' ? txData : [regions[`rx_data_${i}`]!], name === 'driver');
    const sent = frames([name === 'driver' ? regions.rx_data! : regions[`tx_data_${i}`]!], name === 'driver');
    const station = new Station(env, { received, sent }, name === 'driver' ? onWire : (frame) => onClient(i, frame));
    stations.set(name, station);
    return station;
  };
  for (const boot of bootMessages(domainsOf(clients, regions), linksOf(clients))) {
    const image = boot.name.replace(/_\d+$/, '') as keyof typeof PROGRAMS;
    kernels[boot.name] = await simulator.add(boot, PROGRAMS[image] ?? stationOf(boot.name));
  }
  simulator.start();
  simulator.settle();
  return {
    ...{ simulator, kernels, regions },
    driver: stations.get('driver')!,
    clients: Array.from({ length: clients }, (_, i) => stations.get(`client_${i}`)!),
    counters: (domain) => readNetCounters(regions[`${domain}-counters`]!),
    contents(ring) {
      const reader = new NetQueue(copyOf(regions[ring]!), 'consumer');
      return Array.from({ length: reader.length }, () => reader.dequeue()!.io_or_offset);
    },
  };
}

function copyOf(at: Region): Region {
  const copy = region(at.name, at.size);
  copy.bytes.set(at.bytes);
  return copy;
}
