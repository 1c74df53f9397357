/** The DHCP server: addresses from 10.0.2.15 on, one per MAC address, for a day. RFC 2131 section 4.3; the options are libslirp's. */
import {
  DHCP_MESSAGE,
  DHCP_OP,
  DHCP_OPTION,
  type DhcpMessage,
  dhcpU32,
  readDhcp,
  readDhcpU32s,
  writeDhcp,
} from '../../src/specs/dhcp';
import { formatMac } from '../../src/specs/ethernet';
import { IPV4_BROADCAST } from '../../src/specs/ipv4';
import { FIRST_CLIENT, GATEWAY, MASK, NAME_SERVER } from './addresses';

/** libslirp's NB_BOOTP_CLIENTS. */
const MAX_CLIENTS = 16;
const LEASE_S = 86_400;

export interface DhcpAnswer {
  readonly bytes: Uint8Array;
  /** Address to send it to, port 68. */
  readonly to: number;
}

export class DhcpServer {
  /** MAC address to lease. */
  readonly #leases = new Map<string, number>();

  /** Undefined for what is no request, is meant for another server, or finds no address free. */
  answer(bytes: Uint8Array): DhcpAnswer | undefined {
    const request = readDhcp(bytes);
    if (!request || request.op !== DHCP_OP.REQUEST) return undefined;
    const server = first(request, DHCP_OPTION.SERVER_ID);
    if (server !== undefined && server !== GATEWAY) return undefined;
    switch (request.options.get(DHCP_OPTION.MESSAGE_TYPE)?.[0]) {
      case DHCP_MESSAGE.DISCOVER:
        return this.#offer(request);
      case DHCP_MESSAGE.REQUEST:
        return this.#request(request, server !== undefined);
      case DHCP_MESSAGE.RELEASE:
      case DHCP_MESSAGE.DECLINE:
        this.#leases.delete(formatMac(request.chaddr));
        return undefined;
      default:
        return undefined;
    }
  }

  #offer(request: DhcpMessage): DhcpAnswer | undefined {
    const address = this.#leaseFor(request);
    return address === undefined ? undefined : reply(request, DHCP_MESSAGE.OFFER, address);
  }

  /**
   * Section 4.3.2: after an offer, after a reboot (both with the address as an option), or to renew (the address is ciaddr). A client that
   * has an address of an earlier run of this server keeps it where it is free.
   */
  #request(request: DhcpMessage, isChosen: boolean): DhcpAnswer | undefined {
    const wanted = first(request, DHCP_OPTION.REQUESTED_ADDRESS) ?? request.ciaddr;
    const address = this.#leaseFor(request, isChosen ? undefined : wanted);
    if (address === undefined || wanted !== address) return refuse(request);
    return reply(request, DHCP_MESSAGE.ACK, address);
  }

  #leaseFor({ chaddr }: DhcpMessage, wanted?: number): number | undefined {
    const mac = formatMac(chaddr);
    const known = this.#leases.get(mac);
    if (known !== undefined) return known;
    const taken = new Set(this.#leases.values());
    const free = Array.from({ length: MAX_CLIENTS }, (_, i) => FIRST_CLIENT + i).filter((one) => !taken.has(one));
    const address = wanted !== undefined && free.includes(wanted) ? wanted : free[0];
    if (address !== undefined) this.#leases.set(mac, address);
    return address;
  }
}

const first = ({ options }: DhcpMessage, option: number) => readDhcpU32s(options.get(option))[0];

function reply(request: DhcpMessage, type: number, address: number): DhcpAnswer {
  const bytes = writeDhcp({
    ...echoed(request),
    yiaddr: address,
    siaddr: GATEWAY,
    options: new Map([
      [DHCP_OPTION.MESSAGE_TYPE, Uint8Array.of(type)],
      [DHCP_OPTION.SERVER_ID, dhcpU32(GATEWAY)],
      [DHCP_OPTION.SUBNET_MASK, dhcpU32(MASK)],
      [DHCP_OPTION.ROUTER, dhcpU32(GATEWAY)],
      [DHCP_OPTION.DNS, dhcpU32(NAME_SERVER)],
      [DHCP_OPTION.LEASE_TIME, dhcpU32(LEASE_S)],
    ]),
  });
  // Section 4.1: who has the address already can be sent to there.
  return { bytes, to: request.ciaddr === address ? address : IPV4_BROADCAST };
}

function refuse(request: DhcpMessage): DhcpAnswer {
  const options = new Map([
    [DHCP_OPTION.MESSAGE_TYPE, Uint8Array.of(DHCP_MESSAGE.NAK)],
    [DHCP_OPTION.SERVER_ID, dhcpU32(GATEWAY)],
  ]);
  return { bytes: writeDhcp({ ...echoed(request), options }), to: IPV4_BROADCAST };
}

/** Table 3. */
function echoed({ xid, flags, giaddr, chaddr }: DhcpMessage): Omit<DhcpMessage, 'options'> {
  return { op: DHCP_OP.REPLY, xid, secs: 0, flags, ciaddr: 0, yiaddr: 0, siaddr: 0, giaddr, chaddr };
}
