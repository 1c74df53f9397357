/** The system graph as data, worked out of the description alone: who there is, and what connects them. */
import type { Channel, Mapping, ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import type { RailKind } from '../rails';

export interface GraphNode {
  /** A domain's name; for a device that of its driver, with `.device` behind it. */
  readonly id: string;
  /** What the system calls it. */
  readonly name: string;
  readonly kind: RailKind;
  readonly domain: ProtectionDomain;
  /** Shown inside this node: a guest in its monitor. */
  readonly parent?: string;
}

/**
 * `notify`: a channel, drawn thin. `call`: a protected call, double. `inside`: between a monitor and its guest. `memory`: regions that both
 * ends map, where there is no channel to lay them under. `device`: a driver's registers and interrupt. `line`: what leaves for the terminal.
 */
export type EdgeKind = 'notify' | 'call' | 'inside' | 'memory' | 'device' | 'line';

export interface GraphEdge {
  /** `blk_virt.1-fs_driver_vmm.3` for a channel. */
  readonly id: string;
  readonly kind: EdgeKind;
  readonly a: string;
  /** Undefined where a line leaves the drawing. */
  readonly b: string | undefined;
  readonly channel?: Channel;
  /** Regions that both ends map. */
  readonly regions: readonly string[];
  /** In plain words, what a client gets or gives here. */
  readonly port?: string;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** By the symbol of a client's channel or region. */
const PORTS: Readonly<Record<string, string>> = {
  serial_tx: 'print',
  serial_rx: 'keys',
  fs: 'commands',
  fs_share: 'file data',
  net_rx: 'packets in',
  net_tx: 'packets out',
  timer: 'clock',
};

export const deviceId = (driver: string) => `${driver}.device`;

export function graphOf(description: SystemDescription): Graph {
  const { domains, channels } = description;
  const drivers = domains.filter(({ device }) => device !== undefined);
  const channelEdges = channels.map((channel) => channelEdge(description, channel));
  return {
    nodes: [...domains.map(domainNode), ...drivers.map(deviceNode)],
    edges: [
      ...channelEdges,
      ...memoryEdges(description),
      ...drivers.map(({ name }): GraphEdge => {
        return { id: deviceId(name), kind: 'device', a: deviceId(name), b: name, regions: [] };
      }),
      ...drivers
        .filter(({ device }) => device?.port === 'line')
        .map(({ name }): GraphEdge => ({ id: 'line', kind: 'line', a: deviceId(name), b: undefined, regions: [] })),
    ],
  };
}

function domainNode(domain: ProtectionDomain): GraphNode {
  const { name, parent } = domain;
  return { id: name, name, kind: shownKind(domain), domain, ...(parent === undefined ? {} : { parent }) };
}

/** A monitor and its guest are one kind to look at. */
export function shownKind({ kind }: ProtectionDomain): RailKind {
  return kind === 'monitor' || kind === 'guest' ? 'vm' : kind;
}

function deviceNode(domain: ProtectionDomain): GraphNode {
  return { id: deviceId(domain.name), name: domain.device!.label, kind: 'device', domain };
}

function channelEdge(description: SystemDescription, channel: Channel): GraphEdge {
  const { a, b, protectedCall, kind } = channel;
  const ends = [a, b].map(({ domain }) => domainNamed(description, domain));
  const client = ends.findIndex((domain) => domain.kind === 'client');
  const port = client < 0 ? undefined : portOf([a, b][client]!.symbol);
  return {
    id: `${a.domain}.${a.id}-${b.domain}.${b.id}`,
    kind: kind === 'vcpu' ? 'inside' : protectedCall ? 'call' : 'notify',
    a: a.domain,
    b: b.domain,
    channel,
    regions: kind === 'vcpu' ? [] : shared(ends[0]!, ends[1]!).filter((region) => !hasOwnPort(ends, region)),
    ...(port === undefined ? {} : { port }),
  };
}

/** Regions of pairs that no channel carries, and those that a client knows under a word of their own. */
function memoryEdges(description: SystemDescription): GraphEdge[] {
  const { domains, channels } = description;
  return domains.flatMap((a, i) =>
    domains.slice(i + 1).flatMap((b): GraphEdge[] => {
      const carried = channels.some((channel) => channel.kind !== 'vcpu' && joins(channel, a.name, b.name));
      const regions = shared(a, b).filter((region) => !carried || hasOwnPort([a, b], region));
      if (regions.length === 0) return [];
      const client = [a, b].find(({ kind }) => kind === 'client');
      const symbol = client?.maps.find(({ region }) => regions.includes(region))?.symbol;
      const port = symbol && portOf(symbol);
      const id = `${a.name}=${b.name}`;
      return [{ id, kind: 'memory', a: a.name, b: b.name, regions, ...(port ? { port } : {}) }];
    }),
  );
}

const portOf = (symbol: string) => PORTS[symbol] ?? symbol;

function hasOwnPort(ends: readonly ProtectionDomain[], region: string): boolean {
  const client = ends.find(({ kind }) => kind === 'client');
  const symbol = client?.maps.find((map) => map.region === region)?.symbol;
  return symbol !== undefined && symbol in PORTS;
}

const joins = ({ a, b }: Channel, x: string, y: string) =>
  (a.domain === x && b.domain === y) || (a.domain === y && b.domain === x);

/** A page of registers that holds two devices is no agreement between their drivers. */
const isAgreement = ({ symbol }: Mapping) => symbol !== 'regs';

export function shared(a: ProtectionDomain, b: ProtectionDomain): string[] {
  const there = new Set(b.maps.filter(isAgreement).map(({ region }) => region));
  return a.maps.filter((map) => isAgreement(map) && there.has(map.region)).map(({ region }) => region);
}

export function domainNamed({ domains }: SystemDescription, wanted: string): ProtectionDomain {
  const found = domains.find(({ name }) => name === wanted);
  if (!found) throw new Error(`The description has no domain '${wanted}'.`);
  return found;
}
