/** A socket as a file descriptor of the interpreter. Its calls block as long as its timeout allows. */

import type { NetError } from '../../src/net/errors';
import { TcpSocket } from '../../src/net/tcp_socket';
import type { Datagram, UdpSocket } from '../../src/net/udp_socket';
import { formatIpv4, IPV4_ANY } from '../../src/specs/ipv4';
import type { Stream } from './descriptors';
import { NetErrno } from './net_errno';

export const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16, NVAL: 32 } as const;

/** An attempt that ends with EAGAIN is repeated whenever something has happened, until `timeoutMs` has passed. */
export type Until = <T>(timeoutMs: number, attempt: () => T | NetError) => Exclude<T, NetError>;

/** Throws the error that a result is. */
export function ok<T>(result: T | NetError): Exclude<T, NetError> {
  if (typeof result === 'string') throw new NetErrno(result as NetError);
  return result as Exclude<T, NetError>;
}

export class NetSocket implements Stream {
  /** Infinity: calls block; 0: they never do. */
  timeoutMs = Number.POSITIVE_INFINITY;
  /** Where the next datagram goes, once. */
  destination: { readonly address: number; readonly port: number } | undefined;
  #sender: Datagram | undefined;
  readonly #until: Until;

  constructor(
    readonly socket: TcpSocket | UdpSocket,
    until: Until,
  ) {
    this.#until = until;
  }

  /** Of a datagram, what does not fit is lost. */
  read(into: Uint8Array): number {
    const { socket } = this;
    if (socket instanceof TcpSocket) return this.#until(this.timeoutMs, () => socket.recv(into));
    this.#sender = this.#until(this.timeoutMs, () => socket.recvFrom());
    const { data } = this.#sender;
    const n = Math.min(into.length, data.length);
    into.set(data.subarray(0, n));
    return n;
  }

  /** Returns how much was taken, at least a byte of what there is. */
  write(data: Uint8Array): number {
    const { socket, destination } = this;
    this.destination = undefined;
    return this.#until(this.timeoutMs, () => {
      if (socket instanceof TcpSocket || !destination) return socket.send(data);
      return socket.sendTo(data, destination.address, destination.port);
    });
  }

  connect(address: number, port: number): void {
    const { socket } = this;
    const first = socket.connect(address, port);
    if (first !== 'EINPROGRESS' || !(socket instanceof TcpSocket)) return void ok(first);
    if (this.timeoutMs === 0) throw new NetErrno('EINPROGRESS');
    this.#until(this.timeoutMs, () => {
      const error = socket.connect(address, port);
      return error === 'EALREADY' ? 'EAGAIN' : error === 'EISCONN' ? undefined : error;
    });
  }

  accept(): TcpSocket {
    const socket = this.stream;
    return this.#until(this.timeoutMs, () => socket.accept());
  }

  /** The socket, for what only TCP does. */
  get stream(): TcpSocket {
    if (this.socket instanceof TcpSocket) return this.socket;
    throw new NetErrno('EOPNOTSUPP');
  }

  /** Whoever sent the last datagram; of a connection, its other end. */
  get sender(): string {
    const { socket } = this;
    if (!(socket instanceof TcpSocket) && this.#sender) return endpoint(this.#sender.address, this.#sender.port);
    return endpoint(socket.remoteAddress, socket.remotePort);
  }

  get own(): string {
    return endpoint(this.socket.localAddress, this.socket.localPort);
  }

  /** Both ends of a connection. */
  get peer(): string {
    const { remoteAddress, remotePort } = this.socket;
    if (remoteAddress === IPV4_ANY) throw new NetErrno('ENOTCONN');
    return endpoint(remoteAddress, remotePort);
  }

  /** What poll says: of `events`, and what is always said. */
  ready(events: number): number {
    const { socket } = this;
    const able = (socket.readable ? POLL.IN : 0) | (socket.writable ? POLL.OUT : 0);
    const hup = socket instanceof TcpSocket && socket.hup ? POLL.HUP : 0;
    return (able & events) | (socket.error ? POLL.ERR : 0) | hup;
  }

  close(): void {
    this.socket.close();
  }

  /** For a client that starts anew. */
  abandon(): void {
    this.socket.close();
  }
}

const endpoint = (address: number, port: number) => `${formatIpv4(address)} ${port}`;
