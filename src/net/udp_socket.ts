/** A datagram socket. No call blocks; each gives its result or the name of an error. */
import { IPV4_ANY } from '../specs/ipv4';
import type { NetError } from './errors';
import { isPort } from './ports';
import type { Udp } from './udp';

/** Datagrams that wait to be received; more are dropped. */
const MAX_QUEUED = 64;

export interface Datagram {
  readonly data: Uint8Array;
  /** Of the sender. */
  readonly address: number;
  readonly port: number;
  /** The address it was sent to: ours, or everyone's. */
  readonly to: number;
}

export class UdpSocket {
  localAddress = IPV4_ANY;
  /** 0 until the socket is bound. */
  localPort = 0;
  remoteAddress = IPV4_ANY;
  /** 0 until the socket is connected. */
  remotePort = 0;
  #queue: Datagram[] = [];
  #error: NetError | undefined;
  #isClosed = false;

  constructor(readonly udp: Udp) {}

  get isConnected(): boolean {
    return this.remotePort !== 0;
  }

  get readable(): boolean {
    return this.#queue.length > 0 || this.#error !== undefined;
  }

  get writable(): boolean {
    return !this.#isClosed;
  }

  get error(): NetError | undefined {
    return this.#error;
  }

  /** Errors: EADDRINUSE, EADDRNOTAVAIL, EINVAL when bound already. Port 0: a free one. */
  bind(address: number, port: number): NetError | undefined {
    if (this.#isClosed) return 'EBADF';
    if (this.localPort !== 0) return 'EINVAL';
    const bound = this.udp.portFor(address, port);
    if (typeof bound === 'string') return bound;
    this.localAddress = address;
    this.localPort = bound;
    return undefined;
  }

  /** From now on datagrams come from and go to this end only, and its errors are heard. */
  connect(address: number, port: number): NetError | undefined {
    if (!isPort(port) || port === 0) return 'EINVAL';
    const error = this.#ensureBound() ?? this.udp.ip.routeTo(address);
    if (error) return error;
    this.remoteAddress = address;
    this.remotePort = port;
    this.#queue = [];
    return undefined;
  }

  send(data: Uint8Array): number | NetError {
    return this.isConnected ? this.sendTo(data, this.remoteAddress, this.remotePort) : 'EDESTADDRREQ';
  }

  /** Errors: EMSGSIZE for more than UDP_MAX bytes, ENETUNREACH, and what was heard about earlier datagrams. */
  sendTo(data: Uint8Array, address: number, port: number): number | NetError {
    if (!isPort(port) || port === 0) return 'EINVAL';
    const error = this.takeError() ?? this.#ensureBound();
    return error ?? this.udp.send(this.localAddress, this.localPort, address, port, data);
  }

  recvFrom(): Datagram | NetError {
    if (this.#isClosed) return 'EBADF';
    return this.takeError() ?? this.#queue.shift() ?? 'EAGAIN';
  }

  close(): void {
    this.#isClosed = true;
    this.#queue = [];
    this.udp.forget(this);
  }

  /** The error that waits, which is then reported (SO_ERROR). */
  takeError(): NetError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  fail(error: NetError): void {
    this.#error = error;
  }

  /** False when it was dropped for want of room. */
  deliver(datagram: Datagram): boolean {
    if (this.#queue.length >= MAX_QUEUED) return false;
    this.#queue.push(datagram);
    return true;
  }

  overlaps(address: number, port: number): boolean {
    const isSame = address === this.localAddress || address === IPV4_ANY || this.localAddress === IPV4_ANY;
    return port === this.localPort && isSame;
  }

  /** How exactly this socket is meant by a datagram: -1 not at all, else 1 for its address and 2 for its peer. */
  match(address: number, port: number, from: number, fromPort: number): number {
    if (port !== this.localPort) return -1;
    if (this.localAddress !== IPV4_ANY && this.localAddress !== address) return -1;
    if (this.isConnected && (from !== this.remoteAddress || fromPort !== this.remotePort)) return -1;
    return (this.localAddress === IPV4_ANY ? 0 : 1) + (this.isConnected ? 2 : 0);
  }

  #ensureBound(): NetError | undefined {
    if (this.#isClosed) return 'EBADF';
    return this.localPort === 0 ? this.bind(IPV4_ANY, 0) : undefined;
  }
}
