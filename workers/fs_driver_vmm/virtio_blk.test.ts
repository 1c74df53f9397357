/** The monitor's block device; registers and layouts as digits from [VIRTIO 1.2] 4.2.2, 2.7, 5.2. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { blkGuest, HEADERS, QUEUE, STATUS } from './testing/blk_guest';
import { BLK, type Descriptor, RAM, rawGuest } from './testing/raw_guest';

const DATA = RAM + 0x100_0000;
const PARTITION = 2048 * 512;
const SECTORS = 30712;
const [IN, OUT, FLUSH, GET_ID] = [0, 1, 4, 8];
const [OK, IOERR, UNSUPP] = [0, 1, 2];
const WRITE = 2;

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
