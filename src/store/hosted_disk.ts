/**
 * A disk that began as an image on the server. A block is fetched when it is first wanted and then kept; a written one is never fetched again.
 * The fetch blocks: the driver's device model answers a request before it returns, as it does for a local disk.
 */
import { type Disk, SECTOR_SIZE } from '../hw/disk';
import { BLOCK, type BlockMap } from './block_map';
import { type HostedImage, HostedRefusal } from './hosted_image';
import type { SyncFile } from './opfs';

const PER_BLOCK = BLOCK / SECTOR_SIZE;
/** What is fetched at once, in blocks: at first, and at most, where the disk is read from front to back. */
const LEAST = 16;
const MOST = 256;
/** Fetched blocks are noted without being asked to when there are so many. */
const NOTE_AFTER = 256;

export class HostedDisk implements Disk {
  readonly readOnly = false;
  readonly sectors: number;
  /** Why nothing more can be had from the server. */
  trouble: string | undefined;
  /** Where the last fetch ended, and how long it was. */
  #last = { end: -1, length: LEAST };
  #unnoted = 0;

  constructor(
    readonly file: SyncFile,
    readonly map: BlockMap,
    readonly image: HostedImage,
  ) {
    this.sectors = Math.floor(file.getSize() / BLOCK) * PER_BLOCK;
  }

  read(sector: number, dest: Uint8Array): void {
    this.#need(Math.floor(sector / PER_BLOCK), Math.ceil((sector * SECTOR_SIZE + dest.length) / BLOCK));
    if (this.file.read(dest, { at: sector * SECTOR_SIZE }) !== dest.length)
      throw new Error(`short read at sector ${sector}`);
  }

  write(sector: number, bytes: Uint8Array): void {
    const end = sector * SECTOR_SIZE + bytes.length;
    const [first, last] = [Math.floor(sector / PER_BLOCK), Math.ceil(end / BLOCK) - 1];
    // What a write leaves of a block has to be there before the block can count as here.
    if (sector % PER_BLOCK !== 0) this.#need(first, first + 1);
    if (end % BLOCK !== 0) this.#need(last, last + 1);
    if (this.file.write(bytes, { at: sector * SECTOR_SIZE }) !== bytes.length)
      throw new Error(`short write at sector ${sector}`);
    for (let block = first; block <= last; block++) this.map.add(block);
  }

  flush(): void {
    this.file.flush();
    this.map.save();
    this.#unnoted = 0;
  }

  isHere(sector: number, length: number): boolean {
    const end = Math.ceil((sector * SECTOR_SIZE + length) / BLOCK);
    for (let block = Math.floor(sector / PER_BLOCK); block < end; block++) if (!this.map.has(block)) return false;
    return true;
  }

  /** Fetches what is missing of [first, end). */
  #need(first: number, end: number): void {
    for (let block = first; block < end; block++) {
      if (this.map.has(block)) continue;
      this.#fetch(block, end);
    }
  }

  #fetch(missing: number, end: number): void {
    const start = Math.floor(missing / LEAST) * LEAST;
    const length = start === this.#last.end ? Math.min(this.#last.length * 2, MOST) : LEAST;
    const wanted = Math.max(start + length, Math.min(Math.ceil(end / LEAST) * LEAST, start + MOST));
    const stop = Math.min(wanted, this.sectors / PER_BLOCK);
    const from = start * BLOCK;
    const bytes = this.#get(from, Math.min(stop * BLOCK, this.map.identity.size) - from);
    for (let block = start; block < stop; block++) {
      if (this.map.has(block)) continue;
      const part = bytes.subarray((block - start) * BLOCK, (block - start + 1) * BLOCK);
      if (this.file.write(part, { at: block * BLOCK }) !== part.length)
        throw new Error("the browser's storage is full");
      this.map.add(block);
    }
    this.#last = { end: stop, length: stop - start };
    this.#unnoted += stop - start;
    if (this.#unnoted >= NOTE_AFTER) this.flush();
  }

  #get(offset: number, length: number): Uint8Array {
    if (this.trouble !== undefined) throw new Error(this.trouble);
    try {
      return this.image.read(this.map.identity, offset, length);
    } catch (error) {
      if (error instanceof HostedRefusal) this.trouble = error.message;
      throw error;
    }
  }
}
