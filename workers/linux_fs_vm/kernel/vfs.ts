/**
 * What the virtual file system layer asks of a file system: the shape of Linux's super_operations, inode_operations and
 * file_operations, cut down to what vmfs uses. Every operation refuses by throwing Errno (errno.ts).
 */
import type { BlockDevice } from './block_device';

export interface MountOptions {
  /** Unix time in milliseconds, for timestamps. */
  readonly clock: () => number;
  /** A kernel log line, e.g. "FAT-fs (vda): Volume was not properly unmounted." */
  readonly log: (line: string) => void;
  /** Contents of a file are about to be read or written in neighbouring clusters; for the flight recorder. */
  readonly clusters?: (first: number, count: number) => void;
}

export interface FileSystemType {
  readonly name: string;
  /** Throws EINVAL with one sentence naming what is on the device when it cannot be mounted; writes nothing then. */
  mount(device: BlockDevice, options: MountOptions): SuperBlock;
}

export interface SuperBlock {
  /** What statfs and `mount` print: FAT12, FAT16 or FAT32. */
  readonly type: string;
  readonly readOnly: boolean;
  readonly root: Inode;
  statfs(): StatFs;
  /** Everything, FSInfo too, is on the disk when this returns. */
  sync(): void;
  /** The disk says that the volume is in use: it was changed since it was last marked clean. */
  readonly inUse: boolean;
  /** Sync, and mark the volume clean until the next change, so that a disk left alone needs no recovery. */
  settle(): void;
  /** Sync, mark the volume clean, and let go of the device. */
  unmount(): void;
}

export interface StatFs {
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly nameMax: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly ino: number;
  readonly kind: InodeKind;
  /** Opaque, increasing; `readdir` from here goes on after this entry. 0 is the start. */
  readonly location: number;
}

export type InodeKind = 'file' | 'directory';

/** One file or directory. The same file is always the same object while anyone holds it. */
export interface Inode {
  readonly ino: number;
  readonly kind: InodeKind;
  readonly size: number;
  /** Permission bits without the type, e.g. 0o755; a read-only FAT file has no write bits. */
  readonly mode: number;
  /** Links: 0 once unlinked while held. */
  readonly nlink: number;
  /** Times in Unix milliseconds. */
  readonly atime: number;
  readonly mtime: number;
  readonly ctime: number;
  /** 512-byte units on the disk, whole clusters. */
  readonly blocks: number;

  /** An open file, directory handle or path walk uses this inode; data of an unlinked file is freed at the last `drop`. */
  hold(): void;
  drop(): void;

  lookup(name: string): Inode;
  /** Next entry after `location`, "." and ".." included; undefined at the end. */
  readdir(location: number): DirectoryEntry | undefined;
  create(name: string): Inode;
  mkdir(name: string): Inode;
  unlink(name: string): void;
  rmdir(name: string): void;
  /** POSIX rename: replaces a file by a file, an empty directory by a directory; a no-op when both are the same. */
  rename(name: string, target: Inode, targetName: string): void;

  /** Bytes read: short at the end of the file, 0 past it. */
  read(position: number, dest: Uint8Array): number;
  /** Bytes written; a gap before `position` reads as zeros. */
  write(position: number, bytes: Uint8Array): number;
  /** The same with the pieces one after the other. `turnTo(i)` comes before piece i is taken. */
  writev(position: number, pieces: readonly Uint8Array[], turnTo: (piece: number) => void): number;
  truncate(size: number): void;
  /** What was written has reached the device: it outlives the VM, but not a power cut. */
  drain(): void;
  /** fsync: data, FAT and directory entry are on the disk. */
  sync(): void;
}
