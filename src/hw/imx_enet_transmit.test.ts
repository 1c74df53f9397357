/** Sending, coalescing, counting, and what goes wrong on the bus. */
import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { BUFFERS, ECR, EIMR, EIR, RAM, RCR, RDAR, RX_RING, setup, TCR, TDAR, TX_RING } from './testing/enet_host';
import { frameOf } from './testing/fake_wire';

const started = () => {
  const host = setup();
  host.start();
  return {
    ...host,
    /** Puts bytes into buffer `i` and their descriptor into the transmit ring. */
    put: (i: number, bytes: Uint8Array, stat: number) => {
      host.ram.set(bytes, BUFFERS + 2048 * i);
      host.descriptor(TX_RING, i, stat, bytes.length);
    },
  };
};

/** READY, L, TC; and WRAP. */
const SEND = 0x8c00;
const WRAP = 0x2000;

describe('sending', () => {
  test('frames leave until a descriptor that is not READY; TDAR clears itself, WRAP stays', () => {
    const { put, write, read, stat, wire, descriptor } = started();
    put(0, frameOf(1, 60), SEND);
    put(1, frameOf(2, 61), SEND | WRAP);
    write([TDAR, 0]);
    expect(wire.sent).toEqual([frameOf(1, 60), frameOf(2, 61)]);
    expect([stat(TX_RING, 0), stat(TX_RING, 1), read(TDAR), read(EIR)]).toEqual([0x0c00, 0x2c00, 0, 0x0c00_0000]);
    put(0, frameOf(3, 62), SEND);
    descriptor(TX_RING, 1, 0x2c00);
    write([TDAR, 0x0100_0000]);
    expect(wire.sent.at(-1)).toEqual(frameOf(3, 62));
  });

  test('a frame may lie in several buffers, and its end may come later', () => {
    const { put, write, wire, descriptor } = started();
    const frame = frameOf(1, 150);
    put(0, frame.subarray(0, 50), 0x8000);
    put(1, frame.subarray(50, 120), 0x8000);
    descriptor(TX_RING, 2, 0);
    write([TDAR, 0]);
    expect(wire.sent).toEqual([]);
    put(2, frame.subarray(120), SEND);
    write([TDAR, 0]);
    expect(wire.sent).toEqual([frame]);
  });

  test('what is short is padded to 60 bytes', () => {
    const { put, write, wire } = started();
    put(0, frameOf(1, 14), SEND);
    write([TDAR, 0]);
    expect([...wire.sent[0]!]).toEqual([...frameOf(1, 14), ...new Array(46).fill(0)]);
  });

  test('without TC the frame brings its own FCS; a wrong one is counted, and nobody receives it', () => {
    const { put, write, read, wire } = started();
    const frame = new Uint8Array(60).fill(0x41, 12);
    put(0, Uint8Array.of(...frame, 0x83, 0x88, 0x6c, 0xff), 0x8800);
    put(1, Uint8Array.of(...frame, 0x83, 0x88, 0x6c, 0xfe), 0x8800);
    put(2, Uint8Array.of(1, 2, 3), 0x8800 | WRAP);
    write([TDAR, 0]);
    expect([wire.sent, read(0x210)]).toEqual([[frame], 2]);
  });

  test('longer than MAX_FL: BABT, and it goes out all the same', () => {
    const { put, write, read, wire } = started();
    put(0, frameOf(1, 1514), SEND);
    put(1, frameOf(2, 1515), SEND | WRAP);
    write([TDAR, 0]);
    expect([wire.sent.length, read(EIR) & 0x2000_0000, read(0x218), read(0x24c)]).toEqual([2, 0x2000_0000, 1, 1]);
  });

  test('graceful stop: GRA at once, and nothing leaves until it ends', () => {
    const { put, write, read, wire } = started();
    put(0, frameOf(1, 60), SEND | WRAP);
    write([TCR, 5], [TDAR, 0]);
    expect([read(EIR), wire.sent, read(TDAR)]).toEqual([0x1000_0000, [], 0x0100_0000]);
    write([TCR, 4]);
    expect([wire.sent.length, read(TDAR)]).toEqual([1, 0]);
  });

  test('ETHEREN off in the middle of a frame: its beginning is forgotten, and the ring starts over', () => {
    const { put, write, wire, descriptor } = started();
    put(0, frameOf(1, 50), 0x8000);
    descriptor(TX_RING, 1, 0);
    write([TDAR, 0], [ECR, 0x100], [ECR, 0x102]);
    put(0, frameOf(2, 60), SEND | WRAP);
    write([TDAR, 0]);
    expect(wire.sent).toEqual([frameOf(2, 60)]);
  });

  test('without DBSWP descriptors are big-endian', () => {
    const { view, ram, write, wire } = setup();
    ram.set(frameOf(1, 60), BUFFERS);
    view.setUint32(TX_RING, 0xac00_003c);
    view.setUint32(TX_RING + 4, RAM + BUFFERS);
    write([0x184, RAM + TX_RING], [ECR, 2], [TDAR, 0]);
    expect([wire.sent, view.getUint32(TX_RING)]).toEqual([[frameOf(1, 60)], 0x2c00_003c]);
  });
});

describe('coalescing', () => {
  /** One descriptor that goes round. */
  const sendOne = ({ put, write }: ReturnType<typeof started>) => {
    put(0, frameOf(1, 60), SEND | WRAP);
    write([TDAR, 0]);
  };

  test('TXF after 128 frames', () => {
    const host = started();
    host.write([0x0f0, 0x8800_00ff], [EIMR, 0x0800_0000]);
    for (let n = 0; n < 127; n++) sendOne(host);
    expect([host.read(EIR), host.irq.high]).toEqual([0x0400_0000, false]);
    sendOne(host);
    expect([host.read(EIR), host.irq.high, host.enet.deadlineNs]).toEqual([0x0c00_0000, true, undefined]);
  });

  test('or 255 ticks of 512 ns after the first that waits', () => {
    const host = started();
    host.write([0x0f0, 0x8800_00ff], [EIMR, 0x0800_0000]);
    sendOne(host);
    host.clock.ns += 1000;
    sendOne(host);
    expect(host.enet.deadlineNs).toBe(5000 + 130_560);
    host.clock.ns = 5000 + 130_559;
    host.enet.poll();
    expect(host.irq.high).toBe(false);
    host.clock.ns++;
    host.enet.poll();
    expect([host.irq.high, host.enet.deadlineNs]).toEqual([true, undefined]);
  });

  test.each([0x0800_00ff, 0x8800_0000, 0x8000_00ff])('with TXIC0 0x%s every frame is an event', (setting) => {
    const host = started();
    host.write([0x0f0, setting]);
    sendOne(host);
    expect(host.read(EIR) & 0x0800_0000).toBe(0x0800_0000);
  });

  test('of received frames likewise; a reset forgets them', () => {
    const { descriptor, write, read, enet, arrive } = started();
    for (const i of [0, 1]) descriptor(RX_RING, i, i === 1 ? 0xa000 : 0x8000);
    write([0x100, 0x8020_0010], [RDAR, 0]);
    arrive(frameOf(1, 60));
    expect([read(EIR), enet.deadlineNs]).toEqual([0x0100_0000, 5000 + 16 * 512]);
    arrive(frameOf(2, 60));
    expect([read(EIR), enet.deadlineNs]).toEqual([0x0300_0000, undefined]);
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    arrive(frameOf(1, 60));
    write([ECR, 1]);
    expect(enet.deadlineNs).toBeUndefined();
  });
});

test('counters by kind and size, octets with the FCS', () => {
  const { put, write, read, descriptor, arrive } = started();
  const lengths = [60, 61, 123, 124, 251, 252, 507, 508, 1019, 1020, 1514];
  const ring = (i: number) => (i === lengths.length - 1 ? WRAP : 0);
  for (const [i, length] of lengths.entries()) {
    const frame = frameOf(2, length);
    if (i === 0) frame.fill(255, 0, 6);
    if (i === 1) frame[0] = 1;
    put(i, frame, SEND | ring(i));
    descriptor(RX_RING, i, 0x8000 | ring(i), 0, RAM + BUFFERS + 2048 * i);
  }
  write([TDAR, 0], [RDAR, 0]);
  arrive(...lengths.map((length, i) => frameOf(2, length).with(0, i === 1 ? 1 : 2)));
  const octets = lengths.reduce((sum, length) => sum + length + 4, 0);
  expect([0x204, 0x208, 0x20c, 0x244, 0x24c, 0x274].map(read)).toEqual([11, 1, 1, octets, 11, octets]);
  expect([0x228, 0x22c, 0x230, 0x234, 0x238, 0x23c, 0x240].map(read)).toEqual([1, 2, 2, 2, 2, 2, 0]);
  expect([0x284, 0x288, 0x28c, 0x2c4, 0x2cc, 0x2e0].map(read)).toEqual([11, 0, 1, octets, 11, octets]);
  expect([0x2a8, 0x2ac, 0x2b0, 0x2b4, 0x2b8, 0x2bc, 0x2c0].map(read)).toEqual([1, 2, 2, 2, 2, 2, 0]);
});

describe('memory that cannot be reached is EBERR, and the MAC stops', () => {
  type Host = ReturnType<typeof started>;
  test.each<[string, (host: Host) => void]>([
    ['a transmit ring', ({ write }) => write([ECR, 0x100], [0x184, 0x5000_0000], [ECR, 0x102], [TDAR, 0])],
    ['a transmit ring without end', ({ write }) => write([ECR, 0x100], [0x184, RAM + 0xfff8], [ECR, 0x102], [TDAR, 0])],
    [
      'a transmit buffer',
      ({ write, descriptor }) => {
        descriptor(TX_RING, 0, SEND | WRAP, 60, RAM + 0xfff0);
        write([TDAR, 0]);
      },
    ],
    ['a receive ring', ({ write }) => write([ECR, 0x100], [0x180, 0x5000_0000], [ECR, 0x102], [RDAR, 0])],
    [
      'a receive buffer',
      ({ write, descriptor, arrive }) => {
        descriptor(RX_RING, 0, 0xa000, 0, RAM - 1);
        write([RDAR, 0]);
        arrive(frameOf(1, 60));
      },
    ],
  ])('%s', (_, act) => {
    const host = started();
    host.descriptor(TX_RING, 0, 0);
    // The last descriptor of the memory, READY and without WRAP.
    host.view.setUint16(0xfffa, SEND, true);
    host.view.setUint32(0xfffc, RAM + BUFFERS, true);
    host.write([EIMR, 0x0040_0000]);
    act(host);
    expect([host.read(EIR) & 0x0040_0000, host.irq.high, host.read(ECR) & 2]).toEqual([0x0040_0000, true, 0]);
    expect([host.read(RDAR), host.read(TDAR)]).toEqual([0, 0]);
    host.write([TDAR, 0], [RDAR, 0]);
    expect([host.read(RDAR), host.read(TDAR)], 'until it is enabled again').toEqual([0, 0]);
  });
});

test.each([1, 2, 3, 4, 5, 6])(
  'anything in registers and rings: nothing throws and everything ends (seed %d)',
  (seed) => {
    const random = new Random(seed);
    const { ram, view, clock, enet, wire, start, write } = started();
    for (let round = 0; round < 500; round++) {
      for (let i = 0; i < 30; i++) {
        const at = random.below(2) * TX_RING + 8 * random.below(16);
        view.setUint32(at, random.next(), true);
        view.setUint32(at + 4, random.below(4) === 0 ? random.next() : RAM + random.below(ram.length), true);
      }
      wire.arriving.push(frameOf(round, 14 + random.below(1505)));
      write([random.below(4) === 0 ? 4 * random.below(0x100) : RDAR, random.next()], [TDAR, 0]);
      clock.ns += random.below(100_000);
      enet.poll();
      if (random.below(8) === 0) start();
      if (random.below(8) === 0) write([RCR, random.next()], [0x188, random.below(2048)], [0x0f0, random.next()]);
    }
    start();
    for (let n = 0; n < 10; n++) enet.poll();
    expect([wire.arriving.length, enet.deadlineNs]).toEqual([0, undefined]);
  },
);
