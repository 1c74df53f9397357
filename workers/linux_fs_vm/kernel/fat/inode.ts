/** One file or directory in memory: its short entry, its clusters, and who holds it. */
import { ATTR_ARCHIVE, ATTR_READ_ONLY, DIR, FILE_MAX_SIZE, writeField } from '../../../../src/specs/fat';
import { fail } from '../errno';
import type { DirectoryEntry, Inode, InodeKind } from '../vfs';
import { Chain } from './chain';
import { Directory } from './directory';
import { readFile, truncateFile, writeFile } from './file_io';
import { createFile, listNext, lookupName, makeDirectory, removeDirectory, unlinkFile } from './namespace';
import { rename } from './rename';
import { fileSize, firstCluster, isDirectoryEntry, setFirstCluster } from './slots';
import { readTimes, stampWrite } from './timestamps';
import type { Volume } from './volume';

export class FatInode implements Inode {
  readonly kind: InodeKind;
  readonly chain: Chain;
  readonly directory: Directory | undefined;
  nlink = 1;
  holds = 0;

  constructor(
    readonly volume: Volume,
    readonly ino: number,
    /** The directory it is in; undefined for the root. A rename changes it. */
    public parent: FatInode | undefined,
    /** Byte offset of the short entry on the device; undefined for the root and once unlinked. */
    public position: number | undefined,
    /** The short entry as it is on the disk. */
    public entry: Uint8Array,
  ) {
    const { io, geometry, table, indexes } = volume;
    const isRoot = parent === undefined;
    this.kind = isRoot || isDirectoryEntry(entry) ? 'directory' : 'file';
    const isFixedRoot = isRoot && geometry.bits !== 32;
    this.chain = new Chain(table, isRoot ? geometry.rootCluster : firstCluster(entry, geometry.bits));
    if (this.kind === 'directory') {
      this.nlink = 2;
      this.directory = new Directory(io, isFixedRoot ? undefined : this.chain, indexes);
    }
  }

  get size(): number {
    if (this.kind === 'file') return fileSize(this.entry);
    return this.parent === undefined && this.chain.first === 0
      ? this.volume.geometry.rootLength
      : this.chain.length * this.volume.geometry.clusterSize;
  }
  get mode(): number {
    return this.entry[DIR.DIR_Attr[0]]! & ATTR_READ_ONLY ? 0o555 : 0o755;
  }
  get atime(): number {
    return readTimes(this.entry).atime;
  }
  get mtime(): number {
    return readTimes(this.entry).mtime;
  }
  /** FAT has no change time; Linux shows the last write. */
  get ctime(): number {
    return this.mtime;
  }
  get blocks(): number {
    const bytes = this.directory?.chain === undefined && this.kind === 'directory' ? this.size : this.#clusterBytes;
    return Math.ceil(bytes / 512);
  }
  get #clusterBytes(): number {
    return this.chain.length * this.volume.geometry.clusterSize;
  }

  hold(): void {
    this.volume.inodes.hold(this);
  }
  drop(): void {
    this.volume.inodes.drop(this);
  }

  lookup(name: string): FatInode {
    return lookupName(this, name);
  }
  readdir(location: number): DirectoryEntry | undefined {
    return listNext(this, location);
  }
  create(name: string): FatInode {
    return createFile(this, name);
  }
  mkdir(name: string): FatInode {
    return makeDirectory(this, name);
  }
  unlink(name: string): void {
    unlinkFile(this, name);
  }
  rmdir(name: string): void {
    removeDirectory(this, name);
  }
  rename(name: string, target: Inode, targetName: string): void {
    if (!(target instanceof FatInode) || target.volume !== this.volume) fail('EXDEV');
    rename(this, name, target, targetName);
  }

  read(position: number, dest: Uint8Array): number {
    if (this.kind === 'directory') fail('EISDIR');
    return readFile(this, checkedPosition(position), dest);
  }
  write(position: number, bytes: Uint8Array): number {
    return this.writev(position, [bytes]);
  }
  writev(position: number, pieces: readonly Uint8Array[], turnTo?: (piece: number) => void): number {
    if (this.kind === 'directory') fail('EISDIR');
    return writeFile(this, checkedPosition(position), pieces, turnTo);
  }
  truncate(size: number): void {
    if (this.kind === 'directory') fail('EISDIR');
    truncateFile(this, checkedPosition(size));
  }
  drain(): void {
    this.volume.io.drain();
  }
  sync(): void {
    this.volume.io.flush();
  }

  /** A new size and, if it changed, a new first cluster, as one write of the entry. */
  resize(size: number, first = this.chain.first): void {
    writeField(this.entry, DIR.DIR_FileSize, size);
    setFirstCluster(this.entry, first);
    this.#stamp();
    this.writeEntry();
  }

  /** Contents changed: the entry is written only if its times change with it. */
  touch(): void {
    if (this.parent === undefined) return; // the root directory has no entry
    const before = this.entry.slice();
    this.#stamp();
    if (this.entry.some((byte, i) => byte !== before[i])) this.writeEntry();
  }

  writeEntry(): void {
    if (this.position !== undefined) this.volume.io.write(this.position, this.entry);
  }

  #stamp(): void {
    const now = this.volume.clock();
    if (this.kind === 'file') this.entry[DIR.DIR_Attr[0]]! |= ATTR_ARCHIVE;
    stampWrite(this.entry, now); // within its step of two seconds nothing changes
  }
}

function checkedPosition(position: number): number {
  if (!Number.isSafeInteger(position) || position < 0) fail('EINVAL');
  return Math.min(position, FILE_MAX_SIZE + 1);
}
