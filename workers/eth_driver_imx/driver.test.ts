/** The ENET driver before the real device model, and before devices that answer wrongly or give up. */
import { describe, expect, test } from 'vitest';
import { BUFFERS, ethDriverBench, RX_DATA, TX_DATA } from '../../e2e/sim/eth_driver_bench';
import { allBuffers, ethDriverConformance, inOrder } from '../../e2e/sim/eth_driver_conformance';
import { Dma } from '../../src/hw/device';
import { ImxEnet } from '../../src/hw/imx_enet';
import { frameOf } from '../../src/hw/testing/fake_wire';
import type { Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { EthDriverImx, type Mmio } from './driver';

const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);
const SETUP = {
  own: [
    { symbol: 'device_rx_ring', size: 0x8000 },
    { symbol: 'device_tx_ring', size: 0x8000 },
  ],
  trigger: 'level',
} as const;

const driverOver =
  (device: (env: Parameters<Program>[0]) => Mmio): Program =>
  (env) =>
    new EthDriverImx(env.kernel, device(env), {
      irq: 0,
      rx: { ch: 1, ...netSender(env.region('rx_free'), env.region('rx_active')) },
      tx: { ch: 2, ...netReceiver(env.region('tx_free'), env.region('tx_active')) },
      rxRing: env.region('device_rx_ring'),
      txRing: env.region('device_tx_ring'),
    });

ethDriverConformance({
  ...SETUP,
  name: 'eth_driver_imx',
  shortest: 60,
  program: (wire) =>
    driverOver((env) => {
      const device = new ImxEnet(wire, MAC, new Dma(env.dma), env.kernel.irqLine(0), () => env.kernel.now());
      env.kernel.attach(device);
      return device;
    }),
});

/** Registers that hold what is written, and no engine: the test writes the descriptors. */
class OddEnet implements Mmio {
  readonly writes: [offset: number, value: number][] = [];
  readonly words = new Map<number, number>([
    [0x0e4, 0x5254_0100],
    [0x0e8, 0x0007_8808],
    [0x064, 0x4000_0000],
  ]);
  /** What to read in place of the real value. */
  readonly lies = new Map<number, number>();

  constructor(readonly irq: { level(high: boolean): void }) {}

  read32(offset: number): number {
    return this.lies.get(offset) ?? this.words.get(offset) ?? 0;
  }

  write32(offset: number, value: number): void {
    this.writes.push([offset, value >>> 0]);
    if (offset === 0x004) return this.raise(0, value);
    if (offset === 0x024 && value & 1) return void this.words.set(0x0e4, 0);
    if (offset === 0x064) this.words.set(offset, (value | 0x4000_0000) >>> 0);
    else this.words.set(offset, value >>> 0);
  }

  raise(events: number, clear = 0): void {
    this.words.set(0x004, ((this.words.get(0x004) ?? 0) & ~clear) | events);
    this.irq.level((this.words.get(0x004)! & (this.words.get(0x008) ?? 0)) !== 0);
  }

  written(offset: number): number[] {
    return this.writes.filter(([register]) => register === offset).map(([, value]) => value);
  }
}

const [TXF, RXF, EBERR] = [0x0800_0000, 0x0200_0000, 0x0040_0000];

async function withOddEnet() {
  let enet: OddEnet | undefined;
  const bench = await ethDriverBench(SETUP, () =>
    driverOver((env) => {
      enet = new OddEnet(env.kernel.irqLine(0));
      return enet;
    }),
  );
  const rings = { rx: bench.own.device_rx_ring!.view, tx: bench.own.device_tx_ring!.view };
  /** Stat, length and address of a descriptor. */
  const bd = (ring: 'rx' | 'tx', i: number) => [
    rings[ring].getUint16(8 * i + 2, true),
    rings[ring].getUint16(8 * i, true),
    rings[ring].getUint32(8 * i + 4, true),
  ];
  const finish = (ring: 'rx' | 'tx', i: number, stat: number, len: number) => {
    rings[ring].setUint16(8 * i, len, true);
    rings[ring].setUint16(8 * i + 2, stat, true);
  };
  return { ...bench, enet: enet!, rings, bd, finish };
}

describe('what the device sees', () => {
  test("upstream's settings, and the address again that the reset took", async () => {
    const { enet, own } = await withOddEnet();
    const last = (offset: number) => enet.written(offset).at(-1);
    expect(enet.written(0x024)).toEqual([1, 0x100, 0x120, 0x122]);
    expect([0x008, 0x044, 0x064, 0x084, 0x0c4, 0x0f0, 0x144, 0x188, 0x1ac, 0x1c0, 0x1c4].map(last)).toEqual([
      0x0a40_0000, 48, 0, 0x05ee_004c, 4, 0x8800_00ff, 0x100, 1536, 8, 0x18, 0x46,
    ]);
    expect([last(0x180), last(0x184)]).toEqual([own.device_rx_ring!.paddr, own.device_tx_ring!.paddr]);
    expect([last(0x0e4), last(0x0e8), last(0x010)]).toEqual([0x5254_0100, 0x0007_8808, 0x0100_0000]);
    expect([0x118, 0x11c, 0x120, 0x124].map(last)).toEqual([0, 0, 0, 0]);
  });

  test('256 empty buffers, the last with WRAP; one write to RDAR for them', async () => {
    const { enet, bd } = await withOddEnet();
    expect([bd('rx', 0), bd('rx', 255)]).toEqual([
      [0x8000, 0, RX_DATA],
      [0xa000, 0, RX_DATA + 255 * 2048],
    ]);
    expect(enet.written(0x010)).toEqual([0x0100_0000]);
  });

  test('frames to send with READY, L and TC; one write to TDAR for a batch', async () => {
    const { enet, bd, send, settle } = await withOddEnet();
    for (let n = 0; n < 256; n++) send(n, frameOf(n, 60 + n));
    settle();
    expect([bd('tx', 0), bd('tx', 255)]).toEqual([
      [0x8c00, 60, TX_DATA],
      [0xac00, 315, TX_DATA + 255 * 2048],
    ]);
    expect(enet.written(0x014)).toEqual([0x0100_0000]);
  });
});

describe('a device that answers wrongly', () => {
  test('the FCS is not passed up; a length of 64 is a frame of 60', async () => {
    const { enet, finish, simulator, received } = await withOddEnet();
    finish('rx', 0, 0x0900, 64);
    finish('rx', 1, 0x0800, 18);
    enet.raise(RXF);
    simulator.settle();
    expect(received().map(({ address, frame }) => [address, frame.length])).toEqual([
      [RX_DATA, 60],
      [RX_DATA + 2048, 14],
    ]);
  });

  test.each([
    ['part of a frame', 0x0000, 64],
    ['a frame with a wrong FCS', 0x0804, 64],
    ['a frame that is too long', 0x0820, 1523],
    ['an overrun', 0x0802, 64],
    ['a truncated frame', 0x0801, 64],
    ['a frame with an odd number of bits', 0x0810, 64],
    ['a length shorter than a header', 0x0800, 17],
    ['a length longer than the buffer', 0x0800, 1537],
    ['a length of 65535', 0x0800, 0xffff],
  ])('%s is none: the buffer stays with the device', async (_, stat, len) => {
    const { enet, bd, finish, simulator, received } = await withOddEnet();
    finish('rx', 0, stat, len);
    enet.raise(RXF);
    simulator.settle();
    expect([received(), bd('rx', 0), enet.written(0x010).length]).toEqual([[], [0x8000, 0, RX_DATA], 2]);
  });

  test('an address that the device changes in a descriptor is of no interest', async () => {
    const { enet, rings, finish, simulator, received, send, settle, returned } = await withOddEnet();
    rings.rx.setUint32(4, 0xdead_0000, true);
    finish('rx', 0, 0x0800, 64);
    send(7, frameOf(1, 60));
    settle();
    rings.tx.setUint32(4, 0xdead_0000, true);
    finish('tx', 0, 0x0c00, 60);
    enet.raise(RXF | TXF);
    simulator.settle();
    expect([received()[0]!.address, returned()]).toEqual([RX_DATA, [TX_DATA + 7 * 2048]]);
  });

  test('descriptors that come back before their turn wait for it', async () => {
    const { enet, finish, simulator, received } = await withOddEnet();
    finish('rx', 1, 0x0800, 64);
    enet.raise(RXF);
    simulator.settle();
    expect(received()).toEqual([]);
    finish('rx', 0, 0x0800, 65);
    enet.raise(RXF);
    simulator.settle();
    expect(received().map(({ frame }) => frame.length)).toEqual([61, 60]);
  });

  test('EBERR is logged; the device is started afresh, and every buffer comes back', async () => {
    const { enet, simulator, send, settle, received, returned } = await withOddEnet();
    for (const n of [0, 1, 2]) send(n, frameOf(n, 60));
    settle();
    enet.raise(EBERR);
    simulator.settle();
    expect(simulator.debug).toBe('ETH|ERROR: System bus/uDMA 4194304\n');
    expect([enet.written(0x024).filter((value) => value === 1).length, enet.read32(0x0e4)]).toEqual([2, 0x5254_0100]);
    expect(returned()).toEqual([0, 1, 2].map((n) => TX_DATA + n * 2048));
    expect(received().map(({ address, frame }) => [address, frame.length])).toEqual(
      allBuffers(RX_DATA)
        .slice(0, 256)
        .map((address) => [address, 0]),
    );
  });

  test.each([
    ['a reset that does not end', 0x024, 1, 'the device does not come out of its reset'],
    ['counters that do not come to rest', 0x064, 0, 'the counters of the device do not come to rest'],
  ])('%s', async (_, register, value, message) => {
    const starting = ethDriverBench(SETUP, () =>
      driverOver((env) => {
        const enet = new OddEnet(env.kernel.irqLine(0));
        enet.lies.set(register, value);
        return enet;
      }),
    );
    await expect(starting).rejects.toThrow(message);
    const { enet, simulator, send, settle, bd } = await withOddEnet();
    enet.lies.set(register, value);
    enet.raise(EBERR);
    simulator.settle();
    expect(simulator.debug).toBe(`ETH|ERROR: System bus/uDMA 4194304\nETH|ERROR: ${message}\n`);
    send(0, frameOf(1, 60));
    settle();
    expect(bd('tx', 0)[0], 'the driver lives').toBe(0x8c00);
  });

  test.each([1, 2, 3, 4])(
    'anything in the rings, at any time: the driver lives and loses no buffer (seed %d)',
    async (seed) => {
      const bench = await withOddEnet();
      const { enet, rings, simulator, send, ring, received, returned, provide } = bench;
      const random = new Random(seed);
      const mine = { tx: Array.from({ length: BUFFERS }, (_, i) => i), rx: [] as number[] };
      for (let round = 0; round < 300; round++) {
        for (let n = random.below(20); n > 0 && mine.tx.length > 0; n--) send(mine.tx.shift()!, frameOf(n, 60));
        for (let n = random.below(60); n > 0; n--)
          rings[random.below(2) === 0 ? 'rx' : 'tx'].setUint8(random.below(2048), random.below(256));
        enet.raise(random.below(20) === 0 ? EBERR : RXF | TXF);
        ring();
        simulator.settle();
        mine.rx.push(...received().map(({ address }) => address));
        while (mine.rx.length > 100) provide(mine.rx.shift()!);
        mine.tx.push(...returned().map((address) => (address - TX_DATA) / 2048));
      }
      // The last of what the device had comes back, and then the 256 buffers that it is given instead.
      provide(...mine.rx.splice(0));
      for (let round = 0; round < 3; round++) {
        enet.raise(EBERR);
        ring();
        mine.rx.push(...received().map(({ address }) => address));
      }
      mine.tx.push(...returned().map((address) => (address - TX_DATA) / 2048));
      expect(inOrder(mine.tx)).toEqual(Array.from({ length: BUFFERS }, (_, i) => i));
      expect(inOrder(mine.rx)).toEqual(allBuffers(RX_DATA));
    },
  );
});
