/** The virtualiser between clients and a driver of which each may be wrong; requests and pages as digits of the C structs. */
import { describe, expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { DATA_PADDR, giveDisk, type VirtBench, virtBench } from './testing/virt_bench';

const [READ, WRITE, FLUSH, BARRIER] = [0, 1, 2, 3];
const INVALID_PARAM = 2;

async function running(clients: number, options?: { partitions?: number[] }): Promise<VirtBench> {
  const bench = await virtBench(clients, options);
  giveDisk(bench);
  return bench;
}

const read = (id: number, block_number = 0) => ({ code: READ, io_or_offset: 0, block_number, count: 1, id });

function ask({ clients }: VirtBench, client: number, ...requests: ReturnType<typeof read>[]): void {
  for (const request of requests) clients[client]!.req.enqueue(request);
}

function answers({ clients }: VirtBench, client: number) {
  const all = [];
  for (let answer = clients[client]!.resp.dequeue(); answer; answer = clients[client]!.resp.dequeue()) all.push(answer);
  return all;
}

describe('what a client is told of its disk', () => {
  test('nothing before the partition table was read', async () => {
    const bench = await virtBench(1);
    expect(bench.asked()).toEqual([]);
    bench.driver.info.view.setBigUint64(80, 4096n, true);
    bench.driver.info.bytes[65] = 1;
    bench.driver.kernel.notify(0);
    bench.simulator.settle();
    expect(bench.asked()).toMatchObject([{ code: READ, io_or_offset: DATA_PADDR, block_number: 0, count: 1 }]);
    expect(bench.clients[0]!.info.bytes[65]).toBe(0);
  });

  test('its partition as capacity; the rest as the driver has it', async () => {
    const bench = await virtBench(1);
    giveDisk(bench, { readOnly: true });
    const { view } = bench.clients[0]!.info;
    expect([view.getUint8(64), view.getUint8(65)], 'read_only, ready').toEqual([1, 1]);
    expect([66, 68, 70, 72, 74, 76].map((at) => view.getUint16(at, true))).toEqual([512, 1, 1024, 7, 16, 63]);
    expect(view.getBigUint64(80, true)).toBe(100n);
  });

  test.each([
    [[0, 0], 'BLK_VIRT|ERROR: Invalid client partition mapping for client 1: partition: 0 belongs to client 0'],
    [[0, 4], 'BLK_VIRT|ERROR: Invalid client partition mapping for client 1: partition: 4, partition does not exist'],
  ])('partitions %j: the second client gets capacity 0, the first is served', async (partitions, sentence) => {
    const bench = await running(2, { partitions });
    expect(bench.clients.map(({ info }) => info.view.getBigUint64(80, true))).toEqual([100n, 0n]);
    expect(bench.clients.map(({ info }) => info.bytes[65])).toEqual([1, 1]);
    expect(bench.simulator.debug).toBe(`${sentence}\r\n`);
    ask(bench, 0, read(1));
    ask(bench, 1, read(2));
    bench.ring();
    expect(bench.asked()).toHaveLength(1);
    expect(answers(bench, 1)).toEqual([{ status: INVALID_PARAM, success_count: 0, id: 2 }]);
  });

  test('a table that cannot be read: capacity 0 and one sentence', async () => {
    const bench = await virtBench(1);
    bench.driver.info.view.setBigUint64(80, 4096n, true);
    bench.driver.info.bytes[65] = 1;
    bench.driver.kernel.notify(0);
    bench.simulator.settle();
    bench.answer({ id: bench.asked()[0]!.id, status: 3 });
    const { view, bytes } = bench.clients[0]!.info;
    expect([bytes[65], view.getBigUint64(80, true)]).toEqual([1, 0n]);
    expect(bench.simulator.debug).toMatch(/Failed to read sector 0 from driver\r\n$/);
  });

  test('a driver without a disk: capacity 0 and one sentence', async () => {
    const bench = await virtBench(1);
    bench.driver.info.bytes[65] = 1;
    bench.driver.kernel.notify(0);
    bench.simulator.settle();
    expect(bench.asked()).toEqual([]);
    expect([bench.clients[0]!.info.bytes[65], bench.simulator.debug]).toEqual([
      1,
      expect.stringMatching(/the driver has no disk\r\n$/),
    ]);
  });
});

describe('requests on their way', () => {
  test('each client its own window: blocks from the partition, addresses in its own region', async () => {
    const bench = await running(2);
    ask(bench, 0, { code: WRITE, io_or_offset: 0x3000, block_number: 99, count: 1, id: 5 });
    ask(bench, 1, { code: READ, io_or_offset: 0x1000, block_number: 0, count: 15, id: 5 });
    bench.ring();
    const asked = bench.asked();
    expect(asked.map(({ id: _, request: __, ...request }) => request)).toEqual(
      expect.arrayContaining([
        { code: WRITE, io_or_offset: DATA_PADDR + 0x10_0000 + 0x3000, block_number: 256 + 99, count: 1 },
        { code: READ, io_or_offset: DATA_PADDR + 0x20_0000 + 0x1000, block_number: 512, count: 15 },
      ]),
    );
    expect(new Set(asked.map(({ id }) => id)).size).toBe(2);
  });

  test('answers come back under the client’s id, whatever their order, as the driver gave them', async () => {
    const bench = await running(1);
    ask(bench, 0, read(0xffff_ffff), read(7), read(7));
    bench.ring();
    const [first, second, third] = bench.asked();
    bench.answer(
      { id: third!.id, status: 0, success_count: 1 },
      { id: first!.id, status: 3, success_count: 0 },
      { id: second!.id, status: 1, success_count: 0 },
    );
    expect(answers(bench, 0)).toEqual([
      { id: 7, status: 0, success_count: 1 },
      { id: 0xffff_ffff, status: 3, success_count: 0 },
      { id: 7, status: 1, success_count: 0 },
    ]);
  });

  test('FLUSH and BARRIER keep their place between a client’s requests and carry nothing of the client’s', async () => {
    const bench = await running(1);
    const odd = { io_or_offset: 12345, block_number: 99_999, count: 77 };
    ask(bench, 0, read(1), { code: FLUSH, ...odd, id: 2 }, read(3), { code: BARRIER, ...odd, id: 4 }, read(5));
    bench.ring();
    const asked = bench.asked();
    expect(asked.map(({ code }) => code)).toEqual([READ, FLUSH, READ, BARRIER, READ]);
    expect(asked[1]).toMatchObject({ io_or_offset: 0, block_number: 0, count: 0 });
  });

  test('a client of three that asks without end leaves the others their turn', async () => {
    const bench = await running(3);
    for (let id = 0; id < 128; id++) ask(bench, 0, read(id));
    bench.ring();
    ask(bench, 1, read(1), read(2));
    ask(bench, 2, read(1), read(2));
    let mine = 0;
    for (let round = 0; round < 4; round++) {
      const asked = bench.asked();
      mine += asked.filter(({ block_number }) => block_number >= 512).length;
      bench.answer(...asked.slice(0, 4).map(({ id }) => ({ id })));
      for (const _ of answers(bench, 0)) ask(bench, 0, read(0));
      bench.ring();
    }
    expect(mine, 'all four of the others’').toBe(4);
  });

  test('whoever is first, every client becomes first', async () => {
    const bench = await running(3);
    const first = new Set<number>();
    for (let round = 0; round < 6; round++) {
      for (const i of [0, 1, 2]) ask(bench, i, read(round));
      bench.ring();
      const asked = bench.asked();
      expect(asked).toHaveLength(3);
      first.add(asked[0]!.block_number);
      bench.answer(...asked);
      for (const i of [0, 1, 2]) expect(answers(bench, i)).toHaveLength(1);
    }
    expect(first).toEqual(new Set([256, 512, 768]));
  });

  test('at most 128 requests are with the driver, so that each of its answers has a place', async () => {
    const bench = await running(2);
    for (let id = 0; id < 128; id++) for (const i of [0, 1]) ask(bench, i, read(id));
    bench.ring();
    const asked = bench.asked();
    bench.ring();
    expect([asked.length, bench.asked().length]).toEqual([128, 0]);
    bench.answer(...asked.slice(0, 5));
    expect(bench.asked()).toHaveLength(5);
  });

  test('what a client has not read and what it is owed fit its ring together', async () => {
    const bench = await running(1);
    for (let id = 0; id < 100; id++) ask(bench, 0, read(id));
    bench.ring();
    bench.answer(...bench.asked());
    for (let id = 100; id < 200; id++) ask(bench, 0, read(id));
    bench.ring();
    const taken = bench.asked();
    expect(taken).toHaveLength(28);
    bench.answer(...taken);
    expect(answers(bench, 0).map(({ id }) => id)).toEqual(Array.from({ length: 128 }, (_, id) => id));
    bench.ring();
    expect(bench.asked()).toHaveLength(72);
  });

  test('ten clients that all fill their rings', async () => {
    const bench = await virtBench(10);
    giveDisk(bench);
    for (let id = 0; id < 128; id++) for (let i = 0; i < 4; i++) ask(bench, i, read(id));
    const got = new Map<number, number>();
    for (let round = 0; round < 40; round++) {
      bench.ring();
      bench.answer(...bench.asked().reverse());
      for (let i = 0; i < 4; i++) got.set(i, (got.get(i) ?? 0) + answers(bench, i).length);
    }
    expect([...got.values()]).toEqual([128, 128, 128, 128]);
  });
});

describe('a driver that answers wrongly', () => {
  test.each([1, 1023, 1024, 0x7fff_ffff, 0xffff_ffff])(
    'id %d, which it was not asked, reaches no client',
    async (id) => {
      const bench = await running(1);
      ask(bench, 0, read(9));
      bench.ring();
      const [asked] = bench.asked();
      bench.answer({ id: asked!.id === id ? id + 1 : id });
      expect(answers(bench, 0)).toEqual([]);
      expect(bench.simulator.debug).toContain('which it was not asked');
      bench.answer({ id: asked!.id, success_count: 1 });
      expect(answers(bench, 0)).toEqual([{ id: 9, status: 0, success_count: 1 }]);
    },
  );

  test('the same answer twice reaches the client once', async () => {
    const bench = await running(1);
    ask(bench, 0, read(9));
    bench.ring();
    const [asked] = bench.asked();
    bench.answer({ id: asked!.id }, { id: asked!.id });
    expect(answers(bench, 0)).toHaveLength(1);
  });

  test.each([129, 0x8000_0000, 0xffff_ffff])(
    'a response tail of %d closes the ring and nothing throws',
    async (tail) => {
      const bench = await running(1);
      bench.driver.resp.at.view.setUint32(4, tail, true);
      bench.driver.kernel.notify(0);
      bench.simulator.settle();
      expect(answers(bench, 0)).toEqual([]);
    },
  );
});

describe('a client that breaks every rule', () => {
  test.each([1, 2, 3])(
    'random bytes in its rings: its neighbour is served, the driver sees only its window (seed %d)',
    async (seed) => {
      const bench = await running(2);
      const random = new Random(seed);
      const [bad, good] = bench.clients;
      const guard = bench.driver.info.bytes.slice();
      for (let round = 0; round < 3000; round++) {
        const slot = 16 + 32 * random.below(128);
        const field = [0, 8, 12, 16, 20, 24, 28][random.below(7)]!;
        const interesting = [0, 1, 4096, 0xffff_ffff, 0xffff_f000, 0x7fff_ffff, 99, 100, random.next()];
        bad!.requests.view.setUint32(slot + field, interesting[random.below(9)]!, true);
        const jump = [0, 1, 2, 127, 128, 129, 511, 0x7fff_ffff, 0xffff_ffff][random.below(9)]!;
        if (random.below(4) === 0) bad!.requests.view.setUint32(4, jump, true);
        else bad!.requests.view.setUint32(4, bad!.requests.view.getUint32(0, true) + random.below(20), true);
        if (random.below(3) === 0) bad!.responses.view.setUint32(0, jump, true);
        else bad!.responses.view.setUint32(0, bad!.responses.view.getUint32(4, true), true);
        if (round % 10 === 0) good!.req.enqueue(read(round, 5));
        bench.ring();
        const asked = bench.asked();
        for (const { code, block_number, count, io_or_offset } of asked) {
          if (code === FLUSH || code === BARRIER || block_number === 517) continue;
          expect(block_number >= 256 && count > 0 && block_number + count <= 356).toBe(true);
          const offset = io_or_offset - (DATA_PADDR + 0x10_0000);
          expect(offset >= 0 && offset % 4096 === 0 && offset + count * 4096 <= 0x1_0000).toBe(true);
        }
        bench.answer(...asked);
        if (round % 10 === 0) expect(answers(bench, 1)).toMatchObject([{ id: round }]);
      }
      expect(bench.driver.info.bytes).toEqual(guard);
    },
  );

  test('a request that changes after it was looked at goes out as it was looked at', async () => {
    const bench = await running(1);
    ask(bench, 0, read(1, 50));
    bench.ring();
    bench.clients[0]!.requests.view.setBigUint64(16 + 16, 0xffffn, true);
    expect(bench.asked()).toMatchObject([{ block_number: 306 }]);
  });
});
