/** Mounting, disks that cannot be mounted, and path names, as the protocol answers them. */
import { describe, expect, test } from 'vitest';
import type { FsClient } from './testing/fs_client';
import { type Machine, machine } from './testing/machine';

const [ERROR, INVALID_FD, INVALID_NAME, NO_FILE, NOT_DIRECTORY, ALREADY_EXISTS] = [1, 4, 7, 15, 16, 17];
const [IS_DIRECTORY, NOT_MOUNTED, NAME_TOO_LONG, OK] = [64, 68, 69, 0];
const [FILE_SIZE] = [7];
const [WRITE_ONLY, CREATE] = [1, 4];

async function mounted(body: (fs: FsClient, machine: Machine) => void): Promise<void> {
  const vm = await machine();
  vm.client((fs) => {
    expect(fs.initialise()).toBe(OK);
    body(fs, vm);
    expect(fs.take()).toEqual([]);
  });
}

describe('mounting', () => {
  test('before INITIALISE and after DEINITIALISE every command answers NOT_MOUNTED', async () => {
    const { client } = await machine();
    client((fs) => {
      for (let round = 0; round < 2; round++) {
        for (const type of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 64]) {
          expect(fs.call(type, 0, 1).status).toBe(NOT_MOUNTED);
        }
        expect(fs.initialise()).toBe(OK);
        expect(fs.deinitialise()).toBe(OK);
      }
    });
  });

  test('a second INITIALISE is answered ERROR, once', () =>
    mounted((fs) => {
      expect(fs.initialise()).toBe(ERROR);
      expect(fs.take()).toEqual([]);
      expect(fs.list('/')).toEqual([]);
    }));

  test('a client that starts anew finds its files, and none of its descriptors', () =>
    mounted((fs) => {
      fs.putFile('a', 'kept');
      const { result: fd } = fs.open('a');
      expect(fs.deinitialise()).toBe(OK);
      expect(fs.initialise()).toBe(OK);
      expect(fs.call(FILE_SIZE, fd).status).toBe(INVALID_FD);
      expect(new TextDecoder().decode(fs.getFile('a'))).toBe('kept');
    }));

  test('INITIALISE sent before the guest has booted is answered', async () => {
    const vm = await machine();
    expect(vm.client((fs) => fs.initialise())).toBe(OK);
  });
});

describe('a disk that cannot be mounted', () => {
  test('without a file system: one sentence, NOT_MOUNTED, and the reason in mountState', async () => {
    const image = new Uint8Array(1 << 20).fill(0x41);
    const { client, lines, guest, simulator } = await machine({ disk: image });
    client((fs) => {
      expect(fs.initialise()).toBe(NOT_MOUNTED);
      expect(fs.open('x').status).toBe(NOT_MOUNTED);
    });
    simulator.settle();
    expect(guest.control.mountState()).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/^[A-Z].*\.$/),
    });
    expect(lines().filter((line) => line.startsWith('mount:'))).toHaveLength(1);
  });

  test('a partition that is no FAT is named, and nothing of it is written', async () => {
    const { disk } = await machine();
    const image = disk.slice();
    image.fill(0, 2048 * 512, 2048 * 512 + 65536);
    const before = image.slice();
    const { client, lines, guest, simulator } = await machine({ disk: image });
    expect(client((fs) => fs.initialise())).toBe(NOT_MOUNTED);
    simulator.settle();
    expect(lines().slice(-3)).toEqual([
      'FAT-fs (vda): The device is blank (its first sector is all zeros), not a FAT file system.',
      'mount: mounting /dev/vda on /mnt failed: Invalid argument',
      '',
    ]);
    expect(guest.control.mountState().state).toBe('refused');
    expect(Buffer.compare(image, before)).toBe(0);
  });
});

describe('paths', () => {
  test('".." cannot leave the mount, "." and "//" do not matter, and a trailing NUL is the end', () =>
    mounted((fs) => {
      fs.mkdir('etc');
      fs.putFile('etc/passwd', 'inside');
      for (const path of ['/../etc/passwd', '../../etc/../../etc/passwd', '//etc///./passwd', 'etc/passwd\0']) {
        expect(new TextDecoder().decode(fs.getFile(path))).toBe('inside');
      }
      expect(fs.list('../..')).toEqual(['etc']);
    }));

  test('empty, over-long, not UTF-8 or with a NUL inside: refused', () =>
    mounted((fs) => {
      expect(fs.open('\0').status).toBe(NO_FILE);
      expect(fs.open('a'.repeat(4096)).status).toBe(NAME_TOO_LONG);
      expect(fs.open('/'.repeat(4095)).status).toBe(IS_DIRECTORY);
      expect(fs.open('a'.repeat(256), WRITE_ONLY | CREATE).status).toBe(NAME_TOO_LONG);
      expect(fs.open(Uint8Array.of(0x66, 0xff, 0xfe), WRITE_ONLY | CREATE).status).toBe(INVALID_NAME);
      expect(fs.open('a\0b', WRITE_ONLY | CREATE).status).toBe(INVALID_NAME);
      expect(fs.open('what?', WRITE_ONLY | CREATE).status).toBe(INVALID_NAME);
      expect(fs.list('/')).toEqual([]);
    }));

  test('the root has no name that could be changed', () =>
    mounted((fs) => {
      fs.mkdir('d');
      for (const root of ['/', '.', '..', 'd/..', '//']) {
        expect(fs.mkdir(root)).toBe(ALREADY_EXISTS);
        expect([fs.rmdir(root), fs.remove(root), fs.rename(root, 'e')]).not.toContain(OK);
        expect(fs.open(root, WRITE_ONLY | CREATE).status).toBe(IS_DIRECTORY);
      }
      expect(fs.list('/')).toEqual(['d']);
    }));

  test('a file is no directory, and a directory no file', () =>
    mounted((fs) => {
      fs.putFile('file', 'x');
      fs.mkdir('dir');
      expect(fs.open('dir').status).toBe(IS_DIRECTORY);
      expect(fs.open('file/').status).toBe(NOT_DIRECTORY);
      expect(fs.open('file/x').status).toBe(NOT_DIRECTORY);
      expect(fs.opendir('file').status).toBe(NOT_DIRECTORY);
      expect(fs.opendir('nowhere').status).toBe(NO_FILE);
      expect(fs.remove('dir')).toBe(IS_DIRECTORY);
      expect(fs.rmdir('file')).toBe(NOT_DIRECTORY);
      expect(fs.remove('file/')).toBe(NOT_DIRECTORY);
      expect(fs.rename('file/', 'other')).toBe(NOT_DIRECTORY);
      expect(fs.stat('nowhere')).toBe(NO_FILE);
      expect(fs.stat('nowhere/x')).toBe(NO_FILE);
    }));
});
