/**
 * IPv4, RFC 791: one interface, no forwarding, no options of our own. Fragments are dropped and counted: TCP keeps to the link's MTU and UDP
 * refuses longer datagrams, so none is ever needed on our own network, and nobody can fill memory with halves of datagrams.
 */
import { ETHERNET_HEADER_SIZE, ETHERNET_MTU, ETHERTYPE, MAC_BROADCAST } from '../specs/ethernet';
import {
  checksumOf,
  IP_PROTOCOL,
  IPV4,
  IPV4_ANY,
  IPV4_FLAG,
  IPV4_HEADER_SIZE,
  IPV4_LOCALHOST,
  IPV4_OFFSET_MASK,
  IPV4_VERSION,
  isLoopback,
  isMulticast,
  onesSum,
} from '../specs/ipv4';
import { UDP, UDP_HEADER_SIZE, UDP_PORT } from '../specs/udp';
import type { Arp } from './arp';
import type { NetError } from './errors';
import type { Frame } from './frame';
import type { Netif } from './netif';

/** Where in the interface's frame the data of a packet to send belongs. */
export const IP_PAYLOAD = ETHERNET_HEADER_SIZE + IPV4_HEADER_SIZE;
export const IP_PAYLOAD_MAX = ETHERNET_MTU - IPV4_HEADER_SIZE;
const TIME_TO_LIVE = 64;
/** Packets to ourselves that wait for the next poll; more are dropped. */
const MAX_LOOPED = 256;

/** A packet that came: its data of `length` bytes is at `at` of the frame, its IP header at `headerAt`. */
export interface Packet {
  readonly frame: Frame;
  readonly headerAt: number;
  readonly at: number;
  readonly length: number;
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  /** Sent to more than one station: no error may answer it, RFC 1122 section 3.2.2. */
  readonly toMany: boolean;
}

export class Ipv4 {
  #identification: number;
  #looped: Uint8Array[] = [];

  constructor(
    readonly netif: Netif,
    readonly arp: Arp,
    readonly deliver: (packet: Packet) => void,
  ) {
    this.#identification = netif.below(0x1_0000);
  }

  /** The address that a packet to `destination` comes from when its socket has none. */
  sourceFor(destination: number): number {
    return isLoopback(destination) ? IPV4_LOCALHOST : this.netif.config.address;
  }

  /** Whether there is a way to `destination`. */
  routeTo(destination: number): NetError | undefined {
    const { netif } = this;
    if (destination === IPV4_ANY) return 'EADDRNOTAVAIL';
    if (netif.isBroadcast(destination) || netif.isOwn(destination)) return undefined;
    if (isMulticast(destination)) return 'ENETUNREACH';
    return netif.nextHop(destination) === undefined ? 'ENETUNREACH' : undefined;
  }

  /** Sends the `length` bytes at IP_PAYLOAD of the interface's frame. */
  send(protocol: number, source: number, destination: number, length: number): NetError | undefined {
    const error = this.routeTo(destination);
    if (error) return error;
    const { netif } = this;
    this.#writeHeader(protocol, source, destination, length);
    const total = IPV4_HEADER_SIZE + length;
    if (netif.isBroadcast(destination)) netif.sendFrame(MAC_BROADCAST, ETHERTYPE.IPV4, total);
    else if (netif.isOwn(destination)) this.#loop(total);
    else this.arp.send(netif.nextHop(destination)!, total);
    return undefined;
  }

  #writeHeader(protocol: number, source: number, destination: number, length: number): void {
    const { view, halves } = this.netif.out;
    const at = ETHERNET_HEADER_SIZE;
    view.setUint16(at + IPV4.versionAndLength, (IPV4_VERSION << 12) | ((IPV4_HEADER_SIZE / 4) << 8));
    view.setUint16(at + IPV4.totalLength, IPV4_HEADER_SIZE + length);
    view.setUint16(at + IPV4.identification, (this.#identification = (this.#identification + 1) & 0xffff));
    view.setUint16(at + IPV4.flagsAndOffset, IPV4_FLAG.DONT_FRAGMENT);
    view.setUint8(at + IPV4.timeToLive, TIME_TO_LIVE);
    view.setUint8(at + IPV4.protocol, protocol);
    view.setUint16(at + IPV4.checksum, 0);
    view.setUint32(at + IPV4.source, source);
    view.setUint32(at + IPV4.destination, destination);
    view.setUint16(at + IPV4.checksum, checksumOf(onesSum(halves, at, IPV4_HEADER_SIZE)));
  }

  #loop(total: number): void {
    if (this.#looped.length >= MAX_LOOPED) return void this.netif.counters.overflowed++;
    this.#looped.push(this.netif.out.bytes.slice(0, ETHERNET_HEADER_SIZE + total));
  }

  /** Packets that we sent to ourselves, oldest first; what they bring about waits for the next call. */
  takeLooped(): Uint8Array[] {
    return this.#looped.splice(0);
  }

  get hasLooped(): boolean {
    return this.#looped.length > 0;
  }

  input(frame: Frame, isLooped: boolean): void {
    const packet = this.#parse(frame, isLooped);
    if (packet) this.deliver(packet);
  }

  /** The packet, where it is whole, its header right, and for us. */
  #parse(frame: Frame, isLooped: boolean): Packet | undefined {
    const { counters } = this.netif;
    const { view } = frame;
    const headerAt = ETHERNET_HEADER_SIZE;
    const first = frame.length >= headerAt + IPV4_HEADER_SIZE ? view.getUint8(headerAt) : 0;
    const headerSize = (first & 0xf) * 4;
    const total = first === 0 ? 0 : view.getUint16(headerAt + IPV4.totalLength);
    const fits = headerSize >= IPV4_HEADER_SIZE && headerSize <= total && headerAt + total <= frame.length;
    if (first >> 4 !== IPV4_VERSION || !fits) return void counters.malformed++;
    if (checksumOf(onesSum(frame.halves, headerAt, headerSize)) !== 0) return void counters.badChecksum++;
    const fragment = view.getUint16(headerAt + IPV4.flagsAndOffset);
    if (fragment & (IPV4_FLAG.MORE_FRAGMENTS | IPV4_OFFSET_MASK)) return void counters.fragments++;
    const packet: Packet = {
      frame,
      headerAt,
      at: headerAt + headerSize,
      length: total - headerSize,
      protocol: view.getUint8(headerAt + IPV4.protocol),
      source: view.getUint32(headerAt + IPV4.source),
      destination: view.getUint32(headerAt + IPV4.destination),
      toMany: this.netif.isBroadcast(view.getUint32(headerAt + IPV4.destination)),
    };
    if (!isLooped && !this.#mayComeFromOutside(packet)) return void counters.malformed++;
    if (!isLooped && !this.#isForUs(packet)) return void counters.notOurs++;
    return packet;
  }

  /** RFC 1122 section 3.2.1.3: a source is one station's address, and nobody else's is on the loopback network. */
  #mayComeFromOutside({ source, destination }: Packet): boolean {
    const isOne = !isMulticast(source) && source >>> 28 !== 15 && !this.netif.isBroadcast(source);
    return isOne && !isLoopback(source) && !isLoopback(destination);
  }

  /** Before there is an address, what comes to the DHCP client's port is: RFC 2131 section 4.1. */
  #isForUs({ frame, at, length, protocol, destination, toMany }: Packet): boolean {
    if (toMany || this.netif.isOwn(destination)) return true;
    const isUdp = protocol === IP_PROTOCOL.UDP && length >= UDP_HEADER_SIZE;
    const hasNone = this.netif.config.address === IPV4_ANY;
    return hasNone && isUdp && frame.view.getUint16(at + UDP.destinationPort) === UDP_PORT.DHCP_CLIENT;
  }
}
