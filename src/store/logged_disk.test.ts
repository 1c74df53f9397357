import { describe, expect, test } from 'vitest';
import { MemoryDisk } from '../hw/disk';
import { type DiskMishap, FaultyDisk } from '../hw/faulty_disk';
import { Random } from '../libmicrokit/random';
import { region } from '../protocol/region';
import { WriteLog } from '../protocol/write_log';
import { WriteLogReader } from '../protocol/write_log_reader';
import { LoggedDisk } from './logged_disk';

const filled = (byte: number, sectors: number) => new Uint8Array(512 * sectors).fill(byte);

function setup(sectors = 64) {
  const at = region('blk_driver_write_log', 0x1000 + 0x1_0000);
  const image = new Uint8Array(512 * sectors);
  const disk = new LoggedDisk(new MemoryDisk(image), new WriteLog(at, () => 5), (sector) => sector + 1);
  return { image, disk, reader: new WriteLogReader(at) };
}

/** The disk as it was before entry `first`: what the log knows of it put over what is there now. */
function back(image: Uint8Array, reader: WriteLogReader, first: number): Uint8Array {
  const then = image.slice();
  for (const entry of reader.entries.slice(first).reverse()) {
    if (entry.kind === 'write') then.set(reader.bytes(entry, 'before')!, 512 * entry.sector);
  }
  return then;
}

test('a write is on the disk and in the log, with what was there, and whose it is', () => {
  const { image, disk, reader } = setup();
  image.fill(7);
  disk.write(3, filled(9, 2));
  disk.flush();
  const [entry, flush] = reader.look();
  expect(entry).toMatchObject({ kind: 'write', sector: 3, sectors: 2, request: 4, timeNs: 5 });
  expect(flush).toMatchObject({ kind: 'flush', number: 1 });
  expect([reader.bytes(entry!, 'before'), reader.bytes(entry!, 'after')]).toEqual([filled(7, 2), filled(9, 2)]);
  expect(image.subarray(3 * 512, 5 * 512)).toEqual(filled(9, 2));
  expect([disk.sectors, disk.readOnly]).toEqual([64, false]);
});

test.each([1, 2, 3])('from any disk the log leads back to every moment before (seed %d)', (seed) => {
  const { image, disk, reader } = setup();
  const random = new Random(seed);
  const moments: Uint8Array[] = [];
  for (let n = 0; n < 60; n++) {
    moments.push(image.slice());
    const sectors = 1 + random.below(3);
    disk.write(random.below(61), filled(n + 1, sectors));
  }
  reader.look();
  const kept = reader.entries.length;
  expect(kept).toBeGreaterThan(20);
  for (let first = 0; first < kept; first++)
    expect(Buffer.compare(back(image, reader, first), moments[60 - kept + first]!)).toBe(0);
});

describe('a medium that fails', () => {
  const failing = (mishap: () => DiskMishap | undefined) => {
    const { image, disk, reader } = setup();
    return { image, disk: new LoggedDisk(new FaultyDisk(disk.disk, mishap), disk.log, () => 0), reader };
  };

  test('in the middle of a write: what arrived is in the log', () => {
    const mishaps: (DiskMishap | undefined)[] = [undefined, 'torn write'];
    const { image, disk, reader } = failing(() => mishaps.shift());
    image.fill(7);
    expect(() => disk.write(0, filled(9, 4))).toThrow('torn');
    const [entry] = reader.look();
    expect(image.subarray(1024, 2048)).toEqual(filled(7, 2));
    expect(reader.bytes(entry!, 'after')).toEqual(image.slice(0, 2048));
    expect(reader.bytes(entry!, 'before')).toEqual(filled(7, 4));
  });

  test('when it is read for the log: the write is made all the same, over what is not known', () => {
    const mishaps: (DiskMishap | undefined)[] = ['error', undefined];
    const { image, disk, reader } = failing(() => mishaps.shift());
    disk.write(2, filled(9, 1));
    expect(image.subarray(1024, 1536)).toEqual(filled(9, 1));
    expect(reader.look()).toMatchObject([{ kind: 'write', knowsBefore: false, isUnfetched: false }]);
  });

  test('altogether: no way leads back over that write', () => {
    const { disk, reader } = setup();
    disk.write(0, filled(1, 1));
    const broken = new LoggedDisk(new FaultyDisk(disk.disk, () => 'error'), disk.log, () => 0);
    expect(() => broken.write(0, filled(9, 1))).toThrow('refuses to write');
    reader.look();
    expect([reader.entries, reader.writes]).toEqual([[], 2]);
    expect(() => broken.flush()).toThrow('refuses to flush');
    expect(reader.look()).toEqual([]);
  });
});

test('what would have to be fetched first is not read for the log', () => {
  const { disk, reader } = setup();
  const reads: number[] = [];
  const distant = {
    sectors: 64,
    readOnly: false,
    read: (sector: number) => void reads.push(sector),
    write: () => {},
    flush: () => {},
    isHere: (sector: number, length: number) => sector * 512 + length <= 4096,
  };
  const logged = new LoggedDisk(distant, disk.log, () => 0);
  logged.write(7, filled(1, 2));
  logged.write(7, filled(1, 1));
  expect(reader.look().map(({ isUnfetched }) => isUnfetched)).toEqual([true, false]);
  expect(reads).toEqual([7]);
});
