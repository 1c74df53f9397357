/**
 * Puts sets into a directory and takes them out, in the order that a power cut may interrupt anywhere: long entries
 * before the short one on the way in, after it on the way out; a new cluster is whole before it is linked.
 */
import { DIR_ENTRY_SIZE, DIR_FREE } from '../../../../src/specs/fat';
import type { Allocator, Extent } from './allocator';
import { links } from './chain';
import { type Directory, type Place, SLOTS_PER_SECTOR } from './directory';
import { clusterOffset } from './geometry';
import type { SlotSet } from './slots';

interface Piece {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

/**
 * Writes `bytes` (a whole set) at `place` and flushes, so that it is there or not. `grown` are the clusters that the
 * place asked for; `pending` says that what the entry points to was written in this epoch and must be on the disk first.
 */
export function insertSet(
  directory: Directory,
  allocator: Allocator,
  place: Place,
  bytes: Uint8Array,
  grown: readonly Extent[],
  pending: boolean,
): number {
  const last = place.slot + place.count - 1;
  if (grown.length > 0) growWith(directory, allocator, place, bytes, grown);
  else insertInPlace(directory, place, bytes, pending);
  directory.added(last, place.count);
  return last;
}

function insertInPlace(directory: Directory, place: Place, bytes: Uint8Array, pending: boolean): void {
  const last = place.slot + place.count - 1;
  const { io } = directory;
  let first = pending;
  const terminator = directory.terminator(last);
  let whole = bytes;
  if (terminator !== undefined) {
    if (terminator % SLOTS_PER_SECTOR === 0) {
      io.write(directory.offsetOf(terminator), new Uint8Array(DIR_ENTRY_SIZE));
      first = true;
    } else {
      whole = new Uint8Array(bytes.length + DIR_ENTRY_SIZE);
      whole.set(bytes);
    }
  }
  const pieces = bySector(place.slot, whole);
  for (const piece of pieces.slice(0, -1)) writePiece(directory, piece);
  if (first || pieces.length > 1) io.flush();
  writePiece(directory, pieces.at(-1)!);
  io.flush();
}

/** The link to the new clusters is what makes the entry appear: everything else is on the disk before it. */
function growWith(
  directory: Directory,
  allocator: Allocator,
  place: Place,
  bytes: Uint8Array,
  grown: readonly Extent[],
): void {
  const { io } = directory;
  const chain = directory.chain!;
  const { clusterSize } = io.geometry;
  const oldCapacity = directory.capacity;
  const kept = (oldCapacity - place.slot) * DIR_ENTRY_SIZE;
  for (const piece of bySector(place.slot, bytes.subarray(0, kept))) writePiece(directory, piece);
  let from = kept;
  for (const { start, length } of grown) {
    const content = new Uint8Array(length * clusterSize);
    content.set(bytes.subarray(from, from + content.length));
    io.write(clusterOffset(io.geometry, start), content);
    from += content.length;
  }
  chain.table.update(links(chain.table, grown));
  allocator.took(grown);
  io.flush();
  chain.table.link(chain.tail, grown[0]!.start);
  io.flush();
  chain.append(grown);
}

/** Takes the short entry away, with those of its long entries that share its sector. */
export function removeShort(directory: Directory, set: SlotSet): void {
  const first = Math.max(set.slot - set.count + 1, set.slot - (set.slot % SLOTS_PER_SECTOR));
  markFree(directory, first, set.slot - first + 1);
  directory.removed(set);
}

/** The other long entries; after the flush that follows `removeShort`. */
export function removeLong(directory: Directory, set: SlotSet): void {
  const sectorStart = set.slot - (set.slot % SLOTS_PER_SECTOR);
  for (let slot = set.slot - set.count + 1; slot < sectorStart; ) {
    const count = Math.min(sectorStart - slot, SLOTS_PER_SECTOR - (slot % SLOTS_PER_SECTOR));
    markFree(directory, slot, count);
    slot += count;
  }
}

/** One write that takes `old` away and puts a set at `place`, both in one sector. */
export function replaceInSector(directory: Directory, old: SlotSet, place: Place, bytes: Uint8Array): number {
  const first = old.slot - (old.slot % SLOTS_PER_SECTOR);
  const sector = directory.read(first, SLOTS_PER_SECTOR);
  for (let slot = old.slot - old.count + 1; slot <= old.slot; slot++)
    sector[(slot - first) * DIR_ENTRY_SIZE] = DIR_FREE;
  sector.set(bytes, (place.slot - first) * DIR_ENTRY_SIZE);
  directory.io.write(directory.offsetOf(first), sector);
  directory.removed(old);
  const last = place.slot + place.count - 1;
  directory.added(last, place.count);
  return last;
}

export function markFree(directory: Directory, slot: number, count: number): void {
  const bytes = directory.read(slot, count);
  for (let i = 0; i < count; i++) bytes[i * DIR_ENTRY_SIZE] = DIR_FREE;
  directory.io.write(directory.offsetOf(slot), bytes);
}

function bySector(slot: number, bytes: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0, next = slot; at < bytes.length; ) {
    const count = Math.min((bytes.length - at) / DIR_ENTRY_SIZE, SLOTS_PER_SECTOR - (next % SLOTS_PER_SECTOR));
    pieces.push({ slot: next, bytes: bytes.subarray(at, at + count * DIR_ENTRY_SIZE) });
    at += count * DIR_ENTRY_SIZE;
    next += count;
  }
  return pieces;
}

function writePiece(directory: Directory, { slot, bytes }: Piece): void {
  directory.io.write(directory.offsetOf(slot), bytes);
}
