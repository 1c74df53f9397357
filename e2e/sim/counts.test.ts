/**
 * What an operation of the client costs, counted and not timed: commands to the file system, requests to the disk, signals from domain to
 * domain (each is at most one wake-up), bytes copied. A change that makes one dearer has to say so here.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { mkfs } from '../images';
import { type SimulatedSystem, simulate } from './system';

const KIB = 1024;
const NEW = { create: true, exclusive: false, truncate: true, append: false } as const;
const OLD = { create: false, exclusive: false, truncate: false, append: false } as const;

/** Signals one way along the whole chain from the client to the disk, and back. */
const DOWN = ['linux_fs_vm > fs_driver_vmm', 'fs_driver_vmm > blk_virt', 'blk_virt > blk_driver'];
const UP = ['blk_driver > blk_virt', 'blk_virt > fs_driver_vmm', 'fs_driver_vmm > linux_fs_vm'];
const each = (hops: readonly string[], count: number) => Object.fromEntries(hops.map((hop) => [hop, count]));
const asked = (count: number) => each(['micropython > linux_fs_vm', 'linux_fs_vm > micropython'], count);

interface Cost {
  readonly commands: number;
  readonly requests: number;
  readonly signals: Readonly<Record<string, number>>;
  /** Of pieces of at least a sector. */
  readonly copied: number;
}

function connect(env: Environment): Files {
  const { kernel } = env;
  const channel = env.channel('fs');
  const regions = fsRegions((symbol) => env.region(symbol));
  const block = (deadlineNs: number) => kernel.wait(bit(channel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const files = new Files(new FsClient(kernel, channel, regions, block, env));
  files.requestMount();
  files.mount();
  return files;
}

/** Counts from now on, in a system whose memory and kernels are its own. */
function counting({ simulator, memory }: SimulatedSystem): (work: () => void) => Cost {
  const signals: Record<string, number> = {};
  for (const [name, kernel] of simulator.domains) {
    const notify = kernel.notify.bind(kernel);
    vi.spyOn(kernel, 'notify').mockImplementation((ch) => {
      const way = `${name} > ${kernel.boot.channels.find(({ id }) => id === ch)!.peer}`;
      signals[way] = (signals[way] ?? 0) + 1;
      notify(ch);
    });
  }
  let copied = 0;
  const { set } = Uint8Array.prototype;
  vi.spyOn(Uint8Array.prototype, 'set').mockImplementation(function (this: Uint8Array, from, at) {
    if (from.length >= 512) copied += from.length;
    set.call(this, from, at);
  });
  // The tails: the second u64 of the command queue, the second u32 of the driver's request queue.
  const index = (region: string, word: number) => new Int32Array(memory.regions.get(region)!)[word]!;
  const tails = () => [index('fs_fs_driver_vmm_command_queue', 2), index('blk_driver_request', 1)] as const;
  return (work) => {
    for (const way of Object.keys(signals)) delete signals[way];
    copied = 0;
    const [commands, requests] = tails();
    work();
    const after = tails();
    return { commands: after[0] - commands, requests: after[1] - requests, signals: { ...signals }, copied };
  };
}

function emptyDisk(): SharedArrayBuffer {
  const made = mkfs(16, 40_000, '-s', '8');
  const image = new SharedArrayBuffer(Math.ceil(made.length / 4096) * 4096);
  new Uint8Array(image).set(made);
  return image;
}

afterEach(() => vi.restoreAllMocks());

describe.each([1, 2])('whatever the order of events (seed %d)', (seed) => {
  test('one of each on a disk whose cache is warm', async () => {
    const system = await simulate({ seed, image: emptyDisk() });
    const cost = counting(system);
    const costs: Record<string, Cost> = {};
    system.client((env) => {
      const files = connect(env);
      const file = files.open('/f', { access: 'both', ...NEW });
      const grown = files.open('/grown', { access: 'write', ...NEW });
      const [large, page] = [new Uint8Array(32 * KIB), new Uint8Array(4 * KIB)];
      file.write(large);
      const at = (offset: number, work: () => void) => () => {
        file.seek(offset);
        work();
      };
      const works: Record<string, () => void> = {
        'read 32 KiB': at(0, () => void file.read(large)),
        'read 4 KiB': at(4 * KIB, () => void file.read(page)),
        'overwrite 4 KiB': at(8 * KIB, () => void file.write(page)),
        'overwrite 32 KiB': at(0, () => void file.write(large)),
        sync: () => file.sync(),
        'append 256 KiB': () => void grown.write(new Uint8Array(256 * KIB)),
        'and sync': () => grown.sync(),
        stat: () => void files.stat('/f'),
        'open and close': () => files.open('/f', { access: 'read', ...OLD }).close(),
        'create 1 KiB': () => {
          const created = files.open('/g', { access: 'write', ...NEW });
          created.write(page.subarray(0, KIB));
          created.close();
        },
        remove: () => files.remove('/g'),
      };
      // The second time: directories and tables are in the cache, and read-ahead has seen where it goes.
      for (const work of Object.values(works)) work();
      for (const [what, work] of Object.entries(works)) costs[what] = cost(work);
    });
    const answered = { requests: 0, signals: asked(1) };
    // Page cache to share, share to client.
    expect(costs['read 32 KiB']).toEqual({ ...answered, commands: 1, copied: 2 * 32 * KIB });
    expect(costs['read 4 KiB']).toMatchObject({ ...answered, commands: 1 });
    expect(costs['read 4 KiB']!.copied).toBeLessThanOrEqual(3 * 4 * KIB);
    expect(costs.stat).toEqual({ ...answered, commands: 1, copied: 0 });
    expect(costs['open and close']).toEqual({ commands: 3, requests: 0, signals: asked(3), copied: 0 });
    // The answer waits for the disk, and only sync for its flush.
    const waited = { commands: 1, requests: 1, signals: { ...asked(1), ...each([...DOWN, ...UP], 1) } };
    expect(costs['overwrite 4 KiB']).toEqual({ ...waited, copied: 7 * 4 * KIB });
    expect(costs['overwrite 32 KiB']).toEqual({ ...waited, copied: 7 * 32 * KIB });
    expect(costs.sync).toEqual({ ...waited, copied: 0 });
    // Eight commands, one change: data and tables, their flush, the directory entry; one after the other.
    expect(costs['append 256 KiB']).toMatchObject({ commands: 8, signals: each(UP, 3) });
    expect(costs['and sync']).toEqual({ ...waited, copied: 0 });
    // Each step of the order that keeps the volume whole waits for the one before; tables and data of one step go together.
    expect(costs['create 1 KiB']).toMatchObject({
      commands: 5,
      requests: 8,
      signals: { ...asked(5), ...each(UP, 6) },
    });
    // Six pages of 4 KiB on the way to the disk, and nothing is read to change a part of it.
    expect(costs['create 1 KiB']!.copied).toBeLessThan(7 * 6 * 4 * KIB);
    expect(costs.remove).toMatchObject({ commands: 1, signals: { ...asked(1), ...each(UP, 4) } });
  });
});

test('a cold file is read ahead: few requests, each for many reads', async () => {
  const image = emptyDisk();
  const content = Uint8Array.from({ length: 512 * KIB }, (_, i) => i % 251);
  const writing = await simulate({ seed: 1, image });
  writing.client((env) => {
    const file = connect(env).open('/cold', { access: 'write', ...NEW });
    for (let at = 0; at < content.length; ) at += file.write(content.subarray(at, at + 32 * KIB));
    file.close();
  });
  const system = await simulate({ seed: 1, image });
  const cost = counting(system);
  let read: Cost | undefined;
  const got = new Uint8Array(content.length);
  system.client((env) => {
    const file = connect(env).open('/cold', { access: 'read', ...OLD });
    read = cost(() => {
      for (let at = 0; at < got.length; ) at += file.read(got.subarray(at, at + 32 * KIB));
    });
  });
  expect(Buffer.compare(got, content)).toBe(0);
  expect(read).toMatchObject({ commands: 16, requests: 2, signals: asked(16), copied: 4 * content.length });
  expect(read!.signals['fs_driver_vmm > linux_fs_vm']).toBe(2);
});

test('idle: nobody signals anybody', async () => {
  const system = await simulate({ seed: 1, image: emptyDisk() });
  const cost = counting(system);
  system.client((env) => connect(env).stat('/'));
  system.simulator.advance(system.simulator.nowNs + 60e9);
  const idle = cost(() => system.simulator.advance(system.simulator.nowNs + 3600e9));
  expect(idle).toEqual({ commands: 0, requests: 0, signals: {}, copied: 0 });
});
