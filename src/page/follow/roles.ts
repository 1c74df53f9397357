/** Who is who on the way from a client to the disk, out of the description. */
import type { SystemDescription } from '../../microkit/sdf';
import { clientSymbol, MAX_FS_CLIENTS } from '../../protocol/vmfs';

export interface Roles {
  /** Clients of the file system server, by its number for them. */
  readonly clients: readonly string[];
  readonly guest: string;
  readonly monitor: string;
  readonly virt: string;
  readonly driver: string;
  /** What the driver drives, as the system calls it. */
  readonly device: string;
}

/** Undefined for a system without a file system server. */
export function rolesOf({ domains, channels }: SystemDescription): Roles | undefined {
  const guest = domains.find(({ kind }) => kind === 'guest');
  const monitor = guest?.parent;
  const peerOf = (domain: string | undefined, symbol: string) => {
    for (const { a, b } of channels) {
      if (a.domain === domain && a.symbol === symbol) return b.domain;
      if (b.domain === domain && b.symbol === symbol) return a.domain;
    }
    return undefined;
  };
  const virt = peerOf(monitor, 'blk');
  const driver = domains.find(({ name }) => name === peerOf(virt, 'driver'));
  if (!guest || !monitor || !virt || !driver?.device) return undefined;
  const clients: string[] = [];
  for (let client = 0; client < MAX_FS_CLIENTS; client++) {
    const queue = guest.maps.find(({ symbol }) => symbol === clientSymbol('vmfs_command', client))?.region;
    const owner = domains.find(({ maps }) => maps.some((map) => map.symbol === 'fs_command' && map.region === queue));
    if (!owner) break;
    clients.push(owner.name);
  }
  return { clients, guest: guest.name, monitor, virt, driver: driver.name, device: driver.device.label };
}

/** Those whose recorders tell of files, in the order of the way down. */
export function domainsOf({ clients, guest, monitor, virt, driver }: Roles): string[] {
  return [...clients, guest, monitor, virt, driver];
}
