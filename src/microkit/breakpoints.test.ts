import fc from 'fast-check';
import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../boards/qemu_virt_aarch64';
import { vmfs } from '../boards/vmfs';
import { BLK_QUEUE_CAPACITY, BLK_REQ_QUEUE, blkClient, blkServer } from '../protocol/blk_queue';
import { GUEST_WORD } from '../protocol/boot';
import { FS_CMD, FS_COMMAND_QUEUE, FS_QUEUE_CAPACITY } from '../protocol/fs';
import { Region } from '../protocol/region';
import { Ring, ringSize } from '../protocol/spsc';
import { type Breakpoint, Breakpoints } from './breakpoints';
import { FreshEntries } from './breakpoints_queue';
import type { Runnable } from './gate';
import { GateOrder } from './gate_order';
import { allocate, regionNow } from './layout';

function system() {
  const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });
  const memory = allocate(description, 0);
  const region = (name: string) => new Region(name, regionNow(memory, name)!);
  const rings = [region('blk_driver_request'), region('blk_driver_response')] as const;
  const commands = (name = 'fs_fs_driver_vmm_command_queue') =>
    new Ring(region(name), FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
  return { memory, virt: blkClient(...rings), driver: blkServer(...rings), commands };
}

const DRIVER: Runnable = { domain: 'blk_driver', id: 1 };
const GUEST: Runnable = { domain: 'linux_fs_vm', id: 0 };

/** One breakpoint in a system of its own. */
function broken(breakpoint: Breakpoint) {
  const made = system();
  const breakpoints = new Breakpoints();
  breakpoints.set(made.memory, breakpoint);
  return { ...made, breakpoints, before: (next: Runnable) => breakpoints.before(made.memory, next)?.words };
}

const FAT: Breakpoint = { on: 'sectors', from: 2049, count: 12, access: 'write', name: 'the FAT' };

test('a write that touches the range stops before the driver sees it, and once only', () => {
  const { virt, before } = broken(FAT);
  expect(before(DRIVER)).toBeUndefined();
  virt.req.enqueue({ code: 1, block_number: 257, count: 1 });
  expect(before({ domain: 'blk_virt', id: 0 })).toBeUndefined();
  // The driver would find the request whatever it is woken for.
  expect(before({ domain: 'blk_driver', id: 0 })).toBe(
    'blk_driver is about to see a write of sectors 2056 to 2063: the FAT.',
  );
  expect(before(DRIVER)).toBeUndefined();
  virt.req.enqueue({ code: 1, block_number: 254, count: 3 });
  expect(before(DRIVER)).toBe('blk_driver is about to see a write of sectors 2032 to 2055: the FAT.');
});

test.each([
  ['the block before it', { code: 1, block_number: 255, count: 1 }, false],
  ['the block with its first sector', { code: 1, block_number: 256, count: 1 }, true],
  ['the block with its last sector', { code: 1, block_number: 257, count: 1 }, true],
  ['the block behind it', { code: 1, block_number: 258, count: 9 }, false],
  ['a read', { code: 0, block_number: 256, count: 1 }, false],
  ['a flush that names it', { code: 2, block_number: 256, count: 1 }, false],
])('%s', (_, request, stops) => {
  const { virt, before } = broken(FAT);
  virt.req.enqueue(request);
  expect(before(DRIVER) !== undefined).toBe(stops);
});

test('a range of whole blocks ends where they end', () => {
  const stops = (block_number: number) => {
    const { virt, before } = broken({ on: 'sectors', from: 2048, count: 8 });
    virt.req.enqueue({ code: 1, block_number, count: 1 });
    return before(DRIVER) !== undefined;
  };
  expect([255, 256, 257].map(stops)).toEqual([false, true, false]);
});

test('without an access, reads count as well as writes', () => {
  const { virt, before } = broken({ on: 'sectors', from: 0, count: 1 });
  virt.req.enqueue({ code: 0, block_number: 0, count: 1 });
  expect(before(DRIVER)).toBe('blk_driver is about to see a read of sectors 0 to 7.');
});

test('a command of either client, in whatever generation of the guest', () => {
  const { memory, commands, before } = broken({ on: 'command', command: 'FILE_WRITE' });
  commands().enqueue({ type: FS_CMD.FILE_READ });
  expect(before(GUEST)).toBeUndefined();
  commands('fs_fs_driver_vmm_files_command_queue').enqueue({ type: FS_CMD.FILE_WRITE });
  expect(before({ domain: 'linux_fs_vm', id: 2 })).toBe('linux_fs_vm is about to see the command FILE_WRITE.');
  expect(before(GUEST)).toBeUndefined();
  Atomics.store(new Int32Array(memory.guests.get('linux_fs_vm')!.word), GUEST_WORD.GENERATION, 1);
  commands().enqueue({ type: FS_CMD.FILE_WRITE });
  expect(before(GUEST)).toContain('FILE_WRITE');
});

test('a domain, a channel by number or symbol, an interrupt', () => {
  expect(broken({ on: 'domain', domain: 'blk_driver' }).before(DRIVER)).toContain('blk_driver');
  expect(broken({ on: 'domain', domain: 'blk_driver' }).before(GUEST)).toBeUndefined();
  expect(broken({ on: 'channel', domain: 'blk_driver', channel: 1 }).before(DRIVER)).toContain('on 1');
  expect(broken({ on: 'channel', domain: 'blk_driver', channel: 'virt' }).before(DRIVER)).toContain('on virt');
  expect(broken({ on: 'channel', domain: 'blk_driver', channel: 'irq' }).before(DRIVER)).toBeUndefined();
});

test('a failed request and a domain that ends are faults', () => {
  const { driver, breakpoints, before } = broken({ on: 'fault' });
  driver.resp.enqueue({ status: 0 });
  expect(before({ domain: 'blk_virt', id: 0 })).toBeUndefined();
  driver.resp.enqueue({ status: 3 });
  expect(before({ domain: 'blk_virt', id: 0 })).toContain('failed');
  expect(breakpoints.after([])).toBeUndefined();
  expect(breakpoints.after(['net_virt_rx'])?.words).toBe('net_virt_rx has ended.');
  expect(breakpoints.after(['net_virt_rx'])).toBeUndefined();
});

test('who was dead already when the breakpoint was set has not ended since', () => {
  const { memory } = system();
  const breakpoints = new Breakpoints();
  breakpoints.set(memory, { on: 'fault' }, ['net_virt_rx']);
  expect(breakpoints.after(['net_virt_rx'])).toBeUndefined();
});

test.each([
  [{ on: 'domain', domain: 'blk_drivr' }, /^There is no protection domain 'blk_drivr'. There is: timer_driver, /],
  [{ on: 'channel', domain: 'blk_driver', channel: 25 }, /^blk_driver has no channel '25'/],
  [{ on: 'command', command: 'FORMAT' }, /^There is no command 'FORMAT'. There is: INITIALISE, /],
  [{ on: 'sectors', from: -1, count: 1 }, /range of sectors/],
  [{ on: 'sectors', from: 1, count: 0 }, /range of sectors/],
  [{ on: 'moon' }, /^A breakpoint is on 'domain'/],
])('%j is refused in one sentence', (breakpoint, words) => {
  expect(() => new Breakpoints().set(system().memory, breakpoint as Breakpoint)).toThrow(words);
});

test('breakpoints are listed by number and cleared one by one, or all', () => {
  const { memory } = system();
  const breakpoints = new Breakpoints();
  const [first] = [breakpoints.set(memory, FAT), breakpoints.set(memory, { on: 'fault' })];
  breakpoints.clear(first);
  expect(breakpoints.list).toEqual([{ id: 2, breakpoint: { on: 'fault' } }]);
  breakpoints.clear();
  expect(breakpoints.list).toEqual([]);
});

test('every entry of a ring is fresh exactly once, whatever is written and taken between the looks', () => {
  const turns = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean()), { maxLength: 200 });
  fc.assert(
    fc.property(turns, fc.nat(0xffffffff), (steps, start) => {
      const buffer = new SharedArrayBuffer(ringSize(BLK_REQ_QUEUE, BLK_QUEUE_CAPACITY));
      new Uint32Array(buffer, 0, 2).fill(start);
      const at = new Region('requests', buffer);
      const [writer, reader] = (['producer', 'consumer'] as const).map(
        (role) => new Ring(at, BLK_QUEUE_CAPACITY, BLK_REQ_QUEUE, role),
      );
      const fresh = new FreshEntries(BLK_REQ_QUEUE, BLK_QUEUE_CAPACITY);
      const seen: number[] = [];
      let written = 0;
      for (const [put, take, look] of steps) {
        for (let i = 0; i < put; i++) if (writer!.enqueue({ id: written })) written++;
        if (look) seen.push(...fresh.in(buffer).map(({ id }) => id));
        for (let i = 0; i < take; i++) reader!.dequeue();
      }
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      if (steps.length > 0 && steps.every(([, , look]) => look)) expect(seen.length).toBe(written);
    }),
  );
});

test('a ring with impossible indices has nothing fresh', () => {
  const { memory } = system();
  const buffer = regionNow(memory, 'blk_driver_request')!;
  new Uint32Array(buffer, 0, 2).set([10, 5]);
  expect(new FreshEntries(BLK_REQ_QUEUE, BLK_QUEUE_CAPACITY).in(buffer)).toEqual([]);
});

const domain = (name: string, priority: number) => ({ name, priority }) as never;
const ORDER = { domains: [domain('low', 1), domain('mid', 5), domain('twin', 5), domain('high', 9)] };

test('the highest priority goes first, and the next best is named', () => {
  const order = new GateOrder(ORDER, 1);
  const low = { domain: 'low', id: 0 };
  const high = [
    { domain: 'high', id: 2 },
    { domain: 'high', id: 3 },
  ];
  expect(order.next([low, ...high])).toEqual({
    domain: 'high',
    id: 2,
    priority: 9,
    ties: [],
    over: { domain: 'low', priority: 1 },
  });
  expect(order.next([low])).toEqual({ domain: 'low', id: 0, priority: 1, ties: [] });
  expect(order.next([])).toBeUndefined();
});

test('outside input and time wait until nobody has anything else to do', () => {
  const order = new GateOrder(ORDER, 1);
  const device = { domain: 'high', id: 28 };
  expect(order.next([device, { domain: 'low', id: 0 }])).toMatchObject({ domain: 'low', id: 0 });
  expect(order.next([device, { domain: 'low', id: 28 }])).toMatchObject({ domain: 'high', id: 28 });
});

test('a tie is decided by the seed, the same way until it is taken', () => {
  const both = [
    { domain: 'mid', id: 0 },
    { domain: 'twin', id: 0 },
  ];
  const drawn = (seed: number) => {
    const order = new GateOrder(ORDER, seed);
    return Array.from({ length: 40 }, () => {
      const next = order.next(both)!;
      expect(order.next(both)).toEqual(next);
      expect(next.ties).toEqual([next.domain === 'mid' ? 'twin' : 'mid']);
      order.taken();
      return next.domain;
    });
  };
  expect(new Set(drawn(1)).size).toBe(2);
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
});
