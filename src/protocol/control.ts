/** Control-plane procedures that the page calls in a worker through Comlink; never on the way of data. */

/** Where blk_driver keeps its disk. */
export interface DiskConfig {
  readonly store: 'opfs' | 'memory';
  readonly name: string;
  /** First contents of a memory disk, used in place; without it a fresh default disk is made. */
  readonly image?: SharedArrayBuffer;
  /** Address of an image on the page's own server that a fresh disk begins as; such a disk is kept apart, by this address. */
  readonly hosted?: string;
}

/** A disk that began as an image on the server. */
export interface HostedState {
  /** Of the image, on the server. */
  readonly path: string;
  /** Whether the server still has the image: `changed`: another one; `missing`: none, or nobody answers. */
  readonly server: 'same' | 'changed' | 'missing';
  /** One sentence, where it has not. */
  readonly reason?: string;
}

export interface StorageState {
  /** `saved`: OPFS; `memory`: gone with the tab; `busy`: another tab owns the disk, so this one works in memory. */
  readonly state: 'saved' | 'memory' | 'busy';
  /** One sentence, where it is not `saved`. */
  readonly reason?: string;
  readonly hosted?: HostedState;
}

/** blk_driver: the disk as an image. Offsets and lengths in bytes. */
export interface BlkDriverControl {
  storage(): StorageState;
  size(): number;
  /** The device's write cache is on the store when this returns. */
  flush(): void;
  /** A private copy of part of the disk. Throws RangeError past the end. */
  read(offset: number, length: number): Uint8Array;
  /**
   * Starts a replacement image of `size` bytes (a multiple of 512), or of as many as will be written, beside the disk; the running disk is
   * not touched.
   */
  importBegin(size?: number): Promise<void>;
  importChunk(offset: number, bytes: Uint8Array): Promise<void>;
  /** The replacement becomes the disk at the next boot; the page then restarts the system. The old image is kept for undo. */
  importCommit(): Promise<void>;
  importAbort(): Promise<void>;
  /** The next boot makes a fresh default disk; the old image is kept for undo. */
  reset(): Promise<void>;
  /** Brings back the image that importCommit or reset put aside. False when there is none. */
  undo(): Promise<boolean>;
}

/** linux_fs_vm: whether /dev/vda is mounted, and why not. */
export interface MountState {
  readonly state: 'mounted' | 'refused' | 'unmounted';
  readonly type?: 'FAT12' | 'FAT16' | 'FAT32';
  /** One sentence, when refused. */
  readonly reason?: string;
}

export interface GuestControl {
  mountState(): MountState;
  /** The disk is whole and clean when this returns, and no command is served until `thaw`: for copying it. */
  freeze(): void;
  thaw(): void;
}

export interface FileEntry {
  /** Without a slash; Unicode, up to 255 UTF-16 units. */
  readonly name: string;
  readonly folder: boolean;
  /** In bytes; 0 for a folder. */
  readonly size: number;
  /** Of the last change, in Unix milliseconds. */
  readonly changedMs: number;
  readonly readOnly: boolean;
}

/**
 * files: the mounted disk, through the file system protocol. Paths are absolute, parts separated by `/`; `/` is the root. Every procedure
 * rejects with an Error whose message is the name of the errno: ENOENT, EEXIST, ENOTEMPTY, EINVAL (a name that FAT cannot hold), ENOSPC,
 * EROFS, EACCES, EFBIG, EMFILE, ENODEV (nothing is mounted), ESTALE (the open file is gone), EIO.
 */
export interface FilesControl {
  /** Entries without `.` and `..`, in the order on the disk. */
  list(path: string): FileEntry[];
  /** Of the volume, in bytes. */
  space(): { readonly size: number; readonly free: number };
  /** A number for the procedures below, until `close`. `replace` makes the file, or empties it. */
  open(path: string, mode: 'read' | 'replace'): number;
  size(file: number): number;
  /** A private copy; shorter at the end of the file. Whoever wants much at once asks for a mebibyte at a time. */
  read(file: number, offset: number, length: number): Uint8Array;
  /** All of it is on the disk when this returns, or it rejects and some of it may be. */
  write(file: number, offset: number, bytes: Uint8Array): void;
  close(file: number): void;
  mkdir(path: string): void;
  /** A file, or a folder with nothing in it. */
  remove(path: string): void;
  /** Takes the place of a file that has that name; EEXIST or ENOTEMPTY for a folder. */
  rename(from: string, to: string): void;
}
