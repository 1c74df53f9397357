/** What a region's bytes are called: the layouts in it, from the tables that the running system uses. Names both ways: field to bytes, byte to field. */
import type { ProtectionDomain } from '../../microkit/sdf';
import { BLK_STORAGE_INFO } from '../../protocol/blk_info';
import { CAPTURE_WORD } from '../../protocol/capture';
import { NET_COUNTERS } from '../../protocol/net_counters';
import { NET_QUEUE } from '../../protocol/net_queue';
import { SERIAL_QUEUE } from '../../protocol/serial_queue';
import { type Struct, struct, u16, u32, u64 } from '../../protocol/struct';
import {
  GUEST_CACHE,
  GUEST_SLOT,
  GUEST_UIO,
  GUEST_URING,
  VIRQ_PAGE,
  VIRQ_STATUS_WORD,
  VMFS_CONFIG,
} from '../../protocol/vmfs';
import { IO_RINGS } from '../../specs/io_uring';
import { VIRTQ_RING } from '../../specs/virtq';
import type { RingKind } from '../graph/queues';
import { fieldAt, type Meaning } from './fields';
import { cachePlaces, type UringPlaces, uringPlaces } from './guest';
import type { Look, Place } from './look';
import { cacheSlot, completion, descriptor, submission } from './meanings';
import { asStruct, windowsOf } from './registers';
import { meaningOf, ringIn } from './rings';
import { CQE_TABLE, IO_RINGS_TABLE, SQE_TABLE, VIRTQ_TABLES } from './tables';
import { virtqPlaces } from './virtqueues';

/** `count` structs one behind the other. */
export interface Piece {
  readonly name: string;
  readonly table: Struct;
  /** In bytes from the region's beginning. */
  readonly at: number;
  readonly count: number;
  readonly meaning?: Meaning | undefined;
}

const words = (name: string, table: Readonly<Record<string, number>>) =>
  struct(
    name,
    4 * Object.keys(table).length,
    Object.fromEntries(Object.entries(table).map(([field, word]) => [field, u32(4 * word)])),
  );

/** By the names of the regions that hold them. */
const FIXED: readonly (readonly [names: RegExp, pieces: readonly Piece[]])[] = [
  [/storage_info$/, [{ name: 'blk_storage_info', table: BLK_STORAGE_INFO, at: 0, count: 1 }]],
  [/_guest_conf_share$/, [{ name: 'vmfs_config', table: VMFS_CONFIG, at: 0, count: 4 }]],
  [/\/net\/counters\//, [{ name: 'net_counters', table: NET_COUNTERS, at: 0, count: 1 }]],
  [/\/net\/capture\//, [{ name: 'net_capture', table: words('net_capture', CAPTURE_WORD), at: 0, count: 1 }]],
  [
    /_virq_status$/,
    [
      { name: 'interrupt_status', table: words('interrupt_status', VIRQ_STATUS_WORD), at: 0, count: 1 },
      { name: 'guest_page_cache', table: GUEST_CACHE, at: VIRQ_PAGE.cache, count: 1 },
      { name: 'guest_io_uring', table: GUEST_URING, at: VIRQ_PAGE.urings, count: 4 },
      { name: 'guest_uio', table: GUEST_UIO, at: VIRQ_PAGE.uio, count: 14 },
    ],
  ],
];

/** Undefined slots: where the bytes have no structure. */
export function piecesOf(look: Look, region: string): Piece[] {
  const fixed = FIXED.find(([names]) => names.test(region))?.[1] ?? [];
  const kind = ringIn(region);
  const domains = look.description.domains.filter((domain) => knows(look, domain, region));
  return unique([
    ...fixed,
    ...(kind ? ringPieces(look, region, kind) : []),
    ...domains.flatMap((domain) => [...registerPieces(look, domain, region), ...virtqPieces(look, domain, region)]),
    ...domains.flatMap((domain) => guestPieces(look, domain, region)),
  ]);
}

/** A device's rings may lie where its driver has nothing mapped. */
const knows = (_: Look, { maps, device }: ProtectionDomain, region: string) =>
  maps.some((map) => map.region === region) || (device?.dma.includes(region) ?? false);

function ringPieces(look: Look, region: string, kind: RingKind): Piece[] {
  const count = kind.capacity;
  const header = { name: headerOf(kind).name, table: headerOf(kind), at: 0, count: 1 };
  // The bytes of a serial queue are elsewhere.
  if (count === undefined) return [header];
  const meaning = meaningOf(look, region, kind);
  return [header, { name: kind.slot.name, table: kind.slot, at: kind.slots, count, meaning }];
}

function headerOf({ slot, slots, head, tail, indexBits }: RingKind): Struct {
  if (slot.name === 'serial_byte') return SERIAL_QUEUE;
  if (slot.name === 'net_buff_desc') return NET_QUEUE;
  const index = { 16: u16, 32: u32, 64: u64 }[indexBits];
  return struct(`${slot.name}_queue`, Math.min(slots, 16), { head: index(head), tail: index(tail) });
}

function registerPieces(look: Look, domain: ProtectionDomain, region: string): Piece[] {
  return windowsOf(look, domain)
    .filter((window) => window.region === region)
    .map(({ name, table, at }) => ({ name, table: asStruct(table), at, count: 1 }));
}

function virtqPieces(look: Look, domain: ProtectionDomain, region: string): Piece[] {
  return windowsOf(look, domain).flatMap((window) =>
    virtqPlaces(look, window).flatMap(({ name, size, desc, avail, used }) => {
      const of = `${window.name}.${name}`;
      const all: Placed[] = [
        {
          name: `${of}.desc`,
          table: VIRTQ_TABLES.desc,
          place: desc,
          count: size,
          meaning: descriptor(look, window.guest),
        },
        { name: `${of}.avail`, table: VIRTQ_TABLES.head, place: avail, count: 1 },
        { name: `${of}.avail.ring`, table: VIRTQ_TABLES.avail, place: after(avail), count: size },
        { name: `${of}.used`, table: VIRTQ_TABLES.head, place: used, count: 1 },
        { name: `${of}.used.ring`, table: VIRTQ_TABLES.used, place: after(used), count: size },
      ];
      return piecesIn(region, all);
    }),
  );
}

/** A piece that may be in another region. */
type Placed = Omit<Piece, 'at'> & { readonly place: Place };

const piecesIn = (region: string, all: readonly Placed[]): Piece[] =>
  all.filter(({ place }) => place.region === region).map(({ place, ...piece }) => ({ ...piece, at: place.offset }));

const after = ({ region, offset }: Place): Place => ({ region, offset: offset + VIRTQ_RING });

function guestPieces(look: Look, domain: ProtectionDomain, region: string): Piece[] {
  if (domain.kind !== 'guest') return [];
  const cache = cachePlaces(look, domain);
  const urings = uringPlaces(look, domain).flatMap(uringPieces);
  const all: Placed[] = [
    ...urings,
    ...(cache
      ? [{ name: 'page_cache', table: GUEST_SLOT, place: cache.slots, count: cache.count, meaning: cacheSlot }]
      : []),
  ];
  return piecesIn(region, all);
}

const uringPieces = ({ client, entries, rings, sqes }: UringPlaces): Placed[] => [
  { name: `io_uring_${client}`, table: IO_RINGS_TABLE, place: rings, count: 1 },
  {
    name: `io_uring_${client}.cqes`,
    table: CQE_TABLE,
    place: { ...rings, offset: rings.offset + IO_RINGS.cqes },
    count: 2 * entries,
    meaning: completion,
  },
  { name: `io_uring_${client}.sqes`, table: SQE_TABLE, place: sqes, count: entries, meaning: submission },
];

/** In the order of their places; of two that begin at one, what several domains call the same is one. */
function unique(pieces: readonly Piece[]): Piece[] {
  const seen = new Map(pieces.map((piece) => [`${piece.at} ${piece.name}`, piece]));
  return [...seen.values()].sort((a, b) => a.at - b.at);
}

export interface Named {
  readonly piece: Piece;
  /** Which of the piece's structs. */
  readonly index: number;
  /** Of that struct, in the region. */
  readonly at: number;
  /** Undefined between the fields. */
  readonly field: string | undefined;
  /** `blk_req[37].block_number`. */
  readonly words: string;
}

/** What the byte at `offset` belongs to; undefined where no layout says. */
export function nameAt(pieces: readonly Piece[], offset: number): Named | undefined {
  const piece = pieces.find(({ at, table, count }) => offset >= at && offset < at + count * table.size);
  if (!piece) return undefined;
  const index = Math.floor((offset - piece.at) / piece.table.size);
  const at = piece.at + index * piece.table.size;
  const field = fieldAt(piece.table, offset - at);
  const one = piece.count > 1 ? `${piece.name}[${index}]` : piece.name;
  return { piece, index, at, field, words: field === undefined ? one : `${one}.${field}` };
}
