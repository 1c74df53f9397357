/**
 * The LionsOS file system protocol; au-ts/lionsos include/lions/fs/protocol.h.
 *   queue       0 u64 head  8 u64 tail  64 messages of 64 bytes[511]
 *   command     0 u64 id    8 u64 type  16 params (48 bytes)
 *   completion  0 u64 id    8 u64 status  16 u64 result
 * Paths, names and file data travel in buffers {offset, size} of the data share. Completions may come in any order.
 */
import type { RingLayout } from './spsc';
import { i64, struct, u64 } from './struct';

export const FS_QUEUE_CAPACITY = 511;
export const FS_MAX_NAME_LENGTH = 255;
export const FS_MAX_PATH_LENGTH = 4095;
/** The client's transfer unit: the share is cut into buffers of this size. */
export const FS_BUFFER_SIZE = 0x8000;

export const FS_CMD = {
  INITIALISE: 0,
  DEINITIALISE: 1,
  FILE_OPEN: 2,
  FILE_CLOSE: 3,
  STAT: 4,
  FILE_READ: 5,
  FILE_WRITE: 6,
  FILE_SIZE: 7,
  RENAME: 8,
  FILE_REMOVE: 9,
  FILE_TRUNCATE: 10,
  DIR_CREATE: 11,
  DIR_REMOVE: 12,
  DIR_OPEN: 13,
  DIR_CLOSE: 14,
  FILE_SYNC: 15,
  DIR_READ: 16,
  DIR_SEEK: 17,
  DIR_TELL: 18,
  DIR_REWIND: 19,
  /** Ours: upstream has no statvfs (docs/differences.md). */
  STATFS: 64,
} as const;

export const FS_OPEN = { READ_ONLY: 0, WRITE_ONLY: 1, READ_WRITE: 2, CREATE: 4 } as const;

/** 0..14 are upstream's at the commit of vmfs, 15..18 its main branch's, 64 and up are ours (docs/differences.md). */
export const FS_STATUS = {
  SUCCESS: 0,
  ERROR: 1,
  INVALID_BUFFER: 2,
  INVALID_PATH: 3,
  INVALID_FD: 4,
  ALLOCATION_ERROR: 5,
  OUTSTANDING_OPERATIONS: 6,
  INVALID_NAME: 7,
  TOO_MANY_OPEN_FILES: 8,
  SERVER_WAS_DENIED: 9,
  INVALID_WRITE: 10,
  INVALID_READ: 11,
  DIRECTORY_IS_FULL: 12,
  INVALID_COMMAND: 13,
  END_OF_DIRECTORY: 14,
  NO_FILE: 15,
  NOT_DIRECTORY: 16,
  ALREADY_EXISTS: 17,
  NOT_EMPTY: 18,
  IS_DIRECTORY: 64,
  NO_SPACE: 65,
  READ_ONLY: 66,
  IO_ERROR: 67,
  NOT_MOUNTED: 68,
  NAME_TOO_LONG: 69,
  FILE_TOO_BIG: 70,
  STALE: 71,
} as const;

export const FS_COMMAND = struct('fs_cmd', 64, {
  id: u64(0),
  type: u64(8),
  /** The six words of the parameter union; FS_PARAMS names them per command. */
  p0: u64(16),
  p1: u64(24),
  p2: u64(32),
  p3: u64(40),
  p4: u64(48),
  p5: u64(56),
});

export const FS_COMPLETION = struct('fs_cmpl', 64, { id: u64(0), status: u64(8), result: u64(16) });

const path = { path_offset: u64(16), path_size: u64(24) };
const fd = { fd: u64(16) };

/** Parameters of each command by name, at their offset in the 64-byte message. */
export const FS_PARAMS = {
  INITIALISE: struct('fs_cmd_initialise', 64, {}),
  DEINITIALISE: struct('fs_cmd_deinitialise', 64, {}),
  FILE_OPEN: struct('fs_cmd_file_open', 64, { ...path, flags: u64(32) }),
  FILE_CLOSE: struct('fs_cmd_file_close', 64, fd),
  STAT: struct('fs_cmd_stat', 64, { ...path, buf_offset: u64(32), buf_size: u64(40) }),
  FILE_READ: struct('fs_cmd_file_read', 64, { ...fd, offset: u64(24), buf_offset: u64(32), buf_size: u64(40) }),
  FILE_WRITE: struct('fs_cmd_file_write', 64, { ...fd, offset: u64(24), buf_offset: u64(32), buf_size: u64(40) }),
  FILE_SIZE: struct('fs_cmd_file_size', 64, fd),
  RENAME: struct('fs_cmd_rename', 64, { ...path, new_path_offset: u64(32), new_path_size: u64(40) }),
  FILE_REMOVE: struct('fs_cmd_file_remove', 64, path),
  FILE_TRUNCATE: struct('fs_cmd_file_truncate', 64, { ...fd, length: u64(24) }),
  DIR_CREATE: struct('fs_cmd_dir_create', 64, path),
  DIR_REMOVE: struct('fs_cmd_dir_remove', 64, path),
  DIR_OPEN: struct('fs_cmd_dir_open', 64, path),
  DIR_CLOSE: struct('fs_cmd_dir_close', 64, fd),
  FILE_SYNC: struct('fs_cmd_file_sync', 64, fd),
  DIR_READ: struct('fs_cmd_dir_read', 64, { ...fd, buf_offset: u64(24), buf_size: u64(32) }),
  DIR_SEEK: struct('fs_cmd_dir_seek', 64, { ...fd, loc: i64(24) }),
  DIR_TELL: struct('fs_cmd_dir_tell', 64, fd),
  DIR_REWIND: struct('fs_cmd_dir_rewind', 64, fd),
  STATFS: struct('fs_cmd_statfs', 64, { buf_offset: u64(16), buf_size: u64(24) }),
} as const;

/** What STATFS writes into its buffer: counts in units of `bsize` bytes. */
export const FS_STATFS = struct('fs_statfs', 32, { bsize: u64(0), blocks: u64(8), bfree: u64(16), namemax: u64(24) });

/** What STAT writes into its buffer; sizes in bytes, times in seconds with the sub-second part in `*_nsec`. */
export const FS_STAT = struct('fs_stat', 136, {
  dev: u64(0),
  ino: u64(8),
  mode: u64(16),
  nlink: u64(24),
  uid: u64(32),
  gid: u64(40),
  rdev: u64(48),
  size: u64(56),
  blksize: u64(64),
  blocks: u64(72),
  atime: u64(80),
  mtime: u64(88),
  ctime: u64(96),
  atime_nsec: u64(104),
  mtime_nsec: u64(112),
  ctime_nsec: u64(120),
  used: u64(128),
});

export const FS_COMMAND_QUEUE: RingLayout<typeof FS_COMMAND.fields> = {
  name: 'fs_command_queue',
  head: 0,
  tail: 8,
  indexBits: 64,
  slots: 64,
  slot: FS_COMMAND,
};

export const FS_COMPLETION_QUEUE: RingLayout<typeof FS_COMPLETION.fields> = {
  name: 'fs_completion_queue',
  head: 0,
  tail: 8,
  indexBits: 64,
  slots: 64,
  slot: FS_COMPLETION,
};

/**
 * Which Linux error each status stands for: the server answers with the last status that names the
 * error, the client goes back.
 * Upstream's client hands the raw status to Python as if it were an errno; ours does not (docs/differences.md).
 */
export const FS_STATUS_ERRNO = {
  ERROR: 'EIO',
  INVALID_BUFFER: 'EFAULT',
  INVALID_PATH: 'ENOENT',
  INVALID_FD: 'EBADF',
  ALLOCATION_ERROR: 'ENOMEM',
  OUTSTANDING_OPERATIONS: 'EBUSY',
  INVALID_NAME: 'EINVAL',
  TOO_MANY_OPEN_FILES: 'EMFILE',
  SERVER_WAS_DENIED: 'EACCES',
  INVALID_WRITE: 'EINVAL',
  INVALID_READ: 'EINVAL',
  DIRECTORY_IS_FULL: 'ENOSPC',
  INVALID_COMMAND: 'ENOSYS',
  NO_FILE: 'ENOENT',
  NOT_DIRECTORY: 'ENOTDIR',
  ALREADY_EXISTS: 'EEXIST',
  NOT_EMPTY: 'ENOTEMPTY',
  IS_DIRECTORY: 'EISDIR',
  NO_SPACE: 'ENOSPC',
  READ_ONLY: 'EROFS',
  IO_ERROR: 'EIO',
  NOT_MOUNTED: 'ENODEV',
  NAME_TOO_LONG: 'ENAMETOOLONG',
  FILE_TOO_BIG: 'EFBIG',
  STALE: 'ESTALE',
} as const;
