/** The number of a command of the file system is with every request that it causes, down to the device, on both boards. */
import { expect, test } from 'vitest';
import { maaxboard } from '../../src/boards/maaxboard';
import { qemuVirtAarch64 } from '../../src/boards/qemu_virt_aarch64';
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { Region } from '../../src/protocol/region';
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
    // The clean mark, a moment after the last command, is the guest's own doing.
    const own = [...guest.keys()].filter((request) => !numbers.has(request));
    expect(own.map(clientOf)).toEqual(['guest']);
    expect(guest.size).toBeGreaterThan(5);
    expect(asked(system, 'fs_driver_vmm')).toEqual(guest);
    const below = asked(system, 'blk_virt');
    // What it reads itself: the partition table.
    below.delete(0);
    expect(below).toEqual(guest);
    const device = asked(system, 'blk_driver');
    device.delete(0);
    if (board === maaxboard)
      for (const [request, codes] of guest)
        guest.set(
          request,
          codes.filter((code) => code !== 2),
        );
    expect(device).toEqual(guest);
  },
);
