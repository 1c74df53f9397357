/** Ports that a socket without one gets. RFC 6335 section 6 names the range; RFC 6056 section 3.3.1 how: from a random one on. */
import type { NetError } from './errors';
import type { Netif } from './netif';

const FIRST = 49_152;
const COUNT = 65_536 - FIRST;

export function ephemeralPort(netif: Netif, isUsed: (port: number) => boolean): number | NetError {
  const start = netif.below(COUNT);
  for (let i = 0; i < COUNT; i++) {
    const port = FIRST + ((start + i) % COUNT);
    if (!isUsed(port)) return port;
  }
  return 'EADDRINUSE';
}

export const isPort = (port: number): boolean => Number.isInteger(port) && port >= 0 && port < 65_536;
