/** setsockopt: numbers of lwIP's sockets.h, which upstream's module gives to Python; of TCP's options there is also Linux's number 6 level. */
import type { NetError } from '../../src/net/errors';
import { TcpSocket } from '../../src/net/tcp_socket';
import type { UdpSocket } from '../../src/net/udp_socket';
import { NetErrno } from './net_errno';

const SOL_SOCKET = 0xfff;
const SO = { REUSEADDR: 0x0004, KEEPALIVE: 0x0008, BROADCAST: 0x0020 } as const;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;

/** Addresses may be used again and broadcasts sent at any time here, so those two change nothing. */
export function setOption(
  socket: TcpSocket | UdpSocket,
  level: number,
  name: number,
  value: number,
): NetError | undefined {
  const isTcp = socket instanceof TcpSocket;
  if (level === SOL_SOCKET && (name === SO.REUSEADDR || name === SO.BROADCAST)) return undefined;
  if (isTcp && level === SOL_SOCKET && name === SO.KEEPALIVE) socket.setKeepAlive(value !== 0);
  else if (isTcp && level === IPPROTO_TCP && name === TCP_NODELAY) socket.setNoDelay(value !== 0);
  else throw new NetErrno('ENOPROTOOPT');
  return undefined;
}
