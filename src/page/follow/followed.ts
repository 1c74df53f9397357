/** One statement with everything that is known of it, and the ids of the graph that it went along. */
import type { Graph } from '../graph/model';
import { deviceId } from '../graph/model';
import type { Access, AccessOp } from './accesses';
import type { Entries } from './entries';
import { type Hop, hopsOf, SECTORS_PER_BLOCK } from './hops';
import type { Roles } from './roles';
import { type Clusters, type Command, commandsOf, type Statement } from './statements';
import { diskWork, type Reason, reasonsOf } from './why';

/** Neighbouring 512-byte sectors of the device. */
export interface Sectors {
  readonly first: number;
  readonly count: number;
}

export interface FollowedCommand extends Command {
  readonly hops: readonly Hop[];
}

export interface Followed {
  readonly statement: Statement;
  /** The first of them, `statement.requests` has the number of all. */
  readonly commands: readonly FollowedCommand[];
  readonly reasons: readonly Reason[];
  /** "2 disk reads, 1 flush". */
  readonly work: string;
  /** Each run once, in ascending order. */
  readonly read: readonly Sectors[];
  readonly written: readonly Sectors[];
  readonly clusters: readonly Clusters[];
  /** Descriptors of the guest's queue, ids of the monitor's, descriptors or ids of the driver's. */
  readonly slots: {
    readonly guest: readonly number[];
    readonly monitor: readonly number[];
    readonly driver: readonly number[];
  };
}

export function followed(statement: Statement, entries: Entries, most?: number): Followed {
  const { roles } = entries;
  const commands = commandsOf(statement, entries, most).map((command): FollowedCommand => {
    return { ...command, hops: hopsOf(command, statement.domain, roles) };
  });
  const tries = commands.flatMap((command) => command.tries);
  const accesses = tries.flatMap((one) => one.accesses);
  const parts = accesses.flatMap((access) => access.parts);
  const sectors = (wanted: AccessOp) =>
    merged(accesses.flatMap((access) => (access.op === wanted ? sectorsOfDevice(access) : [])));
  return {
    statement,
    commands,
    reasons: reasonsOf(statement, commands),
    work: diskWork(commands),
    read: sectors('read'),
    written: sectors('write'),
    clusters: merged(tries.flatMap((one) => one.clusters)),
    slots: {
      guest: unique(accesses.map(({ slot }) => slot)),
      monitor: unique(parts.map(({ monitor }) => monitor.id)),
      driver: unique(parts.flatMap(({ driver }) => (driver ? [driver.id] : []))),
    },
  };
}

/** As far as the virtualiser has passed it on. */
export function sectorsOfDevice({ parts }: Access): Sectors[] {
  const passed = parts.flatMap(({ virt }) => (virt ? [virt] : []));
  return merged(
    passed.map(({ block, count }) => ({ first: block * SECTORS_PER_BLOCK, count: count * SECTORS_PER_BLOCK })),
  );
}

/** Runs that touch or overlap as one. */
export function merged(runs: readonly Sectors[]): Sectors[] {
  const all: { first: number; count: number }[] = [];
  for (const { first, count } of [...runs].sort((x, y) => x.first - y.first)) {
    const last = all.at(-1);
    if (last && first <= last.first + last.count) last.count = Math.max(last.count, first + count - last.first);
    else all.push({ first, count });
  }
  return all;
}

const unique = (numbers: readonly number[]) => [...new Set(numbers)].sort((x, y) => x - y);

/** Nodes and edges of the graph on its way: as far down as it went. */
export function pathOf({ statement, commands }: Followed, roles: Roles, { edges }: Graph): ReadonlySet<string> {
  const nodes = new Set([statement.domain]);
  const tries = commands.flatMap((command) => command.tries);
  if (commands.length > 0) for (const domain of [roles.guest, roles.monitor]) nodes.add(domain);
  if (tries.some(({ accesses }) => accesses.length > 0)) {
    for (const domain of [roles.virt, roles.driver, deviceId(roles.driver)]) nodes.add(domain);
  }
  const between = edges.filter(({ a, b }) => nodes.has(a) && b !== undefined && nodes.has(b));
  return new Set([...nodes, ...between.map(({ id }) => id)]);
}
