import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { type Region, region } from '../protocol/region';
import { Errno, Interrupted } from './errors';
import { FsClient } from './fs_client';
import { FakeFsServer } from './testing/fake_fs_server';

const SHARE = 4 * 0x8000;

/** A client whose waits run `serve`; it gives up when nothing can happen any more. */
function setup(serve: (server: FakeFsServer) => void) {
  const command = region('fs_command', 0x8000);
  const completion = region('fs_completion', 0x8000);
  const share = region('fs_share', SHARE);
  const server = new FakeFsServer({ command, completion, share });
  const printed: string[] = [];
  const kernel = { now: () => 0, notify() {}, trace() {}, print: (text: string) => printed.push(text) };
  let waits = 0;
  const block = () => {
    if (++waits > 1000) throw new Interrupted();
    serve(server);
    return true;
  };
  const fs = new FsClient(kernel as never, 5, { command, completion, share }, block, { generation: 1 });
  return { fs, server, printed, command, completion };
}

function errno(call: () => unknown): string {
  try {
    return `result ${call()}`;
  } catch (error) {
    if (error instanceof Errno) return error.code;
    throw error;
  }
}

const tail = (at: Region) => new BigInt64Array(at.buffer, 8, 1);

describe('a command', () => {
  test('is 64 bytes: id, type, and its parameters where the protocol has them', () => {
    const { fs, command } = setup((server) => server.serve());
    const buffer = fs.buffer();
    fs.submit('FILE_READ', { fd: 7, offset: 0x1_2345_6789, buf_offset: buffer.offset, buf_size: 100 }, { buffer });
    const words = new BigUint64Array(command.buffer.slice(64, 128));
    expect([...words]).toEqual([1n, 5n, 7n, 0x1_2345_6789n, 0n, 100n, 0n, 0n]);
    expect(tail(command)[0]).toBe(1n);
  });

  test('leaves nothing of an earlier one in its slot', () => {
    const { fs, command } = setup((server) => server.serve());
    new Uint8Array(command.buffer).fill(0xff, 64);
    fs.submit('INITIALISE', {});
    expect([...new BigUint64Array(command.buffer.slice(64, 128))]).toEqual([1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
  });
});

describe('completions', () => {
  test('are matched by id, in any order', () => {
    const { fs, server } = setup(() => {});
    const requests = ['FILE_SIZE', 'FILE_SIZE', 'FILE_SIZE'].map(() => fs.submit('FILE_SIZE', { fd: 1 }));
    for (const [i, { id }] of [...requests.entries()].reverse()) {
      server.completions.enqueue({ id, status: 0, result: 100 + i });
    }
    for (const request of requests) fs.wait(request);
    expect(requests.map((request) => fs.result(request))).toEqual([100, 101, 102]);
  });

  test('with an id that is not in flight change nothing and are reported a few times only', () => {
    const { fs, server, printed } = setup(({ completions, commands }) => {
      for (let i = 0; i < 20; i++) completions.enqueue({ id: 0xdead + i, status: 0, result: 0 });
      const command = commands.dequeue();
      if (command) completions.enqueue({ id: command.id, status: 0, result: 5 });
    });
    expect(fs.call('FILE_SIZE', { fd: 1 })).toBe(5);
    expect(printed).toHaveLength(8);
    expect(printed[0]).toBe('micropython|ERROR: received bad fs completion: invalid request id: 57005\r\n');
    expect(server.completions.length).toBe(0);
  });

  test('are believed once: a second answer to the same request is not taken for the next one', () => {
    const answered: number[] = [];
    const { fs } = setup(({ completions, commands }) => {
      const command = commands.dequeue();
      if (!command) return;
      for (const id of answered) completions.enqueue({ id, status: 0, result: 666 });
      completions.enqueue({ id: command.id, status: 0, result: command.id });
      completions.enqueue({ id: command.id, status: 0, result: 666 });
      answered.push(command.id);
    });
    expect([1, 2, 3].map(() => fs.call('FILE_SIZE', { fd: 1 }))).toEqual([1, 2, 3]);
  });

  test.each([101, 0xffff_ffff, 2 ** 53 - 1])('that claim %i bytes of 100 are an input/output error', (result) => {
    const { fs } = setup(({ completions, commands }) => {
      const command = commands.dequeue();
      if (command) completions.enqueue({ id: command.id, status: 0, result });
    });
    const buffer = fs.buffer();
    const params = { fd: 1, offset: 0, buf_offset: buffer.offset, buf_size: 100 };
    expect(errno(() => fs.call('FILE_READ', params, { buffer, limit: 100 }))).toBe('EIO');
  });

  test('with a result beyond 2^53 or an unknown status are an input/output error', () => {
    const { fs, completion } = setup(({ commands }) => {
      const command = commands.dequeue();
      if (!command) return;
      const words = new BigInt64Array(completion.buffer);
      const slot = 8 + 8 * Number(words[1]! % 511n);
      words.set([BigInt(command.id), command.id === 1 ? 0n : 99n, -1n], slot);
      words[1]!++;
    });
    expect(errno(() => fs.call('FILE_SIZE', { fd: 1 }))).toBe('EIO');
    expect(errno(() => fs.call('FILE_SIZE', { fd: 1 }))).toBe('EIO');
  });

  test.each([-1n, 512n, 2n ** 62n])('in a queue whose tail says %s end in an input/output error', (wild) => {
    const { fs, completion } = setup(() => {
      tail(completion)[0] = wild;
    });
    expect(errno(() => fs.call('FILE_SIZE', { fd: 1 }))).toBe('EIO');
    expect(errno(() => fs.call('FILE_SIZE', { fd: 1 }))).toBe('EIO');
  });

  test('of random bytes never break the client', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = new Random(seed);
      const { fs, completion } = setup(({ commands }) => {
        const bytes = new Uint8Array(completion.buffer);
        for (let i = 0; i < 64; i++) bytes[64 + random.below(32_640)] = random.below(256);
        tail(completion)[0] = tail(completion)[0]! + BigInt(random.below(4));
        commands.dequeue();
      });
      try {
        fs.call('FILE_SIZE', { fd: 1 });
      } catch (error) {
        expect(error instanceof Errno || error instanceof Interrupted, `seed ${seed}: ${error}`).toBe(true);
      }
    }
  });
});

describe('an interrupted request', () => {
  test('keeps its buffer until the server has answered', () => {
    let silent = true;
    const { fs, server } = setup((s) => {
      if (silent) throw new Interrupted();
      s.serve();
    });
    server.put('/f', 'x');
    const stat = () => {
      const buffer = fs.buffer();
      buffer.bytes.set([0x2f, 0x66]);
      const params = { path_offset: buffer.offset, path_size: 2, buf_offset: buffer.offset + 8192, buf_size: 136 };
      return fs.call('STAT', params, { buffer }, () => buffer.offset);
    };
    expect(stat).toThrow(Interrupted);
    silent = false;
    expect(stat()).toBe(0x8000);
    expect(stat()).toBe(0);
  });

  test('that opened a file has it closed when the answer comes', () => {
    let silent = true;
    const { fs, server } = setup((s) => {
      if (silent) throw new Interrupted();
      s.serve();
    });
    const open = () => {
      const buffer = fs.buffer();
      buffer.bytes.set([0x2f, 0x66]);
      const params = { path_offset: buffer.offset, path_size: 2, flags: 6 };
      return fs.call('FILE_OPEN', params, { buffer, undo: (fd) => fs.forget('FILE_CLOSE', { fd }) });
    };
    expect(open).toThrow(Interrupted);
    server.serve();
    expect(server.open.size).toBe(1);
    silent = false;
    fs.call('INITIALISE', {});
    server.serve();
    expect(server.open.size).toBe(0);
  });

  test('gives its buffer back when it could not even be sent', () => {
    const { fs } = setup(() => {
      throw new Interrupted();
    });
    for (let i = 0; i < 511; i++) fs.submit('FILE_SIZE', { fd: 1 });
    for (let i = 0; i < 10; i++) {
      const buffer = fs.buffer();
      expect(() => fs.submit('FILE_READ', { fd: 1, offset: 0, buf_offset: 0, buf_size: 1 }, { buffer })).toThrow(
        Interrupted,
      );
    }
  });
});

describe('a full queue', () => {
  test('makes the client wait, and everything arrives', () => {
    const { fs, server } = setup((s) => s.serve());
    server.put('/f', 'x');
    const requests = Array.from({ length: 1500 }, () => fs.submit('INITIALISE', {}));
    for (const request of requests) fs.wait(request);
    expect(requests.every((request) => fs.result(request) === 0)).toBe(true);
    expect(server.log).toHaveLength(1500);
  });

  test('of buffers makes a batch smaller', () => {
    const { fs } = setup((s) => s.serve());
    const submit = () => {
      const buffer = fs.buffer();
      return fs.submit('DIR_READ', { fd: 1, buf_offset: buffer.offset, buf_size: 256 }, { buffer });
    };
    const offsets = () => fs.batch(5, submit, (requests) => requests.map(({ buffer }) => buffer!.offset));
    expect(offsets()).toEqual([0, 0x8000, 0x1_0000, 0x1_8000]);
    expect(offsets()).toEqual([0, 0x8000, 0x1_0000, 0x1_8000]);
  });
});
