/** The monitor's block device before a guest that may do anything; registers and layouts as digits from [VIRTIO 1.2] 4.2.2, 2.7, 5.2. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import type { MachineOptions } from '../linux_fs_vm/testing/machine';
import { BLK, type Descriptor, RAM, type RawGuest, type RawQueue, rawGuest } from './testing/raw_guest';

const QUEUE = RAM + 0x10_0000;
const HEADERS = RAM + 0x20_0000;
const STATUS = RAM + 0x21_0000;
const DATA = RAM + 0x100_0000;
const PARTITION = 2048 * 512;
const SECTORS = 30712;
const [IN, OUT, FLUSH, GET_ID] = [0, 1, 4, 8];
const [OK, IOERR, UNSUPP] = [0, 1, 2];
const [NEXT, WRITE, INDIRECT] = [1, 2, 4];

class BlkGuest {
  queue: RawQueue;
  #next = 0;

  constructor(readonly raw: RawGuest) {
    this.queue = this.start();
  }

  start(): RawQueue {
    this.raw.enableInterrupts();
    this.queue = this.raw.bringUp(BLK, 0, QUEUE, 1 << 9);
    this.raw.driverOk(BLK);
    this.#next = 0;
    return this.queue;
  }

  header(place: number, type: number, sector: number | bigint): Descriptor {
    const at = HEADERS - RAM + 16 * place;
    this.raw.ram.view.setUint32(at, type, true);
    this.raw.ram.view.setBigUint64(at + 8, BigInt(sector), true);
    return { addr: RAM + at, len: 16 };
  }

  status(place: number): Descriptor {
    this.raw.ram.bytes[STATUS - RAM + place] = 0xee;
    return { addr: STATUS + place, len: 1, flags: WRITE };
  }

  /** Queues a request with data pieces anywhere; returns its place. */
  put(type: number, sector: number | bigint, pieces: readonly Descriptor[]): number {
    if (this.#next + pieces.length + 2 > 128) this.#next = 0;
    const place = this.#next;
    this.#next += pieces.length + 2;
    const data = pieces.map((piece) => ({ ...piece, flags: type === OUT ? 0 : WRITE }));
    this.queue.chain(place, [this.header(place, type, sector), ...data, this.status(place)]);
    return place;
  }

  answer(place: number): number {
    return this.raw.ram.bytes[STATUS - RAM + place]!;
  }

  /** One request to its end. */
  ask(type: number, sector: number | bigint, pieces: readonly Descriptor[]): number {
    this.#next = 0;
    const place = this.put(type, sector, pieces);
    this.raw.kick('virq_blk');
    return this.answer(place);
  }

  get needsReset(): boolean {
    return (this.raw.load32(BLK + 0x70) & 0x40) !== 0;
  }
}

async function blkGuest(options: MachineOptions = {}): Promise<BlkGuest> {
  return new BlkGuest(await rawGuest(options));
}

test('the registers of a virtio-mmio block device', async () => {
  const raw = await rawGuest();
  expect([0, 4, 8, 0xc].map((offset) => raw.load32(BLK + offset))).toEqual([0x7472_6976, 2, 2, 0x554d_4551]);
  raw.store32(BLK + 0x14, 0);
  expect(raw.load32(BLK + 0x10)).toBe((1 << 1) | (1 << 2) | (1 << 6) | (1 << 9));
  raw.store32(BLK + 0x14, 1);
  expect(raw.load32(BLK + 0x10)).toBe(1);
  expect(raw.load32(BLK + 0x34)).toBe(128);
  raw.store32(BLK + 0x30, 1);
  expect(raw.load32(BLK + 0x34)).toBe(0);
  expect([0x100, 0x104, 0x108, 0x10c, 0x114].map((offset) => raw.load32(BLK + offset))).toEqual([
    SECTORS,
    0,
    0x4_0000,
    126,
    512,
  ]);
  expect(raw.load8(BLK + 0x101)).toBe(SECTORS >> 8);
});

describe('requests', () => {
  test.each([1, 2, 3])(
    'any scatter list, any sectors, many at once: equal to a plain array (seed %d)',
    async (seed) => {
      const guest = await blkGuest({ seed });
      const { ram, machine } = guest.raw;
      const random = new Random(seed);
      const model = machine.disk.slice(PARTITION, PARTITION + SECTORS * 512);
      for (let round = 0; round < 60; round++) {
        // Disjoint ranges, since requests in flight have no order; neighbours often share a block of 4096.
        let sector = random.below(SECTORS - 2000);
        const asked: { place: number; type: number; at: number; sector: number; length: number }[] = [];
        for (let i = 0; i < 5; i++) {
          const length = 512 * (1 + random.below(random.below(4) === 0 ? 300 : 12));
          const type = random.below(2) === 0 ? IN : OUT;
          const at = DATA - RAM + i * 0x4_0000;
          if (type === OUT) ram.bytes.fill(random.below(256), at, at + length);
          asked.push({ place: guest.put(type, sector, pieces(random, RAM + at, length)), type, at, sector, length });
          sector += length / 512 + random.below(3);
        }
        guest.raw.kick('virq_blk');
        expect(guest.queue.used()).toHaveLength(5);
        for (const { place, type, at, sector, length } of asked) {
          expect(guest.answer(place)).toBe(OK);
          const bytes = ram.bytes.subarray(at, at + length);
          if (type === OUT) model.set(bytes, sector * 512);
          else expect(Buffer.compare(bytes, model.subarray(sector * 512, sector * 512 + length))).toBe(0);
        }
      }
      expect(Buffer.compare(machine.disk.subarray(PARTITION, PARTITION + model.length), model)).toBe(0);
    },
  );

  test('a header over two descriptors, a status byte behind the data in one', async () => {
    const guest = await blkGuest();
    const { ram } = guest.raw;
    guest.header(0, IN, 0);
    guest.queue.chain(0, [
      { addr: HEADERS, len: 5 },
      { addr: HEADERS + 5, len: 11 },
      { addr: DATA, len: 513, flags: WRITE },
    ]);
    guest.raw.kick('virq_blk');
    expect(guest.queue.used()).toEqual([[0, 513]]);
    expect(ram.bytes[DATA - RAM + 512]).toBe(OK);
    expect(ram.bytes[DATA - RAM + 510]).toBe(0x55);
  });

  test('GET_ID names the device, an unknown type is unsupported, FLUSH is done', async () => {
    const guest = await blkGuest();
    expect(guest.ask(GET_ID, 0, [{ addr: DATA, len: 20 }])).toBe(OK);
    expect(guest.raw.text(DATA, 20)).toBe(`libvmm${'\0'.repeat(14)}`);
    for (const type of [2, 3, 11, 13, 0xffff_ffff]) expect(guest.ask(type, 0, [])).toBe(UNSUPP);
    expect(guest.ask(FLUSH, 0, [])).toBe(OK);
    expect(guest.ask(IN, 0, [])).toBe(OK);
  });

  test('FLUSH reaches the disk', async () => {
    let flushes = 0;
    const guest = await blkGuest({
      wrap: (disk) => ({
        sectors: disk.sectors,
        readOnly: false,
        read: (sector, dest) => disk.read(sector, dest),
        write: (sector, bytes) => disk.write(sector, bytes),
        flush: () => void flushes++,
      }),
    });
    expect(guest.ask(FLUSH, 0, [])).toBe(OK);
    expect(flushes).toBe(1);
  });

  test.each([
    ['past the end', SECTORS, 512],
    ['over the end', SECTORS - 1, 1024],
    ['at 2^64 - 1', 2n ** 64n - 1n, 512],
    ['at 2^55', 2n ** 55n, 512],
    ['of half a sector', 0, 256],
    ['of a sector and a bit', 0, 513],
  ])('a transfer %s is an I/O error and moves nothing', async (_, sector, length) => {
    const guest = await blkGuest();
    const before = guest.raw.machine.disk.slice();
    guest.raw.ram.bytes.fill(0x77, DATA - RAM, DATA - RAM + 2048);
    for (const type of [IN, OUT]) expect(guest.ask(type, sector, [{ addr: DATA, len: length }])).toBe(IOERR);
    expect(guest.raw.ram.bytes.slice(DATA - RAM, DATA - RAM + 2048).every((byte) => byte === 0x77)).toBe(true);
    expect(Buffer.compare(guest.raw.machine.disk, before)).toBe(0);
    expect(guest.needsReset).toBe(false);
  });

  test('a write of one sector leaves the other seven of its block alone, and two such writes do not undo each other', async () => {
    const guest = await blkGuest();
    const { disk } = guest.raw.machine;
    const block = disk.slice(PARTITION + 8000 * 512, PARTITION + 8008 * 512);
    const places = [8003, 8005, 8003 + 1].map((sector, i) => {
      guest.raw.ram.bytes.fill(i + 1, DATA - RAM + i * 512, DATA - RAM + (i + 1) * 512);
      block.fill(i + 1, (sector - 8000) * 512, (sector - 8000 + 1) * 512);
      return guest.put(OUT, sector, [{ addr: DATA + i * 512, len: 512 }]);
    });
    guest.raw.kick('virq_blk');
    expect(places.map((place) => guest.answer(place))).toEqual([OK, OK, OK]);
    expect(Buffer.compare(disk.subarray(PARTITION + 8000 * 512, PARTITION + 8008 * 512), block)).toBe(0);
  });

  test('more than there are data cells waits and is done', async () => {
    const guest = await blkGuest();
    const places = Array.from({ length: 40 }, (_, i) =>
      guest.put(IN, i * 512, [{ addr: DATA + i * 0x4_0000, len: 0x4_0000 }]),
    );
    guest.raw.kick('virq_blk');
    expect(guest.queue.used()).toHaveLength(40);
    expect(places.every((place) => guest.answer(place) === OK)).toBe(true);
    const { disk } = guest.raw.machine;
    const got = guest.raw.ram.bytes.subarray(DATA - RAM, DATA - RAM + 40 * 0x4_0000);
    expect(Buffer.compare(got, disk.subarray(PARTITION, PARTITION + got.length))).toBe(0);
  });

  test('one request for the whole disk is done in pieces', async () => {
    const guest = await blkGuest();
    expect(guest.ask(IN, 3, [{ addr: DATA, len: (SECTORS - 3) * 512 }])).toBe(OK);
    const got = guest.raw.ram.bytes.subarray(DATA - RAM, DATA - RAM + (SECTORS - 3) * 512);
    const disk = guest.raw.machine.disk.subarray(PARTITION + 3 * 512, PARTITION + SECTORS * 512);
    expect(Buffer.compare(got, disk)).toBe(0);
  });

  test('an error of the disk is an I/O error of that request', async () => {
    let failing = false;
    const guest = await blkGuest({
      wrap: (disk) => ({
        sectors: disk.sectors,
        readOnly: false,
        read(sector, dest) {
          if (failing) throw new Error('medium error');
          disk.read(sector, dest);
        },
        write: (sector, bytes) => disk.write(sector, bytes),
        flush: () => disk.flush(),
      }),
    });
    failing = true;
    expect(guest.ask(IN, 0, [{ addr: DATA, len: 4096 }])).toBe(IOERR);
    expect(guest.ask(OUT, 1, [{ addr: DATA, len: 512 }])).toBe(IOERR);
    expect(guest.ask(OUT, 8, [{ addr: DATA, len: 4096 }])).toBe(OK);
    failing = false;
    expect(guest.ask(IN, 0, [{ addr: DATA, len: 4096 }])).toBe(OK);
  });
});

describe('interrupts', () => {
  test('one per batch, used-buffer bit in the shared word; none when the driver asks for none', async () => {
    const guest = await blkGuest();
    const blk = guest.raw.env.channel('virq_blk');
    guest.raw.takeStatus(1);
    const before = guest.raw.interrupts[blk] ?? 0;
    guest.ask(GET_ID, 0, [{ addr: DATA, len: 20 }]);
    expect(guest.raw.interrupts[blk]).toBe(before + 1);
    expect(guest.raw.takeStatus(1)).toBe(1);
    guest.raw.ram.view.setUint16(guest.queue.driver - RAM, 1, true);
    guest.ask(GET_ID, 0, [{ addr: DATA, len: 20 }]);
    expect(guest.raw.interrupts[blk]).toBe(before + 1);
  });

  test('a trap to QueueNotify works as the doorbell does', async () => {
    const guest = await blkGuest();
    const place = guest.put(GET_ID, 0, [{ addr: DATA, len: 20 }]);
    guest.raw.store32(BLK + 0x50, 0);
    expect(guest.answer(place)).toBe(OK);
  });

  test('before DRIVER_OK nothing is served', async () => {
    const raw = await rawGuest();
    const queue = raw.bringUp(BLK, 0, QUEUE);
    queue.chain(0, [
      { addr: HEADERS, len: 16 },
      { addr: STATUS, len: 1, flags: WRITE },
    ]);
    raw.kick('virq_blk');
    raw.store32(BLK + 0x50, 0);
    expect(queue.usedIndex).toBe(0);
  });
});

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

/** Cuts a run of memory into descriptors of any length, sometimes of none. */
function pieces(random: Random, addr: number, length: number): Descriptor[] {
  const cuts: Descriptor[] = [];
  for (let at = 0; at < length; ) {
    const len =
      cuts.length === 15 ? length - at : Math.min(length - at, random.below(random.below(2) === 0 ? 700 : 70_000));
    cuts.push({ addr: addr + at, len });
    at += len;
  }
  return cuts;
}
