/** The virtualiser in the simulator with the test in the place of its driver and of any number of clients. */
import type { SimKernel } from '../../../src/libmicrokit/sim_kernel';
import { Simulator } from '../../../src/libmicrokit/simulator';
import { blkClient, blkServer } from '../../../src/protocol/blk_queue';
import { type BootInfo, CONTROL_SIZE } from '../../../src/protocol/boot';
import { type Region, region } from '../../../src/protocol/region';
import { program } from '../pd';

export const DATA_PADDR = 0x2000_0000;

type End = ReturnType<typeof blkClient> & { readonly kernel: SimKernel; readonly info: Region; readonly data: Region };

export interface VirtBench {
  readonly simulator: Simulator;
  /** Of the driver the server's ends; of each client the client's. */
  readonly driver: End;
  readonly clients: readonly (End & { readonly requests: Region; readonly responses: Region })[];
  /** Rings the virtualiser from every client that has something in its ring, and lets everything run. */
  ring(): void;
  /** Answers what the driver was asked to, and lets everything run. */
  answer(...answers: { status?: number; success_count?: number; id: number }[]): void;
  /** What the driver was asked and has not looked at. */
  asked(): NonNullable<ReturnType<End['req']['dequeue']>>[];
}

/** Client i has partition i, at block 256 * (i + 1) of 100 blocks, as far as four MBR entries go. */
export async function virtBench(clientCount: number, options: { readonly partitions?: number[] } = {}) {
  const names = ['virt', 'driver', ...Array.from({ length: clientCount }, (_, i) => `client_${i}`)];
  const control = new Map(names.map((name) => [name, new SharedArrayBuffer(CONTROL_SIZE)]));
  const regions = new Map<string, Region>();
  for (const [i, name] of ['driver', ...names.slice(2)].entries()) {
    regions.set(`${name}_storage_info`, region(`${name}_storage_info`, 0x1000));
    regions.set(`${name}_request`, region(`${name}_request`, 0x20_0000));
    regions.set(`${name}_response`, region(`${name}_response`, 0x20_0000));
    regions.set(`${name}_data`, region(`${name}_data`, 0x1_0000, DATA_PADDR + i * 0x10_0000));
  }
  const partitions = options.partitions ?? names.slice(2).map((_, i) => i);
  const boot = (name: string, peers: [id: number, symbol: string, peer: string, peerId: number][]): BootInfo => ({
    name,
    image: name,
    generation: 1,
    control: control.get(name)!,
    gate: new SharedArrayBuffer(64),
    trace: new SharedArrayBuffer(64),
    debug: new SharedArrayBuffer(64),
    channels: peers.map(([id, symbol, peer, peerId]) => {
      return { id, symbol, peer, peerId, peerControl: control.get(peer)!, notify: true };
    }),
    irqs: [],
    regions: Object.fromEntries([...regions].map(([symbol, at]) => [symbol, { ...plain(at), writable: true }])),
    dma: [],
    config: { clients: partitions.map((partition, i) => ({ name: `client_${i}`, partition })) },
    bootTime: 0,
  });
  const simulator = new Simulator(1);
  const toClients = names.slice(2).map((name, i): [number, string, string, number] => [i + 1, name, name, 0]);
  await simulator.add(boot('virt', [[0, 'driver', 'driver', 0], ...toClients]), program);
  const silent = () => ({ notified() {} });
  const driverKernel = await simulator.add(boot('driver', [[0, 'virt', 'virt', 0]]), silent);
  const at = (symbol: string) => regions.get(symbol)!;
  const driver: End = {
    ...blkServer(at('driver_request'), at('driver_response')),
    kernel: driverKernel,
    info: at('driver_storage_info'),
    data: at('driver_data'),
  };
  const clients = [];
  for (const [i, name] of names.slice(2).entries()) {
    const kernel = await simulator.add(boot(name, [[0, 'virt', 'virt', i + 1]]), silent);
    const [requests, responses] = [at(`${name}_request`), at(`${name}_response`)];
    const ends = blkClient(requests, responses);
    clients.push({ ...ends, kernel, info: at(`${name}_storage_info`), data: at(`${name}_data`), requests, responses });
  }
  simulator.start();
  simulator.settle();
  return { simulator, driver, clients, ...acts(simulator, driver, clients) } satisfies VirtBench;
}

function plain({ name, buffer, paddr }: Region) {
  return { name, buffer, ...(paddr === undefined ? {} : { paddr }) };
}

function acts(
  simulator: Simulator,
  driver: End,
  clients: VirtBench['clients'],
): Pick<VirtBench, 'ring' | 'answer' | 'asked'> {
  return {
    ring() {
      for (const { kernel } of clients) kernel.notify(0);
      simulator.settle();
    },
    answer(...answers) {
      for (const { status = 0, success_count = 0, id } of answers) driver.resp.enqueue({ status, success_count, id });
      driver.kernel.notify(0);
      simulator.settle();
    },
    asked() {
      const all = [];
      for (let request = driver.req.dequeue(); request; request = driver.req.dequeue()) all.push(request);
      return all;
    },
  };
}

/** The driver tells of a disk of 4096 blocks, and answers the read of sector 0 with four partitions. */
export function giveDisk(bench: VirtBench, info: { readonly readOnly?: boolean } = {}): void {
  const { view, bytes } = bench.driver.info;
  view.setUint8(64, info.readOnly ? 1 : 0);
  view.setUint16(66, 512, true);
  view.setUint16(68, 1, true);
  view.setUint16(70, 1024, true);
  for (const [i, value] of [7, 16, 63].entries()) view.setUint16(72 + 2 * i, value, true);
  view.setBigUint64(80, 4096n, true);
  bytes[65] = 1;
  bench.driver.kernel.notify(0);
  bench.simulator.settle();
  const table = bench.driver.data.view;
  for (let i = 0; i < 4; i++) {
    table.setUint8(446 + 16 * i + 4, 0x83);
    table.setUint32(446 + 16 * i + 8, 2048 * (i + 1), true);
    table.setUint32(446 + 16 * i + 12, 800, true);
  }
  table.setUint16(510, 0xaa55, true);
  for (const { id } of bench.asked()) bench.answer({ id, success_count: 1 });
}
