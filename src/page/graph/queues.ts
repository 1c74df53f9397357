/** How much waits in the queues between two domains, read from the rings' own indices. Nothing is written, nobody is asked. */
import { mappedNow, type SystemMemory } from '../../microkit/layout';
import type { SystemDescription } from '../../microkit/sdf';
import { BLK_QUEUE_CAPACITY, BLK_REQ_QUEUE, BLK_RESP_QUEUE } from '../../protocol/blk_queue';
import { FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY } from '../../protocol/fs';
import { NET_BUFF_DESC, NET_QUEUE, NET_QUEUE_CAPACITY } from '../../protocol/net_queue';
import { SERIAL_QUEUE } from '../../protocol/serial_queue';
import { type Struct, struct, u8 } from '../../protocol/struct';
import { domainNamed, type GraphEdge } from './model';

export interface RingKind {
  /** What the regions that hold such a ring are called. */
  readonly names: RegExp;
  readonly unit: readonly [one: string, many: string];
  readonly head: number;
  readonly tail: number;
  readonly indexBits: 16 | 32 | 64;
  /** Undefined: as many bytes as the data region has. */
  readonly capacity: number | undefined;
  /** Where the slots begin, and what is in one. Without a capacity they are the data region's bytes. */
  readonly slots: number;
  readonly slot: Struct;
  /** It is full when all is well, and nothing in it waits. */
  readonly spare?: boolean;
}

const NET_INDICES = {
  head: NET_QUEUE.fields.head.offset,
  tail: NET_QUEUE.fields.tail.offset,
  indexBits: 16,
  capacity: NET_QUEUE_CAPACITY,
  slots: NET_QUEUE.size,
  slot: NET_BUFF_DESC,
} as const;

export const RING_KINDS: readonly RingKind[] = [
  { ...BLK_REQ_QUEUE, names: /_request$/, unit: ['request', 'requests'], capacity: BLK_QUEUE_CAPACITY },
  { ...BLK_RESP_QUEUE, names: /_response$/, unit: ['answer', 'answers'], capacity: BLK_QUEUE_CAPACITY },
  { ...FS_COMMAND_QUEUE, names: /_command_queue$/, unit: ['command', 'commands'], capacity: FS_QUEUE_CAPACITY },
  {
    ...FS_COMPLETION_QUEUE,
    names: /_completion_queue$/,
    unit: ['completion', 'completions'],
    capacity: FS_QUEUE_CAPACITY,
  },
  {
    names: /\/serial\/queue\//,
    unit: ['byte', 'bytes'],
    head: SERIAL_QUEUE.fields.head.offset,
    tail: SERIAL_QUEUE.fields.tail.offset,
    indexBits: 32,
    capacity: undefined,
    slots: 0,
    slot: struct('serial_byte', 1, { byte: u8(0) }),
  },
  { ...NET_INDICES, names: /\/net\/queue\/.*\/active$/, unit: ['frame', 'frames'] },
  { ...NET_INDICES, names: /\/net\/queue\/.*\/free$/, unit: ['empty buffer', 'empty buffers'], spare: true },
];

export interface Queue {
  readonly region: string;
  readonly kind: RingKind;
  readonly capacity: number;
  /** A domain that maps it, and as what: where a guest's memory is now depends on that. */
  readonly domain: string;
  readonly symbol: string;
}

export interface Waiting {
  readonly queue: Queue;
  /** Undefined when the indices are impossible. */
  readonly length: number | undefined;
}

/** The rings among the regions that both ends of an edge map. */
export function queuesOf(description: SystemDescription, { a, regions }: GraphEdge): Queue[] {
  return regions.flatMap((region) => {
    const kind = RING_KINDS.find(({ names, spare }) => !spare && names.test(region));
    const map = domainNamed(description, a).maps.find((mapping) => mapping.region === region);
    if (!kind || !map) return [];
    const data = description.regions.find(({ name }) => name === region.replace('/queue/', '/data/'));
    return [{ region, kind, capacity: kind.capacity ?? data?.size ?? 0, domain: a, symbol: map.symbol }];
  });
}

export function readWaiting(memory: SystemMemory, queue: Queue): Waiting {
  return { queue, length: lengthOf(mappedNow(memory, queue.domain, queue.symbol), queue) };
}

/** The two indices cannot be read at one moment: an impossible pair is looked at again before it is believed. */
const LOOKS = 3;

/** Entries between head and tail; undefined when there would be fewer than none or more than fit. */
export function lengthOf(buffer: SharedArrayBuffer, { kind, capacity }: Pick<Queue, 'kind' | 'capacity'>) {
  for (let look = 0; look < LOOKS; look++) {
    const head = indexAt(buffer, kind.head, kind.indexBits);
    const length = BigInt.asUintN(kind.indexBits, indexAt(buffer, kind.tail, kind.indexBits) - head);
    if (length <= BigInt(capacity)) return Number(length);
  }
  return undefined;
}

export function indexAt(buffer: SharedArrayBuffer, offset: number, bits: RingKind['indexBits']): bigint {
  if (bits === 64) return Atomics.load(new BigUint64Array(buffer, offset, 1), 0);
  return BigInt(bits === 16 ? Atomics.load(new Uint16Array(buffer, offset, 1), 0) : wordAt(buffer, offset));
}

const wordAt = (buffer: SharedArrayBuffer, offset: number) => Atomics.load(new Uint32Array(buffer, offset, 1), 0);

export interface Depth {
  /** Entries in all rings of the edge. */
  readonly waiting: number;
  /** Of the fullest ring, 0 to 1. */
  readonly level: number;
  /** What stands on the edge: a number, `full` or `broken`; empty when nothing waits. */
  readonly label: string;
  /** The same as a sentence's part: `2 requests waiting`. */
  readonly words: string;
}

export function depthOf(readings: readonly Waiting[]): Depth {
  const broken = readings.find(({ length }) => length === undefined);
  const filled = readings.filter(({ length }) => length);
  const waiting = filled.reduce((sum, { length }) => sum + length!, 0);
  const level = Math.max(0, ...filled.map(({ length, queue }) => length! / queue.capacity));
  const words = filled.map(({ length, queue }) => `${length} ${queue.kind.unit[length === 1 ? 0 : 1]}`);
  if (broken) return { waiting, level: 1, label: 'broken', words: `the queue in ${broken.queue.region} is broken` };
  const label = level === 1 ? 'full' : waiting === 0 ? '' : String(waiting);
  const ended = level === 1 ? 'waiting, the queue is full' : 'waiting';
  return { waiting, level, label, words: waiting === 0 ? '' : `${words.join(', ')} ${ended}` };
}
