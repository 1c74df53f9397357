/** The system as lists: for each service the way from MicroPython to the hardware, worked out from the description's channels. */
import type { ProtectionDomain, SystemDescription } from '../microkit/sdf';

export type RailKind = 'driver' | 'virtualiser' | 'vm' | 'client' | 'device';

export interface RailRow {
  readonly name: string;
  readonly kind: RailKind;
  /** A virtual machine is drawn inside its monitor. */
  readonly guest: boolean;
  readonly priority?: number;
  /** Devices: the interrupt that their driver gets. */
  readonly intid?: number;
}

export interface Rail {
  readonly service: string;
  readonly rows: readonly RailRow[];
}

const SERVICES: readonly { readonly name: string; readonly port: 'disk' | 'line' | undefined }[] = [
  { name: 'Files', port: 'disk' },
  { name: 'Console', port: 'line' },
  { name: 'Clock', port: undefined },
];

/** Each domain once, in the first service that reaches it. */
export function rails(description: SystemDescription): Rail[] {
  const placed = new Set<string>();
  return SERVICES.flatMap(({ name, port }) => {
    const drivers = description.domains.filter(({ device }) => device && device.port === port);
    const rows = drivers.flatMap((driver) => {
      const path = reachedFrom(description, driver, placed);
      for (const domain of path) placed.add(domain.name);
      return [...path.reverse().map(domainRow), deviceRow(driver)];
    });
    return rows.length > 0 ? [{ service: name, rows: monitorsFirst(rows, description) }] : [];
  });
}

/** The driver, then what can be reached through channels; not through a client, which uses every service. */
function reachedFrom(
  { domains, channels }: SystemDescription,
  driver: ProtectionDomain,
  placed: ReadonlySet<string>,
): ProtectionDomain[] {
  const path = [driver];
  for (const domain of path) {
    if (domain.kind === 'client') continue;
    const neighbours = channels.flatMap(({ a, b }) =>
      a.domain === domain.name ? [b.domain] : b.domain === domain.name ? [a.domain] : [],
    );
    for (const name of neighbours) {
      const next = domains.find((candidate) => candidate.name === name);
      const own = next && next.device === undefined && !placed.has(name) && !path.includes(next);
      if (own) path.push(next);
    }
  }
  return path;
}

function monitorsFirst(rows: readonly RailRow[], { domains }: SystemDescription): RailRow[] {
  const guests = rows.filter(({ guest }) => guest);
  return rows
    .filter(({ guest }) => !guest)
    .flatMap((row) => [
      row,
      ...guests.filter(({ name }) => domains.find((domain) => domain.name === name)?.parent === row.name),
    ]);
}

function domainRow({ name, kind, priority }: ProtectionDomain): RailRow {
  const vm = kind === 'monitor' || kind === 'guest';
  return { name, kind: vm ? 'vm' : kind, guest: kind === 'guest', priority };
}

function deviceRow({ device, irqs }: ProtectionDomain): RailRow {
  const [irq] = irqs;
  return { name: device!.label, kind: 'device', guest: false, ...(irq ? { intid: irq.intid } : {}) };
}
