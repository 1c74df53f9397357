/** The block device as a driver sees it: registers and rings as digits from [VIRTIO 1.2], never from src/specs. */
import { describe, expect, test } from 'vitest';
import {
  AVAIL,
  DATA,
  type Descriptor,
  HEADER,
  NEXT,
  RAM,
  STATUS,
  setup,
  threePart,
  USED,
  WRITE,
} from './testing/block_device';

describe('registers', () => {
  test('identification, and features by window', () => {
    const { mmio } = setup();
    expect([0x000, 0x004, 0x008, 0x00c, 0x034, 0x100, 0x114].map((at) => mmio.read32(at))).toEqual([
      0x74726976, 2, 2, 0x554d4551, 1024, 64, 512,
    ]);
    mmio.write32(0x14, 0);
    expect(mmio.read32(0x10)).toBe((1 << 9) | (1 << 6));
    mmio.write32(0x14, 1);
    expect(mmio.read32(0x10)).toBe(1);
    mmio.write32(0x14, 2);
    expect(mmio.read32(0x10)).toBe(0);
  });

  test('a queue that is not there has size 0', () => {
    const { mmio } = setup();
    mmio.write32(0x30, 1);
    expect([mmio.read32(0x34), mmio.read32(0x44)]).toEqual([0, 0]);
  });

  test('FEATURES_OK stays clear for a feature that was not offered', () => {
    const { mmio } = setup();
    mmio.write32(0x70, 0);
    mmio.write32(0x24, 0);
    mmio.write32(0x20, 1 << 12);
    mmio.write32(0x70, 11);
    expect(mmio.read32(0x70)).toBe(3);
  });

  test("sDDF's bring-up, status 1 then 2 alone and no features, is accepted", () => {
    const { mmio } = setup({ features: 0 });
    for (const value of [0, 1, 2]) mmio.write32(0x70, value);
    expect(mmio.read32(0x70)).toBe(2);
  });

  test.each([0, 3, 2048])('a queue of %d descriptors does not come up', (size) => {
    const { mmio } = setup();
    mmio.write32(0x70, 0);
    mmio.write32(0x38, size);
    mmio.write32(0x44, 1);
    expect([mmio.read32(0x44), mmio.read32(0x70) & 0x40]).toEqual([0, 0x40]);
  });
});

describe('requests', () => {
  test('IN fills the data, then the status, then the used ring, then the line', () => {
    const device = setup();
    device.header(0, 3n);
    device.submit(...threePart(WRITE));
    expect(Buffer.from(device.ram.slice(DATA, DATA + 1024)).equals(device.image.subarray(3 * 512, 5 * 512))).toBe(true);
    expect([device.status(), device.used(), device.mmio.read32(0x60), device.levels.at(-1)]).toEqual([
      0,
      { idx: 1, id: 0, len: 1025 },
      1,
      true,
    ]);
    device.mmio.write32(0x64, 1);
    expect([device.mmio.read32(0x60), device.levels.at(-1)]).toEqual([0, false]);
  });

  test('OUT changes exactly its sectors', () => {
    const device = setup();
    const before = device.image.slice();
    device.ram.fill(0xee, DATA, DATA + 1024);
    device.header(1, 62n);
    device.submit(...threePart(0));
    expect([device.status(), device.used().len]).toEqual([0, 1]);
    expect(Buffer.from(device.image.subarray(62 * 512)).equals(Buffer.alloc(1024, 0xee))).toBe(true);
    expect(Buffer.from(device.image.subarray(0, 62 * 512)).equals(before.subarray(0, 62 * 512))).toBe(true);
  });

  test.each([
    ['past the end', 64n, 512],
    ['over the end', 63n, 1024],
    ['of part of a sector', 0n, 100],
    ['at sector 2^64 - 1', 0xffff_ffff_ffff_ffffn, 512],
  ])('a write %s is an I/O error and writes nothing', (_, sector, length) => {
    const device = setup();
    const before = device.image.slice();
    device.header(1, sector);
    device.submit(...threePart(0, length));
    expect([device.status(), Buffer.from(device.image).equals(before)]).toEqual([1, true]);
  });

  test('a read-only disk says so and refuses writes', () => {
    const device = setup({ readOnly: true });
    device.mmio.write32(0x14, 0);
    expect(device.mmio.read32(0x10) & (1 << 5)).toBe(1 << 5);
    device.header(1, 0n);
    device.submit(...threePart(0));
    expect(device.status()).toBe(1);
  });

  test('an unknown request is unsupported, GET_ID is 20 bytes', () => {
    const device = setup();
    device.header(11, 0n);
    device.submit(...threePart(WRITE));
    expect(device.status()).toBe(2);
    device.header(8, 0n);
    device.submit(...threePart(WRITE, 20));
    expect(Buffer.from(device.ram.slice(DATA, DATA + 20)).toString('latin1')).toBe('vmfs-disk'.padEnd(20, '\0'));
  });

  test('a medium that fails is an I/O error, not an exception', () => {
    const broken = () => {
      throw new Error('no medium');
    };
    const device = setup({ disk: { sectors: 64, readOnly: false, read: broken, write: broken, flush: broken } });
    for (const type of [0, 4]) {
      device.header(type, 0n);
      device.submit(...threePart(WRITE));
      expect(device.status()).toBe(1);
    }
  });
});

describe('a driver that breaks the protocol', () => {
  test.each<[string, Descriptor[]]>([
    [
      'a chain that loops',
      [
        [RAM + HEADER, 16, NEXT, 1],
        [RAM + DATA, 512, NEXT, 0],
      ],
    ],
    ['a descriptor beyond the queue', [[RAM + HEADER, 16, NEXT, 8]]],
    [
      'an address outside memory',
      [
        [RAM + HEADER, 16, NEXT, 1],
        [RAM + 0x1_0000, 512, NEXT | WRITE, 2],
        [RAM + STATUS, 1, WRITE, 0],
      ],
    ],
    [
      'a length that leaves memory',
      [
        [RAM + HEADER, 16, NEXT, 1],
        [RAM + DATA, 0xffff_ffff, NEXT | WRITE, 2],
        [RAM + STATUS, 1, WRITE, 0],
      ],
    ],
    ['an indirect table', [[RAM + HEADER, 16, 4, 0]]],
    [
      'readable after writable',
      [
        [RAM + STATUS, 1, NEXT | WRITE, 1],
        [RAM + HEADER, 16, 0, 0],
      ],
    ],
    ['no status byte', [[RAM + HEADER, 16, 0, 0]]],
    [
      'a header cut short',
      [
        [RAM + HEADER, 8, NEXT, 1],
        [RAM + STATUS, 1, WRITE, 0],
      ],
    ],
  ])('%s: the device asks for a reset and answers nothing', (_, chain) => {
    const device = setup();
    const before = device.image.slice();
    device.header(0, 0n);
    device.submit(...chain);
    expect([device.mmio.read32(0x70) & 0x40, device.used().idx, device.mmio.read32(0x60) & 2]).toEqual([0x40, 0, 2]);
    expect(Buffer.from(device.image).equals(before)).toBe(true);
  });

  test('an available index further ahead than the queue is long', () => {
    const device = setup();
    device.at.setUint16(AVAIL + 2, 9, true);
    device.mmio.write32(0x50, 0);
    expect(device.mmio.read32(0x70) & 0x40).toBe(0x40);
  });

  test('after a reset it works again', () => {
    const device = setup();
    device.submit([RAM + HEADER, 8, 0, 0]);
    device.ram.fill(0, AVAIL, USED + 0x100);
    device.bringUp();
    expect(device.mmio.read32(0x70)).toBe(15);
    device.at.setUint16(AVAIL + 4, 0, true);
    device.header(0, 0n);
    for (const [i, [addr, len, flags, next]] of threePart(WRITE).entries()) {
      device.at.setBigUint64(16 * i, BigInt(addr), true);
      device.at.setUint32(16 * i + 8, len, true);
      device.at.setUint16(16 * i + 12, flags, true);
      device.at.setUint16(16 * i + 14, next, true);
    }
    device.at.setUint16(AVAIL + 2, 1, true);
    device.mmio.write32(0x50, 0);
    expect([device.status(), device.used().idx]).toEqual([0, 1]);
  });

  test('QueueNotify before DRIVER_OK does nothing; queue writes while ready do nothing', () => {
    const device = setup();
    device.mmio.write32(0x70, 11);
    device.header(0, 0n);
    device.submit(...threePart(WRITE));
    expect(device.used().idx).toBe(0);
    device.mmio.write32(0x38, 3);
    device.mmio.write32(0x70, 15);
    device.mmio.write32(0x50, 0);
    expect(device.used().idx).toBe(1);
  });
});
