import { describe, expect, test } from 'vitest';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { NET_COUNTERS_REGION_SIZE, NetCounters, readNetCounters } from '../../src/protocol/net_counters';
import { NET_QUEUE_REGION_SIZE, netReceiver, netSender } from '../../src/protocol/net_queue';
import { region } from '../../src/protocol/region';
import { justBefore } from '../../src/protocol/testing/just_before';
import { parseMacs } from './mac';
import { NetVirtRx } from './virt';

const DRIVER = 0;
const PADDR = 0x5fef_0000;
const BROADCAST = [255, 255, 255, 255, 255, 255];
const mac = (last: number) => [0x52, 0x54, 1, 0, 0, last];

function setup(clientCount = 2) {
  const kernel = new FakeKernel();
  const rings = () => [region('free', NET_QUEUE_REGION_SIZE), region('active', NET_QUEUE_REGION_SIZE)] as const;
  const data = region('data', 0x10_0000, PADDR);
  const metadata = region('metadata', 0x1000);
  const counted = region('counters', NET_COUNTERS_REGION_SIZE);
  const atDriver = rings();
  const driver = netSender(...atDriver);
  const names = Array.from({ length: clientCount }, (_, i) => ({
    name: `client_${i}`,
    mac: `52:54:01:00:00:0${i + 1}`,
  }));
  const at = names.map(rings);
  const clients = at.map((pair) => netReceiver(...pair));
  const virt = new NetVirtRx(
    kernel,
    { ch: DRIVER, ...netReceiver(...atDriver) },
    parseMacs(names).map((address, i) => ({ name: names[i]!.name, mac: address, ch: i + 1, ...netSender(...at[i]!) })),
    { data, metadata },
    new NetCounters(counted),
  );
  virt.init();
  const refs = (buffer: number) => metadata.view.getUint32(4 * buffer, true);
  const counters = () => {
    const all = Object.entries(readNetCounters(counted));
    return Object.fromEntries(all.filter(([, n]) => n > 0));
  };
  /** The driver passes a frame on in its next buffer. */
  const receive = (destination: readonly number[], len = 60) => {
    const { io_or_offset } = driver.free.dequeue()!;
    data.bytes.set(destination, io_or_offset - PADDR);
    driver.active.enqueue({ io_or_offset, len });
    return io_or_offset - PADDR;
  };
  const free = () => driver.free.length;
  return { kernel, virt, data, driver, clients, at, atDriver, refs, counters, receive, free };
}

test('at first all 512 buffers are the driver’s, by physical address, and it is told', () => {
  const { driver, kernel } = setup();
  const buffers = Array.from({ length: 512 }, () => driver.free.dequeue());
  expect(buffers).toEqual(Array.from({ length: 512 }, (_, i) => ({ io_or_offset: PADDR + 2048 * i, len: 0 })));
  expect([driver.free.empty, kernel.taken()]).toEqual([true, [DRIVER]]);
});

test('a frame goes to the client with its address, and its buffer comes back to the driver', () => {
  const { virt, kernel, driver, clients, refs, receive, counters, free } = setup();
  driver.free.requestSignal();
  kernel.taken();
  const offset = receive(mac(2), 1514);
  virt.notified();
  expect([clients[0]!.active.empty, refs(0), kernel.taken()]).toEqual([true, 1, [2]]);
  expect(clients[1]!.active.dequeue()).toEqual({ io_or_offset: offset, len: 1514 });
  expect(free()).toBe(511);
  clients[1]!.free.enqueue({ io_or_offset: offset, len: 1514 });
  virt.notified();
  expect([refs(0), free(), kernel.taken(), counters()]).toEqual([0, 512, [DRIVER], { frames: 1 }]);
  for (let i = 1; i < 512; i++) driver.free.dequeue();
  expect(driver.free.dequeue()).toEqual({ io_or_offset: PADDR, len: 0 });
});

test('one of whose copies of a broadcast is lost here on request: the other has it, and its buffer comes back from that one', () => {
  const { virt, clients, refs, receive, counters, free } = setup();
  virt.faults.set([{ id: 1, fault: { on: 'hop', what: 'lost', domain: 'test', at: 2 } }]);
  const shared = receive(BROADCAST);
  virt.notified();
  expect([clients[0]!.active.length, clients[1]!.active.length, refs(shared / 2048)]).toEqual([1, 0, 1]);
  expect(counters()).toEqual({ frames: 1, injected: 1 });
  clients[0]!.free.enqueue({ io_or_offset: shared, len: 0 });
  virt.notified();
  expect(free()).toBe(512);
});

test('a broadcast goes to all, and its buffer back when the last has returned it', () => {
  const { virt, clients, refs, receive, counters, free } = setup(3);
  const offset = receive(BROADCAST);
  virt.notified();
  expect([refs(0), ...clients.map(({ active }) => active.dequeue()?.io_or_offset)]).toEqual([3, 0, 0, 0]);
  for (const [i, left] of [2, 1, 0].entries()) {
    clients[i]!.free.enqueue({ io_or_offset: offset, len: 0 });
    virt.notified();
    expect([refs(0), free()]).toEqual([left, left > 0 ? 511 : 512]);
  }
  expect(counters()).toEqual({ frames: 3 });
});

test.each([
  ['another station', mac(9)],
  ['a multicast group of IPv4', [1, 0, 0x5e, 0, 0, 1]],
  ['a multicast group of IPv6', [0x33, 0x33, 0, 0, 0, 1]],
  ['all but one bit of the broadcast', [255, 255, 255, 255, 255, 254]],
])('a frame to %s goes straight back', (_, destination) => {
  const { virt, kernel, driver, clients, receive, counters, free } = setup();
  driver.free.requestSignal();
  kernel.taken();
  receive(destination);
  virt.notified();
  expect([clients[0]!.active.empty, clients[1]!.active.empty, free()]).toEqual([true, true, 512]);
  expect([kernel.taken(), counters()]).toEqual([[DRIVER], { no_client: 1 }]);
});

test.each([0, 13, 2049, 65_535])('a frame of %d bytes is dropped and its buffer reused', (len) => {
  const { virt, clients, receive, counters, free } = setup();
  receive(mac(1), len);
  virt.notified();
  expect([clients[0]!.active.empty, free(), counters()]).toEqual([true, 512, { bad_length: 1 }]);
});

test.each([14, 2048])('a frame of %d bytes passes', (len) => {
  const { virt, clients, receive } = setup();
  receive(mac(1), len);
  virt.notified();
  expect(clients[0]!.active.dequeue()?.len).toBe(len);
});

describe('what came just before the virtualiser asked for a signal is not forgotten', () => {
  test('a frame', () => {
    const { virt, clients, receive } = setup();
    justBefore(virt.driver.active, () => receive(mac(1)));
    virt.notified();
    expect(clients[0]!.active.length).toBe(1);
  });

  test.each([0, 1])('a buffer of client %d', (client) => {
    const { virt, clients, receive, free } = setup();
    receive(mac(client + 1));
    virt.notified();
    justBefore(virt.clients[client]!.free, () => clients[client]!.free.enqueue({ io_or_offset: 0, len: 0 }));
    virt.notified();
    expect(free()).toBe(512);
  });
});

describe('the driver is not believed', () => {
  test.each([
    ['below the buffers', PADDR - 2048],
    ['above them', PADDR + 0x10_0000],
    ['inside one', PADDR + 1],
    ['that is an offset', 2048],
    ['that no number holds', 2 ** 53 - 1],
  ])('an address %s', (_, io_or_offset) => {
    const { virt, kernel, driver, clients, counters, free } = setup();
    for (let i = 0; i < 3; i++) driver.active.enqueue({ io_or_offset, len: 60 });
    virt.notified();
    expect([clients[0]!.active.empty, free(), counters()]).toEqual([true, 512, { driver_broken: 3 }]);
    const address = io_or_offset.toString(16);
    expect(kernel.printed).toBe(`VIRT_RX|LOG: Driver provided address ${address} which it was not given\n`);
  });

  test('a buffer that a client holds', () => {
    const { virt, driver, clients, receive, counters } = setup();
    const offset = receive(mac(1));
    virt.notified();
    driver.active.enqueue({ io_or_offset: PADDR + offset, len: 60 });
    virt.notified();
    expect([clients[0]!.active.length, counters()]).toEqual([1, { frames: 1, driver_broken: 1 }]);
  });

  test('impossible indices: said once, and nobody is in a loop', () => {
    const { virt, kernel, atDriver, clients } = setup();
    atDriver[1].view.setUint16(0, 600, true);
    for (let i = 0; i < 3; i++) virt.notified();
    expect(clients[0]!.active.empty).toBe(true);
    expect(kernel.printed).toBe('VIRT_RX|LOG: The driver broke its queues: nothing passes to it or from it\n');
  });
});

describe('a client is not believed', () => {
  test.each([
    ['inside a buffer', 1],
    ['beyond the buffers', 0x10_0000],
    ['that no number holds', 2 ** 53 - 1],
    ['of a buffer at the driver', 2048],
    ['of a buffer that another client holds', 0],
  ])('an offset %s: refused, counted and logged once, and its other buffers are taken', (_, io_or_offset) => {
    const { virt, kernel, clients, receive, refs, counters, free } = setup();
    receive(mac(1));
    const fillers = [receive(mac(9)), receive(mac(2))];
    virt.notified();
    for (let i = 0; i < 2; i++) clients[1]!.free.enqueue({ io_or_offset, len: 0 });
    clients[1]!.free.enqueue({ io_or_offset: fillers[1]!, len: 0 });
    virt.notified();
    expect([refs(0), refs(2), free()]).toEqual([1, 0, 511]);
    expect(counters()).toEqual({ frames: 2, no_client: 1, bad_buffer: 2 });
    const hex = io_or_offset.toString(16);
    expect(kernel.printed).toBe(`VIRT_RX|LOG: Client client_1 returned offset ${hex} which it does not hold\n`);
  });

  test('a buffer returned twice counts once: the broadcast stays with the other', () => {
    const { virt, clients, receive, refs, free } = setup();
    const offset = receive(BROADCAST);
    virt.notified();
    for (let i = 0; i < 2; i++) clients[0]!.free.enqueue({ io_or_offset: offset, len: 0 });
    virt.notified();
    expect([refs(0), free()]).toEqual([1, 511]);
  });

  test.each([0, 1])('impossible indices in its ring %d: its frames are dropped, the other client has all', (ring) => {
    const { virt, kernel, clients, at, receive, counters, free } = setup();
    at[1]![ring]!.view.setUint32(0, ring === 0 ? 600 : 600 << 16, true);
    virt.notified();
    for (const destination of [mac(2), mac(1), BROADCAST, mac(2)]) receive(destination);
    virt.notified();
    virt.notified();
    expect([clients[0]!.active.length, free()]).toEqual([2, 510]);
    expect(counters()).toEqual({ frames: 2, client_broken: 3 });
    expect(kernel.printed).toBe('VIRT_RX|LOG: client_1 broke its queues: nothing passes to it or from it\n');
  });
});

test('a client holds at most its share of the buffers', () => {
  const { virt, clients, receive, counters, free } = setup();
  for (let i = 0; i < 300; i++) receive(mac(1));
  virt.notified();
  expect([clients[0]!.active.length, free(), counters()]).toEqual([256, 256, { frames: 256, client_full: 44 }]);
  clients[0]!.free.enqueue({ io_or_offset: 0, len: 0 });
  virt.notified();
  receive(mac(1));
  virt.notified();
  expect(counters()).toEqual({ frames: 257, client_full: 44 });
});

test('one client alone may have all 512', () => {
  const { virt, clients, receive, free } = setup(1);
  for (let i = 0; i < 512; i++) receive(mac(1));
  virt.notified();
  expect([clients[0]!.active.length, free()]).toEqual([512, 0]);
});

test.each([
  [['52:54:01:00:00'], "a: '52:54:01:00:00' is no MAC address (aa:bb:cc:dd:ee:ff)"],
  [['52:54:01:00:00:0g'], "a: '52:54:01:00:00:0g' is no MAC address (aa:bb:cc:dd:ee:ff)"],
  [['53:54:01:00:00:01'], 'a: 53:54:01:00:00:01 is the address of a group, not of a station'],
  [['52:54:01:00:00:01', '52:54:01:00:00:01'], "b: 52:54:01:00:00:01 is another client's address already"],
])('addresses %j are refused', (macs, message) => {
  expect(() => parseMacs(macs.map((address, i) => ({ name: 'ab'[i]!, mac: address })))).toThrow(message);
});

test('addresses as numbers, in either case', () => {
  const macs = ['52:54:01:00:00:01', 'FE:ff:ff:ff:ff:ff'].map((address) => ({ name: address, mac: address }));
  expect(parseMacs(macs)).toEqual([0x5254_0100_0001, 0xfeff_ffff_ffff]);
});
