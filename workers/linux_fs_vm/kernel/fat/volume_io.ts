/**
 * The volume's way to the device: keeps writes inside the volume, marks it dirty before the first one, ends epochs, and
 * turns the volume read-only when a metadata write fails, as Linux does with errors=remount-ro.
 */
import type { BlockDevice } from '../block_device';
import { Errno, fail } from '../errno';
import type { Geometry } from './geometry';

export interface VolumeWatcher {
  /** Before the first write of this mount; writes the dirty bit. */
  firstWrite(): void;
  /** An epoch has ended: clusters freed before it may be used again. */
  flushed(): void;
  /** Memory and disk may disagree now: forget what was cached. */
  stopped(): void;
}

export class VolumeIo {
  #readOnly: boolean;
  #marked = false;
  #unflushed = false;
  #metadataWrites = 0;
  #watcher: VolumeWatcher | undefined;

  constructor(
    readonly device: BlockDevice,
    readonly geometry: Geometry,
    readonly log: (line: string) => void,
  ) {
    this.#readOnly = device.readOnly;
  }

  get readOnly(): boolean {
    return this.#readOnly;
  }

  /** True once this mount has written anything. */
  get marked(): boolean {
    return this.#marked;
  }

  watch(watcher: VolumeWatcher): void {
    this.#watcher = watcher;
  }

  read(offset: number, dest: Uint8Array): void {
    if (offset + dest.length > this.geometry.end) fail('EIO', 'the cluster lies past the end of the device');
    this.device.read(offset, dest);
  }

  /** The 512-byte sector around `offset`; a view, valid until the next call. */
  sectorAt(offset: number): Uint8Array {
    if (offset >= this.geometry.end) fail('EIO', 'the sector lies past the end of the device');
    return this.device.sector(Math.floor(offset / 512));
  }

  /** File contents: a failure is the caller's alone. */
  writeData(offset: number, bytes: Uint8Array): void {
    if (this.#readOnly) fail('EROFS');
    if (offset < 0 || offset + bytes.length > this.geometry.end)
      fail('EIO', 'the cluster lies past the end of the device');
    this.markInUse();
    this.#unflushed = true;
    this.device.write(offset, bytes);
  }

  /** FATs, directories, boot sector, FSInfo: inside `mutate`, a failure stops the volume. */
  write(offset: number, bytes: Uint8Array): void {
    this.#metadataWrites++;
    this.writeData(offset, bytes);
  }

  flush(): void {
    if (!this.#unflushed) return;
    try {
      this.device.flush();
    } catch (error) {
      this.#metadataWrites++; // what failed may have been anything
      throw error;
    }
    this.#unflushed = false;
    this.#watcher?.flushed();
  }

  /** Runs one operation that changes the volume. */
  mutate<T>(operation: () => T): T {
    if (this.#readOnly) fail('EROFS');
    const before = this.#metadataWrites;
    try {
      return operation();
    } catch (error) {
      // A half-done change is safe to leave, by the order of its writes, but not to build upon.
      if (this.#metadataWrites !== before) this.stop(error);
      throw error;
    }
  }

  stop(reason: unknown): void {
    if (this.#readOnly) return;
    this.#readOnly = true;
    const why = reason instanceof Errno ? reason.message : String(reason);
    this.log(`FAT-fs (vda): error, Filesystem has been set read-only (${why})`);
    this.#watcher?.stopped();
  }

  setReadOnly(): void {
    this.#readOnly = true;
  }

  /** The clean mark has been written: the next write marks the volume dirty again. */
  unmark(): void {
    this.#marked = false;
  }

  /** Marks the volume dirty, unless this mount has. */
  markInUse(): void {
    if (this.#marked) return;
    this.#marked = true;
    const before = this.#metadataWrites;
    this.#watcher?.firstWrite();
    this.#metadataWrites = before; // no part of the operation's own change
  }
}
