/** A block client in the simulator above the real virtualiser, driver and device model: what tests of the chain share. */

import { Dma } from '../../../src/hw/device';
import { type Disk, MemoryDisk } from '../../../src/hw/disk';
import { VirtioBlock } from '../../../src/hw/virtio_block';
import type { Program } from '../../../src/libmicrokit/pd';
import type { SimKernel } from '../../../src/libmicrokit/sim_kernel';
import { Simulator } from '../../../src/libmicrokit/simulator';
import { readStorageInfo } from '../../../src/protocol/blk_info';
import { BLK_REQ_CODE, blkClient, blkServer } from '../../../src/protocol/blk_queue';
import { type BootInfo, CONTROL_SIZE } from '../../../src/protocol/boot';
import { type Region, region } from '../../../src/protocol/region';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../../src/specs/disk_image';
import { BlkDriverVirtio } from '../../blk_driver_virtio/driver';
import { program as blkVirt } from '../pd';

const BLOCK = 4096;

export interface Answer {
  readonly status: number;
  readonly success_count: number;
}

export interface BlkChain {
  readonly simulator: Simulator;
  readonly client: SimKernel;
  readonly regions: Record<string, Region>;
  /** The whole disk, and what it was at the start. */
  readonly disk: Uint8Array;
  readonly before: Uint8Array;
  readonly rings: ReturnType<typeof blkClient>;
  ask(code: number, offset: number, block: number, count: number, id: number): void;
  write(block: number, bytes: Uint8Array): Answer;
  read(block: number, count: number): Uint8Array | Answer;
  capacity(): number;
}

export interface ChainOptions {
  readonly seed: number;
  readonly image?: Uint8Array;
  /** Wraps the disk, to make it fail or to watch it. */
  readonly wrap?: (disk: Disk) => Disk;
  readonly partition?: number;
}

function makeRegions(): Record<string, Region> {
  const queue = (name: string) => ({
    [`${name}_storage_info`]: region(`${name}_storage_info`, 0x1000),
    [`${name}_request`]: region(`${name}_request`, 0x20_0000),
    [`${name}_response`]: region(`${name}_response`, 0x20_0000),
  });
  return {
    ...queue('driver'),
    ...queue('client_0'),
    driver_data: region('driver_data', 0x20_0000, 0x1000_0000),
    client_0_data: region('client_0_data', 0x20_0000, 0x2000_0000),
    virtio_metadata: region('virtio_metadata', 0x20_0000, 0x3000_0000),
    virtio_headers: region('virtio_headers', 0x1_0000, 0x4000_0000),
  };
}

function defaultImage(): Uint8Array {
  const bytes = new Uint8Array(DEFAULT_DISK_SIZE);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return bytes;
}

export async function blkChain(options: ChainOptions): Promise<BlkChain> {
  const disk = options.image ?? defaultImage();
  const regions = makeRegions();
  const control = Object.fromEntries(['driver', 'virt', 'client'].map((n) => [n, new SharedArrayBuffer(CONTROL_SIZE)]));
  const boot = (name: string, channels: [id: number, symbol: string, peer: string, peerId: number][]): BootInfo => ({
    name,
    image: name,
    generation: 1,
    control: control[name]!,
    gate: new SharedArrayBuffer(64),
    trace: new SharedArrayBuffer(64),
    debug: new SharedArrayBuffer(64),
    channels: channels.map(([id, symbol, peer, peerId]) => ({
      id,
      symbol,
      peer,
      peerId,
      peerControl: control[peer]!,
      notify: true,
    })),
    irqs: name === 'driver' ? [{ id: 0, symbol: 'irq', intid: 79, trigger: 'edge' }] : [],
    regions: Object.fromEntries(
      Object.entries(regions).map(([symbol, at]) => [symbol, { ...at, buffer: at.buffer, writable: true }]),
    ),
    dma: [],
    config: { clients: [{ name: 'client', partition: options.partition ?? 0 }] },
    bootTime: 0,
  });
  const simulator = new Simulator(options.seed);
  await simulator.add(
    boot('driver', [[1, 'virt', 'virt', 0]]),
    driverProgram(options.wrap?.(new MemoryDisk(disk)) ?? new MemoryDisk(disk)),
  );
  await simulator.add(
    boot('virt', [
      [0, 'driver', 'driver', 1],
      [1, 'client_0', 'client', 0],
    ]),
    blkVirt,
  );
  const client = await simulator.add(boot('client', [[0, 'blk', 'virt', 1]]), () => ({ notified() {} }));
  const before = disk.slice();
  simulator.start();
  simulator.settle();
  const rings = blkClient(regions.client_0_request!, regions.client_0_response!);
  return { simulator, client, regions, disk, before, rings, ...operations(simulator, client, regions, rings) };
}

function driverProgram(disk: Disk): Program {
  return (env) => {
    const dma = new Dma(
      ['virtio_metadata', 'virtio_headers', 'driver_data', 'client_0_data'].map((name) => env.region(name)),
    );
    const { mmio } = new VirtioBlock(disk, dma, env.kernel.irqLine(0));
    return new BlkDriverVirtio(env.kernel, mmio, {
      virt: 1,
      irq: 0,
      info: env.region('driver_storage_info'),
      ...blkServer(env.region('driver_request'), env.region('driver_response')),
      metadata: env.region('virtio_metadata'),
      headers: env.region('virtio_headers'),
    });
  };
}

function operations(
  simulator: Simulator,
  client: SimKernel,
  regions: Record<string, Region>,
  rings: BlkChain['rings'],
) {
  const ask: BlkChain['ask'] = (code, io_or_offset, block_number, count, id) => {
    rings.req.enqueue({ code, io_or_offset, block_number, count, id });
    client.notify(0);
    simulator.settle();
  };
  const answer = (): Answer => {
    const { status, success_count } = rings.resp.dequeue()!;
    return { status, success_count };
  };
  const data = regions.client_0_data!;
  return {
    ask,
    capacity: () => readStorageInfo(regions.client_0_storage_info!)!.capacity,
    write(block: number, bytes: Uint8Array): Answer {
      data.bytes.set(bytes, BLOCK);
      ask(BLK_REQ_CODE.WRITE, BLOCK, block, bytes.length / BLOCK, 5);
      return answer();
    },
    read(block: number, count: number): Uint8Array | Answer {
      ask(BLK_REQ_CODE.READ, 8 * BLOCK, block, count, 6);
      const got = answer();
      return got.status === 0 ? data.bytes.slice(8 * BLOCK, (8 + count) * BLOCK) : got;
    },
  };
}
