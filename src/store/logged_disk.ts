/** A disk whose writes and flushes are written into the log that the page looks back with (protocol/write_log.ts). */
import type { Disk } from '../hw/disk';
import type { WriteLog } from '../protocol/write_log';

export class LoggedDisk implements Disk {
  #before = new Uint8Array(0);

  constructor(
    readonly disk: Disk,
    readonly log: WriteLog,
    /** Id of the file system command that a write at that sector is part of; 0 when that is not known. */
    readonly request: (sector: number) => number,
  ) {}

  get sectors(): number {
    return this.disk.sectors;
  }

  get readOnly(): boolean {
    return this.disk.readOnly;
  }

  read(sector: number, dest: Uint8Array): void {
    this.disk.read(sector, dest);
  }

  write(sector: number, bytes: Uint8Array): void {
    const before = this.#readBefore(sector, bytes.length);
    try {
      this.disk.write(sector, bytes);
    } catch (error) {
      this.#logRest(sector, before);
      throw error;
    }
    this.log.wrote(sector, before, bytes, this.request(sector));
  }

  flush(): void {
    this.disk.flush();
    this.log.flushed();
  }

  /** Undefined where that would take a fetch, and where the medium cannot be read; until the next write. */
  #readBefore(sector: number, length: number): Uint8Array | undefined {
    if (this.disk.isHere && !this.disk.isHere(sector, length)) return undefined;
    if (this.#before.length < length) this.#before = new Uint8Array(length);
    const before = this.#before.subarray(0, length);
    return this.#canRead(sector, before) ? before : undefined;
  }

  /** After a write that failed: some of it may have arrived. */
  #logRest(sector: number, before: Uint8Array | undefined): void {
    const now = new Uint8Array(before?.length ?? 0);
    if (before && this.#canRead(sector, now)) this.log.wrote(sector, before, now, this.request(sector));
    else this.log.lost();
  }

  #canRead(sector: number, dest: Uint8Array): boolean {
    try {
      this.disk.read(sector, dest);
      return true;
    } catch {
      // The log is not the place to tell of it: whoever reads for himself hears of it.
      return false;
    }
  }
}
