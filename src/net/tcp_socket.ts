/** A stream socket. No call blocks; each gives its result or the name of an error, as the calls of POSIX would set errno. */
import { IPV4_ANY } from '../specs/ipv4';
import type { NetError } from './errors';
import { isPort } from './ports';
import type { Tcp } from './tcp';
import type { TcpConnection } from './tcp_connection';
import { KEEPALIVE_DEFAULT, type KeepAliveOptions } from './tcp_keepalive';
import type { TcpListener } from './tcp_listener';

export class TcpSocket {
  #localAddress = IPV4_ANY;
  #localPort = 0;
  #listener: TcpListener | undefined;
  #isClosed = false;
  #isReadShut = false;
  #noDelay = false;
  #keepAlive: KeepAliveOptions | undefined;

  constructor(
    readonly tcp: Tcp,
    public connection?: TcpConnection,
  ) {}

  get localAddress(): number {
    return this.connection?.localAddress ?? this.#localAddress;
  }

  /** 0 until the socket is bound. */
  get localPort(): number {
    return this.connection?.localPort ?? this.#localPort;
  }

  get remoteAddress(): number {
    return this.connection?.remoteAddress ?? IPV4_ANY;
  }

  get remotePort(): number {
    return this.connection?.remotePort ?? 0;
  }

  /** A connection to accept, data to receive, the end of the data, or an error to hear of. */
  get readable(): boolean {
    if (this.#listener) return this.#listener.hasReady;
    const { connection } = this;
    if (!connection || connection.state === 'SYN_SENT' || connection.state === 'SYN_RCVD') return false;
    return connection.receiver.buffer.length > 0 || this.#isAtEnd(connection);
  }

  /** A quarter of the buffer is free, or an error waits to be heard of. */
  get writable(): boolean {
    const { connection } = this;
    if (!connection) return false;
    if (connection.state === 'CLOSED') return true;
    const { buffer } = connection.sender;
    return connection.canSend && buffer.free >= buffer.limit / 4;
  }

  /** The error that the next call will give; POLLERR. */
  get error(): NetError | undefined {
    return this.connection?.error;
  }

  /** Nothing more goes either way; POLLHUP. A socket that was never connected has hung up too, as in Linux. */
  get hup(): boolean {
    if (this.#listener) return false;
    return this.connection === undefined || this.connection.isOver;
  }

  /** Errors: EADDRINUSE, EADDRNOTAVAIL, EINVAL when bound already. Port 0: a free one. */
  bind(address: number, port: number): NetError | undefined {
    if (this.#isClosed) return 'EBADF';
    if (this.localPort !== 0) return 'EINVAL';
    const bound = this.tcp.portFor(address, port);
    if (typeof bound === 'string') return bound;
    this.#localAddress = address;
    this.#localPort = bound;
    this.tcp.bound.add(this);
    return undefined;
  }

  /** Begins to connect: EINPROGRESS. Once the socket is writable, `takeError`, or this call again, tells how it went (EISCONN: well). */
  connect(address: number, port: number): NetError {
    if (this.#isClosed) return 'EBADF';
    if (this.#listener) return 'EOPNOTSUPP';
    if (this.connection && this.connection.state !== 'CLOSED') {
      const isOpening = this.connection.state === 'SYN_SENT' || this.connection.state === 'SYN_RCVD';
      return isOpening ? 'EALREADY' : 'EISCONN';
    }
    const error = this.takeError();
    if (error) return error;
    if (!isPort(port) || port === 0) return 'EINVAL';
    const unbound = this.#localPort === 0 ? this.bind(IPV4_ANY, 0) : undefined;
    if (unbound) return unbound;
    const connection = this.tcp.connect(this.#localAddress, this.#localPort, address, port);
    if (typeof connection === 'string') return connection;
    this.connection = connection;
    this.#apply();
    return 'EINPROGRESS';
  }

  listen(backlog: number): NetError | undefined {
    if (this.#isClosed) return 'EBADF';
    if (this.connection || this.#listener) return 'EINVAL';
    const unbound = this.#localPort === 0 ? this.bind(IPV4_ANY, 0) : undefined;
    if (unbound) return unbound;
    this.#listener = this.tcp.listen(this.#localAddress, this.#localPort, backlog);
    return undefined;
  }

  accept(): TcpSocket | NetError {
    if (!this.#listener) return this.#isClosed ? 'EBADF' : 'EINVAL';
    const connection = this.#listener.take();
    return connection ? new TcpSocket(this.tcp, connection) : 'EAGAIN';
  }

  /** How much was taken, which may be less than there is. EAGAIN when there is no room; EPIPE after the end of our side. */
  send(data: Uint8Array): number | NetError {
    const error = this.#isClosed ? 'EBADF' : this.takeError();
    if (error) return error;
    const { connection } = this;
    if (!connection) return 'ENOTCONN';
    if (connection.state === 'SYN_SENT' || connection.state === 'SYN_RCVD') return 'EAGAIN';
    if (!connection.canSend) return 'EPIPE';
    const taken = connection.sender.buffer.append(data);
    if (taken === 0 && data.length > 0) return 'EAGAIN';
    connection.sender.output();
    return taken;
  }

  /** How much was put into `into`: 0 at the end of the peer's data. EAGAIN when there is none yet. Data comes before an error. */
  recv(into: Uint8Array): number | NetError {
    if (this.#isClosed) return 'EBADF';
    const { connection } = this;
    if (!connection) return 'ENOTCONN';
    const { buffer } = connection.receiver;
    const n = Math.min(into.length, buffer.length);
    if (n === 0) {
      if (into.length === 0) return 0;
      return this.takeError() ?? (this.#isAtEnd(connection) ? 0 : 'EAGAIN');
    }
    buffer.peek(0, into, 0, n);
    buffer.drop(n);
    if (connection.isSynchronized && connection.receiver.hasNews) connection.acknowledge();
    return n;
  }

  /** `write`: the peer sees the end once it has all data. `read`: `recv` gives what is there, then the end. */
  shutdown(how: 'read' | 'write' | 'both'): NetError | undefined {
    const { connection } = this;
    if (!connection?.isSynchronized) return 'ENOTCONN';
    if (how !== 'write') this.#isReadShut = true;
    if (how !== 'read') connection.finish();
    return undefined;
  }

  /** The connection ends in order behind the caller's back; with data that was not received, it is reset. */
  close(): void {
    this.#leave();
    this.connection?.close();
  }

  /** Resets the connection. */
  abort(): void {
    this.#leave();
    this.connection?.abort();
  }

  /** The error that waits, which is then reported (SO_ERROR). */
  takeError(): NetError | undefined {
    const { connection } = this;
    const error = connection?.error;
    if (connection) connection.error = undefined;
    return error;
  }

  /** TCP_NODELAY: small segments do not wait for what is on its way. */
  setNoDelay(on: boolean): void {
    this.#noDelay = on;
    this.#apply();
  }

  /** SO_KEEPALIVE, with TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT. */
  setKeepAlive(on: boolean, options: Partial<KeepAliveOptions> = {}): void {
    this.#keepAlive = on ? { ...KEEPALIVE_DEFAULT, ...options } : undefined;
    this.#apply();
  }

  #apply(): void {
    if (!this.connection) return;
    this.connection.sender.noDelay = this.#noDelay;
    this.connection.keepAlive.options = this.#keepAlive;
  }

  #isAtEnd({ receiver, state, error }: TcpConnection): boolean {
    return receiver.isFinished || state === 'CLOSED' || error !== undefined || this.#isReadShut;
  }

  #leave(): void {
    this.#isClosed = true;
    this.tcp.bound.delete(this);
    if (this.#listener) this.tcp.unlisten(this.#listener);
    this.#listener = undefined;
  }
}
