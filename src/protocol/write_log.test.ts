import { describe, expect, test, vi } from 'vitest';
import { Random } from '../libmicrokit/random';
import { region } from './region';
import { WRITE_LOG_SIZE, WriteLog } from './write_log';
import { type WriteEntry, WriteLogReader } from './write_log_reader';

const bytesOf = (n: number, sectors: number) => Uint8Array.from({ length: 512 * sectors }, (_, i) => (n + 7 * i) & 255);

function setup(capacity = 0x1_0000) {
  const at = region('blk_driver_write_log', 4096 + capacity);
  let now = 0;
  const log = new WriteLog(at, () => ++now);
  return { at, log, reader: new WriteLogReader(at) };
}

describe('the log', () => {
  test('head, tail, writes; in a record time, number, request, sector, length, kind, the bytes before and after', () => {
    const { at, log } = setup();
    log.wrote(0x1_0000_0005, bytesOf(1, 1), bytesOf(2, 1), 77);
    log.flushed();
    log.wrote(9, 'unread', bytesOf(3, 2), 0);
    log.wrote(9, 'unfetched', bytesOf(3, 1), 0);
    const { view } = at;
    expect([...at.words.subarray(0, 4)]).toEqual([0, 1056 + 32 + 1056 + 544, 3, 0]);
    expect([view.getBigUint64(4096, true), view.getUint32(4104, true), view.getUint32(4108, true)]).toEqual([
      1n,
      0,
      77,
    ]);
    expect(view.getBigUint64(4112, true)).toBe(0x1_0000_0005n);
    expect([view.getUint32(4120, true), view.getUint32(4124, true)]).toEqual([512, 0]);
    expect(at.bytes.slice(4128, 4640)).toEqual(bytesOf(1, 1));
    expect(at.bytes.slice(4640, 5152)).toEqual(bytesOf(2, 1));
    expect([view.getUint32(5152 + 8, true), view.getUint32(5152 + 24, true), view.getUint32(5152 + 28, true)]).toEqual([
      1, 0, 2,
    ]);
    expect([view.getUint32(5184 + 8, true), view.getUint32(5184 + 24, true), view.getUint32(5184 + 28, true)]).toEqual([
      1, 1024, 1,
    ]);
    expect(at.bytes.slice(5216, 6240)).toEqual(bytesOf(3, 2));
    expect(view.getUint32(6240 + 28, true)).toBe(3);
  });

  test('is a page and 8 MiB, and only a page and a power of two are taken', () => {
    expect(WRITE_LOG_SIZE).toBe(0x80_1000);
    expect(() => new WriteLogReader(region('blk_driver_write_log', 4096 + 12_000))).toThrow(/blk_driver_write_log/);
  });

  test('a flush that flushes nothing is none', () => {
    const { log, reader } = setup();
    log.flushed();
    log.wrote(1, bytesOf(0, 1), bytesOf(1, 1), 0);
    log.flushed();
    log.flushed();
    expect(reader.look().map(({ kind }) => kind)).toEqual(['write', 'flush']);
  });

  test('no way leads back over a write that is lost, or that is too long', () => {
    const { log, reader } = setup();
    const one = () => log.wrote(1, bytesOf(0, 1), bytesOf(1, 1), 0);
    for (const lose of [() => log.lost(), () => log.wrote(0, bytesOf(0, 64), bytesOf(1, 64), 0)]) {
      one();
      lose();
      reader.look();
      expect(reader.entries).toEqual([]);
      one();
      expect([reader.look().length, reader.entries.length, reader.broken]).toEqual([1, 1, 0]);
    }
    expect([reader.entries[0]!.number, reader.writes]).toEqual([5, 6]);
  });
});

describe('its reader', () => {
  test('sees each entry once, and its bytes whole or by sectors', () => {
    const { log, reader } = setup();
    log.wrote(40, bytesOf(1, 3), bytesOf(2, 3), 5);
    const [entry] = reader.look();
    expect(entry).toEqual({
      kind: 'write',
      number: 0,
      timeNs: 1,
      request: 5,
      sector: 40,
      sectors: 3,
      knowsBefore: true,
      isUnfetched: false,
      position: 0,
    });
    expect([reader.look(), reader.isBehind, reader.entries]).toEqual([[], false, [entry]]);
    expect(reader.bytes(entry!, 'before')).toEqual(bytesOf(1, 3));
    expect(reader.bytes(entry!, 'after')).toEqual(bytesOf(2, 3));
    expect(reader.bytes(entry!, 'after', 1, 1)).toEqual(bytesOf(2, 3).slice(512, 1024));
    expect(reader.bytes(entry!, 'before', 2)).toEqual(bytesOf(1, 3).slice(1024));
    log.flushed();
    expect(reader.isBehind).toBe(true);
  });

  test('knows what is not known', () => {
    const { log, reader } = setup();
    log.wrote(40, 'unread', bytesOf(2, 1), 0);
    log.wrote(41, 'unfetched', bytesOf(3, 1), 0);
    const [entry, unfetched] = reader.look();
    expect([entry!.isUnfetched, unfetched!.isUnfetched, unfetched!.knowsBefore]).toEqual([false, true, false]);
    expect(reader.bytes(unfetched!, 'after')).toEqual(bytesOf(3, 1));
    expect([entry!.knowsBefore, reader.bytes(entry!, 'before'), reader.bytes(entry!, 'after')]).toEqual([
      false,
      undefined,
      bytesOf(2, 1),
    ]);
  });

  test('that comes late begins with the oldest that is left', () => {
    const { at, log } = setup(0x2000);
    for (let n = 0; n < 20; n++) log.wrote(n, bytesOf(n, 1), bytesOf(n + 1, 1), 0);
    const reader = new WriteLogReader(at);
    expect(reader.look().map(({ number }) => number)).toEqual([13, 14, 15, 16, 17, 18, 19]);
    expect(reader.writes).toBe(20);
  });

  test.each([1, 2, 3])('has the newest entries that fit, each as it was written (seed %d)', (seed) => {
    const { log, reader } = setup(0x8000);
    const random = new Random(seed);
    const written: { sector: number; n: number; sectors: number }[] = [];
    let seen: WriteEntry[] = [];
    for (let n = 0; n < 500; n++) {
      const [sector, sectors] = [random.below(1000), 1 + random.below(9)];
      log.wrote(sector, random.below(5) === 0 ? 'unread' : bytesOf(n, sectors), bytesOf(n + 1, sectors), n);
      written.push({ sector, n, sectors });
      if (random.below(3) === 0) log.flushed();
      if (random.below(8) > 0) continue;
      seen = seen.concat(reader.look());
      for (const entry of reader.entries.filter(({ kind }) => kind === 'write')) {
        const { sector, n, sectors } = written[entry.number]!;
        expect([entry.sector, entry.sectors, entry.request]).toEqual([sector, sectors, n]);
        expect(Buffer.compare(reader.bytes(entry, 'after')!, bytesOf(n + 1, sectors))).toBe(0);
        if (entry.knowsBefore) expect(Buffer.compare(reader.bytes(entry, 'before')!, bytesOf(n, sectors))).toBe(0);
      }
      expect(reader.entries.at(-1)).toMatchObject({ number: n + (reader.entries.at(-1)!.kind === 'flush' ? 1 : 0) });
    }
    const numbers = seen.filter(({ kind }) => kind === 'write').map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect([numbers.length > 200, reader.entries.length > 3, reader.broken]).toEqual([true, true, 0]);
  });

  test('an entry that was written over has no bytes any more', () => {
    const { log, reader } = setup(0x2000);
    log.wrote(0, bytesOf(0, 1), bytesOf(1, 1), 0);
    const [entry] = reader.look();
    for (let n = 0; n < 20; n++) log.wrote(n, bytesOf(n, 1), bytesOf(n + 1, 1), 0);
    expect(reader.bytes(entry!, 'before')).toBeUndefined();
    expect(reader.look().map(({ number }) => number)).toEqual([14, 15, 16, 17, 18, 19, 20]);
    expect(reader.entries).toHaveLength(7);
  });

  test('gives out nothing of an entry that the driver writes over while it is copied', () => {
    const { at, log, reader } = setup(0x2000);
    log.wrote(0, bytesOf(0, 1), bytesOf(1, 1), 0);
    const [entry] = reader.look();
    const load = Atomics.load;
    const spy = vi.spyOn(Atomics, 'load').mockImplementation(((words: Int32Array, index: number) => {
      spy.mockRestore();
      for (let n = 0; n < 20; n++) log.wrote(n, bytesOf(n, 1), bytesOf(n + 1, 1), 0);
      return load(words, index);
    }) as typeof Atomics.load);
    expect(reader.bytes(entry!, 'after')).toBeUndefined();
    expect(at.words[2]).toBe(21);
  });

  test('leaves out what was before a write that is missing', () => {
    const { at, log, reader } = setup();
    for (let n = 0; n < 3; n++) log.wrote(n, bytesOf(n, 1), bytesOf(n, 1), 0);
    at.view.setUint32(4096 + 2 * 1056 + 8, 7, true);
    expect(reader.look().map(({ number }) => number)).toEqual([7]);
    expect(reader.entries).toHaveLength(1);
  });
});

describe('what no driver writes', () => {
  const KIND = 28;
  const LENGTH = 24;
  test.each([
    ['a kind that does not exist', KIND, 9],
    ['a length that is no sectors', LENGTH, 500],
    ['a write of nothing', LENGTH, 0],
    ['a length past the end', LENGTH, 0x4000_0000],
    ['a flush with bytes', KIND, 2],
    ['a sector that no disk has', 20, 0xffff_ffff],
    ['a time that is none', 4, 0xffff_ffff],
  ])('%s is left out, and the next entry is seen', (_, offset, value) => {
    const { at, log, reader } = setup();
    log.wrote(5, bytesOf(0, 1), bytesOf(1, 1), 0);
    at.view.setUint32(4096 + offset, value, true);
    expect([reader.look(), reader.broken, reader.entries]).toEqual([[], 1, []]);
    log.wrote(6, bytesOf(0, 1), bytesOf(1, 1), 0);
    expect(reader.look()).toMatchObject([{ sector: 6 }]);
  });

  test('a number that was already there is left out with all before it', () => {
    const { at, log, reader } = setup();
    for (let n = 0; n < 3; n++) log.wrote(n, bytesOf(n, 1), bytesOf(n, 1), 0);
    at.view.setUint32(4096 + 2 * 1056 + 8, 1, true);
    expect([reader.look(), reader.broken]).toEqual([[], 1]);
  });

  test.each([1, 2, 3, 4])('anything at all ends without an error, and no entry is outside (seed %d)', (seed) => {
    const random = new Random(seed);
    const { at, reader } = setup(0x4000);
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 40; i++) at.view.setUint32(4 * random.below(at.size / 4), random.below(4096), true);
      for (let i = 0; i < 3; i++) at.view.setUint32(4 * i, random.below(0x8000), true);
      reader.look();
      for (const entry of reader.entries) {
        expect(entry.sectors * 512).toBeLessThanOrEqual(0x4000);
        const { length } = reader.bytes(entry, 'after') ?? { length: 512 * entry.sectors };
        expect(length).toBe(512 * entry.sectors);
      }
    }
    expect(reader.broken).toBeGreaterThan(30);
  });
});
