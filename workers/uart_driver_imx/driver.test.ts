import { expect, test } from 'vitest';
import { ImxUart } from '../../src/hw/imx_uart';
import { Irq } from '../../src/libmicrokit/irq';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { UartDriver } from './driver';

const IRQ = 0;
const RX = 1;
const TX = 2;
const UCR1 = 0x80;
const USR1 = 0x94;
const RRDY = 0x200;
const TRDY = 0x2000;

/** The driver on the real model, with queues of 64 bytes and a wire. */
function setup(room = Number.POSITIVE_INFINITY) {
  const wire = { room, sent: [] as number[], incoming: [] as number[], errors: 0 };
  const kernel = new FakeKernel();
  const pending = { irq: false };
  const irq = new Irq('level', () => void (pending.irq = true));
  kernel.irqAck = (ch) => {
    kernel.acks.push(ch);
    irq.ack();
  };
  const uart = new ImxUart(
    irq,
    {
      write(bytes) {
        const n = Math.min(bytes.length, wire.room);
        wire.sent.push(...bytes.subarray(0, n));
        wire.room -= n;
        return n;
      },
      requestRoom() {},
    },
    {
      get length() {
        return wire.incoming.length;
      },
      read: (max) => Uint8Array.from(wire.incoming.splice(0, max)),
    },
  );
  const written: [number, number][] = [];
  const reads = { count: 0 };
  /** The model's registers, and the error bits of a bad wire, which are written 1 to clear. */
  const mmio = {
    read32(offset: number) {
      expect(++reads.count).toBeLessThan(100_000);
      return uart.read32(offset) | (offset === USR1 ? wire.errors : 0);
    },
    write32(offset: number, value: number) {
      written.push([offset, value]);
      if (offset === USR1) wire.errors &= ~value;
      uart.write32(offset, value);
    },
  };
  const queue = () => {
    const at = [region('queue', 0x1000), region('data', 64)] as const;
    return { ours: new SerialQueue(...at), theirs: new SerialQueue(...at) };
  };
  const [rx, tx] = [queue(), queue()];
  const driver = new UartDriver(kernel, mmio, IRQ, { ch: RX, queue: rx.ours }, { ch: TX, queue: tx.ours });
  /** Time passes, and interrupts are delivered until none is left. */
  const run = () => {
    uart.poll();
    for (let i = 0; pending.irq; i++) {
      expect(i).toBeLessThan(10);
      pending.irq = false;
      driver.notified(IRQ);
      uart.poll();
    }
  };
  driver.init();
  const type = (...bytes: number[]) => {
    wire.incoming.push(...bytes);
    run();
  };
  const notified = (ch: number) => {
    driver.notified(ch);
    run();
  };
  const enabled = () => uart.read32(UCR1) & (RRDY | TRDY);
  return { uart, wire, kernel, written, rx: rx.theirs, rxOurs: rx.ours, tx: tx.theirs, type, notified, run, enabled };
}

test('brings the UART up: on, 8 bits, 1 stop, no parity, triggers 1 and 2, one interrupt, 115200 baud', () => {
  const { uart, written } = setup();
  expect([UCR1, 0x84, 0x90, 0xa4, 0xa8].map((at) => uart.read32(at))).toEqual([0x201, 0x27, 0xa01, 15, 104]);
  expect(written.map(([at]) => at)).toEqual([UCR1, 0x84, 0x90, 0xa4, 0xa8, 0x84, 0x90, UCR1]);
});

test('takes over from a boot loader that left parity, escape detection, ageing and two stop bits on', () => {
  const { uart, kernel } = setup();
  uart.write32(0x84, 0xffff);
  uart.write32(0x90, 0xffff);
  const { rx, tx } = setup();
  new UartDriver(kernel, uart, IRQ, { ch: RX, queue: rx }, { ch: TX, queue: tx }).init();
  expect([0x84, 0x90].map((at) => uart.read32(at))).toEqual([0xffff & ~0x8948, 0xa01 | 0x40]);
});

test('a key reaches the queue and the virtualiser is told once', () => {
  const { kernel, rx, type } = setup();
  type(0x41);
  expect([[...rx.read()], kernel.taken(), kernel.acks]).toEqual([[0x41], [RX], [IRQ]]);
});

test('output reaches the wire in order; the virtualiser hears of it only if it asked', () => {
  const { kernel, wire, tx, notified } = setup();
  tx.takeProducerSignal();
  tx.write(Uint8Array.from(Array(50).keys()));
  notified(TX);
  expect([wire.sent, kernel.taken()]).toEqual([[...Array(50).keys()], []]);
  tx.requestProducerSignal();
  notified(TX);
  expect(kernel.taken()).toEqual([]);
  tx.write(Uint8Array.of(1));
  notified(TX);
  expect(kernel.taken()).toEqual([TX]);
});

test('a wire without room stops output until the transmit interrupt, and the interrupt is off again when all is sent', () => {
  const { wire, kernel, tx, notified, run, enabled } = setup(0);
  tx.write(Uint8Array.from(Array(64).keys()));
  notified(TX);
  expect([tx.length, enabled()]).toEqual([32, RRDY | TRDY]);
  const acks = kernel.acks.length;
  for (let i = 0; i < 64; i++) {
    wire.room = 1;
    run();
  }
  expect([wire.sent, tx.length, enabled()]).toEqual([[...Array(64).keys()], 0, RRDY]);
  expect(kernel.acks.length).toBeGreaterThan(acks);
});

test('with the queue full, keys wait on the line with the interrupt off, and come when there is room', () => {
  const { wire, kernel, rx, type, notified, enabled } = setup();
  rx.takeProducerSignal();
  const typed = Array.from({ length: 1000 }, (_, i) => i & 0xff);
  type(...typed);
  expect([rx.length, enabled(), wire.incoming.length]).toEqual([64, 0, 1000 - 64 - 32]);
  const got: number[] = [];
  while (got.length < 1000) {
    kernel.taken();
    got.push(...rx.read(30));
    const asked = rx.takeProducerSignal();
    if (asked) notified(RX);
    else break;
  }
  got.push(...rx.read());
  expect(got).toEqual(typed);
  expect([enabled(), rx.takeProducerSignal()]).toEqual([RRDY, false]);
});

test('with the receive queue full, output still goes through and the interrupt ends', () => {
  const { wire, rx, tx, type, notified, run, enabled } = setup(0);
  type(...Array(200).fill(7));
  expect(rx.length).toBe(64);
  tx.write(Uint8Array.from(Array(64).keys()));
  notified(TX);
  wire.room = 1000;
  run();
  expect([wire.sent, enabled(), rx.length]).toEqual([[...Array(64).keys()], 0, 64]);
});

test('room that came just before the driver asked for a signal is used', () => {
  const { rx, rxOurs, type, enabled } = setup();
  const request = rxOurs.requestProducerSignal.bind(rxOurs);
  const got: number[] = [];
  rxOurs.requestProducerSignal = () => {
    got.push(...rx.read());
    request();
  };
  type(...Array(100).keys());
  got.push(...rx.read());
  expect([got, enabled()]).toEqual([[...Array(100).keys()], RRDY]);
});

test.each([
  [0x400, 'framing'],
  [0x8000, 'parity'],
  [0x8400, 'framing and parity'],
])('error bits 0x%x (%s) are logged once, cleared, and cost no byte', (errors) => {
  const { wire, kernel, rx, type, written } = setup();
  wire.errors = errors | 0x800;
  type(0x41);
  const status = 0x2000 | errors | 0x800;
  expect(kernel.printed).toBe(`UART|ERROR: Uart device encountered an error with status register ${status}\n`);
  expect([wire.errors, [...rx.read()], written.filter(([at]) => at === USR1)]).toEqual([
    0x800,
    [0x41],
    [[USR1, errors]],
  ]);
});

test('another channel, or an interrupt that nobody raised, does nothing', () => {
  const { kernel, notified } = setup();
  notified(9);
  expect([kernel.acks, kernel.taken()]).toEqual([[], []]);
  notified(IRQ);
  expect([kernel.acks, kernel.taken()]).toEqual([[IRQ], []]);
});

test('nothing is left when everything is through', () => {
  const { uart, wire, rx, tx, type, notified, run, enabled } = setup(5);
  const sent: number[] = [];
  let got = 0;
  for (let round = 0; round < 20; round++) {
    type(...Array(40).fill(round));
    got += rx.read().length;
    if (rx.takeProducerSignal()) notified(RX);
    const bytes = Array(30).fill(round);
    sent.push(...bytes.slice(0, tx.write(Uint8Array.from(bytes))));
    notified(TX);
    wire.room += 31;
    run();
  }
  wire.room = 1e6;
  run();
  got += rx.read().length;
  expect([got, enabled(), uart.read32(USR1) & RRDY, tx.length]).toEqual([800, RRDY, 0, 0]);
  expect(wire.sent).toEqual(sent);
});
