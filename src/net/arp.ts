/**
 * Address resolution: the cache, RFC 826, and its conduct, RFC 1122 section 2.3.2. An entry is asked about again, by unicast, once it is a
 * minute old and used, and forgotten after five; ages are looked at when an entry is used, so an idle cache needs no timer.
 */
import { ARP, ARP_HARDWARE_ETHERNET, ARP_OPERATION, ARP_SIZE } from '../specs/arp';
import { ETHERNET_HEADER_SIZE, ETHERTYPE, MAC_BROADCAST, MAC_SIZE } from '../specs/ethernet';
import { IPV4_ANY, isMulticast } from '../specs/ipv4';
import type { Frame } from './frame';
import type { Netif } from './netif';

/** Neighbours that are known or asked for at once; the one unused longest makes room. */
const MAX_ENTRIES = 128;
const REFRESH_MS = 60_000;
const MAX_AGE_MS = 300_000;
/** RFC 1122 section 2.3.2.1: at most one request per second and destination. */
const RETRY_MS = 1000;
const MAX_REQUESTS = 3;
/** RFC 1122 section 2.3.2.2 asks for one, the latest; more let connections that begin together begin at once. */
const MAX_PACKETS = 64;

interface Neighbour {
  mac: Uint8Array | undefined;
  confirmedMs: number;
  /** When the latest request went out, and how many have gone unanswered. */
  askedMs: number;
  requests: number;
  /** The latest packets that wait for the address. */
  packets: Uint8Array[];
}

export class Arp {
  /** In the order of their last use. */
  readonly #neighbours = new Map<number, Neighbour>();

  constructor(
    readonly netif: Netif,
    /** A neighbour did not answer. */
    readonly unreachable: (address: number) => void,
  ) {}

  /** Sends the packet of `length` bytes in the interface's frame to a neighbour, or keeps a copy until that has answered. */
  send(address: number, length: number): void {
    const neighbour = this.#neighbour(address);
    const { now } = this.netif;
    const age = now - neighbour.confirmedMs;
    if (neighbour.mac && age > MAX_AGE_MS) this.#forget(neighbour);
    if (neighbour.mac) {
      this.netif.sendFrame(neighbour.mac, ETHERTYPE.IPV4, length);
      const isDue = age > REFRESH_MS && now - neighbour.askedMs >= RETRY_MS;
      if (isDue) this.#ask(address, neighbour, neighbour.mac);
      return;
    }
    if (neighbour.packets.length >= MAX_PACKETS) {
      neighbour.packets.shift();
      this.netif.counters.overflowed++;
    }
    neighbour.packets.push(this.netif.out.bytes.slice(ETHERNET_HEADER_SIZE, ETHERNET_HEADER_SIZE + length));
    if (neighbour.requests === 0) this.#ask(address, neighbour, MAC_BROADCAST);
  }

  input(frame: Frame): void {
    const { view, bytes } = frame;
    const at = ETHERNET_HEADER_SIZE;
    if (frame.length < at + ARP_SIZE || !isForEthernetAndIpv4(view, at)) return void this.netif.counters.malformed++;
    const sender = view.getUint32(at + ARP.senderIp);
    const target = view.getUint32(at + ARP.targetIp);
    const mac = bytes.slice(at + ARP.senderMac, at + ARP.senderMac + MAC_SIZE);
    const isForUs = this.netif.isOwn(target);
    if (isSane(mac, sender) && !this.netif.isOwn(sender)) this.#learn(sender, mac, isForUs);
    const asks = view.getUint16(at + ARP.operation) === ARP_OPERATION.REQUEST;
    if (asks && isForUs && sender !== target) this.#transmit(ARP_OPERATION.REPLY, mac, target, mac, sender);
  }

  /** Asks again, or gives up; returns when to look again. */
  poll(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const [address, neighbour] of this.#neighbours) {
      if (neighbour.mac || neighbour.requests === 0) continue;
      if (this.netif.now - neighbour.askedMs >= RETRY_MS) {
        if (neighbour.requests >= MAX_REQUESTS) {
          this.#neighbours.delete(address);
          this.unreachable(address);
          continue;
        }
        this.#ask(address, neighbour, MAC_BROADCAST);
      }
      next = Math.min(next, neighbour.askedMs + RETRY_MS);
    }
    return next;
  }

  /** Another network: nobody is known there. */
  clear(): void {
    this.#neighbours.clear();
  }

  #neighbour(address: number): Neighbour {
    const known = this.#neighbours.get(address);
    this.#neighbours.delete(address);
    if (this.#neighbours.size >= MAX_ENTRIES) {
      const [unused] = this.#neighbours.keys();
      this.#neighbours.delete(unused!);
    }
    const neighbour = known ?? { mac: undefined, confirmedMs: 0, askedMs: 0, requests: 0, packets: [] };
    this.#neighbours.set(address, neighbour);
    return neighbour;
  }

  #forget(neighbour: Neighbour): void {
    neighbour.mac = undefined;
    neighbour.requests = 0;
  }

  /** RFC 826 "Packet reception": a known sender is updated, an unknown one entered only when it talks to us. */
  #learn(sender: number, mac: Uint8Array, isForUs: boolean): void {
    if (!isForUs && !this.#neighbours.has(sender)) return;
    const neighbour = this.#neighbour(sender);
    neighbour.mac = mac;
    neighbour.confirmedMs = this.netif.now;
    for (const packet of neighbour.packets.splice(0)) {
      this.netif.out.bytes.set(packet, ETHERNET_HEADER_SIZE);
      this.netif.sendFrame(mac, ETHERTYPE.IPV4, packet.length);
    }
  }

  #ask(address: number, neighbour: Neighbour, destination: Readonly<Uint8Array>): void {
    neighbour.askedMs = this.netif.now;
    neighbour.requests++;
    this.#transmit(ARP_OPERATION.REQUEST, destination, this.netif.config.address, NO_MAC, address);
  }

  #transmit(
    operation: number,
    destination: Readonly<Uint8Array>,
    senderIp: number,
    targetMac: Uint8Array,
    targetIp: number,
  ): void {
    const { view, bytes } = this.netif.out;
    const at = ETHERNET_HEADER_SIZE;
    view.setUint16(at + ARP.hardware, ARP_HARDWARE_ETHERNET);
    view.setUint16(at + ARP.protocol, ETHERTYPE.IPV4);
    view.setUint8(at + ARP.hardwareLength, MAC_SIZE);
    view.setUint8(at + ARP.protocolLength, 4);
    view.setUint16(at + ARP.operation, operation);
    bytes.set(this.netif.mac, at + ARP.senderMac);
    view.setUint32(at + ARP.senderIp, senderIp);
    bytes.set(targetMac, at + ARP.targetMac);
    view.setUint32(at + ARP.targetIp, targetIp);
    this.netif.sendFrame(destination, ETHERTYPE.ARP, ARP_SIZE);
  }
}

const NO_MAC = new Uint8Array(MAC_SIZE);

function isForEthernetAndIpv4(view: DataView, at: number): boolean {
  return (
    view.getUint16(at + ARP.hardware) === ARP_HARDWARE_ETHERNET &&
    view.getUint16(at + ARP.protocol) === ETHERTYPE.IPV4 &&
    view.getUint8(at + ARP.hardwareLength) === MAC_SIZE &&
    view.getUint8(at + ARP.protocolLength) === 4
  );
}

/** One station's own addresses; a group's bit in the MAC would make us send to many. */
function isSane(mac: Uint8Array, ip: number): boolean {
  return (
    (mac[0]! & 1) === 0 && mac.some((byte) => byte !== 0) && ip !== IPV4_ANY && !isMulticast(ip) && ip >>> 28 !== 15
  );
}
