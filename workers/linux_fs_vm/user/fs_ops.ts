/** The commands of the file system protocol, by number: what each checks and asks of the kernel. */
import { FS_CMD, FS_OPEN, FS_PARAMS, FS_STATFS, FS_STATUS } from '../../../src/protocol/fs';
import { type Fields, readStruct, type Struct, type Values, writeStruct } from '../../../src/protocol/struct';
import { AT_EMPTY_PATH, IORING_OP, O } from '../../../src/specs/io_uring';
import { fail } from '../kernel/errno';
import type { Answer, FsContext, RingWork } from './fs_context';
import { copyStat, FS_STAT_SIZE, statxSize } from './fs_stat';
import { statusOfResult } from './fs_status';

export interface FsOp {
  /** Works on the kernel directly: everything queued before it must be done first. */
  readonly barrier: boolean;
  /** Throws Errno to refuse. `message` is a private copy of the 64 bytes. */
  run(context: FsContext, message: DataView): Answer | RingWork;
}

const MAX_DIR_ENTRY = 256;
const encoder = new TextEncoder();
const OK: Answer = { status: FS_STATUS.SUCCESS };

function ring<F extends Fields>(params: Struct<F>, run: (context: FsContext, p: Values<F>) => RingWork): FsOp {
  return { barrier: false, run: (context, message) => run(context, readStruct(message, 0, params)) };
}

function direct<F extends Fields>(params: Struct<F>, run: (context: FsContext, p: Values<F>) => Answer | void): FsOp {
  return { barrier: true, run: (context, message) => run(context, readStruct(message, 0, params)) ?? OK };
}

/** The operation's result is the command's. */
function submit(
  submission: RingWork['submission'],
  answer = (res: number): Answer => ({ ...OK, result: res }),
): RingWork {
  return { submission, finish: (res) => (res < 0 ? { status: statusOfResult(res) } : answer(res)) };
}

/** A descriptor as a submission carries it; what is no s32 names no file. */
function descriptor(fd: number): number {
  return fd >= 0 && fd <= 0x7fff_ffff ? fd : fail('EBADF');
}

function openFlags(flags: number): number {
  const access = flags & (FS_OPEN.WRITE_ONLY | FS_OPEN.READ_WRITE);
  if (!(flags >= 0 && flags <= 7) || access === 3) fail('EINVAL');
  return access | (flags & FS_OPEN.CREATE ? O.CREAT : 0);
}

export const FS_OPS: ReadonlyMap<number, FsOp> = new Map([
  [
    FS_CMD.FILE_OPEN,
    ring(FS_PARAMS.FILE_OPEN, (context, p) =>
      submit({
        opcode: IORING_OP.OPENAT,
        addr: context.pathAddress(p.path_offset, p.path_size),
        flags: openFlags(p.flags),
      }),
    ),
  ],
  [
    FS_CMD.FILE_CLOSE,
    ring(FS_PARAMS.FILE_CLOSE, (_, { fd }) => submit({ opcode: IORING_OP.CLOSE, fd: descriptor(fd) })),
  ],
  [
    FS_CMD.STAT,
    ring(FS_PARAMS.STAT, (context, p) => {
      const addr = context.pathAddress(p.path_offset, p.path_size);
      const dest = context.buffer(p.buf_offset, p.buf_size, FS_STAT_SIZE);
      const off = context.statxAddress;
      return submit({ opcode: IORING_OP.STATX, addr, off }, () => {
        copyStat(context.heap, off, context.share.view, dest);
        return OK;
      });
    }),
  ],
  [
    FS_CMD.FILE_SIZE,
    ring(FS_PARAMS.FILE_SIZE, (context, { fd }) => {
      const off = context.statxAddress;
      return submit({ opcode: IORING_OP.STATX, fd: descriptor(fd), off, flags: AT_EMPTY_PATH }, () => ({
        ...OK,
        result: statxSize(context.heap, off),
      }));
    }),
  ],
  [FS_CMD.FILE_READ, ring(FS_PARAMS.FILE_READ, (context, p) => transfer(IORING_OP.READ, context, p))],
  [FS_CMD.FILE_WRITE, ring(FS_PARAMS.FILE_WRITE, (context, p) => transfer(IORING_OP.WRITE, context, p))],
  [
    FS_CMD.RENAME,
    ring(FS_PARAMS.RENAME, (context, p) =>
      submit({
        opcode: IORING_OP.RENAMEAT,
        addr: context.pathAddress(p.path_offset, p.path_size),
        off: context.pathAddress(p.new_path_offset, p.new_path_size, 1),
      }),
    ),
  ],
  [
    FS_CMD.FILE_REMOVE,
    ring(FS_PARAMS.FILE_REMOVE, (context, p) =>
      submit({ opcode: IORING_OP.UNLINKAT, addr: context.pathAddress(p.path_offset, p.path_size) }),
    ),
  ],
  [FS_CMD.FILE_SYNC, ring(FS_PARAMS.FILE_SYNC, (_, { fd }) => submit({ opcode: IORING_OP.FSYNC, fd: descriptor(fd) }))],
  [FS_CMD.FILE_TRUNCATE, direct(FS_PARAMS.FILE_TRUNCATE, ({ syscalls }, p) => syscalls.truncate(p.fd, p.length))],
  [
    FS_CMD.DIR_CREATE,
    direct(FS_PARAMS.DIR_CREATE, (context, p) => context.syscalls.mkdir(context.path(p.path_offset, p.path_size))),
  ],
  [
    FS_CMD.DIR_REMOVE,
    direct(FS_PARAMS.DIR_REMOVE, (context, p) => context.syscalls.rmdir(context.path(p.path_offset, p.path_size))),
  ],
  [
    FS_CMD.DIR_OPEN,
    direct(FS_PARAMS.DIR_OPEN, (context, p) => {
      const options = { read: true, write: false, create: false, directory: true };
      return { ...OK, result: context.syscalls.open(context.path(p.path_offset, p.path_size), options) };
    }),
  ],
  [FS_CMD.DIR_CLOSE, direct(FS_PARAMS.DIR_CLOSE, ({ syscalls }, { fd }) => syscalls.closedir(fd))],
  [FS_CMD.DIR_READ, direct(FS_PARAMS.DIR_READ, readDirectory)],
  [FS_CMD.DIR_SEEK, direct(FS_PARAMS.DIR_SEEK, ({ syscalls }, { fd, loc }) => syscalls.seekdir(fd, loc))],
  [FS_CMD.DIR_TELL, direct(FS_PARAMS.DIR_TELL, ({ syscalls }, { fd }) => ({ ...OK, result: syscalls.telldir(fd) }))],
  [FS_CMD.DIR_REWIND, direct(FS_PARAMS.DIR_REWIND, ({ syscalls }, { fd }) => syscalls.seekdir(fd, 0))],
  [
    FS_CMD.STATFS,
    direct(FS_PARAMS.STATFS, (context, p) => {
      const at = context.buffer(p.buf_offset, p.buf_size, FS_STATFS.size);
      const { blockSize, blocks, blocksFree, nameMax } = context.syscalls.statfs();
      const values = { bsize: blockSize, blocks, bfree: blocksFree, namemax: nameMax };
      writeStruct(context.share.view, at, FS_STATFS, values);
    }),
  ],
]);

type TransferParams = { fd: number; offset: number; buf_offset: number; buf_size: number };

function transfer(opcode: number, context: FsContext, p: TransferParams): RingWork {
  const addr = context.share.start + context.buffer(p.buf_offset, p.buf_size);
  if (!Number.isSafeInteger(p.offset)) fail('EINVAL');
  return submit({ opcode, fd: descriptor(p.fd), addr, len: p.buf_size, off: p.offset });
}

/** The name, NUL-terminated where there is room. A name that does not fit stays to be read with a larger buffer. */
function readDirectory(context: FsContext, p: { fd: number; buf_offset: number; buf_size: number }): Answer {
  const at = context.buffer(p.buf_offset, p.buf_size, MAX_DIR_ENTRY);
  const entry = context.syscalls.readdir(p.fd);
  if (!entry) return { status: FS_STATUS.END_OF_DIRECTORY };
  const name = encoder.encode(entry.name);
  if (name.length > p.buf_size) fail('EFAULT');
  context.share.bytes.set(name, at);
  if (name.length < p.buf_size) context.share.bytes[at + name.length] = 0;
  context.syscalls.seekdir(p.fd, entry.location);
  return { ...OK, result: name.length };
}
