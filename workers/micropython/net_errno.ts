/** Errors of the network as the interpreter knows them: numbers of Linux, asm-generic/errno.h, and of getaddrinfo, netdb.h. */
import { Errno } from '../../src/libfs/errors';
import type { NetError } from '../../src/net/errors';

type Code = NetError | 'ENOPROTOOPT';

const NUMBERS: Readonly<Record<Code, number>> = {
  EBADF: 9,
  EAGAIN: 11,
  EACCES: 13,
  EINVAL: 22,
  EPIPE: 32,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  ENOPROTOOPT: 92,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EALREADY: 114,
  EINPROGRESS: 115,
  EAI_NONAME: -2,
  EAI_AGAIN: -3,
  EAI_FAIL: -4,
};

export class NetErrno extends Error {
  readonly number: number;

  constructor(readonly code: Code) {
    super(code);
    this.number = NUMBERS[code];
  }
}

/** The number of what a system call ended with. Anything else passes on: Interrupted to the interpreter, Killed to the kernel, our own mistakes to the monitor. */
export function errnoOf(error: unknown): number {
  if (error instanceof Errno || error instanceof NetErrno) return error.number;
  throw error;
}
