/**
 * The FS VM is killed at one moment of a run that writes, renames, lists and reads: at every one of them in a nightly run, at some in
 * each. What had been answered is there, an operation in flight is wholly old or wholly new, and the disk is whole.
 */
import { expect, test } from 'vitest';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../src/specs/disk_image';
import { Errno } from '../../workers/micropython/errors';
import { Files } from '../../workers/micropython/files';
import { FsClient } from '../../workers/micropython/fs_client';
import { fsck, mtoolsTree, partition } from '../images';
import { simulate } from './system';

const KILLS = process.env.NIGHTLY ? Number.POSITIVE_INFINITY : 40;

function freshDisk(): SharedArrayBuffer {
  const image = new SharedArrayBuffer(DEFAULT_DISK_SIZE);
  const bytes = new Uint8Array(image);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return image;
}

function connect(env: Environment): Files {
  const { kernel } = env;
  const channel = env.channel('fs');
  const regions = {
    command: env.region('fs_command'),
    completion: env.region('fs_completion'),
    share: env.region('fs_share'),
  };
  const block = (deadlineNs: number) => kernel.wait(bit(channel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const files = new Files(new FsClient(kernel, channel, regions, block, env));
  files.requestMount();
  files.mount();
  return files;
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
  const files = connect(env);
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
}

/** Runs the program with a kill at each step that `kills` names; returns how many steps it took. */
async function run(what: string, kills: (step: number) => boolean): Promise<number> {
  const image = freshDisk();
  const system = await simulate({ seed: 11, image });
  let steps = 0;
  system.simulator.onStep = () => {
    if (kills(++steps)) system.rebootGuest();
  };
  system.client(program);
  const taken = steps;
  system.simulator.advance(system.simulator.nowNs + 1e9);
  for (const [name, { dead }] of system.simulator.domains) expect(dead, name).toBe(false);
  const volume = partition(Buffer.from(new Uint8Array(image)));
  expect(fsck(volume), what).toBe('');
  expect(mtoolsTree(volume).map(({ path, bytes: content }) => [path, content?.length])).toEqual([
    ['/d', undefined],
    ['/d/b', 9000],
    ['/log', 12_000],
  ]);
  return taken;
}

test('killed at any step, the program ends as if nothing had happened', async () => {
  const steps = await run('not killed', () => false);
  expect(steps).toBeGreaterThan(300);
  const stride = Math.max(1, Math.floor(steps / KILLS));
  for (let k = 1 + (steps % stride); k <= steps; k += stride) await run(`killed at step ${k}`, (step) => step === k);
}, 3_600_000);

test('killed again and again, so that memory of ended guests is lent again, it ends as well', async () => {
  let reboots = 0;
  await run('killed often', (step) => step % 60 === 0 && reboots++ < 12);
  expect(reboots).toBeGreaterThan(8);
});
