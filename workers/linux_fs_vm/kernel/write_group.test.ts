/** Neighbouring writes as one change: which belong together, and what each of them is told when they cannot be had together. */
import { describe, expect, test } from 'vitest';
import { IORING_OP, SQE } from '../../../src/specs/io_uring';
import { AddressSpace } from './address_space';
import { Errno } from './errno';
import { resultOf, runOperation } from './io_uring_ops';
import type { Syscalls } from './syscalls';
import { neighbours, writeTogether } from './write_group';

const USER = 0x1000;

interface Write {
  readonly off: number;
  readonly len: number;
  readonly fd?: number;
  readonly op?: number;
  readonly flags?: number;
  readonly addr?: number;
}

function sqe({ off, len, fd = 3, op = IORING_OP.WRITE, flags = 0, addr = USER }: Write): DataView {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint8(SQE.opcode, op);
  view.setUint8(SQE.flags, flags);
  view.setInt32(SQE.fd, fd, true);
  view.setBigUint64(SQE.off, BigInt(off), true);
  view.setBigUint64(SQE.addr, BigInt(addr), true);
  view.setUint32(SQE.len, len, true);
  return view;
}

const three = [
  sqe({ off: 10, len: 4, addr: USER }),
  sqe({ off: 14, len: 8, addr: USER + 4 }),
  sqe({ off: 22, len: 1 }),
];

describe('what belongs together', () => {
  const count = (...sqes: DataView[]) => neighbours(sqes, 0).length;
  test('writes of one file, each from where the one before ends', () => {
    expect(neighbours(three, 0)).toEqual(three);
    expect(neighbours(three, 1)).toEqual(three.slice(1));
    expect(neighbours([...three, sqe({ off: 24, len: 1 })], 0)).toEqual(three);
  });

  test.each<[string, Write]>([
    ['with a gap between them', { off: 15, len: 4 }],
    ['that overlap', { off: 13, len: 4 }],
    ['of other files', { off: 14, len: 4, fd: 4 }],
    ['with a flag, as a link to another', { off: 14, len: 4, flags: 4 }],
    ['of nothing', { off: 14, len: 0 }],
    ['and reads', { off: 14, len: 4, op: IORING_OP.READ }],
  ])('not writes %s', (_, other) => {
    expect(count(three[0]!, sqe(other))).toBe(1);
  });

  test('nor anything else', () => {
    const read = sqe({ off: 10, len: 4, op: IORING_OP.READ });
    expect(count(read, sqe({ off: 14, len: 4 }))).toBe(1);
    expect(count(sqe({ off: 2 ** 53, len: 1 }), sqe({ off: 1, len: 1 }))).toBe(1);
  });
});

/** A file with room for so many bytes; an Errno in `refuse` is thrown by the n-th call. */
function written(group: readonly DataView[], room: number, refuse: Readonly<Record<number, 'EIO' | 'EROFS'>> = {}) {
  const calls: string[] = [];
  const turns: number[] = [];
  const user = new AddressSpace();
  user.map({ start: USER, bytes: Uint8Array.from({ length: 64 }, (_, i) => i) });
  const syscalls = {
    write(fd: number, at: number, pieces: readonly Uint8Array[], turnTo: (piece: number) => void) {
      if (fd !== 3) throw new Errno('EBADF');
      const refusal = refuse[calls.length];
      calls.push(`${at}: ${pieces.map((piece) => `${piece[0]}+${piece.length}`).join(' ')}`);
      if (refusal) throw new Errno(refusal);
      if (at >= room) throw new Errno('ENOSPC');
      for (const i of pieces.keys()) turnTo(i);
      return Math.min(
        room - at,
        pieces.reduce((sum, { length }) => sum + length, 0),
      );
    },
  } as unknown as Syscalls;
  const turnTo = (turn: DataView) => void turns.push(group.indexOf(turn));
  const run = (alone: DataView) => resultOf(() => runOperation(alone, user, syscalls));
  return { results: writeTogether(group, user, syscalls, turnTo, run), calls, turns };
}

describe('what each is told', () => {
  test('all is well: its own length, after one call and a turn each', () => {
    expect(written(three, 100)).toEqual({
      results: [4, 8, 1],
      calls: ['10: 0+4 4+8 0+1'],
      turns: [0, 1, 2],
    });
  });

  test('the disk becomes full in the second: it is short, the third has no room', () => {
    const { results, calls } = written(three, 16);
    expect(results).toEqual([4, 2, -28]);
    expect(calls).toEqual(['10: 0+4 4+8 0+1', '14: 4+8', '22: 0+1']);
  });

  test('an error of all: each has its own turn and its own answer', () => {
    expect(written(three, 100, { 0: 'EIO', 2: 'EIO' }).results).toEqual([4, -5, 1]);
  });

  test('an error that made the volume read-only is what those behind it are told', () => {
    expect(written(three, 100, { 0: 'EIO', 1: 'EROFS', 2: 'EROFS', 3: 'EROFS' }).results).toEqual([-5, -5, -5]);
    expect(written(three, 100, { 0: 'EROFS', 1: 'EROFS', 2: 'EROFS', 3: 'EROFS' }).results).toEqual([-30, -30, -30]);
  });

  test("memory that is not the program's: EFAULT for that one alone", () => {
    const group = [three[0]!, sqe({ off: 14, len: 8, addr: USER + 60 }), three[2]!];
    const { results, calls } = written(group, 100);
    expect(results).toEqual([4, -14, 1]);
    expect(calls).toEqual(['10: 0+4', '22: 0+1']);
  });

  test('a descriptor that is not open: EBADF for each', () => {
    expect(written([sqe({ off: 0, len: 1, fd: 9 }), sqe({ off: 1, len: 1, fd: 9 })], 100).results).toEqual([-9, -9]);
  });
});
