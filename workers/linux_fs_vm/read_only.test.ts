/** A disk that may not be written, and a file that may not. */
import { expect, test } from 'vitest';
import type { SimKernel } from '../../src/libmicrokit/sim_kernel';
import { program as linuxFsVm } from './pd';
import { machine } from './testing/machine';

const [OK, SERVER_WAS_DENIED, READ_ONLY] = [0, 9, 66];
const [READ_WRITE, CREATE] = [2, 4];

async function withFiles(): Promise<Uint8Array> {
  const vm = await machine();
  vm.client((fs) => {
    fs.initialise();
    fs.putFile('FILE', 'as it was');
    fs.mkdir('DIR');
    fs.deinitialise();
  });
  return vm.disk;
}

test('a read-only disk is mounted, read, and refuses every change; not a byte of it is written', async () => {
  const disk = await withFiles();
  const before = disk.slice();
  const vm = await machine({
    disk,
    wrap: (inner) => ({
      sectors: inner.sectors,
      readOnly: true,
      read: (sector, dest) => inner.read(sector, dest),
      write() {
        throw new Error('written');
      },
      flush() {},
    }),
  });
  vm.client((fs) => {
    expect(fs.initialise()).toBe(OK);
    expect(new TextDecoder().decode(fs.getFile('FILE'))).toBe('as it was');
    const changes = [
      fs.open('FILE', READ_WRITE).status,
      fs.open('new', READ_WRITE | CREATE).status,
      fs.mkdir('new'),
      fs.rmdir('DIR'),
      fs.remove('FILE'),
      fs.rename('FILE', 'OTHER'),
    ];
    expect(changes).toEqual(changes.map(() => READ_ONLY));
    expect(fs.open('FILE', CREATE).status).toBe(OK);
    expect(fs.list('.').sort()).toEqual(['DIR', 'FILE']);
    expect(fs.deinitialise()).toBe(OK);
  });
  vm.type('\u001c1\r');
  expect(Buffer.compare(disk, before)).toBe(0);
});

test("a read-only disk that becomes known at any moment of the guest's boot is seen to be one", async () => {
  const disk = await withFiles();
  // The block device is brought up from about the 45th trap to the 82nd.
  for (let at = 40; at <= 85; at++) {
    let calls = 0;
    const vm = await machine({
      disk: disk.slice(),
      wrap: (inner) => ({
        sectors: inner.sectors,
        readOnly: true,
        read: (sector, dest) => inner.read(sector, dest),
        write() {},
        flush() {},
      }),
      programs: {
        // The guest's at-th trap is preceded by everything that the other domains have to do.
        linux_fs_vm: (env) => {
          const kernel = env.kernel as SimKernel;
          const ppcall = kernel.ppcall.bind(kernel);
          kernel.ppcall = (ch, message) => {
            if (++calls === at) kernel.simulator.settle();
            return ppcall(ch, message);
          };
          return linuxFsVm(env);
        },
      },
    });
    vm.client((fs) => {
      expect(fs.initialise()).toBe(OK);
      expect(fs.mkdir('new')).toBe(READ_ONLY);
    });
    expect(calls).toBeGreaterThan(80);
    expect(vm.simulator.nowNs).toBeLessThan(1e9);
  }
});

test('a file with the read-only attribute can be read, and not be opened for writing', async () => {
  const disk = await withFiles();
  const entry = Buffer.from(disk.buffer).indexOf('FILE       ');
  expect(entry).toBeGreaterThan(2048 * 512);
  disk[entry + 11]! |= 1;
  const vm = await machine({ disk });
  vm.client((fs) => {
    expect(fs.initialise()).toBe(OK);
    expect(fs.stat('FILE')).toMatchObject({ mode: 0o100555 });
    expect(new TextDecoder().decode(fs.getFile('FILE'))).toBe('as it was');
    expect(fs.open('FILE', READ_WRITE).status).toBe(SERVER_WAS_DENIED);
    expect(fs.open('FILE', READ_WRITE | CREATE).status).toBe(SERVER_WAS_DENIED);
  });
});
