/** What a DHCP server's ACK grants. RFC 2131 sections 4.3.1 and 4.4.5. */
import { DHCP_FOREVER, DHCP_OPTION, type DhcpMessage, readDhcpU32s } from '../specs/dhcp';
import { IPV4_ANY, isLoopback, isMulticast } from '../specs/ipv4';
import type { Ipv4Config } from './netif';

const DEFAULT_MASK = 0xffff_ff00;

/** What a client asks to be told. */
export const WANTED_OPTIONS = Uint8Array.of(
  DHCP_OPTION.SUBNET_MASK,
  DHCP_OPTION.ROUTER,
  DHCP_OPTION.DNS,
  DHCP_OPTION.LEASE_TIME,
  DHCP_OPTION.RENEWAL_TIME,
  DHCP_OPTION.REBINDING_TIME,
);

/** One station's address. */
export const isUsable = (address: number) =>
  address !== IPV4_ANY && !isLoopback(address) && !isMulticast(address) && address >>> 28 !== 15;

export interface Lease {
  readonly config: Ipv4Config;
  readonly server: number;
  /** Moments in milliseconds; Infinity for a lease without an end. */
  readonly renewMs: number;
  readonly rebindMs: number;
  readonly endMs: number;
}

/** `server`: whom the lease is from, where the message does not say. */
export function leaseOf({ yiaddr, options }: DhcpMessage, server: number, nowMs: number): Lease {
  const u32s = (code: number) => readDhcpU32s(options.get(code));
  const config: Ipv4Config = {
    address: yiaddr,
    mask: u32s(DHCP_OPTION.SUBNET_MASK)[0] ?? DEFAULT_MASK,
    gateway: u32s(DHCP_OPTION.ROUTER)[0] ?? IPV4_ANY,
    dns: u32s(DHCP_OPTION.DNS),
  };
  return { config, server: u32s(DHCP_OPTION.SERVER_ID)[0] ?? server, ...times(u32s, nowMs) };
}

/** T1 and T2 as the server says, where they make sense; else half and seven eighths of the lease. */
function times(u32s: (code: number) => number[], nowMs: number): { renewMs: number; rebindMs: number; endMs: number } {
  const [lease = DHCP_FOREVER] = u32s(DHCP_OPTION.LEASE_TIME);
  const never = Number.POSITIVE_INFINITY;
  if (lease === DHCP_FOREVER) return { renewMs: never, rebindMs: never, endMs: never };
  const [t1 = lease / 2] = u32s(DHCP_OPTION.RENEWAL_TIME);
  const [t2 = (lease * 7) / 8] = u32s(DHCP_OPTION.REBINDING_TIME);
  const [renew, rebind] = t1 <= t2 && t2 <= lease ? [t1, t2] : [lease / 2, (lease * 7) / 8];
  const at = (seconds: number) => nowMs + seconds * 1000;
  return { renewMs: at(renew), rebindMs: at(rebind), endMs: at(lease) };
}
