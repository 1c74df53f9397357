/** Messages of the C library for the errors that the console shows. */
import type { ErrnoName } from '../../../src/specs/errno';

const MESSAGES: Partial<Record<ErrnoName, string>> = {
  EBADF: 'Bad file descriptor',
  EBUSY: 'Resource busy',
  EINVAL: 'Invalid argument',
  EIO: 'I/O error',
  EISDIR: 'Is a directory',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOMEM: 'Out of memory',
  ENOTDIR: 'Not a directory',
  EROFS: 'Read-only file system',
};

export function strerror(code: ErrnoName): string {
  return MESSAGES[code] ?? code;
}
