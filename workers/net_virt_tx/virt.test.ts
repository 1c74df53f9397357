import { describe, expect, test } from 'vitest';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { NET_COUNTERS_REGION_SIZE, NetCounters, readNetCounters } from '../../src/protocol/net_counters';
import { NET_QUEUE_REGION_SIZE, netReceiver, netSender } from '../../src/protocol/net_queue';
import { region } from '../../src/protocol/region';
import { justBefore } from '../../src/protocol/testing/just_before';
import { NetVirtTx } from './virt';

const DRIVER = 0;
const PADDR = 0x5fdf_0000;
const paddrOf = (client: number) => PADDR - client * 0x10_0000;

function setup(clientCount = 2) {
  const kernel = new FakeKernel();
  const rings = () => [region('free', NET_QUEUE_REGION_SIZE), region('active', NET_QUEUE_REGION_SIZE)] as const;
  const counted = region('counters', NET_COUNTERS_REGION_SIZE);
  const atDriver = rings();
  const at = Array.from({ length: clientCount }, rings);
  const virt = new NetVirtTx(
    kernel,
    { ch: DRIVER, ...netSender(...atDriver) },
    at.map((pair, i) => ({
      name: `client_${i}`,
      ch: i + 1,
      data: region(`data_${i}`, 0x10_0000, paddrOf(i)),
      ...netReceiver(...pair),
    })),
    new NetCounters(counted),
  );
  const driver = netReceiver(...atDriver);
  const clients = at.map((pair) => netSender(...pair));
  for (const { free } of clients) free.fill(0);
  virt.init();
  kernel.taken();
  const counters = () => Object.fromEntries(Object.entries(readNetCounters(counted)).filter(([, n]) => n > 0));
  /** The client takes its next buffer and sends it. */
  const send = (client: number, len = 60) => {
    const { io_or_offset } = clients[client]!.free.dequeue()!;
    clients[client]!.active.enqueue({ io_or_offset, len });
  };
  /** The driver sends the next frame, and returns its buffer. */
  const transmit = () => {
    const frame = driver.active.dequeue();
    if (frame) driver.free.enqueue({ io_or_offset: frame.io_or_offset, len: 0 });
    return frame;
  };
  return { kernel, virt, driver, clients, at, atDriver, counters, send, transmit };
}

test('a frame goes to the driver by its physical address, and its buffer back to the client by its offset', () => {
  const { virt, kernel, clients, send, transmit, counters } = setup();
  send(0);
  send(0, 1514);
  send(1, 2048);
  virt.notified();
  expect(kernel.taken()).toEqual([DRIVER]);
  const sent = [transmit(), transmit(), transmit(), transmit()];
  expect(sent).toContainEqual({ io_or_offset: paddrOf(0), len: 60 });
  expect(sent).toContainEqual({ io_or_offset: paddrOf(0) + 2048, len: 1514 });
  expect(sent).toContainEqual({ io_or_offset: paddrOf(1), len: 2048 });
  expect(sent[3]).toBeUndefined();
  for (const { free } of clients) free.requestSignal();
  virt.notified();
  expect([kernel.taken(), clients[0]!.free.length, clients[1]!.free.length]).toEqual([[1, 2], 512, 512]);
  for (let i = 1; i < 512; i++) clients[1]!.free.dequeue();
  expect([clients[1]!.free.dequeue(), counters()]).toEqual([{ io_or_offset: 0, len: 0 }, { frames: 3 }]);
});

test('a frame that is lost here on request: its buffer goes back at once, and later frames pass', () => {
  const { kernel, virt, driver, clients, counters, send } = setup();
  virt.faults.set([{ id: 1, fault: { on: 'hop', what: 'lost', domain: 'test' } }]);
  clients[0]!.free.requestSignal();
  send(0);
  virt.notified();
  expect([driver.active.length, clients[0]!.free.length, kernel.taken()]).toEqual([0, 512, [1]]);
  send(0);
  virt.notified();
  expect([driver.active.length, clients[0]!.free.length, counters()]).toEqual([1, 511, { frames: 1, injected: 1 }]);
});

test('with nothing sent nobody is told anything', () => {
  const { virt, kernel } = setup();
  for (let i = 0; i < 3; i++) virt.notified();
  expect(kernel.taken()).toEqual([]);
});

describe('a client is not believed', () => {
  const WORDS = 'which is not buffer aligned or outside of buffer region';
  test.each([
    ['inside a buffer', 0x801, 60, `Client provided offset 801 ${WORDS}`, 'bad_buffer'],
    ['beyond its buffers', 0x10_0000, 60, `Client provided offset 100000 ${WORDS}`, 'bad_buffer'],
    ['that no number holds', 2 ** 53 - 1, 60, `Client provided offset 1fffffffffffff ${WORDS}`, 'bad_buffer'],
    ['of an empty frame', 0, 0, 'Client provided length 0 which is not between 1 and 2048', 'bad_length'],
    ['of more than a buffer', 0, 2049, 'Client provided length 2049 which is not between 1 and 2048', 'bad_length'],
    ['of far more', 0, 65_535, 'Client provided length 65535 which is not between 1 and 2048', 'bad_length'],
  ])('an offset %s: given back, logged once, and what follows passes', (_, io_or_offset, len, line, counter) => {
    const { virt, kernel, driver, clients, counters } = setup();
    const { free, active } = clients[1]!;
    for (let i = 0; i < 4; i++) free.dequeue();
    for (let i = 0; i < 3; i++) active.enqueue({ io_or_offset, len });
    active.enqueue({ io_or_offset: 0x800, len: 60 });
    free.requestSignal();
    virt.notified();
    expect([driver.active.dequeue(), driver.active.empty]).toEqual([
      { io_or_offset: paddrOf(1) + 0x800, len: 60 },
      true,
    ]);
    expect([kernel.printed, kernel.taken()]).toEqual([`VIRT_TX|LOG: ${line}\n`, [DRIVER, 2]]);
    for (let i = 4; i < 512; i++) free.dequeue();
    expect([free.dequeue(), free.length]).toEqual([{ io_or_offset, len }, 2]);
    expect(counters()).toEqual({ frames: 1, [counter]: 3 });
  });

  test('a buffer that is with the driver already is sent once and comes back once', () => {
    const { virt, kernel, driver, clients, send, transmit, counters } = setup();
    send(0);
    clients[0]!.active.enqueue({ io_or_offset: 0, len: 70 });
    virt.notified();
    expect([driver.active.length, clients[0]!.free.length]).toEqual([1, 511]);
    expect(kernel.printed).toBe('VIRT_TX|LOG: Client provided offset 0 which is with the driver already\n');
    transmit();
    virt.notified();
    expect([clients[0]!.free.length, counters()]).toEqual([512, { frames: 1, bad_buffer: 1 }]);
  });

  test('one that puts more buffers into circulation than it has does without them', () => {
    const { virt, clients, counters } = setup();
    clients[0]!.active.enqueue({ io_or_offset: 3, len: 60 });
    virt.notified();
    expect([clients[0]!.free.length, counters()]).toEqual([512, { bad_buffer: 1, client_full: 1 }]);
  });

  test.each([0, 1])('impossible indices in its ring %d: said once, and the other client sends on', (ring) => {
    const { virt, kernel, driver, at, send, transmit } = setup();
    send(1);
    virt.notified();
    at[1]![ring]!.view.setUint32(0, ring === 0 ? 600 << 16 : 600, true);
    transmit();
    send(0);
    for (let i = 0; i < 3; i++) virt.notified();
    expect(driver.active.dequeue()).toEqual({ io_or_offset: paddrOf(0), len: 60 });
    expect(kernel.printed).toBe('VIRT_TX|LOG: client_1 broke its queues: nothing passes to it or from it\n');
  });
});

describe('what came just before the virtualiser asked for a signal is not forgotten', () => {
  test.each([0, 1])('a frame of client %d', (client) => {
    const { virt, driver, send } = setup();
    justBefore(virt.clients[client]!.active, () => send(client));
    virt.notified();
    expect(driver.active.length).toBe(1);
  });

  test('a buffer', () => {
    const { virt, clients, send, transmit } = setup();
    send(0);
    virt.notified();
    justBefore(virt.driver.free, transmit);
    virt.notified();
    expect(clients[0]!.free.length).toBe(512);
  });
});

describe('the driver is not believed', () => {
  test.each([
    ['of a buffer it was not given', paddrOf(0) + 2048],
    ['inside a buffer', paddrOf(0) + 1],
    ['of nobody', 0],
    ['that no number holds', 2 ** 53 - 1],
  ])('an address %s', (_, io_or_offset) => {
    const { virt, kernel, driver, clients, send, counters } = setup();
    send(0);
    virt.notified();
    for (let i = 0; i < 2; i++) driver.free.enqueue({ io_or_offset, len: 0 });
    virt.notified();
    expect([clients[0]!.free.length, clients[1]!.free.length]).toEqual([511, 512]);
    const address = io_or_offset.toString(16);
    expect(kernel.printed).toBe(`VIRT_TX|LOG: Driver returned address ${address} which it was not given\n`);
    expect(counters()).toEqual({ frames: 1, driver_broken: 2 });
  });

  test('a buffer returned twice comes back once', () => {
    const { virt, driver, clients, send, transmit } = setup();
    send(0);
    virt.notified();
    const { io_or_offset } = transmit()!;
    driver.free.enqueue({ io_or_offset, len: 0 });
    virt.notified();
    expect(clients[0]!.free.length).toBe(512);
  });

  test('impossible indices: said once; the frames stay where they are', () => {
    const { virt, kernel, clients, atDriver, send } = setup();
    atDriver[1].view.setUint16(2, 600, true);
    send(0);
    for (let i = 0; i < 3; i++) virt.notified();
    expect(clients[0]!.active.length).toBe(1);
    expect(kernel.printed).toBe('VIRT_TX|LOG: The driver broke its queues: nothing passes to it or from it\n');
  });
});

test('what the driver has no room for waits with its client, and none is left out when room comes', () => {
  const { virt, kernel, driver, clients, send, transmit, counters } = setup(3);
  for (const client of [0, 1, 2]) for (let i = 0; i < 400; i++) send(client);
  virt.notified();
  expect([driver.active.length, counters()]).toEqual([512, { frames: 512 }]);
  const before = clients.map(({ active }) => active.length);
  expect(before.reduce((a, b) => a + b)).toBe(1200 - 512);
  // Nobody is woken for the rest: clients 0 and 1 have both been turned away.
  expect(clients.filter(({ active }) => active.empty || active.requireSignal())).toHaveLength(
    before.filter((n) => n === 0).length,
  );
  for (let i = 0; i < 3 * 20; i++) {
    for (let n = 0; n < 5; n++) transmit();
    kernel.taken();
    virt.notified();
    expect(driver.active.length).toBe(512);
  }
  const after = clients.map(({ active }) => active.length);
  for (const [i, n] of before.entries()) if (n > 100) expect(n - after[i]!).toBeGreaterThan(60);
  while (transmit()) virt.notified();
  expect(clients.map(({ active, free }) => [active.length, free.length])).toEqual([1, 2, 3].map(() => [0, 512]));
  expect(counters()).toEqual({ frames: 1200 });
});

test('a driver that takes frames and returns no buffer has 512 at most: there is room for all of them on the way back', () => {
  const { virt, driver, clients, send } = setup();
  for (const client of [0, 1]) for (let i = 0; i < 300; i++) send(client);
  const taken: number[] = [];
  for (let i = 0; i < 3; i++) {
    virt.notified();
    driver.active.drain(({ io_or_offset }) => taken.push(io_or_offset));
  }
  expect([taken.length, clients[0]!.active.length + clients[1]!.active.length]).toEqual([512, 88]);
  for (const io_or_offset of taken) expect(driver.free.enqueue({ io_or_offset, len: 0 })).toBe(true);
  virt.notified();
  expect([driver.active.length, clients[0]!.active.length + clients[1]!.active.length]).toEqual([88, 0]);
});
