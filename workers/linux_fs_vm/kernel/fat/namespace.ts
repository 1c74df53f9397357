/**
 * Names in one directory: lookup, listing, create, mkdir, unlink, rmdir.
 *
 * | operation                 | epochs, each ended by a flush                                | flushes |
 * |---------------------------|--------------------------------------------------------------|---------|
 * | create, set in one sector | entry                                                        | 1       |
 * | create, over two or three | long entries / short entry                                   | 2       |
 * | mkdir                     | new directory, FAT, long entries / short entry               | 2       |
 * | either, parent grows      | new clusters with the entry, FAT / link                      | 2       |
 * | unlink, rmdir             | short entry; long entries and frees follow in the next epoch | 1       |
 */
import { ATTR_ARCHIVE, ATTR_DIRECTORY, DIR, DIR_ENTRY_SIZE, writeField } from '../../../../src/specs/fat';
import { fail } from '../errno';
import type { DirectoryEntry } from '../vfs';
import type { Extent } from './allocator';
import { links } from './chain';
import type { Directory } from './directory';
import { insertSet, removeLong, removeShort } from './directory_writer';
import { clusterOffset } from './geometry';
import type { FatInode } from './inode';
import { checkNewName, chooseNames, foldName } from './names';
import { encodeSet, isDirectoryEntry, type SlotSet, setFirstCluster } from './slots';
import { stampCreation } from './timestamps';

/** readdir locations: 1 after ".", 2 after "..", then 3 + the slot of the short entry. */
const AFTER_DOT = 1;
const AFTER_DOT_DOT = 2;

export function lookupName(parent: FatInode, name: string): FatInode {
  directoryOf(parent);
  if (name === '.') return parent;
  if (name === '..') return parent.parent ?? parent;
  return parent.volume.inodes.open(parent.volume, parent, findSet(parent, name));
}

export function listNext(inode: FatInode, location: number): DirectoryEntry | undefined {
  const directory = inode.directory ?? fail('ENOTDIR');
  if (inode.nlink === 0) return undefined;
  if (location < AFTER_DOT) return { name: '.', ino: inode.ino, kind: 'directory', location: AFTER_DOT };
  const above = inode.parent ?? inode;
  if (location < AFTER_DOT_DOT) return { name: '..', ino: above.ino, kind: 'directory', location: AFTER_DOT_DOT };
  const set = directory.next(location - AFTER_DOT_DOT);
  if (set === undefined) return undefined;
  return {
    name: set.name,
    ino: inode.volume.inodes.inoAt(directory.offsetOf(set.slot)),
    kind: isDirectoryEntry(set.entry) ? 'directory' : 'file',
    location: set.slot + 1 + AFTER_DOT_DOT,
  };
}

export function createFile(parent: FatInode, name: string): FatInode {
  return parent.volume.io.mutate(() => {
    const stored = checkedFreeName(parent, name);
    const entry = newEntry(parent, ATTR_ARCHIVE);
    return addEntry(parent, stored, entry, 0, () => {});
  });
}

export function makeDirectory(parent: FatInode, name: string): FatInode {
  return parent.volume.io.mutate(() => {
    const stored = checkedFreeName(parent, name);
    const entry = newEntry(parent, ATTR_DIRECTORY);
    return addEntry(parent, stored, entry, 1, ([extent]) => {
      setFirstCluster(entry, extent!.start);
      writeNewDirectory(parent, entry, extent!);
    });
  });
}

export function unlinkFile(parent: FatInode, name: string): void {
  parent.volume.io.mutate(() => {
    const set = findSet(parent, name);
    if (isDirectoryEntry(set.entry)) fail('EISDIR');
    removeSet(parent, set);
  });
}

export function removeDirectory(parent: FatInode, name: string): void {
  if (name === '.') fail('EINVAL');
  if (name === '..') fail('ENOTEMPTY');
  parent.volume.io.mutate(() => {
    const set = findSet(parent, name);
    if (!isDirectoryEntry(set.entry)) fail('ENOTDIR');
    if (!parent.volume.inodes.open(parent.volume, parent, set).directory!.isEmpty) fail('ENOTEMPTY');
    removeSet(parent, set);
  });
}

export function directoryOf(inode: FatInode): Directory {
  if (inode.directory === undefined) fail('ENOTDIR');
  if (inode.nlink === 0) fail('ENOENT', 'the directory was removed');
  return inode.directory;
}

export function findSet(parent: FatInode, name: string): SlotSet {
  return directoryOf(parent).find(name) ?? fail('ENOENT');
}

/** What a cluster of a new directory begins with: "." and "..", the rest zeros. */
export function dotDotCluster(parent: FatInode): number {
  return parent.parent === undefined ? 0 : parent.chain.first; // 0 names the root, on FAT32 too
}

function checkedFreeName(parent: FatInode, name: string): string {
  const directory = directoryOf(parent);
  if (name === '.' || name === '..') fail('EEXIST');
  const stored = checkNewName(name);
  if (directory.has(foldName(stored))) fail('EEXIST');
  return stored;
}

function newEntry(parent: FatInode, attributes: number): Uint8Array {
  const entry = new Uint8Array(DIR_ENTRY_SIZE);
  writeField(entry, DIR.DIR_Attr, attributes);
  stampCreation(entry, parent.volume.clock());
  return entry;
}

/** Reserves everything first, so that ENOSPC leaves the disk as it was; `prepare` gets the `clusters` asked for. */
function addEntry(
  parent: FatInode,
  name: string,
  entry: Uint8Array,
  clusters: number,
  prepare: (own: Extent[]) => void,
): FatInode {
  const { volume } = parent;
  const directory = directoryOf(parent);
  const names = chooseNames(name, (folded) => directory.has(folded));
  const place = directory.place(encodeSet(names, entry).length / DIR_ENTRY_SIZE);
  const reserved = volume.allocator.reserve(place.clusters + clusters, place.clusters > 0 ? parent.chain.tail : 0);
  const [grown, own] = split(reserved, place.clusters);
  prepare(own);
  parent.touch();
  const slot = insertSet(directory, volume.allocator, place, encodeSet(names, entry), grown, clusters > 0);
  return volume.inodes.open(volume, parent, directory.setAt(slot, place.count));
}

function writeNewDirectory(parent: FatInode, entry: Uint8Array, extent: Extent): void {
  const { io, geometry, table, allocator } = parent.volume;
  const content = new Uint8Array(geometry.clusterSize);
  for (const [i, dots] of ['.', '..'].entries()) {
    const dot = entry.slice();
    dot.set(Uint8Array.from(dots.padEnd(11), (character) => character.charCodeAt(0)));
    if (i === 1) setFirstCluster(dot, dotDotCluster(parent));
    content.set(dot, i * DIR_ENTRY_SIZE);
  }
  io.write(clusterOffset(geometry, extent.start), content);
  table.update(links(table, [extent]));
  allocator.took([extent]);
}

function removeSet(parent: FatInode, set: SlotSet): void {
  const { volume } = parent;
  const inode = volume.inodes.open(volume, parent, set);
  parent.touch();
  removeShort(parent.directory!, set);
  volume.io.flush();
  volume.inodes.unlinked(inode);
  removeLong(parent.directory!, set);
}

/** The first `count` clusters, and the rest. */
export function split(extents: readonly Extent[], count: number): [Extent[], Extent[]] {
  const head: Extent[] = [];
  const rest: Extent[] = [];
  let missing = count;
  for (const { start, length } of extents) {
    const taken = Math.min(missing, length);
    if (taken > 0) head.push({ start, length: taken });
    if (taken < length) rest.push({ start: start + taken, length: length - taken });
    missing -= taken;
  }
  return [head, rest];
}
