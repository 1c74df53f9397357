/**
 * DHCP client, RFC 2131 section 4.4: from DISCOVER to ACK, renewal at T1, rebinding at T2, the end of a lease. As upstream's lwIP it binds
 * at the ACK, without probing for the address first. Waits begin at a second and double to 64 (4.1 names 4 s), so that a server that starts
 * after the client is found soon.
 */
import {
  DHCP_MESSAGE,
  DHCP_OP,
  DHCP_OPTION,
  type DhcpMessage,
  dhcpU32,
  readDhcp,
  readDhcpU32s,
  writeDhcp,
} from '../specs/dhcp';
import { formatIpv4, IPV4_ANY, IPV4_BROADCAST } from '../specs/ipv4';
import { UDP_PORT } from '../specs/udp';
import { isUsable, type Lease, leaseOf, WANTED_OPTIONS } from './dhcp_lease';
import type { Ipv4Config, Netif } from './netif';
import type { Udp } from './udp';
import type { UdpSocket } from './udp_socket';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 64_000;
/** REQUESTs without an answer before it begins again. */
const MAX_REQUESTS = 4;
/** RFC 2131 section 4.4.5: time between renewals at least. */
const SHORTEST_RENEWAL_MS = 60_000;
/** Before a network that refused an address is asked again. */
const AFTER_NAK_MS = 1000;
const MAX_MESSAGE = 1472;

export type DhcpState = 'off' | 'init' | 'selecting' | 'requesting' | 'bound' | 'renewing' | 'rebinding';

export interface DhcpOptions {
  readonly hostName?: string;
  /** A lease was got, or lost (undefined). A renewal that changes nothing is not told. */
  readonly onChange?: (config: Ipv4Config | undefined) => void;
  /** What happens, a line each. */
  readonly log?: (text: string) => void;
}

export class DhcpClient {
  state: DhcpState = 'off';
  lease: Lease | undefined;
  #options: DhcpOptions = {};
  #socket: UdpSocket | undefined;
  #xid = 0;
  #startedMs = 0;
  #attempts = 0;
  #nextMs = Number.POSITIVE_INFINITY;
  /** The offer that is requested. */
  #offer: { address: number; server: number } | undefined;

  constructor(
    readonly netif: Netif,
    readonly udp: Udp,
    /** Tells the stack its addresses. */
    readonly configure: (config: Ipv4Config | undefined) => void,
  ) {}

  /** False when another socket has the client's port. */
  start(options: DhcpOptions): boolean {
    this.stop();
    const socket = this.udp.open();
    if (typeof socket === 'string') return false;
    if (socket.bind(IPV4_ANY, UDP_PORT.DHCP_CLIENT)) {
      socket.close();
      return false;
    }
    this.#socket = socket;
    this.#options = options;
    this.#begin(this.netif.now);
    return true;
  }

  /** Keeps the address that there is, and looks after it no longer. */
  stop(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.state = 'off';
    // Its address may be another by the time it begins again.
    this.lease = undefined;
    this.#nextMs = Number.POSITIVE_INFINITY;
  }

  /** Takes answers and does what is due; returns when to look again. */
  poll(): number {
    for (;;) {
      const datagram = this.#socket?.recvFrom();
      if (datagram === undefined || datagram === 'EAGAIN') break;
      if (typeof datagram !== 'string') this.#receive(readDhcp(datagram.data));
    }
    if (this.netif.now >= this.#nextMs) this.#due();
    return this.#nextMs;
  }

  #begin(atMs: number): void {
    this.state = 'init';
    this.#attempts = 0;
    this.#offer = undefined;
    this.#nextMs = atMs;
  }

  #due(): void {
    const { now } = this.netif;
    if (this.lease && now >= this.lease.endMs) {
      this.#lose('DHCP lease expired');
      this.#begin(now);
    }
    switch (this.state) {
      case 'init':
        this.#xid = this.netif.random() >>> 0;
        this.#startedMs = now;
        this.state = 'selecting';
        return this.#ask();
      case 'selecting':
        return this.#ask();
      case 'requesting':
        if (this.#attempts < MAX_REQUESTS) return this.#ask();
        return this.#begin(now);
      case 'bound':
        this.#xid = this.netif.random() >>> 0;
        this.#startedMs = now;
        this.state = 'renewing';
        return this.#renew();
      case 'renewing':
      case 'rebinding':
        return this.#renew();
    }
  }

  /** DISCOVER, or the REQUEST that follows an offer: to everyone, later each time, by a random bit more or less. */
  #ask(): void {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#attempts++, LONGEST_WAIT_MS);
    this.#nextMs = this.netif.now + wait + this.netif.below(FIRST_WAIT_MS) - FIRST_WAIT_MS / 2;
    if (!this.#offer) return this.#send(DHCP_MESSAGE.DISCOVER, IPV4_ANY, IPV4_BROADCAST, []);
    this.#send(DHCP_MESSAGE.REQUEST, IPV4_ANY, IPV4_BROADCAST, [
      [DHCP_OPTION.REQUESTED_ADDRESS, dhcpU32(this.#offer.address)],
      [DHCP_OPTION.SERVER_ID, dhcpU32(this.#offer.server)],
    ]);
  }

  /** RFC 2131 section 4.4.5: halves the time that is left until T2, then until the end. */
  #renew(): void {
    const { config, server, rebindMs, endMs } = this.lease!;
    const { now } = this.netif;
    if (now >= rebindMs) this.state = 'rebinding';
    const limit = this.state === 'renewing' ? rebindMs : endMs;
    this.#nextMs = Math.min(limit, now + Math.max((limit - now) / 2, SHORTEST_RENEWAL_MS));
    const to = this.state === 'renewing' ? server : IPV4_BROADCAST;
    this.#send(DHCP_MESSAGE.REQUEST, config.address, to, []);
  }

  #send(type: number, ciaddr: number, to: number, more: [number, Uint8Array][]): void {
    const { hostName } = this.#options;
    const name: [number, Uint8Array][] = hostName
      ? [[DHCP_OPTION.HOST_NAME, Uint8Array.from(hostName.slice(0, 255), (char) => char.charCodeAt(0))]]
      : [];
    const message: DhcpMessage = {
      op: DHCP_OP.REQUEST,
      xid: this.#xid,
      secs: Math.min(Math.floor((this.netif.now - this.#startedMs) / 1000), 0xffff),
      flags: 0,
      ciaddr,
      yiaddr: 0,
      siaddr: 0,
      giaddr: 0,
      chaddr: this.netif.mac,
      options: new Map([
        [DHCP_OPTION.MESSAGE_TYPE, Uint8Array.of(type)],
        ...more,
        [DHCP_OPTION.MAXIMUM_SIZE, Uint8Array.of(MAX_MESSAGE >> 8, MAX_MESSAGE & 0xff)],
        [DHCP_OPTION.PARAMETER_LIST, WANTED_OPTIONS],
        ...name,
      ]),
    };
    // What cannot be sent is as good as lost on the way: the next attempt follows.
    this.#socket!.sendTo(writeDhcp(message), to, UDP_PORT.DHCP_SERVER);
  }

  #receive(message: DhcpMessage | undefined): void {
    const isOurs =
      message?.op === DHCP_OP.REPLY &&
      message.xid === this.#xid &&
      message.chaddr.every((byte, i) => byte === this.netif.mac[i]);
    if (!isOurs) return;
    const type = message.options.get(DHCP_OPTION.MESSAGE_TYPE)?.[0];
    const isAsked = this.state === 'requesting' || this.state === 'renewing' || this.state === 'rebinding';
    if (type === DHCP_MESSAGE.OFFER && this.state === 'selecting') this.#take(message);
    else if (type === DHCP_MESSAGE.ACK && isAsked) this.#bind(message);
    else if (type === DHCP_MESSAGE.NAK && isAsked) {
      if (this.lease) this.#lose('DHCP server refused to renew the lease');
      else this.#options.log?.('DHCP server refused the address it had offered');
      this.#begin(this.netif.now + AFTER_NAK_MS);
    }
  }

  #take({ yiaddr, options }: DhcpMessage): void {
    const [server] = readDhcpU32s(options.get(DHCP_OPTION.SERVER_ID));
    if (server === undefined || !isUsable(yiaddr)) return;
    this.#offer = { address: yiaddr, server };
    this.state = 'requesting';
    this.#attempts = 0;
    this.#ask();
  }

  #bind(message: DhcpMessage): void {
    if (!isUsable(message.yiaddr)) return;
    const lease = leaseOf(message, this.#offer?.server ?? this.lease?.server ?? IPV4_BROADCAST, this.netif.now);
    const { config, server } = lease;
    const changed = JSON.stringify(config) !== JSON.stringify(this.lease?.config);
    this.lease = lease;
    this.state = 'bound';
    this.#attempts = 0;
    this.#nextMs = this.lease.renewMs;
    if (!changed) return;
    this.configure(config);
    this.#options.log?.(`DHCP lease of ${formatIpv4(config.address)} from ${formatIpv4(server)}`);
    this.#options.onChange?.(config);
  }

  #lose(reason: string): void {
    this.lease = undefined;
    this.configure(undefined);
    this.#options.log?.(reason);
    this.#options.onChange?.(undefined);
  }
}
