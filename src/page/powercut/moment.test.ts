import { describe, expect, test } from 'vitest';
import { Random } from '../../libmicrokit/random';
import { differences } from './differences';
import { DiskCache } from './disk_cache';
import { Moment, MomentGone } from './moment';
import { LoggedMachine } from './testing/logged_machine';
import { WriteHistory } from './write_history';

const SECTORS = 64;
const filled = (byte: number, sectors = 1) => new Uint8Array(512 * sectors).fill(byte);

/** A machine after random writes, and its disk before each of them. */
function written(seed: number, writes: number, capacity = 0x10_0000) {
  const random = new Random(seed);
  const machine = new LoggedMachine(filled(0xaa, SECTORS));
  machine.capacity = capacity;
  machine.boot();
  const moments = [machine.image.slice()];
  const write = () => {
    const sectors = 1 + random.below(8);
    machine.disk.write(random.below(SECTORS - sectors), filled(moments.length & 255, sectors));
    moments.push(machine.image.slice());
  };
  for (let n = 0; n < writes; n++) write();
  return { machine, moments, random, write };
}

describe('a moment', () => {
  test.each([1, 2, 3])('is the disk as it was then, for every one the log leads back to (seed %d)', async (seed) => {
    const { machine, moments } = written(seed, 200, 0x2_0000);
    const history = machine.history();
    expect([history.first > 20, history.last]).toEqual([true, 200]);
    for (let n = history.first; n <= history.last; n++) {
      const image = await new Moment(history, n, machine.page, SECTORS).read(0, SECTORS);
      expect(Buffer.compare(image, moments[n]!), `moment ${n}`).toBe(0);
    }
  });

  test.each([1, 2])('is that also while the disk is written, piece by piece (seed %d)', async (seed) => {
    const { machine, moments, random, write } = written(seed, 20, 0x40_0000);
    const history = machine.history();
    machine.meanwhile = write;
    const cache = new DiskCache(machine.page, history);
    for (let n = 0; n < 20; n++) {
      const moment = new Moment(history, n, random.below(2) ? machine.page : cache, SECTORS);
      for (let at = 0; at < SECTORS; at += 4) {
        const bytes = await moment.read(at, 4);
        expect(Buffer.compare(bytes, moments[n]!.subarray(at * 512, (at + 4) * 512)), `${n} at ${at}`).toBe(0);
      }
    }
  });

  test('that has been written over is refused, in words', async () => {
    const { machine, write } = written(1, 30, 0x1_0000);
    const history = machine.history();
    const { first } = history;
    expect(() => new Moment(history, first - 1, machine.page, SECTORS)).toThrow(MomentGone);
    expect(() => new Moment(history, 31, machine.page, SECTORS)).toThrow(MomentGone);
    const moment = new Moment(history, first, machine.page, SECTORS);
    for (let n = 0; n < 30; n++) write();
    await expect(moment.read(0, 1)).rejects.toThrow(`The disk after write ${first} cannot be had any more`);
  });

  test('of another system is refused', async () => {
    const { machine } = written(1, 5);
    const history = machine.history();
    const moment = new Moment(history, 2, machine.page, SECTORS);
    machine.boot();
    for (let n = 0; n < 5; n++) machine.disk.write(0, filled(n));
    await expect(moment.read(0, 1)).rejects.toThrow(MomentGone);
    expect([history.first, history.last, history.boot]).toEqual([0, 5, 2]);
  });
});

test('what was never fetched is fetched now, whole runs at a time', async () => {
  const machine = new LoggedMachine(filled(1, SECTORS));
  const server = filled(1, SECTORS);
  machine.image.set(filled(7, 16), 16 * 512);
  machine.disk.log.wrote(16, 'unfetched', filled(7, 16), 0);
  machine.disk.write(20, filled(8));
  const asked: number[][] = [];
  const origin = async (offset: number, length: number) => {
    asked.push([offset / 512, length / 512]);
    return server.slice(offset, offset + length);
  };
  const history = new WriteHistory(machine.memory, origin);
  history.look();
  expect([history.first, history.last, history.isBlind]).toEqual([0, 2, false]);
  const then = await new Moment(history, 0, machine.page, SECTORS).read(8, 40);
  expect(Buffer.compare(then, filled(1, 40))).toBe(0);
  expect(asked).toEqual([[16, 16]]);
  expect((await new Moment(history, 1, machine.page, SECTORS).read(20, 1))[0]).toBe(7);
  expect(differences(history, 0, 1)).toEqual({ sectors: [], isCut: false, unfetched: 16 });
  expect(differences(history, 1, 2)).toMatchObject({ unfetched: 0 });
  machine.disk.log.wrote(3, 'unread', filled(1), 0);
  history.look();
  expect([history.first, history.isBlind]).toEqual([3, true]);
});

describe('the history', () => {
  test('begins after the last write over what nobody knows', () => {
    const { machine } = written(1, 5);
    machine.disk.log.wrote(3, 'unfetched', filled(1), 0);
    machine.disk.write(4, filled(2));
    const history = machine.history();
    expect([history.first, history.last, history.writes.length, history.isBlind]).toEqual([6, 7, 1, true]);
  });

  test('knows the moments at which everything was flushed', () => {
    const { machine, write } = written(1, 2);
    machine.disk.flush();
    write();
    machine.disk.flush();
    expect([...machine.history().flushes.keys()]).toEqual([2, 3]);
  });

  test('of a log that no driver wrote has what it can have, and ends', () => {
    const { machine, random } = written(4, 50);
    const history = machine.history();
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 50; i++)
        machine.log.view.setUint32(4 * random.below(machine.log.size / 4), random.below(5000), true);
      machine.log.words.set([random.below(0x1_0000), random.below(0x1_0000), random.below(9)]);
      history.look();
      expect(history.last - history.first).toBe(history.writes.length);
      differences(history, history.first, history.last);
    }
    expect(history.broken).toBeGreaterThan(10);
  });
});

describe('the cache', () => {
  test('asks for each block once, and again for what was written', async () => {
    const { machine } = written(1, 3);
    const cache = new DiskCache(machine.page, machine.history());
    await cache.bytes(0, 16_384);
    await cache.bytes(512, 4096);
    expect(machine.reads).toBe(1);
    machine.disk.write(9, filled(0x77));
    expect((await cache.bytes(9 * 512, 512))[0]).toBe(0x77);
    await cache.bytes(0, 4096);
    expect(machine.reads).toBe(2);
  });

  test('keeps nothing that was written while it was read, whoever has looked since', async () => {
    const machine = new LoggedMachine(filled(1, 64));
    const cache = new DiskCache(machine.page, machine.history());
    let others: Promise<Uint8Array> | undefined;
    machine.meanwhile = () => {
      machine.meanwhile = () => {};
      machine.disk.write(8, filled(2));
      others = cache.bytes(4096 * 5, 512);
    };
    await cache.bytes(4096, 512);
    await others;
    expect((await cache.bytes(4096, 512))[0]).toBe(2);
  });

  test('keeps nothing of another system', async () => {
    const machine = new LoggedMachine(filled(1, 16));
    const cache = new DiskCache(machine.page, machine.history());
    expect((await cache.bytes(0, 512))[0]).toBe(1);
    machine.boot(filled(2, 32));
    expect([(await cache.bytes(0, 512))[0], await cache.size()]).toEqual([2, 16_384]);
    machine.meanwhile = () => machine.boot(filled(3, 32));
    await cache.bytes(4096, 512);
    machine.meanwhile = () => {};
    expect((await cache.bytes(4096, 512))[0]).toBe(3);
  });
});

describe('differences', () => {
  test.each([1, 2, 3])('are the sectors that differ, whatever was written in between (seed %d)', (seed) => {
    const { machine, moments, random } = written(seed, 60);
    const history = machine.history();
    for (let i = 0; i < 40; i++) {
      const from = random.below(60);
      const to = from + random.below(61 - from);
      const expected = [...Array(SECTORS).keys()].filter(
        (n) => Buffer.compare(sector(moments[from]!, n), sector(moments[to]!, n)) !== 0,
      );
      const found = differences(history, from, to)!.sectors;
      expect(found.map((changed) => changed.sector)).toEqual(expected);
      for (const { sector: n, before, after } of found) {
        expect(Buffer.compare(before, sector(moments[from]!, n))).toBe(0);
        expect(Buffer.compare(after, sector(moments[to]!, n))).toBe(0);
      }
    }
  });

  test('are none where the log does not lead', () => {
    const { machine } = written(1, 60, 0x1_0000);
    const history = machine.history();
    expect(differences(history, history.first - 1, history.first)).toBeUndefined();
    expect(differences(history, history.first, history.last + 1)).toBeUndefined();
  });
});

const sector = (image: Uint8Array, n: number) => image.slice(n * 512, (n + 1) * 512);
