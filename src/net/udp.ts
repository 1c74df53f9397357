/** UDP, RFC 768 with RFC 1122 section 4.1: sockets, and what is done with datagrams that have none. */
import { ICMP_UNREACHABLE } from '../specs/icmp';
import { checksumOf, IP_PROTOCOL, IPV4_ANY, onesSum, pseudoHeaderSum } from '../specs/ipv4';
import { UDP, UDP_HEADER_SIZE } from '../specs/udp';
import type { NetError } from './errors';
import type { Icmp, Unreachable } from './icmp';
import { IP_PAYLOAD, IP_PAYLOAD_MAX, type Ipv4, type Packet } from './ipv4';
import { ephemeralPort, isPort } from './ports';
import { UdpSocket } from './udp_socket';

/** The longest datagram: what fits a frame, since we send no fragments. */
export const UDP_MAX = IP_PAYLOAD_MAX - UDP_HEADER_SIZE;
const MAX_SOCKETS = 256;

export class Udp {
  readonly #sockets = new Set<UdpSocket>();

  constructor(
    readonly ip: Ipv4,
    readonly icmp: Icmp,
  ) {}

  open(): UdpSocket | NetError {
    if (this.#sockets.size >= MAX_SOCKETS) return 'ENOBUFS';
    const socket = new UdpSocket(this);
    this.#sockets.add(socket);
    return socket;
  }

  forget(socket: UdpSocket): void {
    this.#sockets.delete(socket);
  }

  /** The port to bind, a free one for 0; an error when another socket has it at this address. */
  portFor(address: number, port: number): number | NetError {
    if (!isPort(port)) return 'EINVAL';
    if (address !== IPV4_ANY && !this.ip.netif.isOwn(address) && !this.ip.netif.isBroadcast(address))
      return 'EADDRNOTAVAIL';
    const isUsed = (candidate: number) => [...this.#sockets].some((other) => other.overlaps(address, candidate));
    if (port === 0) return ephemeralPort(this.ip.netif, isUsed);
    return isUsed(port) ? 'EADDRINUSE' : port;
  }

  send(
    source: number,
    sourcePort: number,
    destination: number,
    destinationPort: number,
    data: Uint8Array,
  ): number | NetError {
    if (data.length > UDP_MAX) return 'EMSGSIZE';
    const { bytes, view, halves } = this.ip.netif.out;
    const length = UDP_HEADER_SIZE + data.length;
    bytes.set(data, IP_PAYLOAD + UDP_HEADER_SIZE);
    view.setUint16(IP_PAYLOAD + UDP.sourcePort, sourcePort);
    view.setUint16(IP_PAYLOAD + UDP.destinationPort, destinationPort);
    view.setUint16(IP_PAYLOAD + UDP.length, length);
    view.setUint16(IP_PAYLOAD + UDP.checksum, 0);
    const from = source === IPV4_ANY ? this.ip.sourceFor(destination) : source;
    const pseudo = pseudoHeaderSum(from, destination, IP_PROTOCOL.UDP, length);
    // A sum of 0 would say that there is none.
    view.setUint16(IP_PAYLOAD + UDP.checksum, checksumOf(onesSum(halves, IP_PAYLOAD, length) + pseudo) || 0xffff);
    return this.ip.send(IP_PROTOCOL.UDP, from, destination, length) ?? data.length;
  }

  input(packet: Packet): void {
    const { frame, at, length, source, destination } = packet;
    const { view, halves, bytes } = frame;
    const { counters } = this.ip.netif;
    const size = length >= UDP_HEADER_SIZE ? view.getUint16(at + UDP.length) : 0;
    if (size < UDP_HEADER_SIZE || size > length) return void counters.malformed++;
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.UDP, size);
    const isSummed = view.getUint16(at + UDP.checksum) !== 0;
    if (isSummed && checksumOf(onesSum(halves, at, size) + pseudo) !== 0) return void counters.badChecksum++;
    const port = view.getUint16(at + UDP.sourcePort);
    const socket = this.#socketFor(destination, view.getUint16(at + UDP.destinationPort), source, port);
    if (!socket) return this.icmp.sendUnreachable(packet, ICMP_UNREACHABLE.PORT);
    const data = bytes.slice(at + UDP_HEADER_SIZE, at + size);
    if (!socket.deliver({ data, address: source, port, to: destination })) counters.overflowed++;
  }

  unreachable({ error, source, sourcePort, destination, destinationPort }: Unreachable): void {
    const socket = this.#socketFor(source, sourcePort, destination, destinationPort);
    if (socket?.isConnected) socket.fail(error);
  }

  /** No neighbour answered for addresses that `isVia` names. */
  fail(isVia: (destination: number) => boolean): void {
    for (const socket of this.#sockets)
      if (socket.isConnected && isVia(socket.remoteAddress)) socket.fail('EHOSTUNREACH');
  }

  /** The socket that knows most about the two ends; undefined when none takes it. */
  #socketFor(address: number, port: number, from: number, fromPort: number): UdpSocket | undefined {
    let best: UdpSocket | undefined;
    let most = -1;
    for (const socket of this.#sockets) {
      const match = socket.match(address, port, from, fromPort);
      if (match <= most) continue;
      most = match;
      best = socket;
    }
    return best;
  }
}
