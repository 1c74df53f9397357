import { describe, expect, test } from 'vitest';
import { ECR, EIMR, EIR, RAM, RCR, RDAR, RX_RING, setup, TCR, TDAR, TX_RING } from './testing/enet_host';
import { frameOf } from './testing/fake_wire';

/** Of twelve zeros and 48 times 0x41, least significant byte first; computed by zlib. */
const FCS = [0x83, 0x88, 0x6c, 0xff];

const started = (rcr?: number) => {
  const host = setup();
  host.start(rcr);
  return host;
};

describe('registers', () => {
  test('after power-on, with the address that the boot loader left', () => {
    const { read } = setup();
    const values = [0x004, 0x008, 0x010, 0x014, 0x024, 0x044, 0x064, 0x084, 0x0c4, 0x0e4, 0x0e8, 0x0ec, 0x1b0].map(
      read,
    );
    expect(values).toEqual([
      0, 0, 0, 0, 0xf000_0000, 0, 0xc000_0000, 0x05ee_0001, 0, 0x5254_0100, 0x0007_8808, 0x0001_0000, 0x7ff,
    ]);
  });

  test('a reset is over at once, takes the address with it, and leaves the hash tables', () => {
    const { read, write } = setup();
    write([0x118, 0x1234_5678], [0x124, 0x9abc_def0], [0x188, 1536], [EIMR, 0x0a40_0000], [ECR, 0x102]);
    write([ECR, 1]);
    expect([0x024, 0x0e4, 0x0e8, 0x118, 0x124, 0x188, 0x008].map(read)).toEqual([
      0xf000_0000, 0, 0x0000_8808, 0x1234_5678, 0x9abc_def0, 0, 0,
    ]);
  });

  test("what sDDF's driver writes, reads back; bits that are not there do not", () => {
    const { read, write } = setup();
    const written: [number, number][] = [
      [0x0f0, 0x8800_00ff],
      [0x044, 48],
      [0x144, 0x100],
      [0x1c0, 0x18],
      [0x1c4, 0x46],
      [0x188, 1536],
      [0x180, 0x8fff_8000],
      [0x1ac, 8],
      [RCR, 0x05ee_004c],
      [TCR, 4],
      [EIMR, 0x0a40_0000],
      [ECR, 0xf000_0122],
    ];
    write(...written);
    expect(written.map(([offset]) => [offset, read(offset)])).toEqual(written);
    write([0x180, 0xffff_ffff], [0x188, 0xffff_ffff], [EIMR, 0xffff_ffff], [0x0e8, 0xffff_ffff], [0x0ec, 0xffff_ffff]);
    expect([0x180, 0x188, EIMR, 0x0e8, 0x0ec].map(read)).toEqual([
      0xffff_fff8, 0x3ff0, 0x7fff_8000, 0xffff_8808, 0x0001_ffff,
    ]);
    expect([0x000, 0x00c, 0x2e4, 0x400, 0xffc].map(read)).toEqual([0, 0, 0, 0, 0]);
  });

  test('events are cleared by writing ones; the line follows events and mask', () => {
    const { read, write, irq } = started();
    write([TCR, 5]);
    expect([read(EIR), irq.high]).toEqual([0x1000_0000, false]);
    write([EIMR, 0x1000_0000]);
    expect(irq.high).toBe(true);
    write([EIR, 0x0fff_ffff]);
    expect([read(EIR), irq.high]).toEqual([0x1000_0000, true]);
    write([EIR, 0x1000_0000]);
    expect([read(EIR), irq.high]).toEqual([0, false]);
  });

  test('the counters are always idle; CLEAR zeroes them, DIS stops them', () => {
    const { read, write, arrive } = started();
    arrive(frameOf(1, 60));
    expect([read(0x064), read(0x284)]).toEqual([0x4000_0000, 1]);
    write([0x064, 0x8000_0000]);
    arrive(frameOf(2, 60));
    expect([read(0x064), read(0x284)]).toEqual([0xc000_0000, 1]);
    write([0x064, 0xa000_0000]);
    expect([read(0x064), read(0x284)]).toEqual([0xe000_0000, 0]);
    write([0x064, 0]);
    arrive(frameOf(3, 60));
    expect(read(0x284)).toBe(1);
  });

  test('a PHY at address 0 with its link up; the management bus needs its clock', () => {
    const { read, write } = setup();
    const ask = (phy: number, register: number) => {
      write([EIR, 0x0080_0000], [0x040, (0x6002_0000 | (phy << 23) | (register << 18)) >>> 0]);
      return [read(0x040) & 0xffff, read(EIR)];
    };
    expect(ask(0, 1)).toEqual([0, 0]);
    write([0x044, 48]);
    expect(ask(0, 1)).toEqual([0x796d, 0x0080_0000]);
    expect([ask(0, 2)[0], ask(0, 3)[0], ask(1, 1)[0]]).toEqual([0x004d, 0xd074, 0xffff]);
    write([0x040, 0x5002_8000]);
    expect(ask(0, 0)[0]).toBe(0x1140);
  });
});

describe('receiving', () => {
  test('a frame with its FCS lands in the buffer; length, L, M, and WRAP as it was', () => {
    const { descriptor, write, read, stat, len, buffer, arrive } = started();
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    expect(read(RDAR), 'any write starts it').toBe(0x0100_0000);
    const frame = new Uint8Array(60).fill(0x41, 12);
    arrive(frame);
    // L and M: nobody here has address 00:00:00:00:00:00.
    expect([stat(RX_RING, 0), len(RX_RING, 0)]).toEqual([0x2900, 64]);
    expect([...buffer(0, 65)]).toEqual([...frame, ...FCS, 0]);
    expect([read(EIR), read(RDAR)], 'RXB and RXF; no other descriptor').toEqual([0x0300_0000, 0]);
  });

  test('a short frame has been padded by whoever sent it', () => {
    const { descriptor, write, len, buffer, arrive } = started();
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    arrive(frameOf(1, 20));
    expect([len(RX_RING, 0), [...buffer(0, 60)]]).toEqual([64, [...frameOf(1, 20), ...new Array(40).fill(0)]]);
  });

  test('RCR.CRCFWD strips the FCS', () => {
    const { descriptor, write, len, buffer, arrive } = started((1518 << 16) | 0x404c);
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    arrive(frameOf(1, 60));
    expect([len(RX_RING, 0), [...buffer(0, 62)]]).toEqual([60, [...frameOf(1, 60), 0, 0]]);
  });

  test('the ring goes round at WRAP; a full one loses frames, and RDAR clears itself until it is told', () => {
    const { descriptor, write, read, stat, buffer, arrive } = started();
    for (const i of [0, 1, 2]) descriptor(RX_RING, i, i === 2 ? 0xa000 : 0x8000);
    write([RDAR, 0]);
    arrive(frameOf(1, 60), frameOf(2, 60));
    expect(read(RDAR)).toBe(0x0100_0000);
    arrive(frameOf(3, 60), frameOf(4, 60));
    expect([read(RDAR), read(0x2d8), read(0x2cc), read(0x284)]).toEqual([0, 1, 3, 4]);
    descriptor(RX_RING, 0, 0x8000);
    arrive(frameOf(5, 60));
    expect([stat(RX_RING, 0), read(0x2d8)], 'not told yet').toEqual([0x8000, 2]);
    write([RDAR, 0]);
    arrive(frameOf(6, 60));
    expect([...buffer(0, 60)]).toEqual([...frameOf(6, 60)]);
  });

  test('a frame longer than MRBR takes several buffers, or none', () => {
    const { descriptor, write, read, stat, len, buffer, arrive } = started();
    write([0x188, 64]);
    for (const i of [0, 1]) descriptor(RX_RING, i, 0x8000);
    descriptor(RX_RING, 2, 0x2000);
    write([RDAR, 0]);
    arrive(frameOf(1, 150));
    expect([stat(RX_RING, 0), read(0x2d8)], 'three are needed').toEqual([0x8000, 1]);
    descriptor(RX_RING, 2, 0xa000);
    arrive(frameOf(1, 150));
    expect([0, 1, 2].map((i) => [stat(RX_RING, i), len(RX_RING, i)])).toEqual([
      [0, 64],
      [0, 64],
      [0x2940, 154],
    ]);
    expect([...buffer(0, 64), ...buffer(1, 64), ...buffer(2, 22)]).toEqual([...frameOf(1, 150)]);
  });

  test.each<[string, number[], number, number]>([
    ['its own', [0x52, 0x54, 1, 0, 0, 7], 0x0800, 0x0800],
    ['another', [0x52, 0x54, 1, 0, 0, 8], 0x0900, -1],
    ['broadcast', [255, 255, 255, 255, 255, 255], 0x0880, 0x0880],
    ['a group of the hash table', [0x01, 0, 0x5e, 0, 0, 0xfb], 0x0840, 0x0840],
    ['another group', [0x01, 0, 0x5e, 0, 0, 0x01], 0x0940, -1],
  ])('a frame for %s, promiscuous or not', (_, destination, promiscuous, filtered) => {
    for (const [rcr, expected] of [
      [(1518 << 16) | 0x4c, promiscuous],
      [(1518 << 16) | 0x44, filtered],
    ] as const) {
      const { descriptor, write, stat, arrive } = started(rcr);
      // The upper six bits of the remainder of 01:00:5e:00:00:fb are 33, by zlib: bit 1 of the upper word.
      write([0x120, 2]);
      descriptor(RX_RING, 0, 0x8000);
      descriptor(RX_RING, 1, 0x2000);
      write([RDAR, 0]);
      const frame = frameOf(1, 60);
      frame.set(destination);
      arrive(frame);
      expect(stat(RX_RING, 0)).toBe(expected === -1 ? 0x8000 : expected);
    }
  });

  test('BC_REJ refuses broadcasts, unless promiscuous', () => {
    const { descriptor, write, stat, arrive } = started((1518 << 16) | 0x54);
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    arrive(new Uint8Array(60).fill(255));
    expect(stat(RX_RING, 0)).toBe(0xa000);
  });

  test('longer than MAX_FL: passed on with LG, and BABR', () => {
    const { descriptor, write, read, stat, arrive } = started();
    descriptor(RX_RING, 0, 0xa000);
    write([RDAR, 0]);
    arrive(frameOf(1, 1515));
    expect([stat(RX_RING, 0) & 0x0820, read(EIR) & 0x4000_0000, read(0x298)]).toEqual([0x0820, 0x4000_0000, 1]);
  });

  test('without ETHEREN nothing is heard, and RDAR stays 0', () => {
    const { descriptor, write, read, stat, arrive } = setup();
    descriptor(RX_RING, 0, 0xa000);
    write([0x180, RAM + RX_RING], [0x188, 1536], [RDAR, 0x0100_0000]);
    arrive(frameOf(1, 60));
    expect([read(RDAR), stat(RX_RING, 0), read(EIR)]).toEqual([0, 0xa000, 0]);
  });

  test('a wire that never falls silent gets 64 frames taken, then the driver has its turn', () => {
    const { enet, wire, arrive } = started();
    arrive(...Array.from({ length: 100 }, (_, n) => frameOf(n, 60)));
    expect([wire.arriving.length, enet.deadlineNs]).toEqual([36, 0]);
    enet.poll();
    expect([wire.arriving.length, enet.deadlineNs]).toEqual([0, undefined]);
  });
});

test('the transmit ring is not touched by what arrives', () => {
  const { descriptor, write, stat, arrive } = started();
  descriptor(RX_RING, 0, 0xa000);
  descriptor(TX_RING, 0, 0xac00, 60);
  write([RDAR, 0]);
  arrive(frameOf(1, 60));
  expect([stat(TX_RING, 0), started().read(TDAR)]).toEqual([0xac00, 0]);
});
