/**
 * Rename. FAT cannot move a name in one write unless both places share a sector; otherwise the new entry is on the disk,
 * marked, before the old one goes, and recovery keeps the marked one of two entries with the same first cluster. An
 * empty file has no cluster to be recognised by, so it borrows one for that time.
 *
 * | rename                            | epochs, each ended by a flush                                | flushes |
 * |-----------------------------------|--------------------------------------------------------------|---------|
 * | within one sector                 | both                                                         | 1       |
 * | elsewhere                         | (long entries /) new entry / old entry gone, ".."            | 2 (3)   |
 * | elsewhere, the directory grows    | new clusters / link / old entry gone, ".."                   | 3       |
 * | onto an existing file elsewhere   | its entry points here / old entry gone, ".."                 | 2       |
 * | an empty file, not in one sector  | FAT / old entry borrows / as above / new entry gives back    | + 3     |
 */
import { DIR, DIR_ENTRY_SIZE } from '../../../../src/specs/fat';
import { fail } from '../errno';
import type { Extent } from './allocator';
import { frees, links } from './chain';
import { inOneSector, SLOTS_PER_SECTOR } from './directory';
import { insertSet, removeLong, removeShort, replaceInSector } from './directory_writer';
import type { FatInode } from './inode';
import { checkNewName, chooseNames, foldName } from './names';
import { directoryOf, dotDotCluster, findSet, split } from './namespace';
import { encodeSet, isDirectoryEntry, NTRES_RENAMED, type SlotSet, setFirstCluster } from './slots';

const NTRES = DIR.DIR_NTRes[0];

interface Move {
  readonly from: FatInode;
  readonly to: FatInode;
  readonly inode: FatInode;
  readonly old: SlotSet;
}

export function rename(from: FatInode, name: string, to: FatInode, targetName: string): void {
  from.volume.io.mutate(() => {
    const { inodes } = from.volume;
    if ([name, targetName].some((each) => each === '.' || each === '..')) fail('EBUSY');
    const old = findSet(from, name);
    const inode = inodes.open(from.volume, from, old);
    const move: Move = { from, to, inode, old };
    const stored = checkNewName(targetName);
    const existing = directoryOf(to).find(stored);
    checkNotInside(inode, to);
    const same = existing !== undefined && from === to && existing.slot === old.slot;
    if (same && old.name === stored) return;
    if (existing === undefined || same) moveTo(move, stored);
    else moveOver(move, existing);
  });
}

function checkNotInside(inode: FatInode, to: FatInode): void {
  for (let above: FatInode | undefined = to; above !== undefined; above = above.parent) {
    if (above === inode) fail('EINVAL', 'a directory cannot move into itself');
  }
}

function moveTo(move: Move, name: string): void {
  const { from, to, inode, old } = move;
  const directory = directoryOf(to);
  const own = from === to ? [foldName(old.name), foldName(old.alias)] : [];
  const names = chooseNames(name, (folded) => directory.has(folded) && !own.includes(folded));
  const plain = encodeSet(names, inode.entry);
  const count = plain.length / DIR_ENTRY_SIZE;
  const near = from === to ? directory.placeInSectorOf(old, count) : undefined;
  if (near !== undefined) {
    from.touch();
    settle(move, to, replaceInSector(directory, old, near, plain), count);
    inode.volume.io.flush();
    return;
  }
  const place = directory.place(count);
  const { allocator } = inode.volume;
  const wanted = place.clusters + borrowed(inode, place.clusters);
  const reserved = allocator.reserve(wanted, place.clusters > 0 ? to.chain.tail : 0);
  const [grown, loan] = split(reserved, place.clusters);
  move.from.touch();
  if (from !== to) to.touch();
  borrow(move, loan);
  const marked = inode.entry.slice();
  marked[NTRES]! |= NTRES_RENAMED;
  const slot = insertSet(directory, allocator, place, encodeSet(names, marked), grown, false);
  finish(move, slot, count, loan);
}

/** The target's entry keeps its name and place, and gets everything else from the source's. */
function moveOver(move: Move, existing: SlotSet): void {
  const { from, to, inode, old } = move;
  const { io, inodes, allocator } = inode.volume;
  const target = inodes.open(inode.volume, to, existing);
  if (isDirectoryEntry(existing.entry)) {
    if (inode.kind === 'file') fail('EISDIR');
    if (!target.directory!.isEmpty) fail('ENOTEMPTY');
  } else if (inode.kind === 'directory') fail('ENOTDIR');
  const directory = directoryOf(to);
  const position = directory.offsetOf(existing.slot);
  const near = from === to && inOneSector(old.slot - old.count + 1, old.count) && sameSector(old.slot, existing.slot);
  const loan = near ? [] : allocator.reserve(borrowed(inode, 0));
  from.touch();
  if (from !== to) to.touch();
  if (near) {
    const first = old.slot - (old.slot % SLOTS_PER_SECTOR);
    const sector = directory.read(first, SLOTS_PER_SECTOR);
    for (let slot = old.slot - old.count + 1; slot <= old.slot; slot++) sector[(slot - first) * DIR_ENTRY_SIZE] = 0xe5;
    sector.set(underNameOf(existing.entry, inode.entry), (existing.slot - first) * DIR_ENTRY_SIZE);
    io.write(directory.offsetOf(first), sector);
    directory.removed(old);
    io.flush();
    inodes.unlinked(target);
    settle(move, to, existing.slot, existing.count);
    return;
  }
  borrow(move, loan);
  const marked = underNameOf(existing.entry, inode.entry);
  marked[NTRES]! |= NTRES_RENAMED;
  io.write(position, marked);
  io.flush();
  inodes.unlinked(target);
  finish(move, existing.slot, existing.count, loan);
}

/** The new entry is on the disk: removes the old one, then undoes the mark and the loan. */
function finish(move: Move, slot: number, count: number, loan: Extent[]): void {
  const { from, to, inode, old } = move;
  const { io, table, allocator } = inode.volume;
  removeShort(from.directory!, old);
  if (inode.kind === 'directory' && from !== to) pointDotDotTo(inode, to);
  io.flush();
  removeLong(from.directory!, old);
  if (loan.length > 0) setFirstCluster(inode.entry, 0);
  settle(move, to, slot, count);
  inode.entry[NTRES]! &= ~NTRES_RENAMED;
  inode.writeEntry();
  if (loan.length === 0) return;
  io.flush();
  table.update(frees(loan));
  allocator.freed(loan);
}

/** In memory: the inode is at its new place, with the name and flags that are on the disk there. */
function settle({ inode }: Move, to: FatInode, slot: number, count: number): void {
  const directory = to.directory!;
  const before = inode.entry;
  inode.entry = directory.setAt(slot, count).entry;
  inode.entry.set(before.subarray(DIR.DIR_CrtTimeTenth[0]), DIR.DIR_CrtTimeTenth[0]);
  inode.volume.inodes.moved(inode, to, directory.offsetOf(slot));
}

function underNameOf(named: Uint8Array, rest: Uint8Array): Uint8Array {
  const entry = rest.slice();
  entry.set(named.subarray(0, 11));
  entry[NTRES] = named[NTRES]!;
  return entry;
}

function pointDotDotTo(inode: FatInode, parent: FatInode): void {
  const dotDot = inode.directory!.read(1);
  if (dotDot[0] !== 0x2e || dotDot[1] !== 0x2e) return; // a damaged directory: nothing there to correct
  setFirstCluster(dotDot, dotDotCluster(parent));
  inode.volume.io.write(inode.directory!.offsetOf(1), dotDot);
}

/** 1 when the file needs a loan and a cluster is left for it; on a full disk a power cut may leave both names. */
function borrowed(inode: FatInode, alsoNeeded: number): number {
  return inode.kind === 'file' && inode.chain.first === 0 && inode.volume.allocator.free > alsoNeeded ? 1 : 0;
}

function borrow({ inode }: Move, loan: readonly Extent[]): void {
  if (loan.length === 0) return;
  const { io, table, allocator } = inode.volume;
  table.update(links(table, loan));
  allocator.took(loan);
  io.flush();
  setFirstCluster(inode.entry, loan[0]!.start);
  inode.writeEntry();
  io.flush();
}

function sameSector(a: number, b: number): boolean {
  return Math.floor(a / SLOTS_PER_SECTOR) === Math.floor(b / SLOTS_PER_SECTOR);
}
