/** The queues that domains share: those of sDDF and of the file system protocol, found by the names of the regions that hold them. */
import type { ProtectionDomain, SystemDescription } from '../../microkit/sdf';
import { FS_CMD, FS_PARAMS } from '../../protocol/fs';
import { type Struct, struct } from '../../protocol/struct';
import { indexAt, lengthOf, RING_KINDS, type RingKind } from '../graph/queues';
import { type Meaning, nameIn } from './fields';
import type { Look } from './look';
import { blkRequest, blkResponse, fsCommand, fsCompletion, netDescriptor, serialByte } from './meanings';
import { between, type InspectedQueue, type Slot } from './queue';

/** The ring that a region holds, if it holds one. `kinds`: as the system has them. */
export function ringIn(region: string, kinds: readonly RingKind[] = RING_KINDS): RingKind | undefined {
  return kinds.find(({ names }) => names.test(region));
}

export function ringsOf(look: Look, domain: ProtectionDomain, kinds = RING_KINDS): InspectedQueue[] {
  return domain.maps.flatMap(({ region, symbol }) => {
    const kind = ringIn(region, kinds);
    return kind ? [ring(look, domain, region, symbol, kind)] : [];
  });
}

function ring(
  { description }: Look,
  domain: ProtectionDomain,
  region: string,
  symbol: string,
  kind: RingKind,
): InspectedQueue {
  const data = description.regions.find(({ name }) => name === region.replace('/queue/', '/data/'));
  const capacity = kind.capacity ?? data?.size ?? 0;
  const slots = kind.capacity === undefined ? data!.name : region;
  const [from, to] = endsOf(description, region);
  return {
    name: symbol,
    title: titleOf(domain.name, symbol, kind, from, to),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    region,
    capacity,
    unit: kind.unit,
    read(look) {
      const { buffer } = look.region(region);
      const length = lengthOf(buffer, { kind, capacity });
      const [head, tail] = [kind.head, kind.tail].map((offset) => indexAt(buffer, offset, kind.indexBits));
      const [at, end] = [head!, tail!].map((index) => Number(index % BigInt(capacity)));
      const indices = { head: Number(head), tail: Number(tail) };
      return { head: at, tail: end, indices, length, filled: between(at!, length ?? 0, capacity) };
    },
    slot(look, index): Slot {
      const at = kind.slots + index * kind.slot.size;
      const meaning = meaningOf(look, region, kind);
      return { region: slots, at, table: variant(look, kind, region, at), ...(meaning ? { meaning } : {}) };
    },
  };
}

/** A command's parameters have names of their own. */
function variant(look: Look, { slot }: RingKind, region: string, at: number): Struct {
  const { type } = slot.fields;
  if (!type || !('p0' in slot.fields)) return slot;
  const command = nameIn(FS_CMD, look.region(region).view.getUint32(at + type.offset, true));
  const parameters = command === undefined ? undefined : FS_PARAMS[command as keyof typeof FS_PARAMS];
  if (!parameters) return slot;
  const { p0, p1, p2, p3, p4, p5, ...common } = slot.fields;
  return struct(parameters.name, slot.size, { ...common, ...parameters.fields });
}

/** What the numbers in a ring's slots mean. */
export function meaningOf(look: Look, region: string, { slot }: RingKind): Meaning | undefined {
  switch (slot.name) {
    case 'blk_req':
      return blkRequest(look, clientData(look, region, /_request$/, '_data'));
    case 'blk_resp':
      return blkResponse;
    case 'net_buff_desc':
      return netDescriptor(look, netData(look, region));
    case 'fs_cmd':
      return fsCommand;
    case 'fs_cmpl':
      return fsCompletion;
    default:
      return serialByte;
  }
}

/** A client's data region, into which its requests have offsets. The driver's have addresses. */
function clientData({ description }: Look, region: string, ending: RegExp, instead: string): string | undefined {
  if (!/_client_/.test(region)) return undefined;
  const data = region.replace(ending, instead);
  return description.regions.find(({ name }) => name === data)?.name;
}

/** Between a driver and its virtualisers descriptors have addresses; elsewhere offsets in the data region that both ends know. */
function netData({ description }: Look, region: string): string | undefined {
  const [near, far] = region.split('/').slice(-3, -1);
  if (description.domains.find(({ name }) => name === near)?.kind === 'driver') return undefined;
  const prefix = region.slice(0, region.indexOf('/net/') + 5);
  if (near === 'net_virt_tx') return `${prefix}tx/data/client/${far}`;
  return near === 'net_virt_rx' ? `${prefix}rx/data/device` : `${prefix}rx/data/client/${far}`;
}

const NEARNESS = { driver: 0, virtualiser: 1, monitor: 2, guest: 2, client: 3 } as const;
/** Towards the hardware: what a client asks, what it prints, the frames it sends; of empty buffers the other way round. */
const INWARD =
  /_request$|_command_queue$|\/serial\/queue\/.*serial_virt_tx|\/net\/queue\/.*net_virt_tx.*\/active$|\/net\/queue\/(?!.*net_virt_tx).*\/free$/;

/** Who writes into a ring and who takes out of it. */
function endsOf({ domains }: SystemDescription, region: string): [from: string | undefined, to: string | undefined] {
  const sharing = domains.filter(({ maps }) => maps.some((map) => map.region === region));
  const place = (name: string) => region.split('/').indexOf(name);
  // The names of some regions have both ends, the nearer one first.
  const [near, far] = sharing
    .sort((a, b) => place(a.name) - place(b.name) || NEARNESS[a.kind] - NEARNESS[b.kind])
    .map(({ name }) => name);
  return INWARD.test(region) ? [far, near] : [near, far];
}

function titleOf(here: string, symbol: string, { unit }: RingKind, from?: string, to?: string): string {
  const what = unit[1];
  if (from === here) return `${what} \u2192 ${to ?? ''}`;
  return to === here ? `${what} \u2190 ${from ?? ''}` : symbol;
}
