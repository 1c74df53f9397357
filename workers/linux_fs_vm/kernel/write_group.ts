/**
 * Writes that were queued together and follow one another in a file are one change of it: their data, one FAT update, one directory
 * entry, and the disk is waited for once, not once for each. So ext4 does with several fsyncs in one journal commit, and Linux's
 * block plug with an io_uring batch.
 */
import { IORING_OP, SQE } from '../../../src/specs/io_uring';
import type { AddressSpace } from './address_space';
import { Errno } from './errno';
import { resultOf } from './io_uring_ops';
import type { Syscalls } from './syscalls';

const EROFS = -new Errno('EROFS').number;

const offset = (sqe: DataView): bigint => sqe.getBigUint64(SQE.off, true);
const length = (sqe: DataView): number => sqe.getUint32(SQE.len, true);
const descriptor = (sqe: DataView): number => sqe.getInt32(SQE.fd, true);

/** The submission at `first`, and the writes after it that go on where the one before ended. */
export function neighbours(sqes: readonly DataView[], first: number): readonly DataView[] {
  let end = first + 1;
  while (end < sqes.length && follows(sqes[end - 1]!, sqes[end]!)) end++;
  return sqes.slice(first, end);
}

function follows(before: DataView, after: DataView): boolean {
  return (
    isWrite(before) &&
    isWrite(after) &&
    descriptor(before) === descriptor(after) &&
    offset(before) + BigInt(length(before)) === offset(after)
  );
}

function isWrite(sqe: DataView): boolean {
  return sqe.getUint8(SQE.opcode) === IORING_OP.WRITE && sqe.getUint8(SQE.flags) === 0 && length(sqe) > 0;
}

/**
 * The results. Where they cannot be had together (an error, a disk that became full) each write is carried out on its own by `run`: the same
 * bytes may go to the same place twice. `turnTo` comes before each is taken.
 */
export function writeTogether(
  group: readonly DataView[],
  user: AddressSpace,
  syscalls: Syscalls,
  turnTo: (sqe: DataView) => void,
  run: (sqe: DataView) => number,
): readonly number[] {
  const first = group[0]!;
  const together = resultOf(() => {
    const pieces = group.map((sqe) => user.at(Number(sqe.getBigUint64(SQE.addr, true)), length(sqe)));
    return syscalls.write(descriptor(first), Number(offset(first)), pieces, (i) => turnTo(group[i]!));
  });
  let rest = together;
  return group.map((sqe) => {
    const whole = rest >= length(sqe);
    rest -= length(sqe);
    if (whole) return length(sqe);
    const alone = run(sqe);
    // The volume became read-only under them: what made it so is what they are told.
    return alone === EROFS && together < 0 ? together : alone;
  });
}
