/**
 * What any sDDF block driver owes its virtualiser, whatever its device: run over each driver with its real device model and a disk
 * of the test's. A driver's own test file calls it with the program that puts the driver before a disk.
 */
import { describe, expect, test } from 'vitest';
import type { Disk } from '../../src/hw/disk';
import type { Program } from '../../src/libmicrokit/pd';
import { Random } from '../../src/libmicrokit/random';
import { type BlockDriverBench, blockDriverBench, type DriverSetup } from './block_driver_bench';

const [READ, WRITE, FLUSH, BARRIER] = [0, 1, 2, 3];
const [OK, INVALID_PARAM, IO] = [0, 2, 3];
const BLOCK = 4096;
/** 512 KiB: the unit in which an SD card counts. */
const BLOCKS = 128;

/** A disk that notes what is done to it and fails the operations that `fails` names. */
class WatchedDisk implements Disk {
  readonly sectors = BLOCKS * 8;
  readonly bytes = new Uint8Array(BLOCKS * BLOCK);
  readonly log: string[] = [];
  fails: (operation: string) => boolean = () => false;

  constructor(readonly readOnly = false) {}

  read(sector: number, into: Uint8Array): void {
    this.#note(`read ${sector / 8}`);
    into.set(this.bytes.subarray(sector * 512, sector * 512 + into.length));
  }

  write(sector: number, bytes: Uint8Array): void {
    this.#note(`write ${sector / 8}`);
    this.bytes.set(bytes, sector * 512);
  }

  flush(): void {
    this.#note('flush');
  }

  #note(operation: string): void {
    if (this.fails(operation)) throw new Error('the medium failed');
    this.log.push(operation);
  }
}

export interface DriverUnderTest extends DriverSetup {
  readonly name: string;
  readonly program: (disk: Disk) => Program;
  /** When what was written is on the medium: a card has programmed a write when it answers it. */
  readonly durable: 'after FLUSH' | 'after each write';
}

export function blockDriverConformance(driver: DriverUnderTest): void {
  const start = (disk: Disk, seed = 1): Promise<BlockDriverBench> =>
    blockDriverBench(driver, driver.program(disk), seed);

  describe(`${driver.name} as a block driver`, () => {
    test('tells the size of its disk before anything is asked', async () => {
      const { info } = await start(new WatchedDisk());
      expect(info.view.getUint8(65), 'ready').toBe(1);
      expect(info.view.getUint8(64), 'read_only').toBe(0);
      expect(info.view.getUint16(66, true), 'sector_size').toBe(512);
      expect(info.view.getBigUint64(80, true), 'capacity').toBe(BigInt(BLOCKS));
    });

    test('a disk that may only be read says so, and a write to it fails', async () => {
      const disk = new WatchedDisk(true);
      const bench = await start(disk);
      expect(bench.info.view.getUint8(64)).toBe(1);
      const [answer] = bench.ask([{ code: WRITE, block: 0, count: 1, at: 0 }]);
      expect([answer!.status === OK, answer!.success_count]).toEqual([false, 0]);
      expect(disk.bytes.every((byte) => byte === 0)).toBe(true);
    });

    test.each([1, 2, 3])('batches of reads and writes equal a plain array (seed %d)', async (seed) => {
      const disk = new WatchedDisk();
      const bench = await start(disk, seed);
      const random = new Random(seed);
      const model = new Uint8Array(BLOCKS * BLOCK);
      for (let round = 0; round < 60; round++) randomBatch(bench, random, model);
      expect(Buffer.compare(disk.bytes, model)).toBe(0);
    });

    test('a full ring of requests is answered once each, under its own id', async () => {
      const bench = await start(new WatchedDisk());
      const requests = Array.from({ length: 128 }, (_, i) => ({
        code: READ,
        block: i % BLOCKS,
        count: 1,
        at: i,
        id: 0xffff_ff00 + i,
      }));
      const answers = bench.ask(requests);
      expect(answers.map(({ id }) => id).sort()).toEqual(requests.map(({ id }) => id).sort());
      expect(answers.every(({ status, success_count }) => status === OK && success_count === 1)).toBe(true);
    });

    test('who does not read answers gets no more than the ring holds; none is lost', async () => {
      const bench = await start(new WatchedDisk());
      const ids = Array.from({ length: 512 }, (_, id) => id);
      const got: number[] = [];
      let next = 0;
      const fill = () => {
        const batch = ids.slice(next, next + bench.req.free);
        next += batch.length;
        bench.put(...batch.map((id) => ({ code: READ, block: 0, count: 1, at: 0, id })));
        bench.ring();
      };
      while (got.length < ids.length) {
        for (let times = 0; times < 3; times++) fill();
        expect(bench.resp.available).toBe(128);
        got.push(...bench.answers().map(({ id }) => id));
      }
      expect(got.sort((a, b) => a - b)).toEqual(ids);
    });

    test('an I/O error comes back under the id of the request that had it, with nothing counted as done', async () => {
      for (let k = 0; k < 8; k++) {
        const disk = new WatchedDisk();
        disk.fails = (operation) => operation === `write ${k}`;
        const bench = await start(disk);
        const answers = bench.ask(
          Array.from({ length: 8 }, (_, i) => ({ code: WRITE, block: i, count: 1, at: i, id: 70 + i })),
        );
        const failed = answers.filter(({ status }) => status !== OK);
        expect(failed).toEqual([{ status: IO, success_count: 0, id: 70 + k }]);
        expect(answers).toHaveLength(8);
      }
    });

    test('what was written before a FLUSH is on the medium when it is answered, and a failure of that is an error', async () => {
      const disk = new WatchedDisk();
      const bench = await start(disk);
      const everyWrite = driver.durable === 'after each write';
      const write = (block: number) => ({ code: WRITE, block, count: 1, at: block });
      const answers = bench.ask([write(1), write(2), { code: FLUSH }, write(3), { code: BARRIER }, write(4)]);
      expect(answers.map(({ status }) => status)).toEqual([OK, OK, OK, OK, OK, OK]);
      const writes = [1, 2, 3, 4].map((block) => `write ${block}`);
      expect(disk.log).toEqual(
        everyWrite
          ? writes.flatMap((written) => [written, 'flush'])
          : [...writes.slice(0, 2), 'flush', ...writes.slice(2)],
      );
      disk.fails = (operation) => operation === 'flush';
      expect(bench.ask([everyWrite ? write(5) : { code: FLUSH }])[0]!.status).toBe(IO);
    });

    test.each([
      ['past the end', { code: READ, block: BLOCKS, count: 1, at: 0 }],
      ['across the end', { code: WRITE, block: BLOCKS - 1, count: 2, at: 0 }],
      ['a block number that wraps', { code: READ, block: 2n ** 64n - 1n, count: 2, at: 0 }],
      ['a block number that no number holds', { code: WRITE, block: 2n ** 63n + 1n, count: 1, at: 0 }],
      ['an address that no number holds', { code: READ, block: 0, count: 1, paddr: 2n ** 64n - 4096n }],
      ['no blocks', { code: READ, block: 0, count: 0, at: 0 }],
      ['more blocks than the disk has', { code: READ, block: 0, count: 65535, at: 0 }],
      ['an unknown code', { code: 77, block: 0, count: 1, at: 0 }],
    ])('%s is an invalid parameter and touches nothing', async (_, request) => {
      const disk = new WatchedDisk();
      const bench = await start(disk);
      expect(bench.ask([{ ...request, id: 9 }])).toEqual([{ status: INVALID_PARAM, success_count: 0, id: 9 }]);
      expect(disk.log).toEqual([]);
    });

    test.each([0, 1, 2n ** 53n, 2n ** 64n - 4096n])(
      'memory at %d that the device cannot reach: an error for that request, and the next one works',
      async (paddr) => {
        const disk = new WatchedDisk();
        const bench = await start(disk);
        const answers = bench.ask([{ code: READ, block: 0, count: 1, paddr, id: 1 }]);
        expect(answers).toHaveLength(1);
        expect(answers[0]!.status).not.toBe(OK);
        expect(bench.ask([{ code: READ, block: 0, count: 1, at: 0, id: 2 }])).toEqual([
          { status: OK, success_count: 1, id: 2 },
        ]);
      },
    );

    test.each([129, 0x7fff_ffff, 0xffff_ffff])(
      'a request ring with tail %d closes and nothing throws',
      async (tail) => {
        const disk = new WatchedDisk();
        const bench = await start(disk);
        bench.requestRegion.view.setUint32(4, tail, true);
        bench.ring();
        expect(disk.log).toEqual([]);
      },
    );
  });
}

interface Planned {
  readonly code: number;
  readonly block: number;
  readonly count: number;
  readonly at: number;
  readonly id: number;
}

/** Up to 16 requests on distinct blocks at once: their order is the driver's to choose, their effect is not. */
function randomBatch(bench: BlockDriverBench, random: Random, model: Uint8Array): void {
  const batch: Planned[] = [];
  for (let block = random.below(4); block < BLOCKS; ) {
    const count = 1 + random.below(Math.min(4, BLOCKS - block));
    batch.push({ code: random.below(2), block, count, at: block, id: random.next() });
    block += count + random.below(6);
  }
  for (const { code, at, count } of batch) {
    const bytes = bench.data.bytes.subarray(at * BLOCK, (at + count) * BLOCK);
    bytes.fill(code === WRITE ? random.below(256) : 0xee);
    if (code === WRITE) for (let i = 0; i < bytes.length; i += 97) bytes[i] = random.below(256);
  }
  const answers = new Map(bench.ask(batch).map((answer) => [answer.id, answer]));
  expect(answers.size).toBe(batch.length);
  for (const { code, block, at, count, id } of batch) {
    expect(answers.get(id)).toEqual({ status: OK, success_count: count, id });
    const bytes = bench.data.bytes.subarray(at * BLOCK, (at + count) * BLOCK);
    if (code === WRITE) model.set(bytes, block * BLOCK);
    else expect(Buffer.compare(bytes, model.subarray(block * BLOCK, (block + count) * BLOCK))).toBe(0);
  }
}
