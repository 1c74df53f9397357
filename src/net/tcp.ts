/** TCP: which connection a segment belongs to, and segments that belong to none. RFC 9293. */
import { checksumOf, IP_PROTOCOL, onesSum, pseudoHeaderSum } from '../specs/ipv4';
import { readTcp, seqBefore, TCP_FLAG, type TcpSegment } from '../specs/tcp';
import type { NetError } from './errors';
import type { Unreachable } from './icmp';
import type { Ipv4, Packet } from './ipv4';
import { ephemeralPort, isPort } from './ports';
import { TcpConnection } from './tcp_connection';
import { TcpListener } from './tcp_listener';
import { TcpOutput } from './tcp_output';

const MAX_CONNECTIONS = 256;
/** Connections in TIME_WAIT at most: the oldest makes room. */
const MAX_WAITING = 64;
/** RFC 5961 section 7. */
const MAX_CHALLENGES = 10;
const CHALLENGES_PER_MS = 5000;

/** A bound or connected end, for questions of who has a port. */
interface End {
  readonly localAddress: number;
  readonly localPort: number;
}

export class Tcp {
  /** By both ports; of those with the same, the addresses decide. */
  readonly #connections = new Map<number, TcpConnection[]>();
  readonly #all = new Set<TcpConnection>();
  readonly #waiting = new Set<TcpConnection>();
  readonly #listeners = new Set<TcpListener>();
  /** Sockets that have a port and no connection yet. */
  readonly bound = new Set<End>();
  readonly output: TcpOutput;
  #challenges = 0;
  #challengesSince = Number.NEGATIVE_INFINITY;

  constructor(
    readonly ip: Ipv4,
    /** Of each direction of each connection, in bytes. */
    readonly bufferSize: number,
  ) {
    this.output = new TcpOutput(ip);
  }

  /** Every connection there is, those that wait too. */
  get connections(): ReadonlySet<TcpConnection> {
    return this.#all;
  }

  /** The port to bind, a free one for 0. */
  portFor(address: number, port: number): number | NetError {
    if (!isPort(port)) return 'EINVAL';
    if (address !== 0 && !this.ip.netif.isOwn(address)) return 'EADDRNOTAVAIL';
    const overlaps = (other: number) => other === address || other === 0 || address === 0;
    const isUsed = (candidate: number) =>
      [...this.bound].some((end) => end.localPort === candidate && overlaps(end.localAddress)) ||
      [...this.#listeners].some((listener) => listener.port === candidate && overlaps(listener.address));
    const isBusy = (candidate: number) =>
      isUsed(candidate) || [...this.#all].some(({ localPort }) => localPort === candidate);
    if (port === 0) return ephemeralPort(this.ip.netif, isBusy);
    return isUsed(port) ? 'EADDRINUSE' : port;
  }

  connect(source: number, port: number, destination: number, destinationPort: number): TcpConnection | NetError {
    if (this.ip.netif.isBroadcast(destination)) return 'EACCES';
    const error = this.ip.routeTo(destination);
    if (error) return error;
    if (this.#all.size >= MAX_CONNECTIONS && !this.#makeRoom()) return 'ENOBUFS';
    const from = source === 0 ? this.ip.sourceFor(destination) : source;
    if (this.#find(from, port, destination, destinationPort)) return 'EADDRINUSE';
    const connection = new TcpConnection(this, from, port, destination, destinationPort);
    this.#add(connection);
    connection.connect();
    return connection;
  }

  listen(address: number, port: number, backlog: number): TcpListener {
    const listener = new TcpListener(address, port, backlog);
    this.#listeners.add(listener);
    return listener;
  }

  unlisten(listener: TcpListener): void {
    this.#listeners.delete(listener);
    listener.close();
  }

  input(packet: Packet): void {
    const { frame, at, length, source, destination, toMany } = packet;
    const { counters } = this.ip.netif;
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.TCP, length);
    const segment = readTcp(frame.view, at, length);
    if (!segment || toMany || source === 0) return void counters.malformed++;
    if (checksumOf(onesSum(frame.halves, at, length) + pseudo) !== 0) return void counters.badChecksum++;
    const connection = this.#find(destination, segment.destinationPort, source, segment.sourcePort);
    const isRenewed = connection?.state === 'TIME_WAIT' && beginsAnew(segment, connection);
    if (isRenewed) connection.end();
    if (connection && !isRenewed) connection.input(segment, frame);
    else this.#inputUnknown(packet, segment);
  }

  /** Does what is due; returns when to look again. */
  poll(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const connection of this.#all) next = Math.min(next, connection.poll());
    return next;
  }

  /** An ICMP error about a segment of ours. RFC 5927 section 4: it counts only while nothing has come from the peer. */
  unreachable({ error, source, sourcePort, destination, destinationPort, sequence }: Unreachable): void {
    const connection = this.#find(source, sourcePort, destination, destinationPort);
    if (connection?.state === 'SYN_SENT' && sequence === connection.sender.initialSequence) connection.end(error);
  }

  /** No neighbour answered for addresses that `isVia` names. */
  fail(isVia: (destination: number) => boolean): void {
    for (const connection of this.#all)
      if (connection.state === 'SYN_SENT' && isVia(connection.remoteAddress)) connection.end('EHOSTUNREACH');
  }

  /** An address is ours no longer: nothing can come to it. */
  lose(address: number): void {
    for (const connection of this.#all) if (connection.localAddress === address) connection.end('ENETDOWN');
  }

  forget(connection: TcpConnection): void {
    this.#all.delete(connection);
    this.#waiting.delete(connection);
    const key = keyOf(connection.localPort, connection.remotePort);
    const others = this.#connections.get(key)!.filter((other) => other !== connection);
    if (others.length > 0) this.#connections.set(key, others);
    else this.#connections.delete(key);
  }

  /** A connection goes to TIME_WAIT. */
  waits(connection: TcpConnection): void {
    if (this.#waiting.size >= MAX_WAITING) this.#makeRoom();
    this.#waiting.add(connection);
  }

  mayChallenge(): boolean {
    const { now, counters } = this.ip.netif;
    if (now - this.#challengesSince >= CHALLENGES_PER_MS) {
      this.#challengesSince = now;
      this.#challenges = 0;
    }
    counters.challenged++;
    return ++this.#challenges <= MAX_CHALLENGES;
  }

  #inputUnknown({ source, destination }: Packet, segment: TcpSegment): void {
    const { flags, destinationPort, sourcePort } = segment;
    if (flags & TCP_FLAG.RST) return;
    const isOpening = (flags & (TCP_FLAG.SYN | TCP_FLAG.ACK | TCP_FLAG.FIN)) === TCP_FLAG.SYN;
    const listener = isOpening && this.#listenerFor(destination, destinationPort);
    if (!listener) return this.output.reset(destination, source, segment);
    // Silence: the peer tries again, and may find room.
    if (listener.isFull || (this.#all.size >= MAX_CONNECTIONS && !this.#makeRoom())) return;
    const connection = new TcpConnection(this, destination, destinationPort, source, sourcePort, listener);
    this.#add(connection);
    listener.begin(connection);
    connection.answer(segment);
  }

  #listenerFor(address: number, port: number): TcpListener | undefined {
    const takers = [...this.#listeners].filter((listener) => listener.takes(address, port));
    return takers.find((listener) => listener.address !== 0) ?? takers[0];
  }

  #find(address: number, port: number, remote: number, remotePort: number): TcpConnection | undefined {
    const candidates = this.#connections.get(keyOf(port, remotePort));
    return candidates?.find((one) => one.remoteAddress === remote && one.localAddress === address);
  }

  #add(connection: TcpConnection): void {
    this.#all.add(connection);
    const key = keyOf(connection.localPort, connection.remotePort);
    this.#connections.set(key, [...(this.#connections.get(key) ?? []), connection]);
  }

  /** Ends the oldest connection in TIME_WAIT; false when there is none. */
  #makeRoom(): boolean {
    const [oldest] = this.#waiting;
    oldest?.end();
    return oldest !== undefined;
  }
}

const keyOf = (port: number, remotePort: number) => port * 0x1_0000 + remotePort;

/** RFC 9293 section 3.6.1: a SYN beyond all that was sent before opens the connection again. */
function beginsAnew({ flags, sequence }: TcpSegment, { receiver }: TcpConnection): boolean {
  const isSyn = (flags & (TCP_FLAG.SYN | TCP_FLAG.ACK | TCP_FLAG.RST)) === TCP_FLAG.SYN;
  return isSyn && seqBefore(receiver.nxt, sequence);
}
