/** The virtio network driver before the real device model, and before devices that answer wrongly or give up. */
import { describe, expect, test } from 'vitest';
import { BUFFERS, ethDriverBench, RX_DATA, TX_DATA } from '../../e2e/sim/eth_driver_bench';
import { allBuffers, ethDriverConformance, inOrder } from '../../e2e/sim/eth_driver_conformance';
import { Dma } from '../../src/hw/device';
import { frameOf } from '../../src/hw/testing/fake_wire';
import { VirtioNet } from '../../src/hw/virtio_net';
import type { Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { EthDriverVirtio, type Mmio } from './driver';
import { OddNic, RX, TX } from './testing/odd_nic';

const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);
const SETUP = { own: [{ symbol: 'hw_ring_buffer', size: 0x1_0000 }], trigger: 'edge' } as const;

const driverOver =
  (device: (env: Parameters<Program>[0]) => Mmio): Program =>
  (env) =>
    new EthDriverVirtio(env.kernel, device(env), {
      irq: 0,
      rx: { ch: 1, ...netSender(env.region('rx_free'), env.region('rx_active')) },
      tx: { ch: 2, ...netReceiver(env.region('tx_free'), env.region('tx_active')) },
      hwRingBuffer: env.region('hw_ring_buffer'),
    });

ethDriverConformance({
  ...SETUP,
  name: 'eth_driver_virtio',
  shortest: 14,
  program: (wire) =>
    driverOver((env) => {
      const device = new VirtioNet(wire, MAC, new Dma(env.dma), env.kernel.irqLine(0));
      env.kernel.attach(device);
      return device.mmio;
    }),
});

async function withOddNic() {
  let nic: OddNic | undefined;
  const bench = await ethDriverBench(SETUP, () =>
    driverOver((env) => {
      nic = new OddNic(env.region('hw_ring_buffer'), env.kernel.irqLine(0));
      return nic;
    }),
  );
  return { ...bench, nic: nic! };
}

/** Every buffer of a direction that the bench gets back when the device is well again. */
function allComeBack({ nic, received, returned, tx, ring }: Awaited<ReturnType<typeof withOddNic>>): void {
  const mine = received().map(({ address }) => address);
  for (let round = 0; round < 4; round++) {
    for (const { head, parts } of nic.take(RX)) {
      expect(parts[1]!.addr % 2048).toBe(0);
      nic.give(RX, head, 12 + 60);
    }
    nic.interrupt();
    ring();
    mine.push(...received().map(({ address }) => address));
  }
  expect(inOrder(mine)).toEqual(allBuffers(RX_DATA));
  returned();
  for (let n = 0; n < 256; n++) tx.active.enqueue({ io_or_offset: TX_DATA + n * 2048, len: 60 });
  ring();
  for (const { head } of nic.take(TX)) nic.give(TX, head, 0);
  nic.interrupt();
  ring();
  expect(returned()).toHaveLength(256);
}

describe('what the device sees', () => {
  test('two queues of 512 where upstream has them; MAC and VERSION_1; DRIVER_OK', async () => {
    const { nic, own } = await withOddNic();
    const base = own.hw_ring_buffer!.paddr!;
    const of = (register: number) => nic.writes.filter(([offset]) => offset === register).map(([, value]) => value);
    expect([of(0x30), of(0x38), of(0x44), of(0x20)]).toEqual([
      [0, 1],
      [512, 512],
      [1, 1],
      [0x20, 1],
    ]);
    expect([of(0x80), of(0x90), of(0xa0)]).toEqual([
      [base, base + 13328],
      [base + 8192, base + 21520],
      [base + 9224, base + 22552],
    ]);
    expect(of(0x70)).toEqual([0, 1, 3, 11, 15]);
  });

  test('256 receive buffers, each behind a 12-byte header of its own, and a notification for them', async () => {
    const { nic } = await withOddNic();
    const chains = nic.take(RX);
    expect(chains.map(({ parts }) => parts.map(({ len, flags }) => [len, flags]))).toEqual(
      Array.from({ length: 256 }, () => [
        [12, 3],
        [2048, 2],
      ]),
    );
    expect(chains.map(({ parts }) => parts[1]!.addr)).toEqual(allBuffers(RX_DATA).slice(0, 256));
    const headers = new Set(chains.map(({ parts }) => parts[0]!.addr));
    expect(headers.size).toBe(256);
    expect(nic.writes.filter(([offset]) => offset === 0x50)).toEqual([[0x50, 0]]);
  });

  test('a frame to send behind a header of zeros, one notification for a batch, none for nothing', async () => {
    const { nic, own, send, settle, ring } = await withOddNic();
    own.hw_ring_buffer!.bytes.fill(0xee, 26656, 32800);
    nic.writes.length = 0;
    send(4, frameOf(1, 60));
    send(5, frameOf(2, 1514));
    settle();
    const chains = nic.take(TX);
    expect(chains.map(({ parts }) => parts.map(({ len, flags }) => [len, flags]))).toEqual([
      [
        [12, 1],
        [60, 0],
      ],
      [
        [12, 1],
        [1514, 0],
      ],
    ]);
    const header = chains[0]!.parts[0]!.addr - own.hw_ring_buffer!.paddr!;
    expect([...own.hw_ring_buffer!.bytes.subarray(header, header + 12)]).toEqual(new Array(12).fill(0));
    ring();
    expect(nic.writes.filter(([offset]) => offset === 0x50)).toEqual([[0x50, 1]]);
  });

  test('headers of the two queues do not overlap', async () => {
    const { nic, send, settle } = await withOddNic();
    for (let n = 0; n < 256; n++) send(n, frameOf(n, 60));
    settle();
    const headers = [RX, TX].flatMap((queue) => nic.take(queue).map(({ parts }) => parts[0]!.addr));
    headers.sort((a, b) => a - b);
    expect(headers).toHaveLength(512);
    expect(headers.every((addr, i) => i === 0 || addr - headers[i - 1]! >= 12)).toBe(true);
  });
});

describe('a device that answers late or wrongly', () => {
  test('in any order, each with its own length', async () => {
    const { nic, simulator, received } = await withOddNic();
    const [a, b, c] = nic.take(RX);
    for (const [chain, len] of [
      [c!, 72],
      [a!, 12 + 1514],
      [b!, 26],
    ] as const)
      nic.give(RX, chain.head, len);
    nic.interrupt();
    simulator.settle();
    expect(received().map(({ address, frame }) => [address, frame.length])).toEqual([
      [RX_DATA + 2 * 2048, 60],
      [RX_DATA, 1514],
      [RX_DATA + 2048, 14],
    ]);
  });

  test.each([0, 11, 12, 25, 12 + 2049, 0xffff_ffff])(
    'a received length of %d is no frame: the buffer stays with the device',
    async (len) => {
      const { nic, simulator, received } = await withOddNic();
      const [chain] = nic.take(RX);
      nic.give(RX, chain!.head, len);
      nic.interrupt();
      simulator.settle();
      expect(received()).toEqual([]);
      const again = nic.take(RX);
      expect(again.map(({ parts }) => parts[1]!.addr)).toEqual([chain!.parts[1]!.addr]);
      expect([nic.resets, nic.writes.at(-1)]).toEqual([1, [0x50, 0]]);
    },
  );

  test.each<[string, (nic: OddNic) => void]>([
    ['an id that was never given out', (nic) => nic.give(RX, 1, 72)],
    ['an id beyond the queue', (nic) => nic.give(TX, 0xffff_fffe, 0)],
    ['the id of the frame behind its header', (nic) => nic.give(TX, nic.take(TX)[0]!.head + 1, 0)],
    [
      'the same id twice',
      (nic) => {
        const { head } = nic.take(RX)[0]!;
        nic.give(RX, head, 72);
        nic.give(RX, head, 72);
      },
    ],
    ['a used index that jumps', (nic) => nic.jump(TX, 600)],
    ['a used index that runs backwards', (nic) => nic.jump(RX, -1)],
    ['NEEDS_RESET', (nic) => void (nic.needsReset = true)],
  ])('%s: it is started afresh, and every buffer comes back', async (_, act) => {
    const bench = await withOddNic();
    const { nic, simulator, send, settle } = bench;
    for (const n of [0, 1, 2]) send(n, frameOf(n, 60));
    settle();
    act(nic);
    nic.interrupt(nic.needsReset ? 2 : 1);
    simulator.settle();
    expect(nic.resets).toBe(2);
    expect(simulator.debug).toMatch(/^ETH DRIVER\|ERROR: device [a-z ]+\n$/);
    allComeBack(bench);
  });

  test('a used index that jumps over ids of an earlier round: none of them is believed', async () => {
    const bench = await withOddNic();
    const { nic, simulator, received, provide, settle } = bench;
    for (const { head } of nic.take(RX)) nic.give(RX, head, 72);
    nic.interrupt();
    simulator.settle();
    provide(...received().map(({ address }) => address));
    settle();
    for (const { head } of nic.take(RX)) nic.give(RX, head, 72);
    nic.interrupt();
    simulator.settle();
    provide(...received().map(({ address }) => address));
    settle();
    nic.jump(RX, 300);
    nic.interrupt();
    simulator.settle();
    expect([nic.resets, received().every(({ frame }) => frame.length === 0)]).toEqual([2, true]);
  });

  test('a change of configuration is logged', async () => {
    const { nic, simulator } = await withOddNic();
    nic.interrupt(2);
    simulator.settle();
    expect([simulator.debug, nic.resets]).toEqual(['ETH DRIVER|ERROR: unexpected change in configuration\n', 1]);
  });

  test('a completion that falls between the interrupt and its acknowledgement is not lost', async () => {
    const { nic, simulator, received } = await withOddNic();
    const [first, second] = nic.take(RX);
    nic.give(RX, first!.head, 72);
    nic.onWrite = (offset) => {
      if (offset !== 0x64) return;
      nic.onWrite = undefined;
      nic.give(RX, second!.head, 72);
    };
    nic.interrupt();
    simulator.settle();
    expect(received()).toHaveLength(2);
  });

  test.each([
    ['invalid virtIO magic value!', 0, 1],
    ['not correct virtIO version!', 4, 1],
    ['not a virtIO network device!', 8, 2],
    ['device status features is not OK!', 112, 0],
    ['virtIO queue is too short', 52, 256],
  ])('%s', async (message, register, value) => {
    const starting = ethDriverBench(SETUP, () =>
      driverOver((env) => {
        const nic = new OddNic(env.region('hw_ring_buffer'), env.kernel.irqLine(0));
        nic.lies.set(register, value);
        return nic;
      }),
    );
    await expect(starting).rejects.toThrow(message);
  });

  test('one that does not come up again is said so; the driver lives', async () => {
    const { nic, simulator, send, settle } = await withOddNic();
    nic.needsReset = true;
    nic.lies.set(52, 0);
    nic.interrupt(2);
    simulator.settle();
    expect(simulator.debug).toBe('ETH DRIVER|ERROR: device needs reset\nETH DRIVER|ERROR: virtIO queue is too short\n');
    send(0, frameOf(1, 60));
    settle();
    expect(nic.take(TX)).toHaveLength(1);
  });

  test.each([1, 2, 3, 4])(
    'anything in the rings, at any time: the driver lives and loses no buffer (seed %d)',
    async (seed) => {
      const bench = await withOddNic();
      const { nic, own, simulator, send, ring, received, returned, provide } = bench;
      const random = new Random(seed);
      const mine = allBuffers(TX_DATA).map((address) => (address - TX_DATA) / 2048);
      for (let round = 0; round < 300; round++) {
        for (let n = random.below(20); n > 0 && mine.length > 0; n--) send(mine.shift()!, frameOf(n, 60));
        for (let n = random.below(30); n > 0; n--) own.hw_ring_buffer!.bytes[random.below(26654)] = random.below(256);
        if (random.below(2) === 0) nic.give(random.below(2), 2 * random.below(256), random.below(2100));
        nic.needsReset ||= random.below(20) === 0;
        nic.interrupt(1 + random.below(3));
        ring();
        simulator.settle();
        provide(...received().map(({ address }) => address));
        mine.push(...returned().map((address) => (address - TX_DATA) / 2048));
      }
      nic.needsReset = true;
      nic.interrupt(2);
      ring();
      mine.push(...returned().map((address) => (address - TX_DATA) / 2048));
      expect(inOrder(mine)).toEqual(Array.from({ length: BUFFERS }, (_, i) => i));
      allComeBack(bench);
    },
  );
});
