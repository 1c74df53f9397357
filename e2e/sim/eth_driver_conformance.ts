/**
 * What any sDDF Ethernet driver owes its two virtualisers, whatever its device: run over each driver with its real device model and
 * a wire of the test's. A driver's own test file calls it with the program that puts the driver before a wire.
 */
import { describe, expect, test } from 'vitest';
import { frameOf } from '../../src/hw/testing/fake_wire';
import type { Wire } from '../../src/hw/wire';
import type { Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import {
  BUFFER,
  BUFFERS,
  type EthDriverBench,
  type EthDriverSetup,
  ethDriverBench,
  RX_DATA,
  TX_DATA,
} from './eth_driver_bench';

export interface EthDriverUnderTest extends EthDriverSetup {
  readonly name: string;
  readonly program: (wire: Wire) => Program;
  /** The shortest frame on its wire: what is shorter is padded with zeros. */
  readonly shortest: number;
}

export const allBuffers = (base: number) => Array.from({ length: BUFFERS }, (_, i) => base + i * BUFFER);
export const inOrder = (addresses: readonly number[]) => [...addresses].sort((a, b) => a - b);
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

export function ethDriverConformance(under: EthDriverUnderTest): void {
  const start = (seed = 1) => ethDriverBench(under, under.program, seed);
  const onWire = (frame: Uint8Array) => {
    const padded = new Uint8Array(Math.max(frame.length, under.shortest));
    padded.set(frame);
    return padded;
  };

  describe(`${under.name} as an Ethernet driver`, () => {
    test('is ready without a word: the link is up, and a frame for anyone passes, which the virtualiser sorts', async () => {
      const bench = await start();
      const frames = [0xff, 0x01, 0x33, 0x52, 0x00].map((first) => frameOf(1, 90).with(0, first));
      bench.deliver(...frames);
      expect(bench.received().map(({ frame }) => frame)).toEqual(frames);
      expect(bench.simulator.debug).toBe('');
    });

    test('a frame of every length is passed up with its own length, and no byte behind it is written', async () => {
      const bench = await start();
      for (let length = 14; length <= 1514; length += length < 70 || length > 1500 ? 1 : 61) {
        bench.rxData.bytes.fill(0xee);
        const frame = frameOf(length, length);
        bench.deliver(frame);
        const got = bench.received();
        expect(got.length, `length ${length}`).toBe(1);
        expect(same(got[0]!.frame, onWire(frame)), `length ${length}`).toBe(true);
        // A FCS may follow it.
        const behind = got[0]!.address - RX_DATA + onWire(frame).length + 4;
        expect(bench.rxData.bytes[behind]).toBe(0xee);
        bench.provide(got[0]!.address);
        bench.settle();
      }
    });

    test('frames to send leave in order and whole, and their buffers come back empty', async () => {
      const bench = await start();
      const frames = [14, 59, 60, 61, 64, 1000, 1513, 1514].map((length) => frameOf(length, length));
      for (const [i, frame] of frames.entries()) bench.send(7 * i, frame);
      expect(bench.wire.sent, 'not before it is told').toEqual([]);
      bench.settle();
      expect(bench.wire.sent).toEqual(frames.map(onWire));
      const len = bench.queueRegions.tx_free.view.getUint16(8 + 8, true);
      expect([bench.returned(), len]).toEqual([frames.map((_, i) => TX_DATA + 7 * i * BUFFER), 0]);
    });

    test('a virtualiser that asks for a signal gets one for a batch; one that does not is left alone', async () => {
      const bench = await start();
      const frames = [0, 1, 2, 3].map((n) => frameOf(n, 60));
      bench.deliver(...frames);
      for (const n of [0, 1, 2, 3]) bench.send(n, frames[n]!);
      bench.settle();
      expect(bench.signals).toEqual({ rx: 1, tx: 1 });
      bench.deliver(...frames);
      for (const n of [4, 5, 6, 7]) bench.send(n, frames[n - 4]!);
      bench.settle();
      expect(bench.signals, 'the first was not answered').toEqual({ rx: 1, tx: 1 });
      expect([bench.received().length, bench.returned().length]).toEqual([8, 8]);
      bench.deliver(frames[0]!);
      bench.send(8, frames[0]!);
      bench.settle();
      expect(bench.signals).toEqual({ rx: 2, tx: 2 });
    });

    test('more than 65,536 frames each way: descriptors and indices wrap, nothing is lost or mixed up', async () => {
      const bench = await start();
      for (let n = 0, round = 0; n < 66_000; round++) {
        const count = 1 + (round % 200);
        const frames = Array.from({ length: count }, (_, i) => frameOf(n + i, 60));
        for (const [i, frame] of frames.entries()) bench.send((n + i) % BUFFERS, frame);
        bench.settle();
        bench.deliver(...frames);
        const received = bench.received();
        bench.provide(...received.map(({ address }) => address));
        const wholly = received.length === count && received.every(({ frame }, i) => same(frame, frames[i]!));
        const sent = bench.wire.sent.splice(0);
        const sentWholly = sent.length === count && sent.every((frame, i) => same(frame, frames[i]!));
        expect([wholly, sentWholly, bench.returned().length], `after ${n}`).toEqual([true, true, count]);
        n += count;
      }
    });

    test('a virtualiser that keeps its buffers: frames without one are lost, those that had one are not', async () => {
      const bench = await start();
      const frames = Array.from({ length: 3 * BUFFERS }, (_, n) => frameOf(n, 60));
      for (let n = 0; n < frames.length; n += 64) bench.deliver(...frames.slice(n, n + 64));
      const received = bench.received();
      expect(inOrder(received.map(({ address }) => address))).toEqual(allBuffers(RX_DATA));
      expect(received.every(({ frame }, n) => same(frame, frames[n]!))).toBe(true);
      bench.provide(...received.map(({ address }) => address));
      bench.settle();
      bench.deliver(frameOf(9, 60));
      expect(bench.received().map(({ frame }) => frame)).toEqual([frameOf(9, 60)]);
    });

    test('a burst longer than its ring arrives whole as long as there are buffers', async () => {
      const bench = await start();
      const frames = Array.from({ length: BUFFERS + 100 }, (_, n) => frameOf(n, 60));
      bench.deliver(...frames);
      const received = bench.received();
      expect([received.length, received.every(({ frame }, n) => same(frame, frames[n]!))]).toEqual([BUFFERS, true]);
    });

    test('all transmit buffers at once, and again: each comes back once', async () => {
      const bench = await start();
      for (let round = 0; round < 3; round++) {
        for (let i = 0; i < BUFFERS; i++) bench.send(i, frameOf(i, 60));
        bench.settle();
        expect(bench.wire.sent.splice(0)).toHaveLength(BUFFERS);
        expect(inOrder(bench.returned())).toEqual(allBuffers(TX_DATA));
      }
    });

    test.each([1, 2, 3, 4])(
      'random traffic, signals only where they are asked for: all arrives, no buffer leaks (seed %d)',
      async (seed) => {
        const bench = await start(seed);
        const { sent, received, mine } = randomTraffic(bench, new Random(seed), onWire);
        expect([sent.length, bench.wire.sent.length]).toEqual([bench.wire.sent.length, sent.length]);
        expect(bench.wire.sent.every((frame, i) => same(frame, onWire(sent[i]!)))).toBe(true);
        expect(received).toBe(true);
        expect(inOrder(mine.tx)).toEqual(allBuffers(TX_DATA));
        // What the test does not hold comes up when frames arrive for it.
        for (let burst = 0; burst < 8; burst++) {
          bench.deliver(...Array.from({ length: 100 }, () => frameOf(0, 60)));
          mine.rx.push(...bench.received().map(({ address }) => address));
        }
        expect(inOrder(mine.rx)).toEqual(allBuffers(RX_DATA));
      },
    );

    test.each([
      ['no length', { len: 0 }],
      ['less than a header', { len: 13 }],
      ['more than a buffer', { len: 2049 }],
      ['65535 bytes', { len: 65_535 }],
      ['address 0', { io_or_offset: 0 }],
      ['an address that the device does not reach', { io_or_offset: 0x4200_0000 }],
      ['an address beyond 32 bits', { io_or_offset: 2 ** 32 + TX_DATA }],
      ['an address that no number holds', { io_or_offset: Number.MAX_SAFE_INTEGER }],
    ])('a frame to send with %s comes back, and others pass', async (_, wrong) => {
      const bench = await start();
      const desc = { io_or_offset: TX_DATA, len: 60, ...wrong };
      bench.tx.active.enqueue(desc);
      bench.settle();
      expect([bench.returned(), bench.wire.sent]).toEqual([[desc.io_or_offset], []]);
      bench.send(3, frameOf(3, 60));
      bench.settle();
      bench.deliver(frameOf(4, 60));
      const frames = bench.received().filter(({ frame }) => frame.length > 0);
      expect([bench.wire.sent, frames.map(({ frame }) => frame)]).toEqual([[frameOf(3, 60)], [frameOf(4, 60)]]);
    });

    test.each([0, 0x4200_0000, 2 ** 32 + RX_DATA, Number.MAX_SAFE_INTEGER])(
      'a receive buffer at %d, where nobody can write, comes back without a frame, and others pass',
      async (address) => {
        const bench = await start();
        // Everything that it has, used up.
        for (let burst = 0; burst < 8; burst++) bench.deliver(...Array.from({ length: 100 }, () => frameOf(0, 60)));
        const addresses = bench.received().map((received) => received.address);
        bench.provide(address, ...addresses);
        bench.settle();
        for (let n = 0; n < 4; n++) bench.deliver(frameOf(n, 60));
        const frames = bench.received();
        expect(frames.filter((received) => received.address === address).map(({ frame }) => frame.length)).toEqual([0]);
        expect(same(frames.at(-1)!.frame, frameOf(3, 60))).toBe(true);
      },
    );

    test.each(['rx_free', 'tx_active'] as const)(
      'an impossible index in %s stops that queue, not the other',
      async (broken) => {
        const bench = await start();
        bench.queueRegions[broken].view.setUint16(0, 40_000, true);
        bench.ring();
        bench.send(0, frameOf(1, 60));
        bench.settle();
        bench.deliver(frameOf(2, 60));
        if (broken === 'rx_free') expect(bench.wire.sent).toEqual([frameOf(1, 60)]);
        else expect(bench.received().map(({ frame }) => frame)).toEqual([frameOf(2, 60)]);
      },
    );

    test.each(['rx_active', 'tx_free'] as const)(
      'an impossible index in %s stops that queue, not the other',
      async (broken) => {
        const bench = await start();
        bench.queueRegions[broken].view.setUint16(2, 40_000, true);
        bench.send(0, frameOf(1, 60));
        bench.settle();
        bench.deliver(frameOf(2, 60));
        bench.ring();
        if (broken === 'rx_active') expect(bench.wire.sent).toEqual([frameOf(1, 60)]);
        else expect(bench.received().map(({ frame }) => frame)).toEqual([frameOf(2, 60)]);
      },
    );

    test('notifications for nothing change nothing', async () => {
      const bench = await start();
      for (let n = 0; n < 10; n++) bench.ring();
      expect([bench.received(), bench.returned(), bench.wire.sent, bench.simulator.debug]).toEqual([[], [], [], '']);
    });
  });
}

/** Ten thousand frames, about, in bursts small enough for the ring; what the test holds at the end, and what it sent. */
function randomTraffic(bench: EthDriverBench, random: Random, onWire: (frame: Uint8Array) => Uint8Array) {
  const mine = { rx: [] as number[], tx: allBuffers(TX_DATA) };
  const sent: Uint8Array[] = [];
  const expected: Uint8Array[] = [];
  let received = true;
  for (let round = 0; round < 1000; round++) {
    for (let n = random.below(Math.min(20, mine.tx.length + 1)); n > 0; n--) {
      const frame = frameOf(random.next(), 14 + random.below(200));
      bench.send((mine.tx.shift()! - TX_DATA) / BUFFER, frame);
      sent.push(frame);
    }
    const frames = Array.from({ length: random.below(20) }, () => frameOf(random.next(), 14 + random.below(200)));
    if (random.below(2) === 0) bench.settle();
    bench.deliver(...frames);
    expected.push(...frames);
    if (random.below(3) > 0) {
      for (const { address, frame } of bench.received()) {
        received &&= same(frame, onWire(expected.shift()!));
        mine.rx.push(address);
      }
    }
    // Never so few with the driver that a burst finds none.
    while (mine.rx.length > 200 || (mine.rx.length > 0 && random.below(4) > 0)) bench.provide(mine.rx.shift()!);
    if (random.below(3) === 0) mine.tx.push(...bench.returned());
  }
  bench.settle();
  for (const { address, frame } of bench.received()) {
    received &&= same(frame, onWire(expected.shift()!));
    mine.rx.push(address);
  }
  mine.tx.push(...bench.returned());
  return { sent, received: received && expected.length === 0, mine };
}
