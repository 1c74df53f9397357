/** The network interface: its addresses, and the moment that the stack lives in. */
import { ETHERNET, ETHERNET_HEADER_SIZE, ETHERNET_MIN_SIZE } from '../specs/ethernet';
import { IPV4_ANY, IPV4_BROADCAST, isLoopback } from '../specs/ipv4';
import { newCounters } from './counters';
import { Frame } from './frame';

export interface Ipv4Config {
  readonly address: number;
  readonly mask: number;
  /** 0 when there is none. */
  readonly gateway: number;
  readonly dns: readonly number[];
}

const NOTHING: Ipv4Config = { address: IPV4_ANY, mask: 0, gateway: IPV4_ANY, dns: [] };

export class Netif {
  config: Ipv4Config = NOTHING;
  /** Milliseconds, as last given to `Stack.poll`. */
  now = 0;
  readonly counters = newCounters();
  /** The frame being built; headers and data are written where they will be sent from. */
  readonly out = new Frame();

  constructor(
    readonly mac: Uint8Array,
    readonly output: (frame: Uint8Array) => void,
    /** 32 random bits. */
    readonly random: () => number,
    /** Addresses besides the own one that are this stack's too. */
    readonly accepts: (address: number) => boolean,
  ) {}

  configure(config: Ipv4Config | undefined): void {
    this.config = config ?? NOTHING;
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return (this.random() >>> 0) % limit;
  }

  isOwn(address: number): boolean {
    if (address === IPV4_ANY) return false;
    return address === this.config.address || isLoopback(address) || this.accepts(address);
  }

  /** To everyone, or to everyone on the subnet. A subnet of one or two addresses has no such address (RFC 3021). */
  isBroadcast(address: number): boolean {
    if (address === IPV4_BROADCAST) return true;
    const { address: own, mask } = this.config;
    return own !== IPV4_ANY && ~mask >>> 0 > 1 && (own | ~mask) >>> 0 === address;
  }

  /** Whose MAC address a packet for `address` needs, RFC 1122 section 3.3.1.1; undefined when there is no way. */
  nextHop(address: number): number | undefined {
    const { address: own, mask, gateway } = this.config;
    if (own === IPV4_ANY) return undefined;
    if (((address ^ own) & mask) === 0) return address;
    return gateway === IPV4_ANY ? undefined : gateway;
  }

  /** Sends `out`, whose payload of `length` bytes is in place, filled up to the least that Ethernet takes. */
  sendFrame(destination: Readonly<Uint8Array>, type: number, length: number): void {
    const { bytes, view } = this.out;
    bytes.set(destination, ETHERNET.destination);
    bytes.set(this.mac, ETHERNET.source);
    view.setUint16(ETHERNET.type, type);
    let end = ETHERNET_HEADER_SIZE + length;
    if (end < ETHERNET_MIN_SIZE) {
      bytes.fill(0, end, ETHERNET_MIN_SIZE);
      end = ETHERNET_MIN_SIZE;
    }
    this.counters.framesOut++;
    this.output(bytes.subarray(0, end));
  }
}
