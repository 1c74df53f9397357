/** Client rings -> blk_virt -> blk_driver_virtio -> device model -> disk, in the simulator. */
import { describe, expect, test } from 'vitest';
import type { Disk } from '../../src/hw/disk';
import { Random } from '../../src/libmicrokit/random';
import { blkChain } from './testing/blk_chain';

const BLOCK = 4096;
const START = 2048 * 512;
const BLOCKS = 3839;
const [READ, WRITE, FLUSH, BARRIER] = [0, 1, 2, 3];
const [OK, INVALID_PARAM, IO] = [0, 2, 3];

const same = (a: unknown, b: Uint8Array) => a instanceof Uint8Array && Buffer.compare(a, b) === 0;

test.each([1, 2, 3])('random reads and writes equal a plain array (seed %d)', async (seed) => {
  const chain = await blkChain({ seed });
  const random = new Random(seed + 41);
  const model = chain.disk.slice(START, START + BLOCKS * BLOCK);
  for (let round = 0; round < 100; round++) {
    const count = 1 + random.below(8);
    const block = random.below(BLOCKS - count + 1);
    if (random.below(2) === 0) {
      const bytes = new Uint8Array(count * BLOCK).fill(random.below(256));
      expect(chain.write(block, bytes)).toEqual({ status: OK, success_count: count });
      model.set(bytes, block * BLOCK);
    } else {
      expect(same(chain.read(block, count), model.subarray(block * BLOCK, (block + count) * BLOCK))).toBe(true);
    }
  }
  expect(same(chain.disk.subarray(START, START + model.length), model)).toBe(true);
  expect(same(chain.disk.subarray(0, START), chain.before.subarray(0, START))).toBe(true);
});

test('the client sees its partition of the default disk: 3839 blocks', async () => {
  expect((await blkChain({ seed: 1 })).capacity()).toBe(BLOCKS);
});

describe('a request outside what the client has is refused and never reaches the disk', () => {
  test.each([
    ['past the end', WRITE, 0, BLOCKS, 1],
    ['over the end', WRITE, 0, BLOCKS - 1, 2],
    ['of no blocks', WRITE, 0, 0, 0],
    ['from an unaligned place', WRITE, 512, 0, 1],
    ['from beyond the data region', WRITE, 0x20_0000, 0, 1],
    ['running out of the data region', WRITE, 0x1f_f000, 0, 2],
    ['of an unknown kind', 9, 0, 0, 1],
  ])('%s', async (_, code, offset, block, count) => {
    const chain = await blkChain({ seed: 5 });
    chain.ask(code, offset, block, count, 77);
    expect(chain.rings.resp.dequeue()).toEqual({ status: INVALID_PARAM, success_count: 0, id: 77 });
    expect(same(chain.disk, chain.before)).toBe(true);
  });

  test.each([
    ['offset 2^64 - 4096', 24],
    ['block 2^64 - 1', 32],
  ])('%s', async (_, field) => {
    const chain = await blkChain({ seed: 5 });
    const at = chain.regions.client_0_request!.view;
    at.setUint32(16, WRITE, true);
    at.setUint16(16 + 24, 1, true);
    at.setBigUint64(field, field === 24 ? 0xffff_ffff_ffff_f000n : 0xffff_ffff_ffff_ffffn, true);
    at.setUint32(4, 1, true);
    chain.client.notify(0);
    chain.simulator.settle();
    expect(chain.rings.resp.dequeue()?.status).toBe(INVALID_PARAM);
    expect(same(chain.disk, chain.before)).toBe(true);
  });
});

test.each([130, 0x7fff_ffff, 0xffff_ffff])(
  'a tail %d ahead closes the ring instead of replaying stale slots',
  async (tail) => {
    const chain = await blkChain({ seed: 5 });
    chain.write(0, new Uint8Array(BLOCK).fill(9));
    const before = chain.disk.slice();
    chain.regions.client_0_request!.view.setUint32(4, tail, true);
    chain.client.notify(0);
    chain.simulator.settle();
    expect(chain.rings.resp.dequeue()).toBeUndefined();
    expect(same(chain.disk, before)).toBe(true);
  },
);

test('a client that never reads its answers gets no more than its ring holds, and nothing breaks', async () => {
  const chain = await blkChain({ seed: 5 });
  for (let i = 0; i < 300; i++) chain.ask(READ, 0, 0, 1, i);
  expect(chain.rings.resp.available).toBe(128);
  for (let i = 0; i < 128; i++) expect(chain.rings.resp.dequeue()?.id).toBe(i);
  chain.client.notify(0);
  chain.simulator.settle();
  expect(chain.rings.resp.dequeue()?.id).toBe(128);
});

test('an I/O error at each request comes back as an error of that request, with nothing counted as done', async () => {
  for (let k = 0; k < 6; k++) {
    let n = -1;
    const failing = (disk: Disk): Disk => ({
      ...{ sectors: disk.sectors, readOnly: false, flush: () => disk.flush() },
      read: (sector, dest) => disk.read(sector, dest),
      write(sector, bytes) {
        if (++n === k) throw new Error('medium error');
        disk.write(sector, bytes);
      },
    });
    const chain = await blkChain({ seed: 5, wrap: failing });
    const answers = [0, 1, 2, 3, 4, 5].map((block) => chain.write(block, new Uint8Array(BLOCK)));
    expect(answers.findIndex(({ status }) => status === IO)).toBe(k);
    expect(answers[k]?.success_count).toBe(0);
    expect(answers.filter(({ status }) => status === OK)).toHaveLength(5);
  }
});

test('FLUSH reaches the disk after every earlier write, BARRIER only orders', async () => {
  const events: string[] = [];
  const watched = (disk: Disk): Disk => ({
    ...{ sectors: disk.sectors, readOnly: false },
    read: (sector, dest) => disk.read(sector, dest),
    write(sector, bytes) {
      events.push(`write ${sector}`);
      disk.write(sector, bytes);
    },
    flush: () => events.push('flush'),
  });
  const chain = await blkChain({ seed: 9, wrap: watched });
  for (const [i, [code, block]] of [
    [WRITE, 0],
    [WRITE, 1],
    [BARRIER, 0],
    [WRITE, 2],
    [FLUSH, 0],
    [WRITE, 3],
  ].entries()) {
    chain.rings.req.enqueue({ code, io_or_offset: 0, block_number: block, count: code === WRITE ? 1 : 0, id: i });
  }
  chain.client.notify(0);
  chain.simulator.settle();
  expect(events).toEqual(['write 2048', 'write 2056', 'write 2064', 'flush', 'write 2072']);
  expect(Array.from({ length: 6 }, () => chain.rings.resp.dequeue()?.status)).toEqual([OK, OK, OK, OK, OK, OK]);
});

test('a disk without a usable partition gives its client capacity 0 and one sentence', async () => {
  const image = new Uint8Array(1 << 20);
  // A table, and an entry whose status no table has.
  image.set([0x55, 0xaa], 510);
  image[446] = 1;
  const chain = await blkChain({ seed: 1, image });
  expect(chain.capacity()).toBe(0);
  expect(chain.simulator.debug.trim().split('\n')).toEqual([
    'BLK_VIRT|ERROR: Invalid client partition mapping for client 0: Invalid MBR signature',
  ]);
});
