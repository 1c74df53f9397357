/** How the block device moves data: scatter lists that split sectors anywhere, and when a write is stable. */
import { describe, expect, test } from 'vitest';
import type { Disk } from './disk';
import { DATA, type Descriptor, HEADER, NEXT, RAM, STATUS, setup, threePart, WRITE } from './testing/block_device';

const [IN, OUT, FLUSH] = [0, 1, 4];

/** Header, the data in pieces of these lengths at odd places, status. */
function pieces(lengths: readonly number[], dataFlags: number): { chain: Descriptor[]; places: [number, number][] } {
  let place = DATA;
  const places = lengths.map((length): [number, number] => {
    const at = place;
    place += length + 3;
    return [at, length];
  });
  const chain: Descriptor[] = [
    [RAM + HEADER, 16, NEXT, 1],
    ...places.map(([at, length], i): Descriptor => [RAM + at, length, NEXT | dataFlags, i + 2]),
    [RAM + STATUS, 1, WRITE, 0],
  ];
  return { chain, places };
}

const SPLITS = [[1536], [512, 1024], [1, 1535], [511, 1, 1024], [700, 700, 136], [100, 512, 512, 412], [1024, 511, 1]];

describe('data in pieces of any length', () => {
  test.each(SPLITS.map((split) => [split]))('IN of %j', (split) => {
    const device = setup();
    const { chain, places } = pieces(split, WRITE);
    device.ram.fill(0xcc, DATA, STATUS);
    device.header(IN, 5n);
    device.submit(...chain);
    expect([device.status(), device.used().len]).toEqual([0, 1537]);
    const got = Buffer.concat(places.map(([at, length]) => device.ram.slice(at, at + length)));
    expect(got.equals(device.image.subarray(5 * 512, 8 * 512))).toBe(true);
    for (const [at, length] of places)
      expect([...device.ram.slice(at + length, at + length + 3)]).toEqual([204, 204, 204]);
  });

  test.each(SPLITS.map((split) => [split]))('OUT of %j', (split) => {
    const device = setup();
    const before = Buffer.from(device.image);
    const { chain, places } = pieces(split, 0);
    for (let i = DATA; i < STATUS; i++) device.ram[i] = i * 13;
    const wanted = Buffer.concat(places.map(([at, length]) => device.ram.slice(at, at + length)));
    device.header(OUT, 5n);
    device.submit(...chain);
    expect(device.status()).toBe(0);
    expect(wanted.equals(device.image.subarray(5 * 512, 8 * 512))).toBe(true);
    expect(before.subarray(0, 5 * 512).equals(device.image.subarray(0, 5 * 512))).toBe(true);
    expect(before.subarray(8 * 512).equals(device.image.subarray(8 * 512))).toBe(true);
  });

  test('the header may lie in pieces, and data may follow it in one buffer', () => {
    const device = setup();
    device.header(OUT, 1n);
    device.ram.fill(0xab, HEADER + 16, HEADER + 16 + 512);
    device.submit([RAM + HEADER, 5, NEXT, 1], [RAM + HEADER + 5, 11 + 512, NEXT, 2], [RAM + STATUS, 1, WRITE, 0]);
    expect(device.status()).toBe(0);
    expect(device.image.subarray(512, 1024).every((byte) => byte === 0xab)).toBe(true);
    expect([device.image[511], device.image[1024]]).toEqual([(511 * 7) & 255, (1024 * 7) & 255]);
  });

  test('the status is the last writable byte, also of a buffer that holds data too', () => {
    const device = setup();
    device.header(IN, 2n);
    device.ram.fill(0xcc, DATA, DATA + 514);
    device.submit([RAM + HEADER, 16, NEXT, 1], [RAM + DATA, 513, WRITE, 0]);
    expect([...device.ram.slice(DATA + 512, DATA + 514)]).toEqual([0, 0xcc]);
    expect(Buffer.from(device.ram.slice(DATA, DATA + 512)).equals(device.image.subarray(1024, 1536))).toBe(true);
  });

  test('memory that the device may only read is never written, even in pieces', () => {
    // The disk changes the memory meanwhile, as a driver on another core would.
    const device = setup({ disk: scribbling(() => device.ram) });
    const { chain } = pieces([100, 412], 0);
    device.header(OUT, 0n);
    device.submit(...chain);
    expect(device.status()).toBe(0);
    expect([device.ram[DATA], device.ram[DATA + 103]]).toEqual([0x77, 0x77]);
  });
});

function scribbling(ram: () => Uint8Array): Disk {
  return { sectors: 64, readOnly: false, read() {}, write: () => void ram().fill(0x77, DATA, STATUS), flush() {} };
}

describe('what does not fit the disk is an I/O error and moves nothing', () => {
  test.each([
    ['over the end', 63n, 1024],
    ['past the end', 64n, 512],
    ['of a sector and a part', 0n, 612],
    ['at sector 2^53', 1n << 53n, 512],
  ])('%s', (_, sector, length) => {
    for (const type of [IN, OUT]) {
      const device = setup();
      const before = Buffer.from(device.image);
      device.ram.fill(0xcc, DATA, STATUS);
      device.header(type, sector);
      device.submit(...threePart(type === IN ? WRITE : 0, length));
      expect([device.status(), device.used().len]).toEqual([1, 1]);
      expect(before.equals(device.image)).toBe(true);
      expect(device.ram.subarray(DATA, STATUS).every((byte) => byte === 0xcc)).toBe(true);
    }
  });
});

describe('bringing up the queue', () => {
  test.each([
    ['descriptors off 16 bytes', 0x80, 8],
    ['available ring off 2 bytes', 0x90, 0x1001],
    ['used ring off 4 bytes', 0xa0, 0x2002],
    ['descriptors past the memory', 0x80, 0xfff0],
    ['used ring past the memory', 0xa0, 0xffe0],
    ['used ring before the memory', 0xa0, -4],
    ['an address above 4 GiB', 0x84, 1 - RAM],
  ])('%s: it does not come up and the device asks for a reset', (_, register, offset) => {
    const { mmio } = setup();
    mmio.write32(0x44, 0);
    mmio.write32(register, RAM + offset);
    mmio.write32(0x44, 1);
    expect([mmio.read32(0x44), mmio.read32(0x70) & 0x40]).toEqual([0, 0x40]);
  });

  test('registers of a ready queue keep what they hold', () => {
    const { mmio } = setup();
    mmio.write32(0x38, 3);
    mmio.write32(0x80, RAM + 8);
    mmio.write32(0x44, 0);
    mmio.write32(0x44, 1);
    expect([mmio.read32(0x44), mmio.read32(0x70) & 0x40]).toEqual([1, 0]);
  });
});

describe('when a write is stable', () => {
  function logged(features: number) {
    const log: string[] = [];
    const disk: Disk = {
      sectors: 64,
      readOnly: false,
      read: () => void log.push('read'),
      write: () => void log.push('write'),
      flush: () => void log.push('flush'),
    };
    const device = setup({ disk, features });
    return { log, device };
  }

  test('with FLUSH accepted, when a FLUSH is completed', () => {
    const { log, device } = logged(1 << 9);
    device.header(OUT, 0n);
    device.submit(...threePart(0));
    expect(log).toEqual(['write']);
    device.header(FLUSH, 0n);
    device.submit([RAM + HEADER, 16, NEXT, 1], [RAM + STATUS, 1, WRITE, 0]);
    expect([log, device.status()]).toEqual([['write', 'flush'], 0]);
  });

  test('with FLUSH not accepted, when the write is completed', () => {
    const { log, device } = logged(0);
    device.header(OUT, 0n);
    device.submit(...threePart(0));
    device.header(IN, 0n);
    device.submit(...threePart(WRITE));
    expect(log).toEqual(['write', 'flush', 'read']);
  });
});

test('a driver that wants no interrupts gets none', () => {
  const device = setup();
  device.at.setUint16(0x1000, 1, true);
  device.header(IN, 0n);
  device.submit(...threePart(WRITE));
  expect([device.used().idx, device.mmio.read32(0x60), device.levels.includes(true)]).toEqual([1, 0, false]);
});
