/** What each command of the protocol answers; statuses and offsets as digits from LionsOS include/lions/fs/protocol.h. */
import { describe, expect, test } from 'vitest';
import type { FsClient } from './testing/fs_client';
import { type Machine, machine } from './testing/machine';

const [INVALID_BUFFER, INVALID_FD, INVALID_NAME, TOO_MANY_OPEN_FILES, INVALID_COMMAND, END_OF_DIRECTORY] = [
  2, 4, 7, 8, 13, 14,
];
const [NO_FILE, ALREADY_EXISTS, NOT_EMPTY, NO_SPACE, NAME_TOO_LONG, OK] = [15, 17, 18, 65, 69, 0];
const [FILE_OPEN, FILE_CLOSE, STAT, FILE_READ, FILE_WRITE, FILE_SIZE] = [2, 3, 4, 5, 6, 7];
const [RENAME, FILE_REMOVE, FILE_TRUNCATE, DIR_CREATE, DIR_OPEN, DIR_READ] = [8, 9, 10, 11, 13, 16];
const [DIR_SEEK, DIR_TELL, DIR_REWIND] = [17, 18, 19];
const [READ_ONLY, WRITE_ONLY, READ_WRITE, CREATE] = [0, 1, 2, 4];
const SHARE = 0x400_0000;
const BUFFER = 0x8000;

async function mounted(body: (fs: FsClient, machine: Machine) => void): Promise<void> {
  const vm = await machine();
  vm.client((fs) => {
    expect(fs.initialise()).toBe(OK);
    body(fs, vm);
    expect(fs.take()).toEqual([]);
  });
}

describe('buffers', () => {
  const WILD: readonly [offset: bigint | number, size: bigint | number][] = [
    [0, 0],
    [SHARE, 1],
    [SHARE - 1, 2],
    [0, SHARE + 1],
    [2n ** 64n - 1n, 1],
    [2n ** 64n - 4096n, 8192],
    [1, 2n ** 64n - 1n],
    [2n ** 53n, 4],
    [4, 2n ** 63n],
  ];

  test.each(WILD)('offset %d size %d is refused by every command that takes one', (offset, size) =>
    mounted((fs) => {
      const fd = fs.open('file', READ_WRITE | CREATE).result;
      const dir = fs.opendir('/').result;
      const path = fs.path('file');
      const buffers = [
        fs.call(FILE_READ, fd, 0, offset, size),
        fs.call(FILE_WRITE, fd, 0, offset, size),
        fs.call(STAT, ...path, offset, size),
        fs.call(DIR_READ, dir, offset, size),
        fs.call(64, offset, size),
      ];
      expect(buffers.map(({ status }) => status)).toEqual(buffers.map(() => INVALID_BUFFER));
      const paths = [FILE_OPEN, FILE_REMOVE, DIR_CREATE, 12, DIR_OPEN].map((type) => fs.call(type, offset, size));
      const both = [fs.call(RENAME, offset, size, ...path), fs.call(RENAME, ...path, offset, size)];
      for (const { status } of [...paths, ...both]) {
        expect([INVALID_BUFFER, NAME_TOO_LONG, NO_FILE]).toContain(status);
      }
      expect(fs.size(fd)).toBe(0);
    }),
  );

  test('STAT needs 136 bytes, DIR_READ 256, STATFS 32', () =>
    mounted((fs) => {
      fs.putFile('file', 'x');
      const dir = fs.opendir('/').result;
      expect(fs.call(STAT, ...fs.path('file'), BUFFER, 135).status).toBe(INVALID_BUFFER);
      expect(fs.call(STAT, ...fs.path('file'), BUFFER, 136).status).toBe(OK);
      expect(fs.call(DIR_READ, dir, BUFFER, 255).status).toBe(INVALID_BUFFER);
      expect(fs.call(DIR_READ, dir, BUFFER, 256).status).toBe(OK);
      expect(fs.call(64, BUFFER, 31).status).toBe(INVALID_BUFFER);
      expect(fs.call(64, BUFFER, 32).status).toBe(OK);
    }));

  test('a transfer at the very end of the share, and one of megabytes', () =>
    mounted((fs) => {
      const fd = fs.open('file', READ_WRITE | CREATE).result;
      fs.share.bytes.set([7, 8, 9], SHARE - 3);
      expect(fs.call(FILE_WRITE, fd, 0, SHARE - 3, 3)).toMatchObject({ status: OK, result: 3 });
      fs.share.bytes.fill(0, SHARE - 3);
      expect(fs.call(FILE_READ, fd, 0, SHARE - 3, 3)).toMatchObject({ status: OK, result: 3 });
      expect([...fs.share.bytes.slice(SHARE - 3)]).toEqual([7, 8, 9]);
      const large = new Uint8Array(5 << 20).map((_, i) => (i * 31 + (i >> 12)) & 0xff);
      fs.share.bytes.set(large, BUFFER);
      expect(fs.call(FILE_WRITE, fd, 1, BUFFER, large.length).result).toBe(large.length);
      fs.share.bytes.fill(0);
      expect(fs.call(FILE_READ, fd, 1, 4096, SHARE - 4096).result).toBe(large.length);
      expect(Buffer.compare(fs.share.bytes.slice(4096, 4096 + large.length), large)).toBe(0);
    }));
});

describe('files', () => {
  test('a read past the end gives nothing and extends nothing', () =>
    mounted((fs) => {
      const fd = fs.open('f', READ_WRITE | CREATE).result;
      fs.write(fd, 0, 'abc');
      for (const offset of [3, 4, 100_000, 2 ** 32, 2 ** 52]) expect(fs.read(fd, offset)).toHaveLength(0);
      expect(fs.size(fd)).toBe(3);
      expect(fs.read(fd, 1, 100)).toEqual(Uint8Array.of(98, 99));
      expect(fs.call(FILE_READ, fd, 2n ** 60n, BUFFER, 1).status).toBe(INVALID_NAME);
    }));

  test('a write past the end leaves zeros between', () =>
    mounted((fs) => {
      const fd = fs.open('f', READ_WRITE | CREATE).result;
      fs.write(fd, 10_000, 'x');
      const content = fs.read(fd, 0);
      expect(content).toHaveLength(10_001);
      expect(content.slice(0, 10_000).every((byte) => byte === 0)).toBe(true);
    }));

  test('a descriptor allows what it was opened for', () =>
    mounted((fs) => {
      fs.putFile('f', 'x');
      const reader = fs.open('f', READ_ONLY).result;
      const writer = fs.open('f', WRITE_ONLY).result;
      expect(fs.write(reader, 0, 'y').status).toBe(INVALID_FD);
      expect(fs.truncate(reader, 0)).toBe(INVALID_FD);
      expect(fs.call(FILE_READ, writer, 0, BUFFER, 1).status).toBe(INVALID_FD);
      expect(fs.write(writer, 0, 'y').status).toBe(OK);
      expect(fs.open('f', 3).status).not.toBe(OK);
      expect(fs.open('f', 8).status).not.toBe(OK);
    }));

  test('wild, stale and foreign descriptors are INVALID_FD everywhere', () =>
    mounted((fs) => {
      const stale = fs.open('f', READ_WRITE | CREATE).result;
      expect(fs.close(stale)).toBe(OK);
      const again = fs.open('f', READ_WRITE).result;
      const dir = fs.opendir('/').result;
      expect(again).not.toBe(stale);
      const wild = [stale, 0, 1, 2, 255, again + 256, again + 2 ** 32, 2 ** 40, 2n ** 63n, 2n ** 64n - 1n];
      for (const fd of [...wild, dir]) {
        for (const type of [FILE_CLOSE, FILE_SIZE, 15, FILE_TRUNCATE])
          expect(fs.call(type, fd).status).toBe(INVALID_FD);
        for (const type of [FILE_READ, FILE_WRITE]) expect(fs.call(type, fd, 0, BUFFER, 8).status).toBe(INVALID_FD);
      }
      for (const fd of [...wild, again]) {
        for (const type of [14, DIR_SEEK, DIR_TELL, DIR_REWIND]) expect(fs.call(type, fd).status).toBe(INVALID_FD);
        expect(fs.call(DIR_READ, fd, BUFFER, 256).status).toBe(INVALID_FD);
      }
      expect(fs.close(again)).toBe(OK);
      expect(fs.close(again)).toBe(INVALID_FD);
    }));

  test('256 files can be open, the 257th is refused until one is closed', () =>
    mounted((fs) => {
      fs.putFile('f', 'x');
      const fds = Array.from({ length: 256 }, () => fs.open('f'));
      expect(fds.every(({ status }) => status === OK)).toBe(true);
      expect(new Set(fds.map(({ result }) => result)).size).toBe(256);
      expect(fs.open('f').status).toBe(TOO_MANY_OPEN_FILES);
      expect(fs.opendir('/').status).toBe(TOO_MANY_OPEN_FILES);
      expect(fs.close(fds[7]!.result)).toBe(OK);
      expect(fs.open('f').status).toBe(OK);
    }));

  test('an unlinked file lives while it is open', () =>
    mounted((fs) => {
      fs.putFile('f', 'still here');
      const fd = fs.open('f').result;
      expect(fs.remove('f')).toBe(OK);
      expect(fs.list('/')).toEqual([]);
      expect(new TextDecoder().decode(fs.read(fd, 0))).toBe('still here');
      expect(fs.close(fd)).toBe(OK);
    }));

  test('a full disk says NO_SPACE, and is not the worse for it', () =>
    mounted((fs) => {
      const fd = fs.open('f', READ_WRITE | CREATE).result;
      let offset = 0;
      let last = { status: OK as number, result: 1 };
      fs.share.bytes.fill(0x55, BUFFER, BUFFER + (4 << 20));
      while (last.status === OK && last.result > 0) {
        last = fs.call(FILE_WRITE, fd, offset, BUFFER, 4 << 20);
        if (last.status === OK) offset += last.result;
      }
      expect(last.status).toBe(NO_SPACE);
      expect(fs.size(fd)).toBe(offset);
      expect(fs.mkdir('no room')).toBe(NO_SPACE);
      expect(fs.truncate(fd, 0)).toBe(OK);
      expect(fs.mkdir('room')).toBe(OK);
    }));
});

describe('directories', () => {
  test('entries come once each, then END_OF_DIRECTORY for ever; seek, tell and rewind', () =>
    mounted((fs) => {
      const names = Array.from({ length: 40 }, (_, i) => `File number ${i} with a long name.txt`);
      for (const name of names) fs.putFile(name, '');
      const fd = fs.opendir('.').result;
      const marks: number[] = [];
      const seen: (string | number)[] = [];
      for (;;) {
        marks.push(fs.call(DIR_TELL, fd).result);
        const name = fs.readdir(fd);
        if (name === END_OF_DIRECTORY) break;
        seen.push(name);
      }
      expect(seen).toEqual(['.', '..', ...names]);
      expect(fs.readdir(fd)).toBe(END_OF_DIRECTORY);
      expect(fs.call(DIR_SEEK, fd, marks[17]!).status).toBe(OK);
      expect(fs.readdir(fd)).toBe(seen[17]);
      expect(fs.call(DIR_REWIND, fd).status).toBe(OK);
      expect(fs.readdir(fd)).toBe('.');
      for (const wild of [-1n, -(2n ** 63n), 2n ** 62n]) expect(fs.call(DIR_SEEK, fd, wild).status).not.toBe(OK);
      for (const past of [10_000, 2 ** 31, 2 ** 40]) {
        expect(fs.call(DIR_SEEK, fd, past).status).toBe(OK);
        expect(fs.readdir(fd)).toBe(END_OF_DIRECTORY);
      }
    }));

  test('a name longer than the buffer stays to be read with a larger one', () =>
    mounted((fs) => {
      const name = 'あ'.repeat(120);
      fs.putFile(name, '');
      const fd = fs.opendir('.').result;
      fs.readdir(fd);
      fs.readdir(fd);
      expect(fs.call(DIR_READ, fd, BUFFER, 256).status).toBe(INVALID_BUFFER);
      expect(fs.readdir(fd)).toBe(name);
    }));

  test('mkdir, rmdir and rename name their error', () =>
    mounted((fs) => {
      expect(fs.mkdir('d')).toBe(OK);
      expect(fs.mkdir('d')).toBe(ALREADY_EXISTS);
      fs.putFile('d/f', '');
      expect(fs.rmdir('d')).toBe(NOT_EMPTY);
      expect(fs.rmdir('e')).toBe(NO_FILE);
      expect(fs.rename('d', 'e')).toBe(OK);
      expect(fs.list('e')).toEqual(['f']);
      expect(fs.rename('nothing', 'x')).toBe(NO_FILE);
    }));
});

test('STAT gives the struct of the protocol, with mode, size and times', () =>
  mounted((fs) => {
    fs.putFile('f', 'hello');
    fs.mkdir('d');
    const u64 = (offset: number) => Number(fs.share.view.getBigUint64(BUFFER + offset, true));
    expect(fs.call(STAT, ...fs.path('f'), BUFFER, 136).status).toBe(OK);
    expect(u64(0)).toBe(254 * 256);
    expect(u64(16)).toBe(0o100755);
    expect(u64(24)).toBe(1);
    expect(u64(56)).toBe(5);
    expect(u64(64)).toBe(4096);
    expect(u64(128)).toBe(u64(72) * 512);
    // 2025-02-27, in steps of two seconds; the sub-second part is below a second.
    expect(u64(88)).toBeGreaterThanOrEqual(1_740_614_400 - 1);
    expect(u64(88)).toBeLessThan(1_740_614_400 + 60);
    for (const offset of [104, 112, 120]) expect(u64(offset)).toBeLessThan(1_000_000_000);
    expect(fs.call(STAT, ...fs.path('d'), BUFFER, 136).status).toBe(OK);
    expect(u64(16)).toBe(0o040755);
    expect(fs.statfs()).toMatchObject({ bsize: expect.any(Number), blocks: expect.any(Number) });
  }));

describe('messages', () => {
  test('an unknown command is INVALID_COMMAND, once', () =>
    mounted((fs) => {
      for (const type of [20, 21, 63, 65, 1000, 2n ** 32n, 2n ** 32n + 2n, 2n ** 53n, 2n ** 64n - 1n]) {
        const id = fs.put(type, [1, 2, 3, 4, 5, 6]);
        expect(fs.await(1)).toEqual([{ id, status: INVALID_COMMAND, result: 0 }]);
      }
    }));

  test('an id comes back bit for bit', () =>
    mounted((fs) => {
      for (const id of [0n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
        fs.put(18, [12345], id);
        expect(fs.await(1)).toEqual([{ id, status: INVALID_FD, result: 0 }]);
      }
    }));

  test('511 commands in one batch get 511 completions, matched by id', () =>
    mounted((fs) => {
      const fd = fs.open('f', READ_WRITE | CREATE).result;
      fs.write(
        fd,
        0,
        Uint8Array.from({ length: 511 }, (_, i) => i & 0xff),
      );
      const ids = Array.from({ length: 511 }, (_, i) => fs.put(FILE_READ, [fd, i, 0x10_0000 + i, 1]));
      const answers = fs.await(511);
      expect(answers.map(({ id }) => id).sort((a, b) => Number(a - b))).toEqual(ids);
      expect(answers.every(({ status, result }) => status === OK && result === 1)).toBe(true);
      for (let i = 0; i < 511; i++) expect(fs.share.bytes[0x10_0000 + i]).toBe(i & 0xff);
    }));

  test('in one batch, what was queued before a command that goes round the ring is done before it', () =>
    mounted((fs) => {
      const path = fs.path('d');
      const inner = fs.path('d/f', 0x3000);
      fs.put(DIR_CREATE, path);
      fs.put(FILE_OPEN, [...inner, WRITE_ONLY | CREATE]);
      fs.put(FILE_REMOVE, inner);
      fs.put(12, path);
      expect(fs.await(4).map(({ status }) => status)).toEqual([OK, OK, OK, OK]);
      expect(fs.list('/')).toEqual([]);
    }));
});
