/** A disk whose writes and flushes are written into the log that the page looks back with (protocol/write_log.ts). */
import type { Disk } from '../hw/disk';
import type { Before, WriteLog } from '../protocol/write_log';

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

  /** Until the next write. Nothing is fetched for it. */
  #readBefore(sector: number, length: number): Before {
    if (this.disk.isHere && !this.disk.isHere(sector, length)) return 'unfetched';
    if (this.#before.length < length) this.#before = new Uint8Array(length);
    const before = this.#before.subarray(0, length);
    return this.#canRead(sector, before) ? before : 'unread';
  }

  /** After a write that failed: some of it may have arrived. */
  #logRest(sector: number, before: Before): void {
    if (typeof before === 'string') return this.log.lost();
    const now = new Uint8Array(before.length);
    if (this.#canRead(sector, now)) this.log.wrote(sector, before, now, this.request(sector));
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
