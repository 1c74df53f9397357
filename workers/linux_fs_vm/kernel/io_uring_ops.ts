/** What each io_uring opcode does; field use per opcode as in Linux io_uring/{openclose,rw,fs,sync,statx,truncate}.c. */
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  IORING_OP,
  O,
  S_IFMT,
  SQE,
  STATX,
  STATX_SIZE,
} from '../../../src/specs/io_uring';
import type { AddressSpace } from './address_space';
import { Errno, fail } from './errno';
import type { OpenOptions, Syscalls } from './syscalls';
import type { Inode } from './vfs';

/** virtio block devices have major 254 on Linux. */
const DEVICE_MAJOR = 254;
const BLOCK_SIZE = 4096;

interface Operation {
  readonly fd: number;
  readonly off: number;
  readonly addr: number;
  readonly len: number;
  readonly flags: number;
  readonly user: AddressSpace;
  readonly syscalls: Syscalls;
}

const OPERATIONS: Readonly<Record<number, (operation: Operation) => number>> = {
  [IORING_OP.NOP]: () => 0,
  [IORING_OP.OPENAT]: (op) => op.syscalls.open(path(op), openOptions(op.flags)),
  [IORING_OP.CLOSE]: (op) => zero(op.syscalls.close(op.fd)),
  [IORING_OP.FSYNC]: (op) => zero(op.syscalls.fsync(op.fd)),
  [IORING_OP.READ]: (op) => op.syscalls.read(op.fd, op.off, op.user.at(op.addr, op.len)),
  [IORING_OP.WRITE]: (op) => op.syscalls.write(op.fd, op.off, [op.user.at(op.addr, op.len)], () => {}),
  [IORING_OP.FTRUNCATE]: (op) => zero(op.syscalls.truncate(op.fd, op.off)),
  [IORING_OP.MKDIRAT]: (op) => zero(op.syscalls.mkdir(path(op))),
  [IORING_OP.UNLINKAT]: (op) => zero(op.syscalls[op.flags & AT_REMOVEDIR ? 'rmdir' : 'unlink'](path(op))),
  [IORING_OP.RENAMEAT]: (op) => zero(op.syscalls.rename(path(op), op.user.string(op.off))),
  [IORING_OP.STATX]: statx,
};

/** What a completion says of it: a result from 0 on, or an errno below. */
export function resultOf(operation: () => number): number {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Errno) return -error.number;
    throw error;
  }
}

/** The result, as res >= 0; throws Errno. `sqe` is a private copy. */
export function runOperation(sqe: DataView, user: AddressSpace, syscalls: Syscalls): number {
  const operation = OPERATIONS[sqe.getUint8(SQE.opcode)];
  if (!operation || sqe.getUint8(SQE.flags) !== 0) return fail('EINVAL');
  return operation({
    fd: sqe.getInt32(SQE.fd, true),
    off: Number(sqe.getBigUint64(SQE.off, true)),
    addr: Number(sqe.getBigUint64(SQE.addr, true)),
    len: sqe.getUint32(SQE.len, true),
    flags: sqe.getUint32(SQE.op_flags, true),
    user,
    syscalls,
  });
}

/** Only AT_FDCWD: every path starts at the mount. */
function path({ fd, addr, user }: Operation): Uint8Array {
  if (fd !== AT_FDCWD) fail('EBADF');
  return user.string(addr);
}

function openOptions(flags: number): OpenOptions {
  const access = flags & O.ACCMODE;
  if (access === O.ACCMODE) fail('EINVAL');
  return {
    read: access !== O.WRONLY,
    write: access !== O.RDONLY,
    create: (flags & O.CREAT) !== 0,
    directory: (flags & O.DIRECTORY) !== 0,
  };
}

function statx(op: Operation): number {
  const buffer = op.user.at(op.off, STATX_SIZE);
  const write = (inode: Inode) => writeStatx(new DataView(buffer.buffer, buffer.byteOffset, STATX_SIZE), inode);
  if (op.fd !== AT_FDCWD && op.flags & AT_EMPTY_PATH) op.syscalls.fstat(op.fd, write);
  else op.syscalls.stat(path(op), write);
  return 0;
}

function writeStatx(view: DataView, inode: Inode): void {
  view.setUint32(STATX.blksize, BLOCK_SIZE, true);
  view.setUint32(STATX.nlink, inode.nlink, true);
  view.setUint32(STATX.uid, 0, true);
  view.setUint32(STATX.gid, 0, true);
  view.setUint16(STATX.mode, S_IFMT[inode.kind] | inode.mode, true);
  view.setBigUint64(STATX.ino, BigInt(inode.ino), true);
  view.setBigUint64(STATX.size, BigInt(inode.size), true);
  view.setBigUint64(STATX.blocks, BigInt(inode.blocks), true);
  view.setUint32(STATX.rdev_major, 0, true);
  view.setUint32(STATX.dev_major, DEVICE_MAJOR, true);
  view.setUint32(STATX.dev_minor, 0, true);
  for (const name of ['atime', 'ctime', 'mtime'] as const) {
    const time = Math.floor(inode[name]);
    const seconds = Math.floor(time / 1000);
    view.setBigInt64(STATX[name], BigInt(seconds), true);
    view.setUint32(STATX[name] + 8, (time - seconds * 1000) * 1_000_000, true);
  }
}

function zero(_: void): 0 {
  return 0;
}
