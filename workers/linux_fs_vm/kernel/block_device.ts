/**
 * A block device as a file system sees it: through the page cache, in bytes from the start of /dev/vda. `why`: bits of WHY for the
 * flight recorder.
 */
export interface BlockDevice {
  /** Length of the device in bytes, a multiple of 4096. */
  readonly length: number;
  readonly readOnly: boolean;

  /** One 512-byte sector, as a view into the cache. Do not write to it; it is valid until the next call on this device. */
  sector(number: number, why?: number): Uint8Array;

  /** Copies `dest.length` bytes from `offset`. Sequential callers get read-ahead. Throws EIO. */
  read(offset: number, dest: Uint8Array, why?: number): void;

  /**
   * Changes the cache and queues the bytes for the device. Writes between two flushes may reach the disk in any order and
   * may be torn at sectors; everything before a `flush` is on the disk before anything after it. Throws EIO or EROFS.
   */
  write(offset: number, bytes: Uint8Array, why?: number): void;

  /** All writes so far are the device's and have succeeded: they outlive us, but not a power cut. Throws EIO if any failed. */
  drain(): void;

  /** Ends the epoch: all writes so far have succeeded and the device's own cache is flushed. Throws EIO if any failed. */
  flush(): void;
}
