/**
 * What the guest's kernel keeps in guest RAM: an io_uring for each client of the file system server, and the page cache. Where they are
 * stands in the page that it shares with its monitor. Modelled: the page cache's records are this kernel's own, not Linux's struct page.
 */
import type { ProtectionDomain } from '../../microkit/sdf';
import { readStruct } from '../../protocol/struct';
import { GUEST_CACHE, GUEST_SLOT, GUEST_URING, MAX_FS_CLIENTS, VIRQ_PAGE } from '../../protocol/vmfs';
import { CQE_SIZE, IO_RINGS, ioRingsLayout, SQE_SIZE } from '../../specs/io_uring';
import type { Look, Place } from './look';
import { cacheSlot, completion, submission } from './meanings';
import { between, type InspectedQueue } from './queue';
import { CQE_TABLE, SQE_TABLE } from './tables';

const PAGE_SIZE = 4096;
/** As many as Linux allows. */
const MAX_ENTRIES = 32_768;

export interface UringPlaces {
  readonly client: number;
  readonly entries: number;
  readonly rings: Place;
  readonly sqes: Place;
}

export interface CachePlaces {
  readonly count: number;
  readonly pages: Place;
  readonly slots: Place;
}

const shown = (look: Look, { maps }: ProtectionDomain) =>
  look.region(maps.find(({ symbol }) => symbol === 'virq_status')!.region).view;

export function uringPlaces(look: Look, guest: ProtectionDomain): UringPlaces[] {
  return Array.from({ length: MAX_FS_CLIENTS }, (_, client) => client).flatMap((client) => {
    const at = VIRQ_PAGE.urings + client * GUEST_URING.size;
    const { rings, sqes, entries } = readStruct(shown(look, guest), at, GUEST_URING);
    const [ringsAt, sqesAt] = [look.guestPhysical(guest, rings), look.guestPhysical(guest, sqes)];
    if (entries === 0 || entries > MAX_ENTRIES || (entries & (entries - 1)) !== 0 || !ringsAt || !sqesAt) return [];
    const fits = look.holds(ringsAt, ioRingsLayout(entries).size) && look.holds(sqesAt, entries * SQE_SIZE);
    return fits ? [{ client, entries, rings: ringsAt, sqes: sqesAt }] : [];
  });
}

export function cachePlaces(look: Look, guest: ProtectionDomain): CachePlaces | undefined {
  const { pages, slots, count } = readStruct(shown(look, guest), VIRQ_PAGE.cache, GUEST_CACHE);
  const [pagesAt, slotsAt] = [look.guestPhysical(guest, pages), look.guestPhysical(guest, slots)];
  if (count === 0 || !pagesAt || !slotsAt) return undefined;
  const fits = look.holds(pagesAt, count * PAGE_SIZE) && look.holds(slotsAt, count * GUEST_SLOT.size);
  return fits ? { count, pages: pagesAt, slots: slotsAt } : undefined;
}

/** The queues in a guest's memory that are its own. */
export function guestQueues(look: Look, guest: ProtectionDomain): InspectedQueue[] {
  const cache = cachePlaces(look, guest);
  return [
    ...uringPlaces(look, guest).flatMap((places) => [submissions(places), completions(places)]),
    ...(cache ? [pageCache(cache)] : []),
  ];
}

function submissions({ client, entries, rings, sqes }: UringPlaces): InspectedQueue {
  const array = rings.offset + ioRingsLayout(entries).array;
  return {
    name: `io_uring_${client}.sq`,
    title: `io_uring ${client}, submissions`,
    region: rings.region,
    capacity: entries,
    unit: ['submission', 'submissions'],
    note: 'The kernel carries out what it is given at once: a submission waits only between the two calls of one turn.',
    read: (look) => ringState(look, rings, IO_RINGS.sq_head, IO_RINGS.sq_tail, entries),
    slot(look, index) {
      const entry = look.region(rings.region).view.getUint32(array + 4 * index, true) % entries;
      return { region: sqes.region, at: sqes.offset + entry * SQE_SIZE, table: SQE_TABLE, meaning: submission };
    },
  };
}

function completions({ client, entries, rings }: UringPlaces): InspectedQueue {
  return {
    name: `io_uring_${client}.cq`,
    title: `io_uring ${client}, completions`,
    region: rings.region,
    capacity: 2 * entries,
    unit: ['completion', 'completions'],
    read: (look) => ringState(look, rings, IO_RINGS.cq_head, IO_RINGS.cq_tail, 2 * entries),
    slot: (_, index) => ({
      region: rings.region,
      at: rings.offset + IO_RINGS.cqes + index * CQE_SIZE,
      table: CQE_TABLE,
      meaning: completion,
    }),
  };
}

function ringState(look: Look, { region, offset }: Place, headAt: number, tailAt: number, capacity: number) {
  const { view } = look.region(region);
  const [head, tail] = [view.getUint32(offset + headAt, true), view.getUint32(offset + tailAt, true)];
  const length = (tail - head) >>> 0;
  const known = length <= capacity ? length : undefined;
  const filled = between(head % capacity, known ?? 0, capacity);
  return { head: head % capacity, tail: tail % capacity, indices: { head, tail }, length: known, filled };
}

/** Not a ring, but slots all the same. */
function pageCache({ count, pages, slots }: CachePlaces): InspectedQueue {
  const pageOf = (look: Look, slot: number) =>
    look
      .region(slots.region)
      .view.getInt32(slots.offset + slot * GUEST_SLOT.size + GUEST_SLOT.fields.page.offset, true);
  return {
    name: 'page_cache',
    title: 'page cache of /dev/vda',
    region: slots.region,
    capacity: count,
    unit: ['page', 'pages'],
    note: "The records are what this kernel works with; they are not Linux's struct page.",
    read(look) {
      let length = 0;
      for (let slot = 0; slot < count; slot++) if (pageOf(look, slot) >= 0) length++;
      return { head: undefined, tail: undefined, indices: {}, length, filled: (slot) => pageOf(look, slot) >= 0 };
    },
    slot: (_, index) => ({
      region: slots.region,
      at: slots.offset + index * GUEST_SLOT.size,
      table: GUEST_SLOT,
      meaning: cacheSlot,
    }),
    parts: (_, index) => [
      { region: pages.region, at: pages.offset + index * PAGE_SIZE, table: { name: 'page', size: 64, fields: {} } },
    ],
  };
}
