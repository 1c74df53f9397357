/** The way of a command, hop by hop, in words: who did what with it, when, and for how long. */
import { BLK_REQ_CODE, BLK_RESP_STATUS } from '../../protocol/blk_queue';
import { FS_STATUS } from '../../protocol/fs';
import type { Access, AccessOp, Part } from './accesses';
import type { Roles } from './roles';
import type { Clusters, Command, Try } from './statements';
import { blockWords, many, nameIn, range, whatWords } from './words';

export interface Hop {
  /** A domain of the system, or its device's label. */
  readonly who: string;
  readonly words: string;
  /** Milliseconds since boot. */
  readonly time: number;
  /** How long it took there; undefined where that is not known. */
  readonly ms?: number;
}

/** What a person sees of one sector range. */
export const SECTORS_PER_BLOCK = 8;
const DONE: Readonly<Record<AccessOp, string>> = { read: 'read', write: 'written', flush: 'written down for good' };

export function hopsOf(command: Command, domain: string, roles: Roles): Hop[] {
  const own = domain === roles.guest;
  const { tries, begin, queued, end, status, result = 0 } = command;
  const asks = { who: domain, words: `queues ${commandWords(command)}`, time: begin, ms: queued - begin };
  const further = tries.flatMap((one, i) => [
    ...(i > 0
      ? [{ who: domain, words: `asks again: ${roles.guest} has been rebooted`, time: one.served ?? queued }]
      : []),
    ...tryHops(command, one, roles, own),
  ]);
  const answer = end !== undefined && status !== undefined;
  const got = answer
    ? [{ who: domain, words: `has its answer: ${answerWords(command.name, status, result)}`, time: end }]
    : [];
  return inOrder([...(own ? [] : [asks]), ...further, ...got]);
}

export function commandWords({ name, length, tries, offset }: Command): string {
  const transfer = name === 'FILE_READ' || name === 'FILE_WRITE';
  if (!transfer) return name;
  const served = tries.some(({ served }) => served !== undefined);
  return `${name}, ${many(length, 'byte')}${served ? ` at ${offset}` : ''}`;
}

/** The result says something where it is a number of bytes or a size. */
export function answerWords(name: string, status: number, result: number): string {
  const words = nameIn(FS_STATUS, status);
  if (status !== FS_STATUS.SUCCESS) return words;
  if (name === 'FILE_READ' || name === 'FILE_WRITE' || name === 'FILE_SIZE') return `${words}, ${many(result, 'byte')}`;
  return name === 'FILE_OPEN' || name === 'DIR_OPEN' ? `${words}, descriptor ${result}` : words;
}

function tryHops(command: Command, { served, answered, accesses, clusters }: Try, roles: Roles, own: boolean): Hop[] {
  const { guest } = roles;
  // A guest that was awake already when it was asked woke before that.
  const from = own ? Number.NEGATIVE_INFINITY : command.begin;
  const hops: Hop[] = [];
  if (served !== undefined) {
    const where = clusters.length > 0 ? `, then vfat: ${listed(clusters)}` : '';
    hops.push({ who: guest, words: `takes ${command.name}${where}`, time: Math.max(served, from) });
  }
  for (const access of accesses) hops.push(...causal(accessHops(access, roles), from));
  if (own && accesses.length > 0)
    hops.unshift({ who: guest, words: 'marks the volume as clean', time: accesses[0]!.time });
  // It rings before it goes to sleep.
  if (answered !== undefined)
    hops.push({ who: guest, words: 'answers', time: Math.min(answered, command.end ?? answered) });
  return hops;
}

const MOST_RUNS = 4;

/** "cluster 212", "clusters 212 to 215 and 3 more pieces". */
export function listed(clusters: readonly Clusters[]): string {
  const shown = clusters.slice(0, MOST_RUNS).map(({ first, count }) => range(first, count));
  const rest = clusters.length - shown.length;
  const word = clusters.length === 1 && clusters[0]!.count === 1 ? 'cluster' : 'clusters';
  return `${word} ${shown.join(', ')}${rest > 0 ? ` and ${many(rest, 'more piece')}` : ''}`;
}

function accessHops(access: Access, roles: Roles): Hop[] {
  const { op, time, until, slot, why, asked, ahead, parts } = access;
  const verb = op === 'read' ? 'reads' : 'writes';
  const pages = ahead > 0 ? `, ${many(asked + ahead, 'page')}` : '';
  const words = op === 'flush' ? 'has the disk write down what it holds' : `${verb} ${whatWords(why)}${pages}`;
  return [
    { who: roles.guest, words: `${words}: descriptor ${slot} of its queue`, time, ...lasting(time, until) },
    ...parts.flatMap((part) => partHops(op, part, roles)),
  ];
}

function partHops(op: AccessOp, { monitor, virt, driver }: Part, roles: Roles): Hop[] {
  const code = { read: BLK_REQ_CODE.READ, write: BLK_REQ_CODE.WRITE, flush: BLK_REQ_CODE.FLUSH }[op];
  const hops: Hop[] = [
    {
      who: roles.monitor,
      words: `virtIO queue, then ${blockWords(code, monitor.block, monitor.count)}, id ${monitor.id}`,
      ...spanOf(monitor),
    },
  ];
  if (!virt) return hops;
  const moved = `${monitor.block} + ${virt.block - monitor.block} = device block ${virt.block}`;
  hops.push({ who: roles.virt, words: `${op === 'flush' ? 'FLUSH' : moved}, id ${virt.id}`, ...spanOf(virt) });
  if (!driver)
    return [...hops, ...(virt.answered === undefined ? [] : [back(roles.driver, virt.answered, virt.status ?? 0)])];
  const toDevice = roles.device === 'virtio-blk' ? `descriptor ${driver.id}, QueueNotify` : 'CMD16, then the transfer';
  hops.push({ who: roles.driver, words: toDevice, ...spanOf(driver) });
  if (driver.answered === undefined) return hops;
  const { until = driver.time, answered } = driver;
  // A model that answers at once does so while its driver runs: how long that took is part of the driver's time.
  const took = answered > until ? { time: until, ms: answered - until } : { time: driver.time };
  const what =
    op === 'flush'
      ? 'what it held is'
      : `sectors ${range(driver.block * SECTORS_PER_BLOCK, driver.count * SECTORS_PER_BLOCK)}`;
  const failed = driver.status !== BLK_RESP_STATUS.OK;
  const done = failed ? `failed: ${nameIn(BLK_RESP_STATUS, driver.status ?? 0)}` : `${what} ${DONE[op]}`;
  return [...hops, { who: roles.device, words: done, ...took }];
}

const back = (who: string, time: number, status: number): Hop => {
  return { who, words: `answers ${nameIn(BLK_RESP_STATUS, status)}`, time };
};

const spanOf = ({ time, until }: { time: number; until?: number }) => ({ time, ...lasting(time, until) });
const lasting = (time: number, until: number | undefined) => (until === undefined ? {} : { ms: until - time });

/** By time; what happened at once, in the order of the way. */
function inOrder(hops: readonly Hop[]): Hop[] {
  return [...hops].sort((x, y) => x.time - y.time);
}

/** A domain that was awake already when it was told has an earlier time than who told it: nothing is shown before its cause. */
function causal(hops: readonly Hop[], from: number): Hop[] {
  let latest = from;
  return hops.map((hop) => {
    latest = Math.max(latest, hop.time);
    return hop.time === latest ? hop : { ...hop, time: latest };
  });
}
