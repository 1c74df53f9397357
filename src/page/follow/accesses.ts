/** Requests for the disk, each put together from what guest, monitor, virtualiser and driver recorded of it. */
import { BLK_REQ_CODE } from '../../protocol/blk_queue';
import { TRACE } from '../../protocol/trace';
import { unpackBlocks, unpackDisk } from '../../protocol/trace_words';
import type { Entry } from './entries';
import type { Roles } from './roles';

/** One hop of a request: when it was taken up, when it was passed on, where, as what. Times in milliseconds since boot. */
export interface Passed {
  readonly time: number;
  readonly until?: number;
  readonly block: number;
  readonly count: number;
  /** In the queue to the next; at the virtio driver the first descriptor. */
  readonly id: number;
  /** When its answer was taken, and BLK_RESP_STATUS. */
  readonly answered?: number;
  readonly status?: number;
}

/** One request of the monitor on its way. Undefined: its record was overwritten, or it has not come so far. */
export interface Part {
  readonly monitor: Passed;
  readonly virt?: Passed;
  readonly driver?: Passed;
}

export type AccessOp = 'read' | 'write' | 'flush';

/** One request of the guest for its disk. */
export interface Access {
  readonly op: AccessOp;
  readonly time: number;
  readonly until?: number;
  /** Of the partition. */
  readonly sector: number;
  /** Pages of 4 KiB that were needed, and those that were read ahead. */
  readonly asked: number;
  readonly ahead: number;
  /** Bits of WHY. */
  readonly why: number;
  /** In the guest's virtqueue. */
  readonly slot: number;
  readonly parts: readonly Part[];
}

const OPS = new Map<number, AccessOp>([
  [TRACE.DISK_READ, 'read'],
  [TRACE.DISK_WRITE, 'write'],
  [TRACE.DISK_FLUSH, 'flush'],
]);
const CODES = { read: BLK_REQ_CODE.READ, write: BLK_REQ_CODE.WRITE, flush: BLK_REQ_CODE.FLUSH };
const SECTORS_PER_BLOCK = 8;

/** `entries`: all of one request, of each domain in its order. */
export function accessesOf(entries: readonly Entry[], roles: Roles): Access[] {
  const of = (domain: string) => entries.filter((entry) => entry.domain === domain);
  const [monitor, virt, driver] = [roles.monitor, roles.virt, roles.driver].map((domain) => links(of(domain)));
  const parts = partsOf(monitor!, virt!, driver!);
  return of(roles.guest).flatMap(({ kind, time, until, a, b }): Access[] => {
    const op = OPS.get(kind);
    if (!op) return [];
    const { asked, ahead, slot, why } = unpackDisk(b);
    const sector = op === 'flush' ? 0 : a;
    const first = Math.floor(sector / SECTORS_PER_BLOCK);
    const mine = takeParts(parts, CODES[op], first, asked + ahead);
    return [{ op, time, ...(until === undefined ? {} : { until }), sector, asked, ahead, why, slot, parts: mine }];
  });
}

type Link = Passed & { readonly code: number };
type Chain = Part & { readonly code: number };

/** The virtualiser passes one client's requests on in their order, and moves each by the start of the partition. */
function partsOf(monitor: readonly Link[], virt: readonly Link[], driver: readonly Link[]): Chain[] {
  const [leftOfVirt, leftOfDriver] = [[...virt], [...driver]];
  return monitor.map(({ code, ...passed }) => {
    const next = take(leftOfVirt, (link) => link.code === code && link.count === passed.count);
    const last = next && take(leftOfDriver, (link) => link.code === code && link.block === next.block);
    return { code, monitor: passed, ...(next ? { virt: next } : {}), ...(last ? { driver: last } : {}) };
  });
}

/** Those that serve a request of the guest: one, mostly; a long one is cut. */
function takeParts(chains: Chain[], code: number, first: number, count: number): Part[] {
  const mine: Part[] = [];
  for (let left = Math.max(1, count); left > 0; ) {
    const chain = take(chains, ({ code: its, monitor: { block } }) => {
      return its === code && (code === BLK_REQ_CODE.FLUSH || (block >= first && block < first + count));
    });
    if (!chain) break;
    const { code: _, ...part } = chain;
    mine.push(part);
    left -= Math.max(1, chain.monitor.count);
  }
  return mine;
}

function take<T>(from: T[], wanted: (one: T) => boolean): T | undefined {
  const at = from.findIndex(wanted);
  return at < 0 ? undefined : from.splice(at, 1)[0];
}

/** Requests of one domain with their answers. */
function links(entries: readonly Entry[]): Link[] {
  const answers = entries.filter(({ kind }) => kind === TRACE.RESPONSE);
  return entries.flatMap(({ kind, time, until, a, b, sequence }): Link[] => {
    if (kind !== TRACE.REQUEST) return [];
    const { count, id, code } = unpackBlocks(b);
    const answer = take(answers, (one) => one.sequence > sequence && unpackBlocks(one.b).id === id);
    return [
      {
        ...{ code, time, block: a, count, id },
        ...(until === undefined ? {} : { until }),
        ...(answer ? { answered: answer.time, status: answer.a } : {}),
      },
    ];
  });
}
