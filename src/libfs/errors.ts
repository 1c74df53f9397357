/** What a system call of the client may end with instead of a result; syscalls.ts turns both into what MicroPython understands. */
import { ERRNO, type ErrnoName } from '../specs/errno';

export class Errno extends Error {
  constructor(readonly code: ErrnoName) {
    super(code);
  }

  get number(): number {
    return ERRNO[this.code];
  }
}

/** Ctrl-C was typed while the call was blocked. */
export class Interrupted extends Error {}
