/** The virtio block driver before the real device model, and before devices that answer late, wrongly or not at all. */
import { describe, expect, test } from 'vitest';
import { type Answer, type BlockDriverBench, blockDriverBench } from '../../e2e/sim/block_driver_bench';
import { blockDriverConformance } from '../../e2e/sim/block_driver_conformance';
import { Dma } from '../../src/hw/device';
import type { Disk } from '../../src/hw/disk';
import { VirtioBlock } from '../../src/hw/virtio_block';
import type { Program } from '../../src/libmicrokit/pd';
import { blkServer } from '../../src/protocol/blk_queue';
import { BlkDriverVirtio, type Mmio } from './driver';
import { OddDevice, type Taken } from './testing/odd_device';

const OWN = [
  { symbol: 'virtio_headers', size: 0x1_0000 },
  { symbol: 'virtio_metadata', size: 0x20_0000 },
];

function programOver(device: (dma: Dma, irq: { level(high: boolean): void }) => Mmio): Program {
  return (env) =>
    new BlkDriverVirtio(env.kernel, device(new Dma(env.dma), env.kernel.irqLine(0)), {
      virt: 1,
      irq: 0,
      info: env.region('storage_info'),
      ...blkServer(env.region('request'), env.region('response')),
      metadata: env.region('virtio_metadata'),
      headers: env.region('virtio_headers'),
    });
}

blockDriverConformance({
  name: 'blk_driver_virtio',
  own: OWN,
  trigger: 'edge',
  durable: 'after FLUSH',
  program: (disk: Disk) => programOver((dma, irq) => new VirtioBlock(disk, dma, irq).mmio),
});

const [READ, WRITE, FLUSH, BARRIER] = [0, 1, 2, 3];
const [OK, IO] = [0, 3];

async function withOddDevice(features?: number): Promise<{ bench: BlockDriverBench; device: OddDevice }> {
  let device: OddDevice | undefined;
  const program: Program = (env) =>
    programOver((_, irq) => {
      device = new OddDevice(env.region('virtio_metadata'), env.region('virtio_headers'), irq, features);
      return device;
    })(env);
  const bench = await blockDriverBench({ own: OWN, trigger: 'edge' }, program, 1);
  return { bench, device: device! };
}

const read = (block: number, id: number) => ({ code: READ, block, count: 2, at: 2 * id, id });
const write = (block: number, id: number) => ({ code: WRITE, block, count: 1, at: id, id });

/** Lets the interrupts that the device raised be handled, and gives the answers. */
function settled({ simulator, answers }: BlockDriverBench): Answer[] {
  simulator.settle();
  return answers();
}

describe('what the device sees', () => {
  test('the queue lies where upstream puts it, and storage is ready only when the device is', async () => {
    const { bench, device } = await withOddDevice();
    const wrote = new Map(device.writes);
    expect([wrote.get(0x38), wrote.get(0x44)], 'QueueNum, QueueReady').toEqual([1024, 1]);
    const metadata = bench.own.virtio_metadata!.paddr!;
    expect([wrote.get(0x80), wrote.get(0x90), wrote.get(0xa0)]).toEqual([metadata, metadata + 16384, metadata + 18440]);
    expect(device.writes.filter(([offset]) => offset === 0x70).at(-1)![1] & 4, 'DRIVER_OK').toBe(4);
    expect(bench.info.view.getBigUint64(80, true), '1000 sectors are 125 blocks').toBe(125n);
  });

  test('ready is stored after the last register of the bring-up', async () => {
    const seen: number[] = [];
    const program: Program = (env) =>
      programOver((_, irq) => {
        const device = new OddDevice(env.region('virtio_metadata'), env.region('virtio_headers'), irq);
        device.onWrite = () => seen.push(env.region('storage_info').bytes[65]!);
        return device;
      })(env);
    await blockDriverBench({ own: OWN, trigger: 'edge' }, program, 1);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every((ready) => ready === 0)).toBe(true);
  });

  test('a read is header, writable data, status; a write has readable data; a flush has none', async () => {
    const { bench, device } = await withOddDevice();
    bench.put(read(5, 0), write(7, 9));
    bench.ring();
    const data = bench.data.paddr!;
    expect(device.waiting).toEqual([
      { head: 0, type: 0, sector: 40, addr: data, length: 8192, dataFlags: 3, descriptors: 3 },
      { head: 3, type: 1, sector: 56, addr: data + 9 * 4096, length: 4096, dataFlags: 1, descriptors: 3 },
    ]);
    for (const taken of [...device.waiting]) device.complete(taken);
    settled(bench);
    bench.put({ code: FLUSH });
    bench.ring();
    expect(device.waiting).toMatchObject([{ type: 4, length: 0, descriptors: 2 }]);
  });

  test('one QueueNotify for a batch', async () => {
    const { bench, device } = await withOddDevice();
    device.writes.length = 0;
    bench.put(read(0, 0), read(2, 1), read(4, 2));
    bench.ring();
    expect(device.writes.filter(([offset]) => offset === 0x50)).toHaveLength(1);
  });

  test('descriptors come back: ten thousand requests through 1024 of them', async () => {
    const { bench, device } = await withOddDevice();
    for (let round = 0; round < 100; round++) {
      bench.put(...Array.from({ length: 100 }, (_, id) => ({ ...write(id, id) })));
      bench.ring();
      expect(device.waiting).toHaveLength(100);
      for (const taken of [...device.waiting].reverse()) device.complete(taken);
      expect(settled(bench)).toHaveLength(100);
    }
    expect(device.resets, 'one at the start').toBe(1);
  });
});

describe('a device that answers late', () => {
  test('answers in any order, each to its own request, its own error included', async () => {
    const { bench, device } = await withOddDevice();
    bench.put(read(0, 10), read(2, 11), read(4, 12));
    bench.ring();
    const [first, second, third] = [...device.waiting];
    device.complete(third!);
    device.complete(first!, { status: 1, written: 1 });
    device.complete(second!);
    expect(settled(bench)).toEqual([
      { id: 12, status: OK, success_count: 2 },
      { id: 10, status: IO, success_count: 0 },
      { id: 11, status: OK, success_count: 2 },
    ]);
  });

  test.each([
    ['FLUSH', FLUSH],
    ['BARRIER', BARRIER],
  ])('%s waits for all earlier requests, and holds later ones back until its turn', async (_, code) => {
    const { bench, device } = await withOddDevice();
    bench.put(write(0, 1), write(1, 2), { code, id: 3 }, write(2, 4));
    bench.ring();
    expect(device.waiting.map(({ sector }) => sector)).toEqual([0, 8]);
    device.complete(device.waiting[0]!);
    expect(settled(bench).map(({ id }) => id)).toEqual([1]);
    expect(device.waiting.map(({ sector }) => sector)).toEqual([8]);
    device.complete(device.waiting[0]!);
    const after = settled(bench).map(({ id }) => id);
    expect(after).toEqual(code === BARRIER ? [2, 3] : [2]);
    expect(device.waiting.map(({ type }) => type)).toEqual(code === BARRIER ? [1] : [4, 1]);
  });

  test('a device that keeps no cache is not asked to flush it', async () => {
    const { bench, device } = await withOddDevice(0);
    expect(bench.ask([{ code: FLUSH, id: 3 }])).toEqual([{ id: 3, status: OK, success_count: 0 }]);
    expect(device.waiting).toEqual([]);
  });

  test('a completion that falls between the interrupt and its acknowledgement is not lost', async () => {
    const { bench, device } = await withOddDevice();
    bench.put(write(0, 1), write(1, 2));
    bench.ring();
    device.onWrite = (offset) => {
      if (offset !== 0x64 || device.waiting.length === 0) return;
      // Just before the acknowledgement took effect: the bit is cleared with the first one's.
      const { head } = device.waiting.shift()!;
      bench.own.virtio_headers!.bytes[head * 24 + 16] = 0;
      device.usedElement(head, 1);
    };
    device.complete(device.waiting[0]!);
    expect(settled(bench).map(({ id }) => id)).toEqual([1, 2]);
  });
});

describe('a device that answers wrongly', () => {
  test.each<[string, (device: OddDevice, taken: Taken) => void]>([
    ['an error', (device, taken) => device.complete(taken, { status: 1 })],
    ['a status that does not exist', (device, taken) => device.complete(taken, { status: 9 })],
    ['no status byte', (device, taken) => device.complete(taken, { status: -1 })],
    ['fewer bytes than asked', (device, taken) => device.complete(taken, { written: 4097 })],
    ['nothing written', (device, taken) => device.complete(taken, { written: 0 })],
  ])('%s is an I/O error of that request', async (_, answer) => {
    const { bench, device } = await withOddDevice();
    // Every header is reused in 200 rounds of 6 descriptors, with an OK from its last use in it.
    bench.put(read(0, 1), read(2, 2));
    bench.ring();
    for (const taken of [...device.waiting]) device.complete(taken);
    settled(bench);
    for (let round = 0; round < 200; round++) {
      bench.put(read(0, 7), read(2, 8));
      bench.ring();
      const [bad, good] = [...device.waiting];
      answer(device, bad!);
      device.complete(good!);
      expect(settled(bench)).toEqual([
        { id: 7, status: IO, success_count: 0 },
        { id: 8, status: OK, success_count: 2 },
      ]);
    }
  });

  test.each<[string, (device: OddDevice) => void]>([
    ['an id that was never given out', (device) => device.complete(device.waiting[0]!, { id: 500 })],
    ['an id beyond the queue', (device) => device.complete(device.waiting[0]!, { id: 0xffff_ffff })],
    ['a used index that jumps', (device) => jumped(device, 600)],
    ['a used index that runs backwards', (device) => jumped(device, -1)],
    ['NEEDS_RESET', (device) => failed(device)],
  ])('%s: what it had fails, and it is started afresh', async (_, act) => {
    const { bench, device } = await withOddDevice();
    bench.put(read(0, 1), write(2, 2), write(3, 3));
    bench.ring();
    act(device);
    const answers = settled(bench);
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3]);
    expect(answers.every(({ status, success_count }) => status === IO && success_count === 0)).toBe(true);
    expect(device.resets).toBe(2);
    bench.put(read(0, 4));
    bench.ring();
    device.complete(device.waiting[0]!);
    expect(settled(bench)).toEqual([{ id: 4, status: OK, success_count: 2 }]);
  });

  test('a request answered twice is answered once', async () => {
    const { bench, device } = await withOddDevice();
    bench.put(write(0, 1), write(1, 2));
    bench.ring();
    const [first] = [...device.waiting];
    device.complete(first!);
    device.usedElement(first!.head, 1);
    device.interrupt(1);
    const answers = settled(bench);
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2]);
    expect(answers.find(({ id }) => id === 2)!.status, 'lost with the device').toBe(IO);
  });
});

function jumped(device: OddDevice, n: number): void {
  device.jump(n);
  device.interrupt(1);
}

function failed(device: OddDevice): void {
  device.needsReset = true;
  device.interrupt(2);
}
