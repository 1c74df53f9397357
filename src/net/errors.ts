/** How calls of the stack fail: error names of POSIX, and those of getaddrinfo. */
export type NetError =
  | 'EACCES'
  | 'EADDRINUSE'
  | 'EADDRNOTAVAIL'
  | 'EAGAIN'
  | 'EAI_AGAIN'
  | 'EAI_FAIL'
  | 'EAI_NONAME'
  | 'EALREADY'
  | 'EBADF'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EDESTADDRREQ'
  | 'EHOSTUNREACH'
  | 'EINPROGRESS'
  | 'EINVAL'
  | 'EISCONN'
  | 'EMSGSIZE'
  | 'ENETDOWN'
  | 'ENETUNREACH'
  | 'ENOBUFS'
  | 'ENOTCONN'
  | 'EOPNOTSUPP'
  | 'EPIPE'
  | 'ETIMEDOUT';

export const isError = <T>(result: T | NetError): result is NetError & string => typeof result === 'string';
