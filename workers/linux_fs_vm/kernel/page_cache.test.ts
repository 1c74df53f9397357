/** The page cache over a queue of the test's: what it asks of the disk, and what it promises. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/libmicrokit/random';
import { region } from '../../../src/protocol/region';
import { PageCache } from './page_cache';
import type { BlockRequest, RequestQueue } from './request_queue';

const PAGE = 4096;
const RAM_BASE = 0x4000_0000;

/** Holds requests until `wait`, then answers them in an order drawn from a seed. */
class FakeQueue implements RequestQueue {
  readonly ram = region('ram', 16 << 20);
  readonly disk: Uint8Array;
  readonly log: string[] = [];
  readonly maxSegments = 126;
  readonly maxBytes = 64 * PAGE;
  readOnly = false;
  dead = false;
  /** Requests for which this is true fail. */
  fails: (request: BlockRequest) => boolean = () => false;
  inFlight: BlockRequest[] = [];
  mostInFlight = 0;
  readonly #random: Random;

  constructor(
    readonly pages: number,
    seed = 1,
  ) {
    this.disk = new Uint8Array(pages * PAGE);
    this.#random = new Random(seed);
  }

  get capacity(): number {
    return this.pages * 8;
  }

  submit(request: BlockRequest): void {
    const length = request.segments.reduce((sum, segment) => sum + segment.length, 0);
    expect(request.segments.length).toBeLessThanOrEqual(this.maxSegments);
    expect(length).toBeLessThanOrEqual(this.maxBytes);
    this.log.push(request.op === 'flush' ? 'flush' : `${request.op} ${request.sector / 8}+${length / PAGE}`);
    if (this.dead) return request.done(false);
    this.inFlight.push(request);
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight.length);
  }

  wait(): void {
    if (this.inFlight.length === 0) throw new Error('sleeps for ever');
    const [request] = this.inFlight.splice(this.#random.below(this.inFlight.length), 1);
    const ok = !this.fails(request!);
    if (ok) this.#transfer(request!);
    request!.done(ok);
  }

  #transfer({ op, sector, segments }: BlockRequest): void {
    let at = sector * 512;
    for (const { phys, length } of segments) {
      const memory = this.ram.bytes.subarray(phys - RAM_BASE, phys - RAM_BASE + length);
      if (op === 'read') memory.set(this.disk.subarray(at, at + length));
      else this.disk.set(memory, at);
      at += length;
    }
  }
}

function cacheOver(queue: FakeQueue, pages = 256): PageCache {
  const bytes = queue.ram.bytes.subarray(0, pages * PAGE);
  return new PageCache(queue, { phys: RAM_BASE, bytes, view: new DataView(bytes.buffer, 0, bytes.length) });
}

describe.each([1, 2, 3])('seed %d', (seed) => {
  test('random reads, writes and flushes equal a plain array, with far more disk than cache', () => {
    const queue = new FakeQueue(1000, seed);
    const cache = cacheOver(queue, 100);
    const model = new Uint8Array(cache.length);
    const random = new Random(seed);
    for (let step = 0; step < 800; step++) {
      const length = 1 + random.below(random.below(4) === 0 ? 300_000 : 9000);
      const offset = random.below(cache.length - length);
      if (random.below(2) === 0) {
        const bytes = new Uint8Array(length).fill(random.below(256));
        cache.write(offset, bytes);
        model.set(bytes, offset);
      } else {
        const got = new Uint8Array(length);
        cache.read(offset, got);
        if (Buffer.compare(got, model.subarray(offset, offset + length)) !== 0) throw new Error(`step ${step}`);
      }
      const sector = random.below(cache.length / 512);
      expect(Buffer.compare(cache.sector(sector), model.subarray(sector * 512, sector * 512 + 512))).toBe(0);
      expect(cache.cachedPages).toBeLessThanOrEqual(100);
      if (random.below(20) !== 0) continue;
      cache.flush();
      expect(queue.inFlight.filter(({ op }) => op !== 'read')).toHaveLength(0);
      if (step % 10 === 0) expect(Buffer.compare(queue.disk, model)).toBe(0);
    }
  });
});

describe('writing', () => {
  test('neighbouring dirty pages go in one request, lowest first, then the flush', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    for (const page of [7, 3, 4, 5, 20]) cache.write(page * PAGE, new Uint8Array(PAGE).fill(page));
    expect(queue.log).toEqual([]);
    cache.flush();
    expect(queue.log).toEqual(['write 3+3', 'write 7+1', 'write 20+1', 'flush']);
  });

  test('a whole page is written without being read, a part after reading it', () => {
    const queue = new FakeQueue(100);
    queue.disk.fill(9);
    const cache = cacheOver(queue);
    cache.write(8 * PAGE, new Uint8Array(PAGE).fill(1));
    expect(queue.log).toEqual([]);
    cache.write(PAGE + 10, Uint8Array.of(1, 2, 3));
    expect(queue.log).toEqual(['read 1+1']);
    cache.flush();
    expect([...queue.disk.slice(PAGE + 9, PAGE + 14)]).toEqual([9, 1, 2, 3, 9]);
  });

  test('nothing is flushed when nothing was written', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    cache.flush();
    cache.read(0, new Uint8Array(10));
    cache.flush();
    expect(queue.log).toEqual(['read 0+1']);
  });

  test('a page in flight is not changed: the second write goes out after the first is back', () => {
    const queue = new FakeQueue(200);
    const cache = cacheOver(queue);
    for (let page = 0; page < 64; page++) cache.write(page * PAGE, new Uint8Array(PAGE).fill(1));
    expect(queue.inFlight.length).toBeGreaterThan(0);
    cache.write(5 * PAGE, new Uint8Array(PAGE).fill(2));
    expect(queue.inFlight.some(({ sector, segments }) => sector <= 40 && sector + segments[0]!.length / 512 > 40)).toBe(
      false,
    );
    cache.flush();
    expect(queue.disk[5 * PAGE]).toBe(2);
    expect(queue.disk[6 * PAGE]).toBe(1);
  });

  test('nor is it for a part of it', () => {
    const queue = new FakeQueue(200);
    const cache = cacheOver(queue);
    for (let page = 0; page < 64; page++) cache.write(page * PAGE, new Uint8Array(PAGE).fill(1));
    expect(queue.inFlight.length).toBeGreaterThan(0);
    cache.write(5 * PAGE + 7, Uint8Array.of(2));
    expect(queue.inFlight).toEqual([]);
    expect(queue.disk[5 * PAGE + 7]).toBe(1);
    cache.flush();
    expect(queue.disk[5 * PAGE + 7]).toBe(2);
  });

  test('several requests are in flight at once', () => {
    const queue = new FakeQueue(400);
    const cache = cacheOver(queue);
    for (let page = 0; page < 60; page += 2) cache.write(page * PAGE, new Uint8Array(PAGE));
    cache.flush();
    expect(queue.mostInFlight).toBe(30);
  });

  test('a read-only device refuses', () => {
    const queue = new FakeQueue(10);
    queue.readOnly = true;
    expect(() => cacheOver(queue).write(0, new Uint8Array(1))).toThrow('EROFS');
  });
});

describe('errors', () => {
  test('a failed write is told by the next flush, once, and the flush is sent all the same', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    queue.fails = ({ op, sector }) => op === 'write' && sector === 24;
    cache.write(3 * PAGE, new Uint8Array(PAGE));
    cache.write(9 * PAGE, new Uint8Array(PAGE).fill(5));
    expect(() => cache.flush()).toThrow('EIO');
    expect(queue.disk[9 * PAGE]).toBe(5);
    cache.flush();
  });

  test('a failed flush is told', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    queue.fails = ({ op }) => op === 'flush';
    cache.write(0, new Uint8Array(PAGE));
    expect(() => cache.flush()).toThrow('EIO');
  });

  test('a failed read is told, is not cached, and read-ahead that failed is tried again', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    queue.fails = ({ op }) => op === 'read';
    expect(() => cache.read(0, new Uint8Array(10))).toThrow('EIO');
    expect(() => cache.write(100, new Uint8Array(10))).toThrow('EIO');
    expect(cache.cachedPages).toBe(0);
    queue.fails = () => false;
    queue.disk.fill(3);
    const got = new Uint8Array(20 * PAGE);
    cache.read(0, got);
    expect(got.every((byte) => byte === 3)).toBe(true);
  });

  test('a device that died answers EIO and never waits', () => {
    const queue = new FakeQueue(100);
    const cache = cacheOver(queue);
    cache.write(0, new Uint8Array(PAGE));
    queue.dead = true;
    expect(() => cache.flush()).toThrow('EIO');
    expect(() => cache.read(5 * PAGE, new Uint8Array(10))).toThrow('EIO');
    cache.drop();
  });
});

describe('reading', () => {
  test('a sequential reader finds the next pages asked for before it needs them, in windows up to 64 pages', () => {
    const queue = new FakeQueue(1000);
    const cache = cacheOver(queue, 512);
    let slept = 0;
    const wait = queue.wait.bind(queue);
    queue.wait = () => {
      slept++;
      wait();
    };
    for (let page = 0; page < 400; page++) {
      cache.read(page * PAGE, new Uint8Array(PAGE));
      while (queue.inFlight.length > 0) wait();
    }
    expect(slept).toBeLessThanOrEqual(2);
    const sizes = queue.log.map((line) => Number(line.split('+')[1]));
    expect(sizes[0]).toBe(1);
    expect(Math.max(...sizes)).toBe(64);
    expect(queue.log.length).toBeLessThan(20);
  });

  test('one large read keeps the disk busy ahead of the copy', () => {
    const queue = new FakeQueue(1000);
    cacheOver(queue, 512).read(0, new Uint8Array(256 * PAGE));
    expect(queue.mostInFlight).toBeGreaterThan(1);
    expect(queue.log.length).toBeLessThan(12);
  });

  test('with next to no memory a sequential reader still gets the right bytes', () => {
    for (const pages of [1, 2, 3, 5, 10, 20, 40, 60]) {
      const queue = new FakeQueue(100);
      for (let page = 0; page < 100; page++) queue.disk.fill(page, page * PAGE, (page + 1) * PAGE);
      const cache = cacheOver(queue, pages);
      const got = new Uint8Array(3 * PAGE);
      for (let page = 0; page < 97; page++) {
        cache.read(page * PAGE + 100, got);
        expect([got[0], got[PAGE], got[2 * PAGE], got[3 * PAGE - 1]]).toEqual([page, page + 1, page + 2, page + 3]);
      }
    }
  });

  test('a random reader gets what it asked for and no more', () => {
    const queue = new FakeQueue(1000);
    const cache = cacheOver(queue);
    for (const page of [500, 20, 700, 3]) cache.read(page * PAGE + 5, new Uint8Array(10));
    expect(queue.log).toEqual(['read 500+1', 'read 20+1', 'read 700+1', 'read 3+1']);
  });

  test('outside the device is our own mistake', () => {
    const cache = cacheOver(new FakeQueue(2));
    for (const [offset, length] of [
      [2 * PAGE, 1],
      [2 * PAGE - 1, 2],
      [-1, 1],
      [Number.NaN, 1],
    ] as const) {
      expect(() => cache.read(offset, new Uint8Array(length))).toThrow(RangeError);
      expect(() => cache.write(offset, new Uint8Array(length))).toThrow(RangeError);
    }
  });
});
