import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { frameOf } from './testing/fake_wire';
import { BUFFERS, type Descriptor, NEXT, RAM, RX, setup, TX, WRITE } from './testing/net_device';

/** Header and data in two descriptors, as sDDF's driver has them. */
const rxBuffer = (n: number, header = 12, length = 2048): Descriptor[] => [
  [RAM + BUFFERS + n * 4096, header, NEXT | WRITE, 2 * n + 1],
  [RAM + BUFFERS + n * 4096 + 64, length, WRITE, 0],
];
const started = (options?: Parameters<typeof setup>[0]) => {
  const net = setup(options);
  net.bringUp();
  net.start();
  return net;
};

describe('registers', () => {
  test('a network device, version 2, of QEMU; MAC, STATUS and VERSION_1; two queues', () => {
    const { mmio } = setup();
    expect([0, 4, 8, 0xc].map((offset) => mmio.read32(offset))).toEqual([0x7472_6976, 2, 1, 0x554d_4551]);
    const features = [0, 1].map((select) => {
      mmio.write32(0x14, select);
      return mmio.read32(0x10);
    });
    expect(features).toEqual([0x0001_0020, 1]);
    const sizes = [0, 1, 2].map((queue) => {
      mmio.write32(0x30, queue);
      return mmio.read32(0x34);
    });
    expect(sizes).toEqual([1024, 1024, 0]);
  });

  test('the configuration space has the address and a link that is up; writes to it do nothing', () => {
    const { mmio } = setup();
    mmio.write32(0x100, 0xffff_ffff);
    expect(Array.from({ length: 8 }, (_, i) => mmio.read8(0x100 + i))).toEqual([0x52, 0x54, 1, 0, 0, 7, 1, 0]);
    expect(mmio.read32(0x104)).toBe(0x0001_0700);
  });
});

describe('receiving', () => {
  test('a frame lands behind a 12-byte header with num_buffers 1; its length in the used ring counts both', () => {
    const { wire, ram, device, offer, used, mmio, levels } = started();
    offer(RX, 0, ...rxBuffer(0));
    ram.fill(0xee, BUFFERS, BUFFERS + 12);
    wire.arriving.push(frameOf(3, 60));
    device.poll();
    expect(used(RX)).toEqual([{ id: 0, len: 72 }]);
    expect([...ram.subarray(BUFFERS, BUFFERS + 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect([...ram.subarray(BUFFERS + 64, BUFFERS + 64 + 61)]).toEqual([...frameOf(3, 60), 0]);
    expect([mmio.read32(0x60), levels.at(-1)]).toEqual([1, true]);
  });

  test('one interrupt for all that has come', () => {
    const { wire, device, offer, used, levels } = started();
    for (const n of [0, 1, 2]) offer(RX, 2 * n, ...rxBuffer(n));
    wire.arriving.push(...[0, 1, 2].map((n) => frameOf(n, 60)));
    levels.length = 0;
    device.poll();
    expect([used(RX).length, levels.filter(Boolean).length]).toEqual([3, 1]);
  });

  test('what finds no buffer is dropped and counted; so is what finds too short a one, which stays', () => {
    const { wire, device, offer, used } = started();
    offer(RX, 0, ...rxBuffer(0, 12, 100));
    wire.arriving.push(frameOf(1, 101), frameOf(2, 100), frameOf(3, 60));
    device.poll();
    expect([used(RX), device.rxDropped, wire.arriving.length]).toEqual([[{ id: 0, len: 112 }], 2, 0]);
  });

  test('before DRIVER_OK nobody listens', () => {
    const { wire, device, offer, used, bringUp } = setup();
    bringUp();
    offer(RX, 0, ...rxBuffer(0));
    wire.arriving.push(frameOf(1, 60));
    device.poll();
    expect([used(RX), device.rxDropped]).toEqual([[], 1]);
  });

  test('a wire that never falls silent gets 64 frames taken, then the driver has its turn', () => {
    const { wire, device } = started();
    for (let n = 0; n < 100; n++) wire.arriving.push(frameOf(n, 60));
    device.poll();
    expect([wire.arriving.length, device.deadlineNs]).toEqual([36, 0]);
    device.poll();
    expect([wire.arriving.length, device.deadlineNs, device.rxDropped]).toEqual([0, undefined, 100]);
  });
});

describe('sending', () => {
  const chain = (length: number, header = 12): Descriptor[] => [
    [RAM + BUFFERS, header, NEXT, 1],
    [RAM + BUFFERS + 64, length, 0, 0],
  ];

  test('a frame goes out without its header, and comes back with nothing written', () => {
    const { wire, ram, offer, ring, used, mmio } = started();
    ram.set(frameOf(7, 100), BUFFERS + 64);
    offer(TX, 0, ...chain(100));
    expect(wire.sent).toEqual([]);
    ring(TX);
    expect(wire.sent).toEqual([frameOf(7, 100)]);
    expect([used(TX), mmio.read32(0x60)]).toEqual([[{ id: 0, len: 0 }], 1]);
  });

  test('header and frame may lie in any pieces', () => {
    const { wire, ram, offer, ring } = started();
    ram.set(frameOf(7, 100), BUFFERS + 12);
    offer(TX, 0, [RAM + BUFFERS, 5, NEXT, 1], [RAM + BUFFERS + 5, 20, NEXT, 2], [RAM + BUFFERS + 25, 87, 0, 0]);
    ring(TX);
    expect(wire.sent).toEqual([frameOf(7, 100)]);
  });

  test('available flag 1 asks for no interrupt', () => {
    const { at, offer, ring, used, mmio } = started();
    at.setUint16(0x3000 + 0x1000, 1, true);
    offer(TX, 0, ...chain(100));
    ring(TX);
    expect([used(TX).length, mmio.read32(0x60)]).toEqual([1, 0]);
  });
});

describe("the original's driver", () => {
  const theirs = { features: [5, 32] as const };

  test('accepts features that do not exist, keeps FEATURES_OK, and has a 10-byte header', () => {
    const { mmio, wire, ram, device, offer, ring, used, bringUp } = setup(theirs);
    bringUp();
    // Status is not cumulative.
    mmio.write32(0x70, 8);
    expect(mmio.read32(0x70)).toBe(8);
    mmio.write32(0x70, 4);
    offer(RX, 0, ...rxBuffer(0, 10));
    wire.arriving.push(frameOf(1, 60));
    device.poll();
    expect(used(RX)).toEqual([{ id: 0, len: 70 }]);
    expect([...ram.subarray(BUFFERS + 64, BUFFERS + 124)]).toEqual([...frameOf(1, 60)]);
    ram.set(frameOf(2, 90), BUFFERS + 64);
    offer(TX, 0, [RAM + BUFFERS, 10, NEXT, 1], [RAM + BUFFERS + 64, 90, 0, 0]);
    ring(TX);
    expect(wire.sent).toEqual([frameOf(2, 90)]);
  });

  test('fills its rings and rings the bell before DRIVER_OK: they are served then', () => {
    const { wire, ram, offer, ring, used, bringUp, start } = setup();
    bringUp();
    ram.set(frameOf(2, 90), BUFFERS + 64);
    offer(TX, 0, [RAM + BUFFERS, 12, NEXT, 1], [RAM + BUFFERS + 64, 90, 0, 0]);
    offer(RX, 2, ...rxBuffer(1).map(([a, l, f]): Descriptor => [a, l, f, 3]));
    ring(TX);
    expect(wire.sent).toEqual([]);
    wire.arriving.push(frameOf(1, 60));
    start();
    expect([wire.sent.length, used(RX)]).toEqual([1, [{ id: 2, len: 72 }]]);
  });
});

describe('a driver that breaks the protocol is told NEEDS_RESET, once', () => {
  test.each<[string, number, Descriptor[]]>([
    ['a receive buffer to read', RX, [[RAM + BUFFERS, 2048, 0, 0]]],
    ['a receive buffer shorter than the header', RX, [[RAM + BUFFERS, 11, WRITE, 0]]],
    ['a receive buffer outside the memory', RX, [[RAM + 0xff00, 2048, WRITE, 0]]],
    [
      'a send buffer to write',
      TX,
      [
        [RAM + BUFFERS, 12, NEXT, 1],
        [RAM + BUFFERS + 64, 100, WRITE, 0],
      ],
    ],
    ['a send buffer shorter than the header', TX, [[RAM + BUFFERS, 11, 0, 0]]],
    ['a send buffer outside the memory', TX, [[RAM - 1, 100, 0, 0]]],
    ['a chain that loops', TX, [[RAM + BUFFERS, 12, NEXT, 0]]],
    ['an indirect descriptor', TX, [[RAM + BUFFERS, 16, 4, 0]]],
  ])('%s', (_, queue, descriptors) => {
    const { wire, ram, device, offer, ring, used, needsReset, mmio, levels, bringUp, start } = started();
    offer(queue, 0, ...descriptors);
    if (queue === RX) wire.arriving.push(frameOf(1, 60));
    ring(queue);
    expect([needsReset(), mmio.read32(0x60) & 2, used(queue), wire.sent]).toEqual([true, 2, [], []]);
    levels.length = 0;
    wire.arriving.push(frameOf(2, 60));
    device.poll();
    expect([levels, device.rxDropped]).toEqual([[], queue === RX ? 2 : 1]);
    ram.fill(0);
    bringUp();
    start();
    expect(needsReset()).toBe(false);
  });

  test('an available index out of reach', () => {
    const { at, ring, needsReset } = started();
    at.setUint16(0x3000 + 0x1002, 9, true);
    ring(TX);
    expect(needsReset()).toBe(true);
  });

  test.each([1, 2, 3, 4, 5, 6])('anything in the rings: nothing throws, and frames stay possible (seed %d)', (seed) => {
    const random = new Random(seed);
    const { wire, ram, device, ring, bringUp, start, mmio } = started();
    for (let round = 0; round < 400; round++) {
      for (let i = 0; i < 40; i++)
        ram[random.below(0x6000)] = random.below(4) === 0 ? random.below(256) : random.below(16);
      for (let i = 0; i < 8; i++)
        new DataView(ram.buffer).setUint32(random.below(2) * 0x3000 + 16 * i, RAM + BUFFERS, true);
      wire.arriving.push(frameOf(round, 14 + random.below(1505)));
      ring(random.below(3));
      device.poll();
      if (random.below(8) === 0) mmio.write32(4 * random.below(0x50), random.next());
      if (random.below(4) === 0) {
        bringUp();
        start();
      }
    }
    for (let n = 0; n < 400; n++) device.poll();
    expect(wire.arriving).toEqual([]);
  });
});
