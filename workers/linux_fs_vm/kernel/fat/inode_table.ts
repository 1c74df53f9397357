/**
 * The inodes in memory, one object per directory entry. Those that nobody holds stay for a while, for the names and
 * chains they know; a child keeps its parent.
 */
import { DIR_ENTRY_SIZE } from '../../../../src/specs/fat';
import { fail } from '../errno';
import { freeAll } from './file_io';
import { FatInode } from './inode';
import type { SlotSet } from './slots';
import type { Volume } from './volume';

export const ROOT_INO = 1;
/** Above every number made from a position, for the rare inode whose number another one still has. */
const FIRST_SPARE_INO = 2 ** 48;

export class InodeTable {
  readonly #byPosition = new Map<number, FatInode>();
  readonly #numbers = new Set<number>();
  /** In the order they were last dropped. */
  readonly #idle = new Set<FatInode>();
  readonly #unlinked = new Set<FatInode>();
  #nextSpare = FIRST_SPARE_INO;

  constructor(readonly maximumIdle = 256) {}

  *all(): Generator<FatInode> {
    yield* this.#byPosition.values();
    yield* this.#unlinked;
  }

  /** Number of the inode at this place: the same before and after it is in memory. */
  inoAt(position: number): number {
    return this.#byPosition.get(position)?.ino ?? inoOf(position);
  }

  /** The inode of an entry of `parent`. EIO for a directory that leads back to one above it. */
  open(volume: Volume, parent: FatInode, set: SlotSet): FatInode {
    const position = parent.directory!.offsetOf(set.slot);
    const known = this.#byPosition.get(position);
    if (known !== undefined) return known;
    const ino = this.#numbers.has(inoOf(position)) ? this.#nextSpare++ : inoOf(position);
    const inode = new FatInode(volume, ino, parent, position, set.entry);
    if (inode.kind === 'directory') checkDirectory(inode);
    this.#byPosition.set(position, inode);
    this.#numbers.add(ino);
    this.hold(parent);
    this.#idle.add(inode);
    this.#evict();
    return inode;
  }

  hold(inode: FatInode): void {
    if (inode.holds++ > 0) return;
    this.#idle.delete(inode);
    // It may have been let go between a lookup and this call.
    if (inode.position !== undefined && !this.#byPosition.has(inode.position)) {
      this.#byPosition.set(inode.position, inode);
      this.#numbers.add(inode.ino);
      this.hold(inode.parent!);
    }
  }

  drop(inode: FatInode): void {
    if (--inode.holds > 0 || inode.parent === undefined) return;
    if (inode.position === undefined) return this.#finish(inode);
    this.#idle.add(inode);
    this.#evict();
  }

  /** Its entry is somewhere else now. */
  moved(inode: FatInode, parent: FatInode, position: number): void {
    this.#byPosition.delete(inode.position!);
    this.#byPosition.set(position, inode);
    inode.position = position;
    if (inode.parent === parent) return;
    const before = inode.parent!;
    this.hold(parent);
    inode.parent = parent;
    this.drop(before);
  }

  /** Its entry is gone: its clusters go now, or when the last holder drops it. */
  unlinked(inode: FatInode): void {
    this.#byPosition.delete(inode.position!);
    inode.position = undefined;
    inode.nlink = 0;
    if (inode.holds === 0) this.#finish(inode);
    else this.#unlinked.add(inode);
  }

  /** Whether a file without a name is still open. */
  get hasUnlinked(): boolean {
    return this.#unlinked.size > 0;
  }

  /** At unmount: nobody will drop these any more. */
  finishUnlinked(): void {
    for (const inode of [...this.#unlinked]) this.#finish(inode);
  }

  /** After an error: whatever they remember of the disk may be wrong. */
  forgetAll(): void {
    for (const inode of this.all()) {
      inode.directory?.forget();
      inode.chain.reset();
    }
  }

  #finish(inode: FatInode): void {
    this.#unlinked.delete(inode);
    this.#idle.delete(inode);
    this.#numbers.delete(inode.ino);
    if (!inode.volume.io.readOnly) inode.volume.io.mutate(() => freeAll(inode));
    this.drop(inode.parent!);
  }

  #evict(): void {
    for (const inode of this.#idle) {
      if (this.#idle.size <= this.maximumIdle) return;
      this.#idle.delete(inode);
      this.#byPosition.delete(inode.position!);
      this.#numbers.delete(inode.ino);
      inode.directory?.forget();
      this.drop(inode.parent!);
    }
  }
}

function inoOf(position: number): number {
  return position / DIR_ENTRY_SIZE + ROOT_INO + 1;
}

function checkDirectory(inode: FatInode): void {
  const { first, table } = inode.chain;
  if (!table.isCluster(first)) fail('EIO', `a directory starts at cluster ${first}`);
  for (let above = inode.parent; above !== undefined; above = above.parent) {
    if (above.chain.first === first) fail('EIO', 'a directory contains itself');
  }
}
