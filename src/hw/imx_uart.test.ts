import { expect, test } from 'vitest';
import { ImxUart } from './imx_uart';

// Typed from the manual a second time, not imported.
const RXD = 0x00;
const TXD = 0x40;
const UCR1 = 0x80;
const UCR2 = 0x84;
const UFCR = 0x90;
const USR1 = 0x94;
const USR2 = 0x98;
const UBIR = 0xa4;
const UBMR = 0xa8;
const UTS = 0xb4;
const UARTEN = 0x1;
const RRDY = 0x200;
const TRDY = 0x2000;
const RDR = 0x1;
const TX_IDLE = 0x4008;
const RXFULL = 0x08;
const TXFULL = 0x10;
const RXEMPTY = 0x20;
const TXEMPTY = 0x40;
const CHARRDY = 0x8000;

/** A UART on a wire that has room for `room` bytes, with trigger levels `rxtl` and `txtl`. */
function setup(room = Number.POSITIVE_INFINITY, rxtl = 1, txtl = 2) {
  const wire = { room, sent: [] as number[], asked: 0, incoming: [] as number[] };
  const levels = [false];
  const uart = new ImxUart(
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
  uart.write32(UCR1, UARTEN);
  uart.write32(UCR2, 0x27);
  uart.write32(UFCR, rxtl | (txtl << 10));
  const receive = (...bytes: number[]) => {
    wire.incoming.push(...bytes);
    uart.poll();
  };
  const send = (count: number) => Array.from({ length: count }, (_, i) => uart.write32(TXD, i));
  const read = (...at: number[]) => at.map((offset) => uart.read32(offset));
  return { uart, wire, levels, receive, send, read, high: () => levels.at(-1) };
}

test('after reset: off, FIFOs empty, triggers at one and two bytes, transmitter ready', () => {
  const uart = new ImxUart(
    { level() {} },
    { write: () => 0, requestRoom() {} },
    { length: 0, read: () => new Uint8Array() },
  );
  const at = [RXD, UCR1, UCR2, 0x88, 0x8c, UFCR, USR1, USR2, 0x9c, 0xa0, UBIR, UBMR, 0xac, 0xb0, UTS];
  expect(at.map((offset) => uart.read32(offset))).toEqual([
    0,
    0,
    1,
    0x700,
    0x8000,
    0x801,
    TRDY,
    TX_IDLE,
    0x2b,
    0,
    0,
    0,
    4,
    0,
    RXEMPTY | TXEMPTY,
  ]);
});

test('registers keep the bits that they have', () => {
  const { uart } = setup();
  const kept = [UCR1, UCR2, 0x88, 0x8c, UFCR, 0x9c, 0xa0, UBIR, UBMR, 0xb0].map((at) => {
    uart.write32(at, 0xffff_ffff);
    return uart.read32(at);
  });
  expect(kept).toEqual([0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xff, 0xfff, 0xffff, 0xffff, 0xff_ffff]);
});

test('status registers and reserved offsets ignore writes', () => {
  const { uart, read } = setup();
  const at = [RXD, TXD, USR1, USR2, 0xac, UTS, 0x04, 0x7c, 0xb8, 0x1000, 2];
  const before = read(...at);
  for (const offset of at.filter((offset) => offset !== TXD)) uart.write32(offset, 0xffff_ffff);
  expect(read(...at)).toEqual(before);
  expect(before).toEqual([0, 0, TRDY, TX_IDLE, 4, RXEMPTY | TXEMPTY, 0, 0, 0, 0, 0]);
});

test('bytes leave when the FIFO is full or time passes; only the low eight bits count', () => {
  const { uart, wire, send, read } = setup();
  send(31);
  expect([wire.sent.length, ...read(UTS, USR2)]).toEqual([0, RXEMPTY, 0]);
  uart.write32(TXD, 0x1_0f41);
  expect([wire.sent.length, wire.sent.at(-1), ...read(UTS, USR2)]).toEqual([32, 0x41, RXEMPTY | TXEMPTY, TX_IDLE]);
  uart.write32(TXD, 0x42);
  uart.poll();
  expect(wire.sent.at(-1)).toBe(0x42);
});

test('a driver that turns to its interrupt enables finds the FIFO sent', () => {
  const { uart, wire, send, read } = setup();
  send(3);
  uart.write32(UCR1, UARTEN);
  expect([wire.sent, ...read(UTS)]).toEqual([[0, 1, 2], RXEMPTY | TXEMPTY]);
});

test('a wire without room fills the FIFO, asks for a poll, and loses nothing that was written while there was room', () => {
  const { uart, wire, send, read } = setup(10);
  send(32);
  expect([wire.sent.length, wire.asked > 0, ...read(UTS)]).toEqual([10, true, RXEMPTY]);
  send(10);
  expect(read(UTS)).toEqual([RXEMPTY | TXFULL]);
  uart.write32(TXD, 99);
  wire.room = 100;
  uart.poll();
  expect(wire.sent).toEqual([...Array(32).keys(), ...Array(10).keys()]);
});

test('room that comes while the UART asks for it is used at once', () => {
  const sent: number[] = [];
  let room = 4;
  const uart = new ImxUart(
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
  uart.write32(UCR1, UARTEN);
  uart.write32(UCR2, 0x25);
  for (let i = 0; i < 32; i++) uart.write32(TXD, i);
  expect(sent.length).toBe(32);
});

test('TRDY is a level: on an idle line too, gone above the trigger, back at it', () => {
  const { uart, wire, send, read, high } = setup(0);
  uart.write32(UCR1, UARTEN | TRDY);
  expect([...read(USR1), high()]).toEqual([TRDY, true]);
  send(2);
  expect([...read(USR1), high()]).toEqual([TRDY, true]);
  send(1);
  expect([...read(USR1), high()]).toEqual([0, false]);
  wire.room = 1;
  uart.poll();
  expect([...read(USR1), high()]).toEqual([TRDY, true]);
  uart.write32(UCR1, UARTEN);
  expect([...read(USR1), high()]).toEqual([TRDY, false]);
});

test.each([
  [1, 1],
  [2, 2],
  [16, 16],
  [32, 32],
  [0, 1],
])('receive trigger %d: RRDY comes with %d bytes and goes below', (rxtl, level) => {
  const { uart, receive, read, high } = setup(0, rxtl);
  uart.write32(UCR1, UARTEN | RRDY);
  receive(...Array(level - 1).fill(0x61));
  expect([...read(USR1), high()]).toEqual([TRDY, false]);
  receive(0x62);
  expect([...read(USR1), high()]).toEqual([TRDY | RRDY, true]);
  uart.read32(RXD);
  expect([...read(USR1), high()]).toEqual([TRDY, false]);
});

test('a byte is read with the bit that says it is one; RRDY does not need to be enabled to be seen', () => {
  const { receive, read, high } = setup();
  receive(0x41, 0xff);
  expect([...read(USR1, USR2, UTS), high()]).toEqual([TRDY | RRDY, TX_IDLE | RDR, TXEMPTY, false]);
  expect(read(RXD, RXD, RXD)).toEqual([CHARRDY | 0x41, CHARRDY | 0xff, 0]);
  expect(read(USR1, USR2, UTS)).toEqual([TRDY, TX_IDLE, RXEMPTY | TXEMPTY]);
});

test('32 bytes fill the receive FIFO; the next waits on the line and is not lost', () => {
  const { uart, wire, receive, read } = setup();
  receive(...Array(40).keys());
  expect([...read(UTS), wire.incoming.length]).toEqual([RXFULL | TXEMPTY, 8]);
  expect(Array.from({ length: 40 }, () => uart.read32(RXD) & 0xff)).toEqual([...Array(40).keys()]);
  expect(read(UTS)).toEqual([RXEMPTY | TXEMPTY]);
});

test('a driver that reads only down to the trigger level gets the rest, too', () => {
  const { uart, wire, receive } = setup(0, 4);
  receive(...Array(40).keys());
  for (let i = 0; i < 29; i++) uart.read32(RXD);
  expect([wire.incoming.length, uart.read32(USR1)]).toEqual([0, TRDY | RRDY]);
});

test('what is switched off neither sends nor receives, takes no bytes to send, and goes on where it was', () => {
  const { uart, wire, send, receive, read } = setup(0);
  send(3);
  uart.write32(UCR1, 0);
  wire.room = 99;
  send(5);
  receive(1);
  expect([wire.sent.length, wire.incoming.length, ...read(UTS)]).toEqual([0, 1, RXEMPTY]);
  uart.write32(UCR1, UARTEN);
  expect([wire.sent, wire.incoming.length]).toEqual([[0, 1, 2], 0]);
  uart.write32(UCR2, 0x23);
  send(1);
  expect(read(UTS)).toEqual([TXEMPTY]);
  uart.write32(UCR2, 0x25);
  receive(2);
  expect([wire.incoming.length, ...read(RXD, RXD)]).toEqual([1, CHARRDY | 1, 0]);
});

test('software reset empties the FIFOs and the baud rate registers, leaves the control registers, and is over at once', () => {
  const { uart, wire, send, receive, read, high } = setup(0);
  uart.write32(UBIR, 15);
  uart.write32(UBMR, 104);
  uart.write32(UCR1, UARTEN | RRDY);
  receive(1, 2);
  send(9);
  expect(high()).toBe(true);
  uart.write32(UCR2, 0x26);
  expect([...read(UCR2, UTS, UBIR, UBMR, UCR1, UFCR), high()]).toEqual([
    0x27,
    RXEMPTY | TXEMPTY,
    0,
    0,
    UARTEN | RRDY,
    0x801,
    false,
  ]);
  wire.room = 99;
  uart.poll();
  expect(wire.sent).toEqual([]);
});
