import { expect, test } from 'vitest';
import { Pl011 } from '../../src/hw/pl011';
import { Irq } from '../../src/libmicrokit/irq';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { region } from '../../src/protocol/region';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { UartDriver } from './driver';

const IRQ = 0;
const RX = 1;
const TX = 2;
const IMSC = 0x38;
const ICR = 0x44;

/** The driver on the real model, with queues of 64 bytes and a wire. */
function setup(room = Number.POSITIVE_INFINITY) {
  const wire = { room, sent: [] as number[], incoming: [] as number[] };
  const kernel = new FakeKernel();
  const pending = { irq: false };
  const irq = new Irq('level', () => void (pending.irq = true));
  kernel.irqAck = (ch) => {
    kernel.acks.push(ch);
    irq.ack();
  };
  const uart = new Pl011(
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
  const written: number[] = [];
  const mmio = {
    read32: (offset: number) => uart.read32(offset),
    write32(offset: number, value: number) {
      written.push(offset);
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
  return { uart, wire, kernel, written, rx: rx.theirs, rxOurs: rx.ours, tx: tx.theirs, type, notified, run, pending };
}

test('brings the UART up: 8 bits, FIFOs, lowest triggers, three interrupts, 115200 baud from 24 MHz', () => {
  const { uart } = setup();
  expect([0x24, 0x28, 0x2c, 0x34, 0x38, 0x30].map((at) => uart.read32(at))).toEqual([13, 1, 0x70, 0, 0x70, 0x301]);
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
  const { uart, wire, kernel, tx, notified, run } = setup(0);
  tx.write(Uint8Array.from(Array(64).keys()));
  notified(TX);
  expect([tx.length, uart.read32(IMSC) & 0x20]).toEqual([48, 0x20]);
  const acks = kernel.acks.length;
  for (let i = 0; i < 8; i++) {
    wire.room = 9;
    run();
  }
  expect([wire.sent, tx.length, uart.read32(IMSC) & 0x20]).toEqual([[...Array(64).keys()], 0, 0]);
  expect(kernel.acks.length).toBeGreaterThan(acks);
});

test('with the queue full, keys wait on the line with the interrupt masked, and come when there is room', () => {
  const { uart, wire, kernel, rx, type, notified } = setup();
  rx.takeProducerSignal();
  const typed = Array.from({ length: 1000 }, (_, i) => i & 0xff);
  type(...typed);
  expect([rx.length, uart.read32(IMSC) & 0x50, wire.incoming.length]).toEqual([64, 0, 1000 - 64 - 16]);
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
  expect([uart.read32(IMSC) & 0x50, rx.takeProducerSignal()]).toEqual([0x50, false]);
});

test('room that came just before the driver asked for a signal is used', () => {
  const { uart, rx, rxOurs, type } = setup();
  const request = rxOurs.requestProducerSignal.bind(rxOurs);
  const got: number[] = [];
  rxOurs.requestProducerSignal = () => {
    got.push(...rx.read());
    request();
  };
  type(...Array(100).keys());
  got.push(...rx.read());
  expect([got, uart.read32(IMSC) & 0x50]).toEqual([[...Array(100).keys()], 0x50]);
});

test('never writes UARTICR, and no interrupt is left when everything is through', () => {
  const { uart, wire, written, rx, tx, type, notified, run } = setup(5);
  for (let round = 0; round < 20; round++) {
    type(...Array(40).fill(round));
    rx.read();
    if (rx.takeProducerSignal()) notified(RX);
    tx.write(new Uint8Array(30));
    notified(TX);
    wire.room += 31;
    run();
  }
  wire.room = 1e6;
  run();
  expect([written.includes(ICR), uart.read32(0x40), tx.length]).toEqual([false, 0, 0]);
});
