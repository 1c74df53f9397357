/** Who is who on the network, as QEMU's user network has it: docs "-netdev user", libslirp's defaults. Addresses are unsigned 32-bit. */

const address = (a: number, b: number, c: number, d: number) => ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;

export const NETWORK = address(10, 0, 2, 0);
export const MASK = address(255, 255, 255, 0);
/** The gateway, which is also the host with the servers. */
export const GATEWAY = address(10, 0, 2, 2);
export const NAME_SERVER = address(10, 0, 2, 3);
/** What the first client gets. */
export const FIRST_CLIENT = address(10, 0, 2, 15);
/** [RFC 2544] C.2.2, a network that exists nowhere: addresses that stand for names whose requests are carried by fetch. */
export const CARRIED = { network: address(198, 18, 0, 0), mask: address(255, 254, 0, 0) } as const;

export const PORT = { ECHO: 7, DISCARD: 9, DAYTIME: 13, HTTP: 80 } as const;

export const isInNetwork = (ip: number): boolean => (ip & MASK) >>> 0 === NETWORK;

/** The host and whoever else sits at this end of the wire: its own two addresses, and every station's outside the network. */
export function isHere(ip: number): boolean {
  if (isInNetwork(ip)) return ip === GATEWAY || ip === NAME_SERVER;
  const block = ip >>> 24;
  return block > 0 && block < 224 && block !== 127;
}

/** 52:55 and the address: what libslirp gives its hosts. */
export function macOf(ip: number): Uint8Array {
  return Uint8Array.of(0x52, 0x55, ip >>> 24, (ip >>> 16) & 0xff, (ip >>> 8) & 0xff, ip & 0xff);
}
