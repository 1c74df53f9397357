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

const SERVICES: readonly { readonly name: string; readonly port: 'disk' | 'line' | 'wire' | undefined }[] = [
  { name: 'Files', port: 'disk' },
  { name: 'Network', port: 'wire' },
  { name: 'Console', port: 'line' },
  { name: 'Clock', port: undefined },
];

/** Each domain once, in the service whose driver is nearest. */
export function rails(description: SystemDescription): Rail[] {
  const services = SERVICES.map(({ name, port }) => ({
    name,
    drivers: description.domains.filter(({ device }) => device && device.port === port),
  })).filter(({ drivers }) => drivers.length > 0);
  const paths = nearest(
    description,
    services.map(({ drivers }) => drivers),
  );
  // A client uses every service; it is shown where the system is about it.
  paths[0]?.push(...description.domains.filter(({ kind }) => kind === 'client').reverse());
  return services.map(({ name, drivers }, i) => ({
    service: name,
    rows: monitorsFirst([...paths[i]!.reverse().map(domainRow), ...drivers.map(deviceRow)], description),
  }));
}

/** Grows every service from its drivers through the channels, one step at a time, up to the clients. */
function nearest(description: SystemDescription, drivers: readonly ProtectionDomain[][]): ProtectionDomain[][] {
  const placed = new Set(drivers.flat());
  const paths = drivers.map((path) => [...path]);
  let edges = drivers;
  while (edges.some((edge) => edge.length > 0)) {
    edges = edges.map((edge, i) => {
      const next = edge.flatMap((domain) => neighbours(description, domain)).filter((domain) => !placed.has(domain));
      const fresh = [...new Set(next)];
      for (const domain of fresh) placed.add(domain);
      paths[i]!.push(...fresh);
      return fresh;
    });
  }
  return paths;
}

function neighbours({ domains, channels }: SystemDescription, { name }: ProtectionDomain): ProtectionDomain[] {
  const names = channels.flatMap(({ a, b }) => (a.domain === name ? [b.domain] : b.domain === name ? [a.domain] : []));
  return domains.filter((domain) => names.includes(domain.name) && domain.kind !== 'client');
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
