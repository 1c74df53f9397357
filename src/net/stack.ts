/**
 * A TCP/IP stack for one Ethernet interface: ARP, IPv4, ICMP, UDP, TCP, a DHCP client and a DNS resolver. It stands where lwIP stands in
 * LionsOS's clients, and behind the gateway that the network outside the machine is made of.
 *
 * It is driven from outside and has no promises, timers or clock of its own. Whoever owns it does this, again and again:
 *
 *     const wait = stack.poll(now);     // what was due is done; `wait` is in milliseconds, Infinity when nothing will be due
 *     if (nothing else to do) sleep until a frame comes or `wait` has passed
 *     stack.poll(now);                  // the first thing after waking: all that follows happens at this moment
 *     for (frame of received) stack.input(frame);
 *     use the sockets
 *
 * and `poll` again before it sleeps, since a call may have begun something that has a deadline. `now` never runs backwards; its origin does not
 * matter. `output` gets a view that is good until it returns, and must not call the stack. What sockets do never blocks: EAGAIN says that there
 * is nothing yet, and `readable`, `writable`, `error` and `hup` say what select and poll would.
 *
 * Frames are copied once as they come in, so they may lie in memory that others write. Everything that a peer can make grow has a limit.
 * Left out: IPv6, fragments (dropped and counted), IP options, multicast, SACK, TCP timestamps, urgent data, DNS over TCP.
 */
import { ETHERNET, ETHERNET_HEADER_SIZE, ETHERTYPE, MAC_SIZE } from '../specs/ethernet';
import { ICMP_UNREACHABLE } from '../specs/icmp';
import { IP_PROTOCOL } from '../specs/ipv4';
import { Arp } from './arp';
import type { Counters } from './counters';
import { DhcpClient, type DhcpOptions } from './dhcp_client';
import type { NetError } from './errors';
import { Frame } from './frame';
import { Icmp, type Ping } from './icmp';
import { Ipv4, type Packet } from './ipv4';
import { type Ipv4Config, Netif } from './netif';
import { type Lookup, Resolver } from './resolver';
import { Tcp } from './tcp';
import type { TcpConnection } from './tcp_connection';
import { TcpSocket } from './tcp_socket';
import { Udp } from './udp';
import type { UdpSocket } from './udp_socket';

const BUFFER_SIZE = 256 * 1024;

export interface StackOptions {
  /** Six bytes. */
  readonly mac: Uint8Array;
  /** Sends a frame: a view that is good until this returns. */
  readonly output: (frame: Uint8Array) => void;
  /** 32 random bits; seeded, so that a run can be repeated. */
  readonly random: () => number;
  /** The addresses, unless DHCP is to find them. */
  readonly config?: Ipv4Config;
  /** Addresses besides the own one that this stack answers for, ARP included: a gateway names all but its clients'. */
  readonly accepts?: (address: number) => boolean;
  /** Bytes that a TCP connection holds in each direction. */
  readonly bufferSize?: number;
}

export class Stack {
  readonly dhcp: DhcpClient;
  readonly #netif: Netif;
  readonly #arp: Arp;
  readonly #ip: Ipv4;
  readonly #icmp: Icmp;
  readonly #udp: Udp;
  readonly #tcp: Tcp;
  readonly #resolver: Resolver;
  readonly #in = new Frame();

  constructor({ mac, output, random, config, accepts = () => false, bufferSize = BUFFER_SIZE }: StackOptions) {
    this.#netif = new Netif(mac.slice(), output, random, accepts);
    this.#arp = new Arp(this.#netif, (neighbour) => this.#fail(neighbour));
    this.#ip = new Ipv4(this.#netif, this.#arp, (packet) => this.#deliver(packet));
    this.#icmp = new Icmp(this.#ip, (error) => {
      if (error.protocol === IP_PROTOCOL.UDP) this.#udp.unreachable(error);
      if (error.protocol === IP_PROTOCOL.TCP) this.#tcp.unreachable(error);
    });
    this.#udp = new Udp(this.#ip, this.#icmp);
    this.#tcp = new Tcp(this.#ip, bufferSize);
    this.#resolver = new Resolver(this.#netif, this.#udp);
    this.dhcp = new DhcpClient(this.#netif, this.#udp, (lease) => this.configure(lease));
    this.configure(config);
  }

  get config(): Ipv4Config {
    return this.#netif.config;
  }

  get counters(): Readonly<Counters> {
    return this.#netif.counters;
  }

  /** Every TCP connection there is, also those that no socket has any more. */
  get connections(): ReadonlySet<TcpConnection> {
    return this.#tcp.connections;
  }

  /** Other addresses, or none. Connections of an address that is lost end with ENETDOWN. */
  configure(config: Ipv4Config | undefined): void {
    const { address } = this.#netif.config;
    this.#netif.configure(config);
    if (this.#netif.config.address === address) return;
    if (address !== 0) this.#tcp.lose(address);
    this.#arp.clear();
    this.#resolver.clear();
  }

  /** Begins to look for a DHCP server; false when another socket has the client's port. */
  startDhcp(options: DhcpOptions = {}): boolean {
    return this.dhcp.start(options);
  }

  /** Takes a frame, which may be a view of memory that others write. */
  input(frame: Uint8Array): void {
    this.#netif.counters.framesIn++;
    if (!this.#in.fill(frame)) return void this.#netif.counters.malformed++;
    const { view, length } = this.#in;
    if (length < ETHERNET_HEADER_SIZE) return void this.#netif.counters.malformed++;
    if (!this.#isForUs()) return void this.#netif.counters.notOurs++;
    switch (view.getUint16(ETHERNET.type)) {
      case ETHERTYPE.ARP:
        return this.#arp.input(this.#in);
      case ETHERTYPE.IPV4:
        return this.#ip.input(this.#in, false);
      default:
        this.#netif.counters.notOurs++;
    }
  }

  /** Does what is due at `nowMs`; returns the milliseconds until something will be, Infinity when nothing will. */
  poll(nowMs: number): number {
    this.#netif.now = Math.max(nowMs, this.#netif.now);
    for (const packet of this.#ip.takeLooped()) {
      this.#in.fill(packet);
      this.#ip.input(this.#in, true);
    }
    const next = Math.min(this.#arp.poll(), this.#tcp.poll(), this.dhcp.poll(), this.#resolver.poll());
    return this.#ip.hasLooped ? 0 : Math.max(0, next - this.#netif.now);
  }

  /** ENOBUFS when there are too many. */
  udp(): UdpSocket | NetError {
    return this.#udp.open();
  }

  tcp(): TcpSocket {
    return new TcpSocket(this.#tcp);
  }

  /** Looks for the addresses of a name; `result` of what is returned tells them once they are known. */
  resolve(name: string): Lookup {
    return this.#resolver.resolve(name);
  }

  /** Sends an echo with `size` bytes; `result` of what is returned tells how long its way was. */
  ping(address: number, size?: number): Ping {
    return this.#icmp.ping(address, size);
  }

  /** To our own address or to everyone; groups are nobody's here. */
  #isForUs(): boolean {
    const { bytes } = this.#in;
    let isOwn = true;
    let isAll = true;
    for (let i = 0; i < MAC_SIZE; i++) {
      isOwn &&= bytes[i] === this.#netif.mac[i];
      isAll &&= bytes[i] === 0xff;
    }
    return isOwn || isAll;
  }

  #deliver(packet: Packet): void {
    switch (packet.protocol) {
      case IP_PROTOCOL.ICMP:
        return this.#icmp.input(packet);
      case IP_PROTOCOL.UDP:
        return this.#udp.input(packet);
      case IP_PROTOCOL.TCP:
        return this.#tcp.input(packet);
      default:
        this.#icmp.sendUnreachable(packet, ICMP_UNREACHABLE.PROTOCOL);
    }
  }

  /** A neighbour does not answer: whatever went through it cannot arrive. */
  #fail(neighbour: number): void {
    const isVia = (destination: number) => this.#netif.nextHop(destination) === neighbour;
    this.#tcp.fail(isVia);
    this.#udp.fail(isVia);
    this.#icmp.fail(isVia);
  }
}
