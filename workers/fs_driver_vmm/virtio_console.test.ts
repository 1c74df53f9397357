/** The monitor's console before a raw guest: [VIRTIO 1.2] 5.3, receiveq 0, transmitq 1. */
import { expect, test } from 'vitest';
import { Dma } from '../../src/hw/device';
import { Random } from '../../src/libmicrokit/random';
import { region } from '../../src/protocol/region';
import { CONSOLE, RAM, type RawGuest, RawQueue, rawGuest } from './testing/raw_guest';
import { type SerialPorts, VirtioConsoleDevice } from './virtio_console';

const RX = RAM + 0x10_0000;
const TX = RAM + 0x11_0000;
const DATA = RAM + 0x20_0000;
const WRITE = 2;
const CTRL_BACKSLASH = '\u001c';

function bringUp(raw: RawGuest): { rx: RawQueue; tx: RawQueue } {
  raw.enableInterrupts();
  const rx = raw.bringUp(CONSOLE, 0, RX);
  const tx = raw.bringUp(CONSOLE, 1, TX);
  raw.driverOk(CONSOLE);
  return { rx, tx };
}

const put = (raw: RawGuest, at: number, text: string) => raw.ram.bytes.set(new TextEncoder().encode(text), at - RAM);

test('the registers of a virtio-mmio console', async () => {
  const raw = await rawGuest();
  expect([0, 4, 8].map((offset) => raw.load32(CONSOLE + offset))).toEqual([0x7472_6976, 2, 3]);
  for (const [queue, max] of [
    [0, 128],
    [1, 128],
    [2, 0],
  ] as const) {
    raw.store32(CONSOLE + 0x30, queue);
    expect(raw.load32(CONSOLE + 0x34)).toBe(max);
  }
});

test('what the guest transmits reaches the terminal in the colour of client 1', async () => {
  const raw = await rawGuest();
  const { tx } = bringUp(raw);
  put(raw, DATA, 'hello, world\r\n');
  tx.chain(0, [
    { addr: DATA, len: 5 },
    { addr: DATA + 5, len: 0 },
    { addr: DATA + 5, len: 9 },
  ]);
  raw.kick('virq_console');
  expect(tx.used()).toEqual([[0, 0]]);
  expect(raw.takeStatus(0)).toBe(1);
  expect(raw.machine.screen()).toContain('\u001b[32mhello, world\r\n\u001b[0m');
});

test('more output than the serial queues hold waits in the guest, and arrives whole and in order', async () => {
  const raw = await rawGuest();
  const { tx } = bringUp(raw);
  const text = Array.from({ length: 4000 }, (_, i) => `line ${i}\n`).join('');
  put(raw, DATA, text);
  for (let at = 0, i = 0; at < text.length; at += 1000, i++) {
    tx.chain(i, [{ addr: DATA + at, len: Math.min(1000, text.length - at) }]);
  }
  raw.kick('virq_console');
  expect(tx.used()).toHaveLength(Math.ceil(text.length / 1000));
  expect(raw.machine.lines().join('\n')).toContain(text);
});

test('one transmit buffer of megabytes goes out in pieces', async () => {
  const raw = await rawGuest();
  const { tx } = bringUp(raw);
  raw.ram.bytes.fill(0x2e, DATA - RAM, DATA - RAM + 300_000);
  tx.chain(0, [{ addr: DATA, len: 300_000 }]);
  raw.kick('virq_console');
  expect(tx.used()).toEqual([[0, 0]]);
  expect(raw.machine.lines().join('').split('.')).toHaveLength(300_001 + 0);
});

test('keys wait while the guest has no buffers, then fill what it offers', async () => {
  const raw = await rawGuest();
  const { rx } = bringUp(raw);
  raw.machine.type(`${CTRL_BACKSLASH}1\rabcdefgh`);
  expect(rx.usedIndex).toBe(0);
  rx.chain(0, [{ addr: DATA, len: 3, flags: WRITE }]);
  rx.chain(1, [
    { addr: DATA + 10, len: 1, flags: WRITE },
    { addr: DATA + 20, len: 100, flags: WRITE },
  ]);
  raw.kick('virq_console');
  expect(rx.used()).toEqual([
    [0, 3],
    [1, 5],
  ]);
  expect([raw.text(DATA, 3), raw.text(DATA + 10, 1), raw.text(DATA + 20, 4)]).toEqual(['abc', 'd', 'efgh']);
});

test('a hundred thousand keys survive a guest that is slow to take them', async () => {
  const raw = await rawGuest();
  const { rx } = bringUp(raw);
  const keys = Array.from({ length: 100_000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join('');
  let got = '';
  let sent = 0;
  raw.machine.type(`${CTRL_BACKSLASH}1\r`);
  for (let round = 0; got.length < keys.length && round < 5000; round++) {
    if (sent < keys.length) {
      raw.machine.type(keys.slice(sent, sent + 5000));
      sent += 5000;
    }
    rx.chain(round % 100, [{ addr: DATA, len: 4000, flags: WRITE }]);
    raw.kick('virq_console');
    for (const [, length] of rx.used()) got += raw.text(DATA, length);
  }
  expect(got).toBe(keys);
});

test.each([1, 2, 3])(
  'a guest that writes anything into the rings is told NEEDS_RESET at worst (seed %d)',
  async (seed) => {
    const raw = await rawGuest({ seed });
    const random = new Random(seed);
    for (let round = 0; round < 300; round++) {
      const queues = bringUp(raw);
      for (let i = 0; i < 20; i++) {
        const queue = random.below(2) === 0 ? queues.rx : queues.tx;
        const addr = random.below(4) === 0 ? random.next() : RAM + random.below(0x800_0000);
        queue.set(random.below(128), {
          addr,
          len: random.below(3000),
          flags: random.below(8),
          next: random.below(130),
        });
        if (random.below(2) === 0) queue.offer(random.below(130));
        if (random.below(40) === 0) queue.setAvail(random.next() & 0xffff);
      }
      raw.kick('virq_console');
    }
    const { tx } = bringUp(raw);
    put(raw, DATA, 'still alive');
    tx.chain(0, [{ addr: DATA, len: 11 }]);
    raw.kick('virq_console');
    expect(raw.machine.lines().join('\n')).toContain('still alive');
  },
);

test('taking keys makes room for those that waited before the serial queue', async () => {
  const raw = await rawGuest();
  const { rx } = bringUp(raw);
  raw.machine.type(`${CTRL_BACKSLASH}1\r`);
  // More than the queues between the line and the guest hold.
  for (let i = 0; i < 5; i++) raw.machine.type('k'.repeat(50_000));
  let got = 0;
  for (let round = 0; round < 200; round++) {
    rx.chain(0, [{ addr: DATA, len: 4000, flags: WRITE }]);
    raw.kick('virq_console');
    for (const [, length] of rx.used()) got += length;
  }
  expect(got).toBeGreaterThan(130_000);
});

test('room that appears just before the monitor asks to be told of it is used', () => {
  const ram = region('ram', 0x10_0000);
  let room = 3;
  let text = '';
  const tx = {
    write(bytes: Uint8Array): number {
      const n = Math.min(room, bytes.length);
      room -= n;
      text += new TextDecoder().decode(bytes.slice(0, n));
      return n;
    },
    requestProducerSignal: () => void (room = 100),
  };
  const serial = { tx, rx: { length: 0 }, notifyRx() {}, notifyTx() {} } as unknown as SerialPorts;
  const word = { load: () => 0, or() {}, clear() {} };
  const dma = new Dma([{ paddr: RAM, bytes: ram.bytes }]);
  const { mmio } = new VirtioConsoleDevice(serial, dma, { level() {} }, word);
  const queue = new RawQueue(ram, RAM);
  for (const [register, value] of [
    [0x70, 3],
    [0x30, 1],
    [0x38, 128],
    [0x80, queue.desc],
    [0x90, queue.driver],
    [0xa0, queue.device],
    [0x44, 1],
    [0x70, 15],
  ] as const) {
    mmio.write32(register, value);
  }
  ram.bytes.set(new TextEncoder().encode('seven!!'), 0x8000);
  queue.chain(0, [{ addr: RAM + 0x8000, len: 7 }]);
  mmio.write32(0x50, 1);
  expect(text).toBe('seven!!');
  expect(queue.used()).toEqual([[0, 0]]);
});
