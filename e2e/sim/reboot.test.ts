/**
 * The FS VM is killed at one moment of a run that writes, renames, lists and reads: at every request for its disk, and between any two
 * notifications of the system (in a nightly run at each of those, otherwise at some). What had been answered is there, an operation in
 * flight is wholly old or wholly new, and the disk is whole.
 */
import { expect, test } from 'vitest';
import { Errno } from '../../src/libfs/errors';
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../src/specs/disk_image';
import { fsck, mkfs, mtoolsTree, partition } from '../images';
import { simulate } from './system';

const KILLS = process.env.NIGHTLY ? Number.POSITIVE_INFINITY : 40;

const BITS = [12, 16, 32] as const;
type Bits = (typeof BITS)[number];
/** In sectors; the smallest that each type allows, more or less. */
const SIZES: Readonly<Record<Bits, number>> = { 12: 4096, 16: 20_480, 32: 70_000 };

const MADE = new Map<Bits, Buffer>();

/** A volume that mkfs.fat made, over the whole disk. */
function madeDisk(bits: Bits): SharedArrayBuffer {
  const made = MADE.get(bits) ?? mkfs(bits, SIZES[bits], ...(bits === 32 ? ['-s', '1'] : []));
  MADE.set(bits, made);
  const image = new SharedArrayBuffer(Math.ceil(made.length / 4096) * 4096);
  new Uint8Array(image).set(made);
  return image;
}

function freshDisk(): SharedArrayBuffer {
  const image = new SharedArrayBuffer(DEFAULT_DISK_SIZE);
  const bytes = new Uint8Array(image);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return image;
}

function connect(env: Environment): { files: Files; fs: FsClient } {
  const { kernel } = env;
  const channel = env.channel('fs');
  const regions = fsRegions((symbol) => env.region(symbol));
  const block = (deadlineNs: number) => kernel.wait(bit(channel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const fs = new FsClient(kernel, channel, regions, block, env);
  const files = new Files(fs);
  files.requestMount();
  files.mount();
  return { files, fs };
}

/** A call that answers EIO may have happened or not: look, and do it again if it has not. */
function insist(call: () => void, happened: () => boolean): void {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Errno) || error.code !== 'EIO') throw error;
      if (happened()) return;
    }
  }
}

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const NEW = { create: true, exclusive: false, truncate: true, append: false } as const;

function exists(files: Files, path: string): boolean {
  try {
    files.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Errno && error.code === 'ENOENT') return false;
    throw error;
  }
}

function program(env: Environment): void {
  const { files, fs } = connect(env);
  const buffers = fs.freeBuffers;
  const log = files.open('/log', { access: 'both', ...NEW });
  for (let i = 1; i <= 4; i++) expect(log.write(bytes(3000, i))).toBe(3000);
  insist(
    () => files.mkdir('/d'),
    () => exists(files, '/d'),
  );
  const a = files.open('/a name of some length', { access: 'write', ...NEW });
  expect(a.write(bytes(9000, 7))).toBe(9000);
  a.close();
  insist(
    () => files.rename('/a name of some length', '/d/b'),
    () => exists(files, '/d/b'),
  );
  expect(
    files
      .list('/')
      .map(({ name }) => new TextDecoder().decode(name))
      .sort(),
  ).toEqual(['d', 'log']);
  const gone = files.open('/gone', { access: 'write', ...NEW });
  gone.write(bytes(5000, 9));
  gone.close();
  insist(
    () => files.remove('/gone'),
    () => !exists(files, '/gone'),
  );
  log.seek(0);
  const back = new Uint8Array(12_000);
  expect(log.read(back)).toBe(12_000);
  expect(back.every((byte, i) => byte === Math.floor(i / 3000) + 1)).toBe(true);
  log.close();
  expect(fs.freeBuffers, 'buffers of the share that came back').toBe(buffers);
}

interface Moment {
  /** Notifications dispatched so far. */
  readonly step: number;
  /** Requests that the block virtualiser has passed on so far, at the first step after another one; otherwise undefined. */
  readonly request: number | undefined;
}

/** Runs the program with a kill at each moment that `kills` names; returns the last. */
async function run(what: string, kills: (moment: Moment) => boolean, bits?: Bits): Promise<Moment> {
  const image = bits ? madeDisk(bits) : freshDisk();
  const system = await simulate({ seed: 11, image });
  // Tail of the driver's request queue, the word behind its head; au-ts/sddf include/sddf/blk/queue.h.
  const tail = new Int32Array(system.memory.regions.get('blk_driver_request')!, 4, 1);
  let step = 0;
  let requests = tail[0]!;
  const before = requests;
  system.simulator.onStep = () => {
    step++;
    const isNew = tail[0] !== requests;
    requests = tail[0]!;
    if (kills({ step, request: isNew ? requests - before : undefined })) system.rebootGuest();
  };
  system.client(program);
  const last = { step, request: requests - before };
  system.simulator.advance(system.simulator.nowNs + 1e9);
  for (const [name, { dead }] of system.simulator.domains) expect(dead, name).toBe(false);
  const disk = Buffer.from(new Uint8Array(image));
  const volume = partition(disk);
  expect(fsck(volume), what).toBe('');
  expect(mtoolsTree(volume).map(({ path, bytes: content }) => [path, content?.length])).toEqual([
    ['/d', undefined],
    ['/d/b', 9000],
    ['/log', 12_000],
  ]);
  return last;
}

test('killed at any step, the program ends as if nothing had happened', async () => {
  const { step: steps } = await run('not killed', () => false);
  expect(steps).toBeGreaterThan(300);
  const stride = Math.max(1, Math.floor(steps / KILLS));
  for (let k = 1 + (steps % stride); k <= steps; k += stride)
    await run(`killed at step ${k}`, ({ step }) => step === k);
}, 3_600_000);

test.each(BITS)(
  'FAT%i: killed at any of its block requests, the program ends as if nothing had happened',
  async (bits) => {
    const { request: requests } = await run('not killed', () => false, bits);
    expect(requests).toBeGreaterThan(50);
    for (let k = 1; k <= requests!; k++)
      await run(`killed at block request ${k}`, ({ request }) => request === k, bits);
  },
  3_600_000,
);

test('killed again and again, so that memory of ended guests is lent again, it ends as well', async () => {
  let reboots = 0;
  await run('killed often', ({ step }) => step % 60 === 0 && reboots++ < 12);
  expect(reboots).toBeGreaterThan(8);
});
