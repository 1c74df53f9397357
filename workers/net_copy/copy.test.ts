import { describe, expect, test } from 'vitest';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { NET_COUNTERS_REGION_SIZE, NetCounters, readNetCounters } from '../../src/protocol/net_counters';
import { NET_QUEUE_REGION_SIZE, netReceiver, netSender } from '../../src/protocol/net_queue';
import { region } from '../../src/protocol/region';
import { justBefore } from '../../src/protocol/testing/just_before';
import { NetCopy } from './copy';

const VIRT = 0;
const CLIENT = 1;

function setup() {
  const kernel = new FakeKernel();
  const rings = () => [region('free', NET_QUEUE_REGION_SIZE), region('active', NET_QUEUE_REGION_SIZE)] as const;
  const [atVirt, atClient] = [rings(), rings()];
  const [deviceData, clientData] = [region('device', 0x10_0000), region('client', 0x10_0000)];
  const counted = region('counters', NET_COUNTERS_REGION_SIZE);
  const [virt, client] = [netSender(...atVirt), netReceiver(...atClient)];
  const copier = new NetCopy(
    kernel,
    { ch: VIRT, data: deviceData, ...netReceiver(...atVirt) },
    { ch: CLIENT, data: clientData, ...netSender(...atClient) },
    new NetCounters(counted),
  );
  copier.init();
  const counters = () => Object.fromEntries(Object.entries(readNetCounters(counted)).filter(([, n]) => n > 0));
  const give = (buffer: number, len = 60) => {
    deviceData.bytes.fill(buffer + 1, 2048 * buffer, 2048 * (buffer + 1));
    virt.active.enqueue({ io_or_offset: 2048 * buffer, len });
  };
  const clientWanted = () => atClient[0].view.getUint32(4, true) === 0;
  return { kernel, copier, virt, client, deviceData, clientData, atVirt, atClient, counters, give, clientWanted };
}

test('a frame is copied, the client gets it in its own buffer and the virtualiser its buffer back', () => {
  const { kernel, copier, virt, client, clientData, counters, give } = setup();
  give(7, 1514);
  give(3, 1);
  copier.notified();
  expect([client.active.dequeue(), client.active.dequeue(), client.active.empty]).toEqual([
    { io_or_offset: 0, len: 1514 },
    { io_or_offset: 2048, len: 1 },
    true,
  ]);
  expect([clientData.bytes[0], clientData.bytes[1513], clientData.bytes[1514]]).toEqual([8, 8, 0]);
  expect([clientData.bytes[2048], clientData.bytes[2049]]).toEqual([4, 0]);
  expect([virt.free.dequeue()?.io_or_offset, virt.free.dequeue()?.io_or_offset]).toEqual([7 * 2048, 3 * 2048]);
  expect([kernel.taken(), counters()]).toEqual([[CLIENT, VIRT], { frames: 2 }]);
});

test('without a buffer of the client’s, frames wait; only then does the copier want to know of returned ones', () => {
  const { kernel, copier, virt, client, counters, give, clientWanted } = setup();
  expect(clientWanted()).toBe(false);
  for (let i = 0; i < 512; i++) give(i);
  copier.notified();
  expect([client.active.length, clientWanted()]).toEqual([512, false]);
  for (let i = 0; i < 512; i++) virt.free.dequeue();
  for (let i = 0; i < 3; i++) give(i);
  kernel.taken();
  copier.notified();
  expect([virt.active.length, virt.free.empty, clientWanted(), kernel.taken()]).toEqual([3, true, true, []]);
  for (let i = 0; i < 2; i++) client.free.enqueue({ io_or_offset: client.active.dequeue()!.io_or_offset, len: 0 });
  copier.notified();
  expect([virt.active.length, virt.free.length, clientWanted()]).toEqual([1, 2, true]);
  client.free.enqueue({ io_or_offset: client.active.dequeue()!.io_or_offset, len: 0 });
  copier.notified();
  expect([virt.active.length, clientWanted(), counters()]).toEqual([0, false, { frames: 515 }]);
});

test('a buffer that came just before the copier asked for a signal is used', () => {
  const { copier, virt, client, give } = setup();
  for (let i = 0; i < 512; i++) give(i);
  copier.notified();
  give(0);
  justBefore(copier.client.free, () => {
    client.free.enqueue({ io_or_offset: client.active.dequeue()!.io_or_offset, len: 0 });
  });
  copier.notified();
  expect(virt.active.empty).toBe(true);
});

test('a frame that came just before the copier asked for a signal is copied', () => {
  const { copier, client, give } = setup();
  justBefore(copier.virt.active, () => give(0));
  copier.notified();
  expect(client.active.length).toBe(1);
});

describe('the client is not believed', () => {
  test('offsets that are no buffers are lost and logged once, in upstream’s words', () => {
    const { kernel, copier, client, counters, give } = setup();
    for (let i = 0; i < 512; i++) give(i);
    copier.notified();
    for (const io_or_offset of [1, 0x10_0000, 2 ** 53 - 1, 2048]) client.free.enqueue({ io_or_offset, len: 0 });
    for (let i = 0; i < 512; i++) client.active.dequeue();
    give(0);
    copier.notified();
    expect(client.active.dequeue()).toEqual({ io_or_offset: 2048, len: 60 });
    expect(kernel.printed).toBe(
      'COPY|LOG: Client provided offset 1 which is not buffer aligned or outside of buffer region\n',
    );
    expect(counters()).toEqual({ frames: 513, bad_buffer: 3 });
  });

  test('one that offers a buffer more than once and reads nothing gets what its ring holds; the rest is dropped', () => {
    const { copier, virt, client, counters, give } = setup();
    for (let i = 0; i < 512; i++) give(i);
    copier.notified();
    for (let i = 0; i < 512; i++) virt.free.dequeue();
    for (let i = 0; i < 20; i++) client.free.enqueue({ io_or_offset: 0, len: 0 });
    for (let i = 0; i < 30; i++) give(i);
    copier.notified();
    expect([virt.active.empty, virt.free.length, counters()]).toEqual([true, 30, { frames: 512, client_full: 30 }]);
  });

  test.each([
    ['free', 0, 600],
    ['active', 1, 600 << 16],
  ])(
    'impossible indices in its %s ring: said once, its frames are dropped, the device’s buffers go round',
    (_, ring, word) => {
      const { kernel, copier, virt, atClient, counters, give } = setup();
      atClient[ring]!.view.setUint32(0, word, true);
      for (let i = 0; i < 3; i++) {
        give(i);
        copier.notified();
      }
      expect([virt.active.empty, virt.free.length, counters()]).toEqual([true, 3, { client_broken: 3 }]);
      expect(kernel.printed).toBe('COPY|LOG: The client broke its queues: nothing passes to it\n');
    },
  );
});

test('a client that breaks its queue while frames wait for its buffers does not keep them', () => {
  const { copier, virt, atClient, counters, give } = setup();
  for (let i = 0; i < 512; i++) give(i);
  copier.notified();
  for (let i = 0; i < 512; i++) virt.free.dequeue();
  give(0);
  justBefore(copier.client.free, () => atClient[0].view.setUint16(0, 30_000, true));
  copier.notified();
  expect([virt.active.empty, virt.free.length, counters()]).toEqual([true, 1, { frames: 512, client_broken: 1 }]);
});

describe('the virtualiser is not believed', () => {
  test.each([
    ['offset 1', 1, 60, 'driver_broken'],
    ['offset 100000', 0x10_0000, 60, 'driver_broken'],
    ['length 0', 0, 0, 'bad_length'],
    ['length 2049', 0, 2049, 'bad_length'],
  ])(
    '%s: nothing is copied, the buffer goes back, the client’s serves the next frame',
    (what, io_or_offset, len, counter) => {
      const { kernel, copier, virt, client, counters, give } = setup();
      for (let i = 0; i < 2; i++) virt.active.enqueue({ io_or_offset, len });
      give(5);
      copier.notified();
      expect([client.active.dequeue(), client.active.empty]).toEqual([{ io_or_offset: 0, len: 60 }, true]);
      expect([virt.free.dequeue(), virt.free.length]).toEqual([{ io_or_offset, len: 0 }, 2]);
      expect([kernel.printed, counters()]).toEqual([
        `COPY|LOG: Virtualiser provided ${what} which is no frame\n`,
        { frames: 1, [counter]: 2 },
      ]);
    },
  );

  test('impossible indices: said once, and the copier is not in a loop', () => {
    const { kernel, copier, atVirt, client } = setup();
    atVirt[1].view.setUint16(0, 600, true);
    for (let i = 0; i < 3; i++) copier.notified();
    expect([client.active.empty, kernel.printed]).toEqual([true, 'COPY|LOG: The virtualiser broke its queues\n']);
  });
});
