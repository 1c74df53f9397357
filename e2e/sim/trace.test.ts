/** The number of a command of the file system is with every request that it causes, down to the device, on both boards. */
import { expect, test } from 'vitest';
import { maaxboard } from '../../src/boards/maaxboard';
import { qemuVirtAarch64 } from '../../src/boards/qemu_virt_aarch64';
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { FS_CMD, FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY } from '../../src/protocol/fs';
import { Region } from '../../src/protocol/region';
import { Ring } from '../../src/protocol/spsc';
import { readTrace, TRACE } from '../../src/protocol/trace';
import { clientOf, unpackBlocks } from '../../src/protocol/trace_words';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../src/specs/disk_image';
import { type SimulatedSystem, simulate } from './system';

function freshDisk(): SharedArrayBuffer {
  const image = new SharedArrayBuffer(DEFAULT_DISK_SIZE);
  const bytes = new Uint8Array(image);
  defaultDisk(1, (offset, part) => bytes.set(part, offset));
  return image;
}

function mounted(env: Environment): Files {
  const { kernel } = env;
  const channel = env.channel('fs');
  const regions = fsRegions((symbol) => env.region(symbol));
  const block = (deadlineNs: number) => kernel.wait(bit(channel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const files = new Files(new FsClient(kernel, channel, regions, block, env));
  files.requestMount();
  files.mount();
  return files;
}

const both = { access: 'both', create: true, exclusive: false, truncate: false, append: false } as const;
const records = ({ memory }: SimulatedSystem, domain: string) =>
  readTrace(new Region('trace', memory.trace.get(domain)!));

/** What each hop asked of the next, per request number, oldest first. */
function asked(system: SimulatedSystem, domain: string): Map<number, number[]> {
  const kinds: readonly number[] = [TRACE.DISK_READ, TRACE.DISK_WRITE, TRACE.DISK_FLUSH];
  const found = new Map<number, number[]>();
  for (const { kind, request, b } of records(system, domain)) {
    const guest = kinds.indexOf(kind);
    if (guest === -1 && (domain === 'linux_fs_vm' || kind !== TRACE.REQUEST)) continue;
    found.set(request, [...(found.get(request) ?? []), guest === -1 ? unpackBlocks(b).code : guest]);
  }
  return found;
}

test.each([qemuVirtAarch64, maaxboard])(
  '$name: every request for the disk bears the number of its command',
  async (board) => {
    const system = await simulate({ seed: 5, image: freshDisk(), board });
    system.simulator.advance(50e6);
    system.client((env) => {
      const files = mounted(env);
      const file = files.open('/data.bin', both);
      file.write(new Uint8Array(20_000).fill(7));
      file.close();
      files.mkdir('/d');
      files.rename('/data.bin', '/d/data.bin');
      files.remove('/d/data.bin');
    });
    system.simulator.advance(system.simulator.nowNs + 1e9);

    const commands = records(system, 'micropython').filter(({ kind }) => kind === TRACE.REQUEST);
    const numbers = new Set(commands.map(({ request }) => request));
    expect(numbers.size).toBe(8);
    const guest = asked(system, 'linux_fs_vm');
    // What the kernel does at once, and what goes through its ring.
    for (const name of ['DIR_CREATE', 'FILE_WRITE', 'RENAME'] as const)
      expect(guest.has(commands.find(({ a }) => a === FS_CMD[name])!.request), name).toBe(true);
    // The clean mark, a moment after the last command, is the guest's own doing.
    const own = [...guest.keys()].filter((request) => !numbers.has(request));
    expect(own.map(clientOf)).toEqual(['guest']);
    expect(guest.size).toBeGreaterThan(5);
    expect(asked(system, 'fs_driver_vmm')).toEqual(guest);
    // Every answer bears it, too.
    for (const domain of ['fs_driver_vmm', 'blk_virt', 'blk_driver']) {
      const count = (wanted: number) =>
        records(system, domain)
          .filter(({ kind, request }) => kind === wanted && request > 0)
          .map(({ request }) => request)
          .sort((x, y) => x - y);
      expect(count(TRACE.RESPONSE), domain).toEqual(count(TRACE.REQUEST));
    }
    const below = asked(system, 'blk_virt');
    // What it reads itself: the partition table.
    below.delete(0);
    expect(below).toEqual(guest);
    const device = asked(system, 'blk_driver');
    device.delete(0);
    if (board === maaxboard)
      for (const [request, codes] of guest) {
        const left = codes.filter((code) => code !== 2);
        if (left.length > 0) guest.set(request, left);
        else guest.delete(request);
      }
    expect(device).toEqual(guest);
  },
);

/** Overwrites the number of every request that lies in a block queue, with anything. */
function scribble({ memory, simulator }: SimulatedSystem): void {
  const { domains } = memory.description;
  const region = (domain: string, symbol: string) =>
    memory.regions.get(domains.find(({ name }) => name === domain)!.maps.find((map) => map.symbol === symbol)!.region)!;
  const rings = [region('fs_driver_vmm', 'blk_request'), region('blk_virt', 'driver_request')];
  const words = rings.map((ring) => new Uint32Array(ring));
  simulator.onStep = () => {
    // Behind the two indices, 32 bytes each, the number at 4.
    for (const ring of words)
      for (let slot = 0; slot < 128; slot++) ring[(16 + 32 * slot + 4) >> 2] = simulator.random.below(2 ** 32);
  };
}

const HOSTILE = [0n, 1n, 2n ** 28n, 2n ** 32n - 1n, 0xf000_0001n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

test('nobody decides by a number: any id comes back as it was, any number in a queue changes nothing', async () => {
  const system = await simulate({ seed: 6, image: freshDisk() });
  system.simulator.advance(50e6);
  scribble(system);
  const answered: bigint[] = [];
  system.client((env) => {
    const files = mounted(env);
    const file = files.open('/a', both);
    file.write(new Uint8Array(100_000).fill(9));
    const read = new Uint8Array(100_000);
    files.open('/a', both).read(read);
    expect(read.every((byte) => byte === 9)).toBe(true);

    const commands = new Ring(env.region('fs_command'), FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
    const answers = new Ring(env.region('fs_completion'), FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'consumer');
    for (const id of HOSTILE) {
      commands.put(0, { type: FS_CMD.STATFS, p0: 0, p1: 32 });
      commands.at.view.setBigUint64(commands.slotOffset(0), id, true);
      commands.publish(1);
      env.kernel.notify(env.channel('fs'));
      while (answers.available === 0) env.kernel.wait(bit(env.channel('fs')));
      const at = answers.slotOffset(0);
      answered.push(answers.at.view.getBigUint64(at, true));
      expect(answers.at.view.getBigUint64(at + 8, true)).toBe(0n);
      answers.consume(1);
    }
  });
  expect(answered).toEqual(HOSTILE);
});
