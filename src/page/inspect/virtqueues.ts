/**
 * The virtqueues between a driver and its device, found by the addresses in the device's registers. The device's index into the available
 * ring is its own and is not in memory: what has been made available and not been used yet counts as filled.
 */
import type { Struct } from '../../protocol/struct';
import { struct, u32, u64 } from '../../protocol/struct';
import { VIRTIO_BLK_HEADER_SIZE } from '../../specs/virtio_blk';
import { VIRTIO_QUEUE_KEPT, VIRTIO_QUEUE_KEPT_SIZE } from '../../specs/virtio_mmio_table';
import { VIRTQ_DESC, VIRTQ_DESC_F, VIRTQ_DESC_SIZE, VIRTQ_IDX, VIRTQ_RING, virtqAreas } from '../../specs/virtq';
import type { Look, Place } from './look';
import { blkHeader, descriptor } from './meanings';
import { between, type InspectedQueue, type Slot } from './queue';
import { isStarted, type Window } from './registers';
import { VIRTQ_TABLES } from './tables';

const BLK_HEADER: Struct = struct('virtio_blk_req', VIRTIO_BLK_HEADER_SIZE, {
  type: u32(0),
  reserved: u32(4),
  sector: u64(8),
});

/** As [VIRTIO 1.2] names the queues of its devices. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'virtio-blk': ['requestq'],
  'virtio-net': ['receiveq', 'transmitq'],
  'virtio-console': ['receiveq', 'transmitq'],
};

/** [VIRTIO 1.2] 2.7 */
const MAX_SIZE = 32_768;

/** Where a queue's three areas are. */
export interface VirtqPlaces {
  readonly name: string;
  readonly size: number;
  readonly desc: Place;
  readonly avail: Place;
  readonly used: Place;
}

/** The queues that the driver has set up. */
export function virtqPlaces(look: Look, window: Window): VirtqPlaces[] {
  const { table, region, at, guest } = window;
  const { bank } = table;
  if (!bank || !isStarted(look, window)) return [];
  const { view } = look.region(region);
  return Array.from({ length: bank.count }, (_, i) => i).flatMap((i) => {
    const kept = at + bank.at + i * VIRTIO_QUEUE_KEPT_SIZE;
    const size = view.getUint32(kept + VIRTIO_QUEUE_KEPT.num, true);
    const [desc, avail, used] = (['desc', 'driver', 'device'] as const).map((area) => {
      const address = view.getBigUint64(kept + VIRTIO_QUEUE_KEPT[area], true);
      return guest ? look.guestPhysical(guest, address) : look.physical(address);
    });
    const ready = view.getUint32(kept + VIRTIO_QUEUE_KEPT.ready, true) === 1;
    if (!ready || size === 0 || size > MAX_SIZE || !desc || !avail || !used) return [];
    const areas = virtqAreas(size);
    const fits = look.holds(desc, areas.desc) && look.holds(avail, areas.avail) && look.holds(used, areas.used);
    if (!fits || avail.offset % 2 !== 0 || used.offset % 4 !== 0) return [];
    return [{ name: NAMES[table.name]?.[i] ?? `queue ${i}`, size, desc, avail, used }];
  });
}

export function virtqueuesOf(look: Look, window: Window): InspectedQueue[] {
  return virtqPlaces(look, window).flatMap((places) => [available(window, places), used(window, places)]);
}

const titleOf = ({ name }: Window) => name.replace('virtio-', '');

const indexIn = (look: Look, { region, offset }: Place) => look.region(region).view.getUint16(offset + VIRTQ_IDX, true);

function available(window: Window, places: VirtqPlaces): InspectedQueue {
  const { size, avail } = places;
  return {
    name: `${window.name}.${places.name}.avail`,
    title: `${titleOf(window)} ${places.name} avail`,
    region: avail.region,
    capacity: size,
    unit: ['chain', 'chains'],
    note: 'Filled: made available and not yet in the used ring. How far the device has read is known to it alone.',
    read(look) {
      const tail = indexIn(look, avail);
      const head = indexIn(look, places.used);
      const length = (tail - head) & 0xffff;
      const known = length <= size ? length : undefined;
      const indices = { 'avail.idx': tail, 'used.idx': head };
      return {
        head: head % size,
        tail: tail % size,
        indices,
        length: known,
        filled: between(head % size, known ?? 0, size),
      };
    },
    slot: (_, index) => ({
      region: avail.region,
      at: avail.offset + VIRTQ_RING + index * VIRTQ_TABLES.avail.size,
      table: VIRTQ_TABLES.avail,
    }),
    parts: (look, index) => chain(look, window, places, index),
  };
}

function used(window: Window, places: VirtqPlaces): InspectedQueue {
  const { size, used: area } = places;
  return {
    name: `${window.name}.${places.name}.used`,
    title: `${titleOf(window)} ${places.name} used`,
    region: area.region,
    capacity: size,
    unit: ['chain', 'chains'],
    note: 'How far the driver has read is known to it alone: no slot counts as filled.',
    read(look) {
      const tail = indexIn(look, area);
      return { head: undefined, tail: tail % size, indices: { 'used.idx': tail }, length: 0, filled: () => false };
    },
    slot: (_, index) => ({
      region: area.region,
      at: area.offset + VIRTQ_RING + index * VIRTQ_TABLES.used.size,
      table: VIRTQ_TABLES.used,
    }),
  };
}

/** The descriptors that a slot of the available ring leads to, and the header of a block request. */
function chain(look: Look, { guest, table }: Window, { size, desc, avail }: VirtqPlaces, slot: number): Slot[] {
  const { view } = look.region(desc.region);
  const parts: Slot[] = [];
  let index = look.region(avail.region).view.getUint16(avail.offset + VIRTQ_RING + 2 * slot, true);
  for (let steps = 0; steps < size && index < size; steps++) {
    const at = desc.offset + index * VIRTQ_DESC_SIZE;
    parts.push({ region: desc.region, at, table: VIRTQ_TABLES.desc, meaning: descriptor(look, guest) });
    if (steps === 0 && table.name === 'virtio-blk') {
      const address = view.getBigUint64(at + VIRTQ_DESC.addr, true);
      const header = guest ? look.guestPhysical(guest, address) : look.physical(address);
      if (header && look.holds(header, VIRTIO_BLK_HEADER_SIZE))
        parts.push({ region: header.region, at: header.offset, table: BLK_HEADER, meaning: blkHeader });
    }
    if ((view.getUint16(at + VIRTQ_DESC.flags, true) & VIRTQ_DESC_F.NEXT) === 0) break;
    index = view.getUint16(at + VIRTQ_DESC.next, true);
  }
  return parts;
}
