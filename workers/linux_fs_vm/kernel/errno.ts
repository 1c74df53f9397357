/** How kernel code refuses: one exception type carrying the Linux error, turned into a result at the io_uring boundary. */
import { ERRNO, type ErrnoName } from '../../../src/specs/errno';

export class Errno extends Error {
  constructor(
    readonly code: ErrnoName,
    readonly detail = '',
  ) {
    super(detail === '' ? code : `${code}: ${detail}`);
  }

  get number(): number {
    return ERRNO[this.code];
  }
}

/** Refuse with `code`; `detail` is a sentence for the kernel log, never for the client. */
export function fail(code: ErrnoName, detail = ''): never {
  throw new Errno(code, detail);
}
