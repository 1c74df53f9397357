/**
 * File contents: reading, writing, cutting. New clusters hold their data (zeros in a gap) and are on the disk before the
 * directory entry's size covers them; the entry shrinks before clusters are let go.
 *
 * | operation                                | epochs ended by a flush                         | flushes |
 * |------------------------------------------|-------------------------------------------------|---------|
 * | overwrite                                | none                                            | 0       |
 * | write past the end                       | data, FAT                                       | 1       |
 * | the same, its FAT entries in two sectors | data, chain / link                              | 2       |
 * | truncate up                              | zeros, FAT (/ link) / entry                     | 2 (3)   |
 * | truncate down                            | entry (/ end mark, if FAT entries in 2 sectors) | 1 (2)   |
 */
import { FILE_MAX_SIZE } from '../../../../src/specs/fat';
import { fail } from '../errno';
import { PAGE_SIZE } from '../page_pool';
import type { Extent } from './allocator';
import { frees, links } from './chain';
import type { Change, FatTable } from './fat_table';
import { clusterOffset } from './geometry';
import type { FatInode } from './inode';

const ZEROS = 65536;

export function readFile(inode: FatInode, position: number, dest: Uint8Array): number {
  const length = Math.min(dest.length, inode.size - position);
  if (length <= 0) return 0;
  eachRun(inode, position, length, (offset, from, to) => inode.volume.io.read(offset, dest.subarray(from, to)));
  return length;
}

/** Writes the pieces one after the other, as one change of the file; `turnTo` comes before each is taken. */
export function writeFile(
  inode: FatInode,
  position: number,
  pieces: readonly Uint8Array[],
  turnTo: (piece: number) => void = () => {},
): number {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length === 0) return 0;
  if (position >= FILE_MAX_SIZE) fail('EFBIG');
  return inode.volume.io.mutate(() => {
    const wanted = Math.min(position + length, FILE_MAX_SIZE);
    const end = Math.min(wanted, largestSize(inode, wanted));
    if (end <= position) fail('ENOSPC');
    const write = () => writePieces(inode, position, end, pieces, turnTo);
    if (end > inode.size) extend(inode, end, position, write);
    else {
      write();
      inode.touch();
    }
    return end - position;
  });
}

export function truncateFile(inode: FatInode, size: number): void {
  if (size > FILE_MAX_SIZE) fail('EFBIG');
  if (size === inode.size) return;
  inode.volume.io.mutate(() => {
    if (size < inode.size) return shrink(inode, size);
    if (largestSize(inode, size) < size) fail('ENOSPC');
    extend(inode, size, size, () => {});
    inode.volume.io.flush();
  });
}

/** Lets all clusters of an unlinked file or removed directory go. Its entry is off the disk already. */
export function freeAll(inode: FatInode): void {
  const { table, allocator } = inode.volume;
  const extents = inode.chain.from(0);
  table.update(frees(extents));
  allocator.freed(extents);
  inode.chain.truncate(0);
}

/** How long the file could get on the way to `size`. */
function largestSize(inode: FatInode, size: number): number {
  const { clusterSize } = inode.volume.geometry;
  if (inode.chain.broken || inode.chain.length * clusterSize < inode.size)
    fail('EIO', 'the chain is shorter than the file');
  const missing = Math.ceil(size / clusterSize) - inode.chain.length;
  if (missing <= 0 || missing <= inode.volume.allocator.free) return size;
  return (inode.chain.length + inode.volume.allocator.free) * clusterSize;
}

/** Grows the file to `size`; `write` puts contents from `position` on, and zeros go between the old end and there. */
function extend(inode: FatInode, size: number, position: number, write: () => void): void {
  const { volume, chain } = inode;
  const oldLength = chain.length;
  const tail = chain.tail;
  const missing = Math.max(0, Math.ceil(size / volume.geometry.clusterSize) - oldLength);
  const grown = volume.allocator.reserve(missing, tail);
  chain.append(grown);
  try {
    if (missing > 0) blankEnd(inode, grown.at(-1)!, size);
    writeZeros(inode, inode.size, Math.max(position, inode.size));
    write();
  } catch (error) {
    chain.truncate(oldLength);
    throw error;
  }
  if (missing > 0) linkGrown(inode, tail, grown);
  if (inode.position !== undefined) volume.io.flush();
  inode.resize(size);
}

function linkGrown({ volume }: FatInode, tail: number, grown: readonly Extent[]): void {
  const { table, allocator, io } = volume;
  const first = grown[0]!.start;
  allocator.took(grown);
  if (tail === 0) return table.update(links(table, grown));
  // Link and new entries in one sector appear at once; otherwise the link must not be there before its target.
  const isHere = inSectorOf(table, tail);
  const together = grown.every((extent) => isHere(extent.start) && isHere(extent.start + extent.length - 1));
  if (together) return table.update([...links(table, grown), [tail, first]]);
  table.update(links(table, grown));
  io.flush();
  table.link(tail, first);
}

function shrink(inode: FatInode, size: number): void {
  const { volume, chain } = inode;
  const { table, allocator, io } = volume;
  const keep = Math.ceil(size / volume.geometry.clusterSize);
  const gone = chain.from(keep);
  const tail = keep === 0 ? 0 : lastOf(chain.run(keep - 1));
  inode.resize(size, keep === 0 ? 0 : undefined);
  io.flush();
  if (gone.length > 0) {
    if (tail === 0) table.update(frees(gone));
    else cutAfter(table, tail, gone);
    allocator.freed(gone);
  }
  chain.truncate(Math.min(keep, chain.length));
}

/** A free cluster must not be linked from the file: the end mark is on the disk before entries in other sectors go. */
function cutAfter(table: FatTable, tail: number, gone: readonly Extent[]): void {
  const isHere = inSectorOf(table, tail);
  table.update(where(frees(gone), (cluster) => isHere(cluster), [tail, table.end]));
  const isElsewhere = gone.some(({ start, length }) => !isHere(start) || !isHere(start + length - 1));
  if (!isElsewhere) return;
  table.io.flush();
  table.update(where(frees(gone), (cluster) => !isHere(cluster)));
}

/** True for entries in the FAT sector of `tail`; an entry that lies in two is in neither. */
function inSectorOf(table: FatTable, tail: number): (cluster: number) => boolean {
  const sector = table.sectorOf(tail);
  return (cluster) => !table.straddles(tail) && !table.straddles(cluster) && table.sectorOf(cluster) === sector;
}

function* where(changes: Iterable<Change>, keep: (cluster: number) => boolean, ...first: Change[]): Generator<Change> {
  yield* first;
  for (const change of changes) if (keep(change[0])) yield change;
}

function lastOf(extent: Extent | undefined): number {
  return extent === undefined ? 0 : extent.start + extent.length - 1;
}

/** The page around the new end, where all of it is new: written as a whole first, it need not be read to be changed in part. */
function blankEnd({ volume: { io, geometry } }: FatInode, { start, length }: Extent, size: number): void {
  const { clusterSize } = geometry;
  const lastCluster = clusterOffset(geometry, start + length - 1);
  const end = lastCluster + (size % clusterSize || clusterSize);
  const page = end - (end % PAGE_SIZE);
  const isNew = page >= clusterOffset(geometry, start) && page + PAGE_SIZE <= lastCluster + clusterSize;
  if (end !== page && isNew) io.writeData(page, new Uint8Array(PAGE_SIZE));
}

/** As much of the pieces as ends at `end`. */
function writePieces(
  inode: FatInode,
  position: number,
  end: number,
  pieces: readonly Uint8Array[],
  turnTo: (piece: number) => void,
): void {
  let at = position;
  for (const [i, piece] of pieces.entries()) {
    if (at >= end) return;
    turnTo(i);
    writeRuns(inode, at, piece.subarray(0, end - at));
    at += piece.length;
  }
}

function writeRuns(inode: FatInode, position: number, bytes: Uint8Array): void {
  const { io } = inode.volume;
  eachRun(inode, position, bytes.length, (offset, from, to) => io.writeData(offset, bytes.subarray(from, to)));
}

/** Whatever lay on the disk there must not become part of the file. */
function writeZeros(inode: FatInode, from: number, to: number): void {
  const zeros = new Uint8Array(Math.min(ZEROS, Math.max(0, to - from)));
  for (let at = from; at < to; at += zeros.length) writeRuns(inode, at, zeros.subarray(0, to - at));
}

/** Calls `each` with the device offset of every piece that lies on the device as one. */
function eachRun(
  inode: FatInode,
  position: number,
  length: number,
  each: (offset: number, from: number, to: number) => void,
): void {
  const { geometry } = inode.volume;
  const { clusterSize } = geometry;
  for (let done = 0; done < length; ) {
    const at = position + done;
    const index = Math.floor(at / clusterSize);
    const inner = at - index * clusterSize;
    const run = inode.chain.run(index, Math.ceil((inner + length - done) / clusterSize));
    if (run === undefined) fail('EIO', 'the chain is shorter than the file');
    const to = Math.min(length, done + run.length * clusterSize - inner);
    inode.volume.io.clusters(run.start, run.length);
    each(clusterOffset(geometry, run.start) + inner, done, to);
    done = to;
  }
}
