/** The kernel's side of io_uring before a program that fills the rings by hand; offsets as digits from linux/io_uring.h. */
import { describe, expect, test } from 'vitest';
import { region } from '../../../src/protocol/region';
import { AddressSpace } from './address_space';
import { Errno } from './errno';
import { IoUring } from './io_uring';
import { BootAllocator } from './memory';
import type { Syscalls } from './syscalls';

const BASE = 0x4000_0000;
const USER = 0x1000;

function setup(entries: number) {
  const calls: string[] = [];
  const bytes = new Uint8Array(256);
  const user = new AddressSpace();
  user.map({ start: USER, bytes });
  const text = (path: Uint8Array) => new TextDecoder().decode(path);
  const syscalls = {
    open: (path: Uint8Array, options: object) => calls.push(`open ${text(path)} ${JSON.stringify(options)}`) && 700,
    close: (fd: number) => void calls.push(`close ${fd}`),
    fsync: (fd: number) => void calls.push(`fsync ${fd}`),
    read: (fd: number, at: number, dest: Uint8Array) => calls.push(`read ${fd} ${at} ${dest.length}`) && dest.length,
    write: (fd: number, at: number, [from]: readonly Uint8Array[]) =>
      calls.push(`write ${fd} ${at} ${from!.length}`) && 1,
    truncate: (fd: number, size: number) => void calls.push(`truncate ${fd} ${size}`),
    mkdir: (path: Uint8Array) => void calls.push(`mkdir ${text(path)}`),
    rmdir: (path: Uint8Array) => void calls.push(`rmdir ${text(path)}`),
    unlink() {
      throw new Errno('ENOENT');
    },
    rename: (from: Uint8Array, to: Uint8Array) => void calls.push(`rename ${text(from)} ${text(to)}`),
  };
  const memory = new BootAllocator(region('ram', 1 << 20), BASE, BASE, BASE + (1 << 20));
  const ring = new IoUring(entries, memory, user, syscalls as unknown as Syscalls);
  const word = (offset: number) => ring.rings.view.getUint32(offset, true);
  const array = 64 + 2 * ring.entries * 16;
  return {
    calls,
    bytes,
    ring,
    word,
    /** Writes an sqe and queues it: opcode @0, fd @4, off @8, addr @16, len @24, op flags @28, user data @32. */
    queue(
      sqe: { opcode: number; fd?: number; off?: number | bigint; addr?: number; len?: number; flags?: number },
      data = 0n,
    ) {
      const tail = word(4);
      const index = tail & (ring.entries - 1);
      const { view } = ring.sqes;
      const at = index * 64;
      view.setUint8(at, sqe.opcode);
      view.setInt32(at + 4, sqe.fd ?? 0, true);
      view.setBigUint64(at + 8, BigInt(sqe.off ?? 0), true);
      view.setBigUint64(at + 16, BigInt(sqe.addr ?? 0), true);
      view.setUint32(at + 24, sqe.len ?? 0, true);
      view.setUint32(at + 28, sqe.flags ?? 0, true);
      view.setBigUint64(at + 32, data, true);
      ring.rings.view.setUint32(array + 4 * index, index, true);
      ring.rings.view.setUint32(4, tail + 1, true);
    },
    /** [user data, result] of each completion. */
    reap(): [bigint, number][] {
      const all: [bigint, number][] = [];
      for (let head = word(8); head !== word(12); head++) {
        const at = 64 + (head & (2 * ring.entries - 1)) * 16;
        all.push([ring.rings.view.getBigUint64(at, true), ring.rings.view.getInt32(at + 8, true)]);
        ring.rings.view.setUint32(8, head + 1, true);
      }
      return all;
    },
    array,
  };
}

test('entries are rounded up to a power of two, completions are twice as many', () => {
  const { ring, word } = setup(511);
  expect(ring.entries).toBe(512);
  expect([word(16), word(20), word(24), word(28)]).toEqual([511, 1023, 512, 1024]);
});

test('each opcode does its call with its fields, and user data comes back bit for bit', () => {
  const { queue, ring, reap, bytes, calls } = setup(16);
  bytes.set(new TextEncoder().encode('one\0two\0'));
  queue({ opcode: 0 }, 2n ** 64n - 1n);
  queue({ opcode: 18, fd: -100, addr: USER, flags: 0o101 });
  queue({ opcode: 19, fd: 700 });
  queue({ opcode: 22, fd: 3, off: 2n ** 40n, addr: USER + 8, len: 100 });
  queue({ opcode: 23, fd: 3, off: 5, addr: USER + 8, len: 248 });
  queue({ opcode: 3, fd: 3 });
  queue({ opcode: 55, fd: 3, off: 77 });
  queue({ opcode: 37, fd: -100, addr: USER });
  queue({ opcode: 36, fd: -100, addr: USER, flags: 0x200 });
  queue({ opcode: 36, fd: -100, addr: USER });
  queue({ opcode: 35, fd: -100, addr: USER, off: USER + 4 });
  expect(ring.enter(16)).toBe(11);
  expect(reap().map(([, res]) => res)).toEqual([0, 700, 0, 100, 1, 0, 0, 0, 0, -2, 0]);
  expect(calls).toEqual([
    'open one {"read":false,"write":true,"create":true,"directory":false}',
    'close 700',
    'read 3 1099511627776 100',
    'write 3 5 248',
    'fsync 3',
    'truncate 3 77',
    'mkdir one',
    'rmdir one',
    'rename one two',
  ]);
});

describe('what a program does wrong', () => {
  test('unknown opcodes and flags are EINVAL, foreign memory EFAULT, paths relative to a descriptor EBADF', () => {
    const { queue, ring, reap, bytes } = setup(16);
    bytes.fill(0x41);
    queue({ opcode: 1 });
    queue({ opcode: 255 });
    queue({ opcode: 22, addr: USER - 1, len: 1 });
    queue({ opcode: 22, addr: USER + 200, len: 57 });
    queue({ opcode: 22, addr: USER, len: 0xffff_ffff });
    queue({ opcode: 18, fd: -100, addr: 0 });
    queue({ opcode: 18, fd: -100, addr: USER });
    queue({ opcode: 18, fd: 3, addr: USER });
    queue({ opcode: 18, fd: -100, addr: USER, flags: 3 });
    ring.sqes.view.setUint8(8 * 64 + 64 + 1, 1);
    queue({ opcode: 0 });
    ring.enter(16);
    expect(reap().map(([, res]) => res)).toEqual([-22, -22, -14, -14, -14, -14, -14, -9, -14, -22]);
  });

  test('an index beyond the entries is dropped and counted', () => {
    const { queue, ring, reap, word, array } = setup(4);
    queue({ opcode: 0 }, 1n);
    queue({ opcode: 0 }, 2n);
    ring.rings.view.setUint32(array, 4, true);
    expect(ring.enter(2)).toBe(1);
    expect(reap()).toEqual([[2n, 0]]);
    expect(word(32)).toBe(1);
  });

  test('a tail that jumps is served once round the ring at most', () => {
    const { ring, reap, word } = setup(4);
    ring.rings.view.setUint32(4, 0x8000_0000, true);
    expect(ring.enter(1000)).toBe(4);
    expect(reap()).toHaveLength(4);
    expect(word(0)).toBe(4);
  });
});

test('completions that find the ring full wait in the kernel, in order, and are flagged until they are out', () => {
  const { queue, ring, reap, word } = setup(4);
  for (let i = 0n; i < 12n; i += 4n) {
    for (let j = 0n; j < 4n; j++) queue({ opcode: 0 }, i + j);
    ring.enter(4);
  }
  expect(word(12) - word(8)).toBe(8);
  expect(word(36)).toBe(2);
  expect(reap().map(([data]) => data)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  queue({ opcode: 0 }, 12n);
  ring.enter(1);
  expect(word(36)).toBe(0);
  expect(reap().map(([data]) => data)).toEqual([8n, 9n, 10n, 11n, 12n]);
});
