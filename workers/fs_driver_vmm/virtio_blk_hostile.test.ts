/** The monitor's block device before a guest that does what [VIRTIO 1.2] 2.7 and 4.2.2 forbid. */

import { describe, expect, test } from 'vitest';
import type { Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { writeStorageInfo } from '../../src/protocol/blk_info';
import { blkServer } from '../../src/protocol/blk_queue';
import type { Machine } from '../linux_fs_vm/testing/machine';
import { type BlkGuest, blkGuest, HEADERS, QUEUE } from './testing/blk_guest';
import { BLK, RAM, rawGuest } from './testing/raw_guest';

const DATA = RAM + 0x100_0000;
const PARTITION = 2048 * 512;
const [IN, OUT, FLUSH] = [0, 1, 4];
const [OK, IOERR] = [0, 1];
const [NEXT, WRITE, INDIRECT] = [1, 2, 4];

/** Word 3 of the guest's page: the last generation that broke a protocol. */
const breach = (guest: { raw: { machine: Machine } }) =>
  new Int32Array(guest.raw.machine.memory.guests.get('linux_fs_vm')!.word)[3];

describe('a guest that breaks the queue is told NEEDS_RESET, and can start again', () => {
  const good = (guest: BlkGuest) => [guest.header(0, IN, 0), { addr: DATA, len: 512, flags: WRITE }, guest.status(0)];
  const VIOLATIONS: Readonly<Record<string, (guest: BlkGuest) => void>> = {
    'head past the queue': ({ queue }) => queue.offer(128),
    'next past the queue'(guest) {
      guest.queue.set(0, { ...guest.header(0, IN, 0), flags: NEXT, next: 128 });
      guest.queue.offer(0);
    },
    'chain that loops'(guest) {
      guest.queue.set(0, { ...guest.header(0, IN, 0), flags: NEXT, next: 1 });
      guest.queue.set(1, { addr: DATA, len: 512, flags: NEXT, next: 0 });
      guest.queue.offer(0);
    },
    'available index far ahead'(guest) {
      guest.queue.chain(0, good(guest));
      guest.queue.setAvail(130);
    },
    'memory below RAM': (guest) => guest.queue.chain(0, [guest.header(0, IN, 0), { addr: 0, len: 512, flags: WRITE }]),
    'memory over the end of RAM': (guest) =>
      guest.queue.chain(0, [guest.header(0, IN, 0), { addr: RAM + 0x7ff_ff00, len: 512, flags: WRITE }]),
    'an address of 2^64 - 1': (guest) =>
      guest.queue.chain(0, [guest.header(0, IN, 0), { addr: 2n ** 64n - 1n, len: 512, flags: WRITE }]),
    'an indirect descriptor': ({ queue }) => queue.chain(0, [{ addr: DATA, len: 32, flags: INDIRECT }]),
    'readable after writable': (guest) =>
      guest.queue.chain(0, [guest.header(0, IN, 0), guest.status(0), { addr: DATA, len: 512 }]),
    'no status byte': (guest) => guest.queue.chain(0, [guest.header(0, OUT, 0), { addr: DATA, len: 512 }]),
    'a writable descriptor without room': (guest) =>
      guest.queue.chain(0, [guest.header(0, OUT, 0), { addr: DATA, len: 0, flags: WRITE }]),
    'a header of 15 bytes': (guest) => guest.queue.chain(0, [{ addr: HEADERS, len: 15 }, guest.status(0)]),
  };

  test.each(Object.keys(VIOLATIONS))('%s', async (name) => {
    const guest = await blkGuest();
    const before = guest.raw.machine.disk.slice();
    guest.raw.takeStatus(1);
    VIOLATIONS[name]!(guest);
    guest.raw.kick('virq_blk');
    expect(guest.needsReset).toBe(true);
    // The breach is of this generation, and the operator has one line about it.
    expect(breach(guest)).toBe(1);
    const said = guest.raw.machine.lines().filter((line) => line.includes('guest broke the virtio-blk protocol: '));
    expect(said).toHaveLength(1);
    expect(guest.raw.takeStatus(1) & 2).toBe(2);
    expect(guest.queue.usedIndex).toBe(0);
    guest.queue.chain(3, [guest.header(3, IN, 0), guest.status(3)]);
    guest.raw.kick('virq_blk');
    expect(guest.queue.usedIndex).toBe(0);
    expect(Buffer.compare(guest.raw.machine.disk, before)).toBe(0);
    guest.start();
    expect(guest.needsReset).toBe(false);
    expect(guest.ask(IN, 0, [{ addr: DATA, len: 512 }])).toBe(OK);
  });

  test.each([
    ['a size of 0', 0x38, 0],
    ['a size that is no power of two', 0x38, 100],
    ['a size beyond the maximum', 0x38, 256],
    ['descriptors outside RAM', 0x80, 0x3fff_fff0],
    ['a used ring over the end of RAM', 0xa0, 0x47ff_fff0],
    ['misaligned descriptors', 0x80, QUEUE + 8],
  ])('a queue with %s is not ready', async (_, register, value) => {
    const raw = await rawGuest();
    raw.bringUp(BLK, 0, QUEUE);
    raw.store32(BLK + 0x44, 0);
    raw.store32(BLK + register, value);
    raw.store32(BLK + 0x44, 1);
    expect(raw.load32(BLK + 0x44)).toBe(0);
    expect(raw.load32(BLK + 0x70) & 0x40).toBe(0x40);
  });
});

/** A virtualiser that says yes to everything, with `short` blocks fewer than asked. */
function yes(asked: number[], short = 0): Program {
  return (env) => {
    const { req, resp } = blkServer(env.region('client_0_request'), env.region('client_0_response'));
    writeStorageInfo(env.region('client_0_storage_info'), { capacity: 3839 });
    const notified = () => {
      for (let request = req.dequeue(); request; request = req.dequeue()) {
        asked.push(request.block_number);
        resp.enqueue({ status: 0, success_count: Math.max(0, request.count - short), id: request.id });
        resp.enqueue({ status: 0, success_count: request.count, id: 5000 });
        resp.enqueue({ status: 0, success_count: request.count, id: request.id });
      }
      env.kernel.notify(env.channel('client_0'));
    };
    return { notified };
  };
}

test.each([
  ['past the end', 30712, 8],
  ['over the end', 30711, 2],
  ['at 2^64 - 8', 2n ** 64n - 8n, 8],
])('a transfer %s is refused by the monitor itself', async (_, sector, sectors) => {
  const asked: number[] = [];
  const guest = await blkGuest({ programs: { blk_virt: yes(asked) } });
  expect(guest.ask(IN, 30704, [{ addr: DATA, len: 4096 }])).toBe(OK);
  expect(asked).toEqual([3838]);
  for (const type of [IN, OUT]) expect(guest.ask(type, sector, [{ addr: DATA, len: sectors * 512 }])).toBe(IOERR);
  expect(asked).toEqual([3838]);
});

test('fewer blocks than asked are an I/O error, also with status OK; ids that nobody waits for are passed over', async () => {
  const guest = await blkGuest({ programs: { blk_virt: yes([], 1) } });
  for (const type of [IN, OUT]) expect(guest.ask(type, 0, [{ addr: DATA, len: 8192 }])).toBe(IOERR);
  expect(guest.queue.usedIndex).toBe(2);
  expect(guest.ask(FLUSH, 0, [])).toBe(OK);
});

test('after a reset with requests in flight no late answer touches the guest', async () => {
  const guest = await blkGuest();
  const { raw } = guest;
  for (let i = 0; i < 20; i++) guest.put(i % 2 === 0 ? IN : OUT, i * 8, [{ addr: DATA + i * 4096, len: 4096 }]);
  raw.store32(BLK + 0x50, 0);
  raw.store32(BLK + 0x70, 0);
  raw.ram.bytes.fill(0x99, DATA - RAM, DATA - RAM + 0x10_0000);
  raw.takeStatus(1);
  raw.machine.simulator.settle();
  expect(guest.queue.usedIndex).toBe(0);
  expect(raw.takeStatus(1)).toBe(0);
  expect(raw.ram.bytes.slice(DATA - RAM, DATA - RAM + 0x10_0000).every((byte) => byte === 0x99)).toBe(true);
  guest.start();
  for (let round = 0; round < 5; round++) {
    const places = Array.from({ length: 40 }, (_, i) => guest.put(IN, i * 64, [{ addr: DATA, len: 0x8000 }]));
    raw.kick('virq_blk');
    expect(places.every((place) => guest.answer(place) === OK)).toBe(true);
  }
});

test.each([1, 2, 3])('a guest that writes anything anywhere harms only itself (seed %d)', async (seed) => {
  const guest = await blkGuest({ seed });
  const { raw } = guest;
  const random = new Random(seed);
  const { disk } = raw.machine;
  const outside = disk.slice(0, PARTITION);
  const values = [0, 1, 2, 3, 11, 15, 64, 127, 128, 129, 0xffff, QUEUE, QUEUE + 1, RAM, RAM + 0x7ff_ffff, 0xffff_ffff];
  for (let round = 0; round < 400; round++) {
    if (random.below(3) === 0) guest.start();
    for (let i = 0; i < 30; i++) {
      // Descriptors of all kinds, and indices now and then.
      const addr = random.below(4) === 0 ? random.next() * 2 ** random.below(21) : RAM + random.below(0x800_0000);
      const len = random.below(3) === 0 ? random.next() : random.below(5000);
      guest.queue.set(random.below(128), { addr, len, flags: random.below(8), next: random.below(140) });
      if (random.below(3) === 0) guest.queue.offer(random.below(130));
      if (random.below(60) === 0) guest.queue.setAvail(random.below(0x1_0000));
      raw.ram.view.setUint32(HEADERS - RAM + 4 * random.below(256), random.below(16), true);
    }
    if (random.below(4) === 0) {
      raw.store32(BLK + 4 * random.below(128), values[random.below(values.length)]!);
      raw.load32(BLK + random.below(0x200));
      raw.load8(BLK + random.below(0x200));
    }
    raw.kick('virq_blk');
  }
  guest.start();
  expect(guest.ask(IN, 0, [{ addr: DATA, len: 512 }])).toBe(OK);
  expect(Buffer.compare(disk.subarray(0, PARTITION), outside)).toBe(0);
});
