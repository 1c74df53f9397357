/**
 * The volume's way to the device: keeps writes inside the volume, marks it dirty before the first one, ends epochs, and
 * turns the volume read-only when a metadata write fails, as Linux does with errors=remount-ro.
 */
import { WHY } from '../../../../src/protocol/trace_words';
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
  #mark = 0;
  #unflushed = false;
  #metadataWrites = 0;
  #watcher: VolumeWatcher | undefined;

  constructor(
    readonly device: BlockDevice,
    readonly geometry: Geometry,
    readonly log: (line: string) => void,
    /** Contents of a file are read or written in neighbouring clusters. */
    readonly clusters: (first: number, count: number) => void = () => {},
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
    this.device.read(offset, dest, this.#why(offset, WHY.FILE));
  }

  /** The 512-byte sector around `offset`; a view, valid until the next call. */
  sectorAt(offset: number): Uint8Array {
    if (offset >= this.geometry.end) fail('EIO', 'the sector lies past the end of the device');
    return this.device.sector(Math.floor(offset / 512), this.#why(offset, WHY.DIRECTORY));
  }

  /** File contents: a failure is the caller's alone. */
  writeData(offset: number, bytes: Uint8Array, inData: number = WHY.FILE): void {
    if (this.#readOnly) fail('EROFS');
    if (offset < 0 || offset + bytes.length > this.geometry.end)
      fail('EIO', 'the cluster lies past the end of the device');
    this.markInUse();
    this.#unflushed = true;
    this.device.write(offset, bytes, this.#why(offset, inData));
  }

  /** FATs, directories, boot sector, FSInfo: inside `mutate`, a failure stops the volume. */
  write(offset: number, bytes: Uint8Array): void {
    this.#metadataWrites++;
    this.writeData(offset, bytes, WHY.DIRECTORY);
  }

  /** Everything written has reached the device, but not its flush. */
  drain(): void {
    if (this.#unflushed) this.#waitFor(() => this.device.drain());
  }

  flush(): void {
    if (!this.#unflushed) return;
    this.#waitFor(() => this.device.flush());
    this.#unflushed = false;
    this.#watcher?.flushed();
  }

  #waitFor(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#metadataWrites++; // what failed may have been anything
      throw error;
    }
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

  /** What `work` writes and reads is about the mark that the volume is in use. */
  marking(work: () => void): void {
    this.#mark = WHY.MARK;
    try {
      work();
    } finally {
      this.#mark = 0;
    }
  }

  /** What lies there; in the clusters only the caller knows. */
  #why(offset: number, inData: number): number {
    const { fatStart, fatLength, fatCopies, rootStart, fsInfo, dataStart } = this.geometry;
    if (offset >= dataStart) return this.#mark | inData;
    if (offset >= rootStart) return this.#mark | WHY.DIRECTORY;
    if (offset < fatStart) return this.#mark | (offset === fsInfo ? WHY.FSINFO : WHY.BOOT_SECTOR);
    return this.#mark | (Math.floor((offset - fatStart) / fatLength) === fatCopies[0] ? WHY.FAT : WHY.FAT_COPY);
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
    this.marking(() => this.#watcher?.firstWrite());
    this.#metadataWrites = before; // no part of the operation's own change
  }
}
