/**
 * io_uring between user program and kernel; Linux include/uapi/linux/io_uring.h and struct io_rings.
 *   sqe   0 u8 opcode  1 u8 flags  4 s32 fd  8 u64 off  16 u64 addr  24 u32 len  28 u32 op_flags  32 u64 user_data     64 bytes
 *         56 u64 pad, of which 56 u32 request is ours: the operation's number in the flight recorder
 *   cqe   0 u64 user_data  8 s32 res  12 u32 flags                                                                   16 bytes
 *   rings 0 u32 sq.head  4 sq.tail  8 cq.head  12 cq.tail  16 sq_ring_mask  20 cq_ring_mask  24 sq_ring_entries
 *         28 cq_ring_entries  32 sq_dropped  36 sq_flags  40 cq_flags  44 cq_overflow  64 cqes[]  then u32 sq_array[]
 */
export const IORING_OP = {
  NOP: 0,
  FSYNC: 3,
  OPENAT: 18,
  CLOSE: 19,
  STATX: 21,
  READ: 22,
  WRITE: 23,
  RENAMEAT: 35,
  UNLINKAT: 36,
  MKDIRAT: 37,
  FTRUNCATE: 55,
} as const;

export const SQE = {
  opcode: 0,
  flags: 1,
  fd: 4,
  off: 8,
  addr: 16,
  len: 24,
  op_flags: 28,
  user_data: 32,
  request: 56,
} as const;
export const SQE_SIZE = 64;
export const CQE = { user_data: 0, res: 8, flags: 12 } as const;
export const CQE_SIZE = 16;

export const IO_RINGS = {
  sq_head: 0,
  sq_tail: 4,
  cq_head: 8,
  cq_tail: 12,
  sq_ring_mask: 16,
  cq_ring_mask: 20,
  sq_ring_entries: 24,
  cq_ring_entries: 28,
  sq_dropped: 32,
  sq_flags: 36,
  cq_flags: 40,
  cq_overflow: 44,
  cqes: 64,
} as const;
/** sq_flags: completions wait in the kernel because the ring is full; `enter` moves them. */
export const IORING_SQ_CQ_OVERFLOW = 2;

/** Size of the rings' memory, and where the index array of the submission side starts in it. */
export function ioRingsLayout(entries: number): { array: number; size: number } {
  const array = IO_RINGS.cqes + 2 * entries * CQE_SIZE;
  return { array, size: array + 4 * entries };
}

export const AT_FDCWD = -100;
export const AT_REMOVEDIR = 0x200;
export const AT_EMPTY_PATH = 0x1000;
export const O = { RDONLY: 0, WRONLY: 1, RDWR: 2, ACCMODE: 3, CREAT: 0o100, DIRECTORY: 0o200000 } as const;
export const S_IFMT = { directory: 0o040000, file: 0o100000 } as const;

/** struct statx; times are {s64 sec, u32 nsec} at these offsets. */
export const STATX = {
  blksize: 4,
  nlink: 16,
  uid: 20,
  gid: 24,
  mode: 28,
  ino: 32,
  size: 40,
  blocks: 48,
  atime: 64,
  ctime: 96,
  mtime: 112,
  rdev_major: 128,
  dev_major: 136,
  dev_minor: 140,
} as const;
export const STATX_SIZE = 256;
