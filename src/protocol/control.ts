/** Control-plane procedures that the page calls in a worker through Comlink; never on the way of data. */

/** Where blk_driver keeps its disk. */
export interface DiskConfig {
  readonly store: 'opfs' | 'memory';
  readonly name: string;
  /** First contents of a memory disk, used in place; without it a fresh default disk is made. */
  readonly image?: SharedArrayBuffer;
}

export interface StorageState {
  /** `saved`: OPFS; `memory`: gone with the tab; `busy`: another tab owns the disk, so this one works in memory. */
  readonly state: 'saved' | 'memory' | 'busy';
  /** One sentence, where it is not `saved`. */
  readonly reason?: string;
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
