import { expect, test } from 'vitest';
import { Pl011 } from './pl011';

// Typed from the manual a second time ([DDI0183] chapter 3), not imported.
const DR = 0x00;
const FR = 0x18;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const BUSY = 0x08;
const RXFE = 0x10;
const TXFF = 0x20;
const RXFF = 0x40;
const TXFE = 0x80;
const RX = 0x10;
const TX = 0x20;
const RT = 0x40;

/** A UART on a wire that has room for `room` bytes. */
function setup(room = Number.POSITIVE_INFINITY, fifos = true) {
  const wire = { room, sent: [] as number[], asked: 0, incoming: [] as number[] };
  const levels = [false];
  const uart = new Pl011(
    { level: (high) => void (levels.at(-1) !== high && levels.push(high)) },
    {
      write(bytes) {
        const n = Math.min(bytes.length, wire.room);
        wire.sent.push(...bytes.subarray(0, n));
        wire.room -= n;
        return n;
      },
      requestRoom: () => void wire.asked++,
    },
    {
      get length() {
        return wire.incoming.length;
      },
      read: (max) => Uint8Array.from(wire.incoming.splice(0, max)),
    },
  );
  uart.write32(LCR_H, fifos ? 0x70 : 0x60);
  uart.write32(IFLS, 0);
  uart.write32(CR, 0x301);
  const receive = (...bytes: number[]) => {
    wire.incoming.push(...bytes);
    uart.poll();
  };
  const send = (count: number) => Array.from({ length: count }, (_, i) => uart.write32(DR, i));
  return { uart, wire, levels, receive, send, high: () => levels.at(-1) };
}

test('after reset: FIFOs empty, enabled for both directions but off, triggers at one half, nothing pending', () => {
  const uart = new Pl011(
    { level() {} },
    { write: () => 0, requestRoom() {} },
    { length: 0, read: () => new Uint8Array() },
  );
  expect([FR, CR, IFLS, LCR_H, IMSC, RIS, MIS, DR].map((at) => uart.read32(at))).toEqual([
    TXFE | RXFE,
    0x300,
    0x12,
    0,
    0,
    0,
    0,
    0,
  ]);
  expect(Array.from({ length: 8 }, (_, i) => uart.read32(0xfe0 + 4 * i))).toEqual([
    0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1,
  ]);
});

test('registers keep the bits that they have', () => {
  const { uart } = setup();
  const kept = [0x24, 0x28, 0x2c, 0x34, 0x38, 0x48, 0x30].map((at) => {
    uart.write32(at, 0xffff_ffff);
    return uart.read32(at);
  });
  expect(kept).toEqual([0xffff, 0x3f, 0xff, 0x3f, 0x7ff, 7, 0xff87]);
});

test('reserved offsets read zero and ignore writes', () => {
  const { uart } = setup();
  for (const at of [0x04, 0x08, 0x4c, 0x80, 0xfdc, 0x1000, 2]) {
    uart.write32(at, 0xffff_ffff);
    expect(uart.read32(at)).toBe(0);
  }
});

test('bytes leave when the FIFO is full or time passes; only the low eight bits count', () => {
  const { uart, wire, send } = setup();
  send(15);
  expect([wire.sent.length, uart.read32(FR)]).toEqual([0, BUSY | RXFE]);
  uart.write32(DR, 0x1_0f41);
  expect([wire.sent.length, wire.sent.at(-1), uart.read32(FR)]).toEqual([16, 0x41, TXFE | RXFE]);
  uart.write32(DR, 0x42);
  uart.poll();
  expect([wire.sent.at(-1), uart.read32(FR)]).toEqual([0x42, TXFE | RXFE]);
});

test('a driver that turns to its interrupt mask finds the FIFO sent', () => {
  const { uart, wire, send } = setup();
  send(3);
  uart.write32(IMSC, 0);
  expect([wire.sent, uart.read32(FR)]).toEqual([[0, 1, 2], TXFE | RXFE]);
});

test('a wire without room fills the FIFO, asks for a poll, and loses nothing that was written while there was room', () => {
  const { uart, wire, send } = setup(10);
  send(16);
  expect([wire.sent.length, wire.asked > 0, uart.read32(FR)]).toEqual([10, true, BUSY | RXFE]);
  send(10);
  expect(uart.read32(FR)).toBe(BUSY | TXFF | RXFE);
  uart.write32(DR, 99);
  wire.room = 100;
  uart.poll();
  expect(wire.sent).toEqual([...Array(16).keys(), ...Array(10).keys()]);
});

test('room that comes while the UART asks for it is used at once', () => {
  const sent: number[] = [];
  let room = 4;
  const uart = new Pl011(
    { level() {} },
    {
      write(bytes) {
        const n = Math.min(room, bytes.length);
        sent.push(...bytes.subarray(0, n));
        room -= n;
        return n;
      },
      requestRoom: () => void (room = 50),
    },
    { length: 0, read: () => new Uint8Array() },
  );
  uart.write32(LCR_H, 0x10);
  uart.write32(CR, 0x101);
  for (let i = 0; i < 16; i++) uart.write32(DR, i);
  expect(sent.length).toBe(16);
});

test('the transmit interrupt comes with the transition through the trigger level, not with an idle FIFO', () => {
  const { uart, wire, send, high } = setup(0);
  uart.write32(IMSC, TX);
  wire.room = 2;
  send(2);
  uart.poll();
  expect([wire.sent.length, uart.read32(RIS), high()]).toEqual([2, 0, false]);
  send(16);
  expect(uart.read32(RIS)).toBe(0);
  wire.room = 13;
  uart.poll();
  expect(uart.read32(RIS)).toBe(0);
  wire.room = 1;
  uart.poll();
  expect([uart.read32(RIS), uart.read32(MIS), high()]).toEqual([TX, TX, true]);
});

test('the transmit interrupt is cleared by filling past the level, by ICR, and hidden by the mask', () => {
  const { uart, wire, send, high } = setup(16);
  uart.write32(IMSC, TX);
  send(16);
  expect(high()).toBe(true);
  uart.write32(IMSC, 0);
  expect([high(), uart.read32(RIS), uart.read32(MIS)]).toEqual([false, TX, 0]);
  wire.room = 0;
  send(2);
  expect(uart.read32(RIS)).toBe(TX);
  send(1);
  expect(uart.read32(RIS)).toBe(0);
  wire.room = 3;
  uart.poll();
  expect(uart.read32(RIS)).toBe(TX);
  uart.write32(ICR, RX);
  expect(uart.read32(RIS)).toBe(TX);
  uart.write32(ICR, TX);
  expect(uart.read32(RIS)).toBe(0);
});

test.each([
  [0, 2],
  [1, 4],
  [2, 8],
  [3, 12],
  [4, 14],
])('receive trigger %d: the interrupt is asserted with %d bytes and withdrawn below', (select, level) => {
  const { uart, wire, receive } = setup();
  uart.write32(IFLS, select << 3);
  receive(...Array(level - 1).fill(0x61));
  expect(uart.read32(RIS)).toBe(RT);
  receive(0x62);
  expect(uart.read32(RIS)).toBe(RT | RX);
  uart.read32(DR);
  expect(uart.read32(RIS)).toBe(RT);
  expect(wire.incoming.length).toBe(0);
});

test('one byte below the trigger is reported by the timeout, which goes when the FIFO is empty', () => {
  const { uart, receive, high } = setup();
  receive(0x41);
  expect([uart.read32(MIS), high()]).toEqual([0, false]);
  uart.write32(IMSC, RX | RT);
  expect([uart.read32(MIS), high()]).toEqual([RT, true]);
  expect([uart.read32(FR), uart.read32(DR), uart.read32(FR), uart.read32(RIS), high()]).toEqual([
    TXFE,
    0x41,
    TXFE | RXFE,
    0,
    false,
  ]);
});

test('both receive interrupts can be cleared with the FIFO still full, and come back with the next byte', () => {
  const { uart, receive } = setup();
  receive(1, 2, 3);
  uart.write32(ICR, RX | RT);
  expect([uart.read32(RIS), uart.read32(FR)]).toEqual([0, TXFE]);
  receive(4);
  expect(uart.read32(RIS)).toBe(RX | RT);
});

test('sixteen bytes fill the receive FIFO; the seventeenth waits on the line and is not lost', () => {
  const { uart, wire, receive } = setup();
  receive(...Array(20).keys());
  expect([uart.read32(FR), uart.read32(RIS), wire.incoming.length]).toEqual([TXFE | RXFF, RX, 4]);
  expect(Array.from({ length: 20 }, () => uart.read32(DR))).toEqual([...Array(20).keys()]);
  expect([uart.read32(FR), uart.read32(RIS)]).toEqual([TXFE | RXFE, 0]);
});

test('a driver that reads only down to the trigger level gets the rest, too', () => {
  const { uart, wire, receive } = setup();
  receive(...Array(20).keys());
  for (let i = 0; i < 15; i++) uart.read32(DR);
  expect([uart.read32(RIS), wire.incoming.length]).toEqual([RX | RT, 0]);
});

test('a driver that never writes ICR and reads until the FIFO is empty gets everything and ends with no interrupt', () => {
  const { uart, receive, levels } = setup();
  uart.write32(IMSC, RX | RT | TX);
  receive(...Array(1000).fill(7));
  let got = 0;
  while ((uart.read32(MIS) & (RX | RT)) !== 0) {
    while ((uart.read32(FR) & RXFE) === 0) {
      uart.read32(DR);
      got++;
    }
  }
  expect([got, levels.at(-1), uart.read32(RIS)]).toEqual([1000, false, 0]);
});

test('a UART that is not enabled neither sends nor receives, and goes on where it was when it is', () => {
  const { uart, wire, send, receive } = setup();
  uart.write32(CR, 0x300);
  send(3);
  receive(1);
  expect([wire.sent.length, wire.incoming.length, uart.read32(FR)]).toEqual([0, 1, BUSY | RXFE]);
  uart.write32(CR, 0x101);
  expect([wire.sent.length, wire.incoming.length]).toEqual([3, 1]);
  uart.write32(CR, 0x201);
  expect([wire.incoming.length, uart.read32(DR)]).toEqual([0, 1]);
});

test('without FIFOs both are one byte deep', () => {
  const { uart, wire, receive } = setup(0, false);
  uart.write32(DR, 1);
  expect(uart.read32(FR)).toBe(BUSY | TXFF | RXFE);
  uart.write32(DR, 2);
  wire.room = 9;
  uart.poll();
  expect([wire.sent, uart.read32(RIS)]).toEqual([[1], TX]);
  receive(5, 6);
  expect([uart.read32(FR), uart.read32(RIS) & RX, wire.incoming.length]).toEqual([TXFE | RXFF, RX, 1]);
  expect([uart.read32(DR), uart.read32(DR)]).toEqual([5, 6]);
});

test('disabling the FIFOs flushes what was to be sent', () => {
  const { uart, wire, send } = setup();
  send(3);
  uart.write32(LCR_H, 0x60);
  uart.poll();
  expect([wire.sent, uart.read32(FR)]).toEqual([[], TXFE | RXFE]);
});
