import { describe, expect, test } from 'vitest';
import { MemoryDisk } from './disk';
import { type DiskMishap, FaultyDisk, NoAnswer } from './faulty_disk';
import { DATA, setup, threePart, WRITE } from './testing/block_device';

const OLD = 0x11;
const NEW = 0xee;

/** A disk of eight sectors of OLD whose next request goes wrong. */
function faulty(mishap: DiskMishap) {
  const image = new Uint8Array(4096).fill(OLD);
  return { image, disk: new FaultyDisk(new MemoryDisk(image), () => mishap) };
}
const sectors = (count: number) => new Uint8Array(512 * count).fill(NEW);

test.each<[DiskMishap, boolean, boolean, boolean]>([
  ['error', true, true, true],
  ['full', true, true, true],
  ['read-only', true, true, true],
  ['eject', true, true, true],
  ['torn write', false, true, false],
  ['bit flip', false, false, false],
])('%s: read, write, flush fail: %s %s %s', (mishap, ...fails) => {
  const { image, disk } = faulty(mishap);
  const requests = [() => disk.read(0, new Uint8Array(512)), () => disk.write(0, sectors(1)), () => disk.flush()];
  for (const [i, request] of requests.entries()) {
    if (fails[i]) expect(request).toThrow();
    else request();
  }
  if (fails[0]) expect(image.every((byte) => byte === OLD)).toBe(true);
});

test.each([
  [1, 256],
  [3, 768],
  [4, 1024],
])('a torn write of %i sectors leaves %i bytes of the new, then the old', (count, arrived) => {
  const { image, disk } = faulty('torn write');
  expect(() => disk.write(2, sectors(count))).toThrow();
  expect(image.indexOf(NEW)).toBe(1024);
  expect(image.lastIndexOf(NEW)).toBe(1024 + arrived - 1);
  expect(image.filter((byte) => byte === NEW)).toHaveLength(arrived);
});

test('a flipped bit is on the medium after a write, and only in the copy after a read', () => {
  const { image, disk } = faulty('bit flip');
  const given = sectors(1);
  disk.write(1, given);
  expect(image.subarray(512, 1024).filter((byte) => byte !== NEW)).toEqual(Uint8Array.of(NEW ^ 1));
  expect(given.every((byte) => byte === NEW)).toBe(true);
  const seen = new Uint8Array(512);
  disk.read(0, seen);
  expect(seen.filter((byte) => byte !== OLD)).toEqual(Uint8Array.of(OLD ^ 1));
  expect(image[256]).toBe(OLD);
});

describe('a block device over a disk that does not answer', () => {
  const silent = () => {
    let quiet = true;
    const disk = new FaultyDisk(new MemoryDisk(new Uint8Array(4096)), () => (quiet ? 'no answer' : undefined));
    const device = setup({ disk });
    const speak = () => {
      quiet = false;
    };
    return { device, speak };
  };

  test('keeps the request, answers later ones, and fails it when told to', () => {
    const { device, speak } = silent();
    device.header(1, 0n);
    device.submit(...threePart(0, 512));
    expect([device.used().idx, device.status()]).toEqual([0, 0xff]);
    speak();
    device.submit(...threePart(0, 512));
    expect([device.used().idx, device.status()]).toEqual([1, 0]);
    device.device.failHeld();
    expect([device.used().idx, device.status()]).toEqual([2, 1]);
    device.device.failHeld();
    expect(device.used().idx).toBe(2);
  });

  test('forgets it at a reset', () => {
    const { device } = silent();
    device.header(0, 0n);
    device.submit(...threePart(WRITE, 512));
    device.mmio.write32(0x70, 0);
    device.bringUp();
    device.at.setUint8(DATA, 1);
    device.device.failHeld();
    expect(device.used().idx).toBe(0);
  });
});

test('no answer is not an error that a device could report', () => {
  const { disk } = faulty('no answer');
  expect(() => disk.flush()).toThrow(NoAnswer);
});

test('whoever decides what goes wrong is told where the request is', () => {
  const asked: unknown[] = [];
  const disk = new FaultyDisk(new MemoryDisk(new Uint8Array(4096)), (...request) => void asked.push(request));
  disk.read(1, new Uint8Array(1024));
  disk.write(5, sectors(3));
  disk.flush();
  expect(asked).toEqual([
    ['read', 1, 2],
    ['write', 5, 3],
    ['flush', 0, 0],
  ]);
});
