/** A disk that fails, hangs or dies under the machine; and what a completed command has left on it. */
import { describe, expect, test } from 'vitest';
import type { Disk } from '../../src/hw/disk';
import { NoAnswer } from '../../src/hw/faulty_disk';
import type { FsClient } from './testing/fs_client';
import { defaultImage, machine } from './testing/machine';

const [OK, READ_ONLY, IO_ERROR, NOT_MOUNTED] = [0, 66, 67, 68];
/** No status of the protocol. */
const WRONG = -1;
const [READ_WRITE, CREATE] = [2, 4];

/** Counts disk operations; from `failAt` on the first, or all, fail. */
class FaultyDisk implements Disk {
  readonly sectors: number;
  readonly readOnly = false;
  readonly log: string[] = [];
  failAt = Number.POSITIVE_INFINITY;
  /** What becomes of that operation. */
  mishap: () => Error = () => new Error('medium error');
  count = 0;

  constructor(readonly disk: Disk) {
    this.sectors = disk.sectors;
  }

  read(sector: number, dest: Uint8Array): void {
    this.#operation('read');
    this.disk.read(sector, dest);
  }
  write(sector: number, bytes: Uint8Array): void {
    this.#operation('write');
    this.disk.write(sector, bytes);
  }
  flush(): void {
    this.#operation('flush');
    this.disk.flush();
  }

  #operation(what: string): void {
    this.log.push(what);
    if (this.count++ === this.failAt) throw this.mishap();
  }
}

async function faulty(disk = defaultImage()) {
  let faults!: FaultyDisk;
  const vm = await machine({
    disk,
    wrap: (inner) => {
      faults = new FaultyDisk(inner);
      return faults;
    },
  });
  return { vm, faults };
}

/** A disk with some files, unmounted. */
async function prepared(): Promise<Uint8Array> {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    fs.mkdir('dir');
    fs.putFile('file', new Uint8Array(20_000).fill(7));
    fs.putFile('dir/other', 'x');
    fs.deinitialise();
  });
  return vm.disk;
}

const OPERATIONS: Readonly<Record<string, (fs: FsClient) => number>> = {
  mkdir: (fs) => fs.mkdir('new folder with a long name'),
  rmdir: (fs) => [fs.remove('dir/other'), fs.rmdir('dir')].find((status) => status !== OK) ?? OK,
  create: (fs) => fs.open('fresh', READ_WRITE | CREATE).status,
  remove: (fs) => fs.remove('file'),
  rename: (fs) => fs.rename('file', 'dir/moved'),
  stat: (fs) => (typeof fs.stat('dir/other') === 'number' ? IO_ERROR : OK),
  write(fs) {
    const { status, result } = fs.open('file', READ_WRITE);
    return status === OK ? fs.write(result, 19_000, new Uint8Array(9000)).status : status;
  },
  read(fs) {
    const { status, result } = fs.open('file');
    if (status !== OK) return status;
    const read = fs.call(5, result, 0, 0x8000, 20_000);
    const isRight = read.result === 20_000 && fs.share.bytes.slice(0x8000, 0x8000 + 20_000).every((byte) => byte === 7);
    return read.status === OK && !isRight ? WRONG : read.status;
  },
  truncate(fs) {
    const { status, result } = fs.open('file', READ_WRITE);
    return status === OK ? fs.truncate(result, 100) : status;
  },
};

const MISHAPS: Readonly<Record<string, () => Error>> = {
  fails: () => new Error('medium error'),
  'is never answered': () => new NoAnswer(),
};
const EVERY = Object.keys(MISHAPS).flatMap((mishap) => Object.keys(OPERATIONS).map((name) => [mishap, name] as const));

describe('when the k-th disk request of an operation goes wrong, for every k, the client gets an error and never success', () => {
  test.each(EVERY)('%s: %s', async (mishap, name) => {
    const image = await prepared();
    let failures = 0;
    for (let k = 0; ; k++) {
      const { vm, faults } = await faulty(image.slice());
      faults.mishap = MISHAPS[mishap]!;
      const done = vm.client((fs) => {
        expect(fs.initialise()).toBe(OK);
        vm.simulator.settle();
        faults.failAt = faults.count + k;
        const status = OPERATIONS[name]!(fs);
        vm.simulator.settle();
        expect(fs.take()).toEqual([]);
        if (faults.count <= faults.failAt) {
          expect(status).toBe(OK);
          return true;
        }
        failures++;
        // Read-ahead may fail unseen: what it did not get is asked for again when it is needed.
        const unseen = status === OK && faults.log[faults.failAt] === 'read';
        if (!unseen) expect([IO_ERROR, READ_ONLY]).toContain(status);
        // The machine is alive: it answers, and a new mount works, or is refused where the disk was given up.
        expect([OK, IO_ERROR, READ_ONLY]).toContain(fs.mkdir('next'));
        fs.deinitialise();
        expect(mishap === 'fails' ? [OK] : [OK, IO_ERROR]).toContain(fs.initialise());
        return false;
      });
      if (done) break;
    }
    expect(failures).toBeGreaterThan(0);
  });
});

test('a mount whose k-th disk request fails is refused, and the next one works', async () => {
  const image = await prepared();
  for (let k = 0, refused = true; refused; k++) {
    const { vm, faults } = await faulty(image.slice());
    vm.simulator.settle();
    refused = vm.client((fs) => {
      faults.failAt = faults.count + k;
      const status = fs.initialise();
      if (status === OK) return false;
      expect([IO_ERROR, NOT_MOUNTED]).toContain(status);
      expect(fs.stat('file')).toBe(NOT_MOUNTED);
      expect(fs.initialise()).toBe(OK);
      expect(fs.getFile('file')).toHaveLength(20_000);
      return true;
    });
    if (k === 0) expect(refused).toBe(true);
  }
});

test('a driver that died: the client gets an I/O error after 30 seconds, and at once from then on', async () => {
  const vm = await machine({ disk: await prepared() });
  vm.client((fs) => {
    expect(fs.initialise()).toBe(OK);
    vm.simulator.domains.get('blk_driver')!.kill();
    const before = vm.simulator.nowNs;
    expect(fs.open('new', READ_WRITE | CREATE).status).toBe(IO_ERROR);
    const waited = vm.simulator.nowNs - before;
    expect(waited).toBeGreaterThanOrEqual(30e9);
    expect(waited).toBeLessThan(31e9);
    expect([IO_ERROR, READ_ONLY]).toContain(fs.mkdir('another'));
    expect(vm.simulator.nowNs - before).toBe(waited);
  });
  vm.simulator.settle();
  expect(vm.lines().filter((line) => line.includes('device given up'))).toHaveLength(1);
});

test('a machine that slept while the disk was busy goes on as if nothing had been', async () => {
  const image = await prepared();
  for (let at = 1; at <= 12; at++) {
    const { vm, faults } = await faulty(image.slice());
    vm.client((fs) => {
      expect(fs.initialise()).toBe(OK);
      let steps = 0;
      vm.simulator.onStep = () => {
        if (++steps === at) vm.simulator.nowNs += 1000e9;
      };
      expect(fs.mkdir('after the night')).toBe(OK);
      expect(steps).toBeGreaterThan(12);
      expect(faults.log).toContain('write');
    });
  }
});

test('a driver that is dead from the start: the mount is refused, there is a reason, and the machine goes on', async () => {
  const vm = await machine({ programs: { blk_driver: () => ({ notified() {} }) } });
  vm.client((fs) => {
    expect(fs.initialise()).toBe(NOT_MOUNTED);
    expect(fs.stat('x')).toBe(NOT_MOUNTED);
  });
  expect(vm.guest.control.mountState()).toMatchObject({ state: 'refused', reason: expect.stringContaining('no disk') });
});

test('a disk that shows up late is mounted', async () => {
  let appear!: () => void;
  const vm = await machine({
    programs: {
      // A virtualiser that only says, when asked to, how large the partition is.
      blk_virt: (env) => {
        const page = env.region('client_0_storage_info');
        appear = () => {
          page.view.setBigUint64(80, 3839n, true);
          page.bytes[65] = 1;
          env.kernel.notify(env.channel('client_0'));
        };
        return { notified() {} };
      },
    },
  });
  vm.simulator.settle();
  appear();
  vm.simulator.settle();
  vm.type('\x1c1\r');
  vm.type('dmesg\r');
  expect(vm.lines().join('\n')).toContain('virtio_blk virtio1: [vda] 30712 512-byte logical blocks (15.7 MB/15.0 MiB)');
});

describe('when a command has completed', () => {
  const CHANGES: Readonly<Record<string, (fs: FsClient) => unknown>> = {
    write: (fs) => fs.write(fs.open('file', READ_WRITE).result, 5, 'new'),
    append: (fs) => fs.write(fs.open('file', READ_WRITE).result, 20_000, new Uint8Array(5000).fill(1)),
    truncate: (fs) => fs.truncate(fs.open('file', READ_WRITE).result, 3),
    create: (fs) => fs.open('fresh', READ_WRITE | CREATE),
    mkdir: (fs) => fs.mkdir('fresh'),
    rename: (fs) => fs.rename('file', 'dir/renamed'),
    remove: (fs) => fs.remove('file'),
  };

  /** These wait until the disk has answered; its flush comes with fsync, close and every other change. */
  const UNFLUSHED = ['write', 'append'];

  test.each(Object.keys(CHANGES))('%s is on the disk, flushed where that is promised', async (name) => {
    const { vm, faults } = await faulty(await prepared());
    const [after, seen] = vm.client((fs) => {
      fs.initialise();
      const from = faults.log.length;
      CHANGES[name]!(fs);
      expect(faults.log.length).toBeGreaterThan(from);
      expect(faults.log.at(-1)).toBe(UNFLUSHED.includes(name) ? 'write' : 'flush');
      return [vm.disk.slice(), snapshot(fs)];
    });
    const second = await machine({ disk: after });
    second.client((fs) => {
      expect(fs.initialise()).toBe(OK);
      expect(snapshot(fs)).toEqual(seen);
    });
  });
});

function snapshot(fs: FsClient): Record<string, string> {
  const files: Record<string, string> = {};
  for (const folder of ['.', 'dir']) {
    for (const name of fs.list(folder)) {
      const stat = fs.stat(`${folder}/${name}`);
      const isFile = typeof stat === 'object' && (stat.mode & 0o040000) === 0;
      files[`${folder}/${name}`] = isFile ? Buffer.from(fs.getFile(`${folder}/${name}`)).toString('hex') : 'directory';
    }
  }
  return files;
}
