/** What was read of a disk is kept, and written over as the disk is: the worker that has the disk is asked once for each part. */
import { SECTOR_SIZE } from '../../specs/fat';
import type { SectorSource } from '../fat/source';

/** Sectors kept together. */
const CHUNK = 64;
/** Chunks asked for at once. */
const RUN = 32;

export class CachedSource implements SectorSource {
  readonly #chunks = new Map<number, Uint8Array>();

  constructor(
    readonly sectors: number,
    /** Offset and length in bytes. */
    readonly fetch: (offset: number, length: number) => Promise<Uint8Array>,
  ) {}

  async read(sector: number, count: number): Promise<Uint8Array> {
    const [from, to] = [Math.floor(sector / CHUNK), Math.floor((sector + count - 1) / CHUNK)];
    for (let chunk = from; chunk <= to; ) {
      let end = chunk;
      while (end <= to && end - chunk < RUN && !this.#chunks.has(end)) end++;
      if (end > chunk) await this.#fetch(chunk, end);
      chunk = Math.max(end, chunk + 1);
    }
    const bytes = new Uint8Array(count * SECTOR_SIZE);
    for (let chunk = from; chunk <= to; chunk++) {
      const at = (chunk * CHUNK - sector) * SECTOR_SIZE;
      const part = this.#chunks.get(chunk)!.subarray(Math.max(0, -at), bytes.length - at);
      bytes.set(part, Math.max(0, at));
    }
    return bytes;
  }

  /** Whether some of these sectors are kept. */
  keeps(sector: number, count: number): boolean {
    for (let chunk = Math.floor(sector / CHUNK); chunk * CHUNK < sector + count; chunk++)
      if (this.#chunks.has(chunk)) return true;
    return false;
  }

  /** Sectors have these bytes now. Whether that changed anything that is kept. */
  patch(sector: number, bytes: Uint8Array): boolean {
    let hit = false;
    for (let done = 0; done < bytes.length; ) {
      const at = sector + done / SECTOR_SIZE;
      const chunk = this.#chunks.get(Math.floor(at / CHUNK));
      const inChunk = (at % CHUNK) * SECTOR_SIZE;
      const part = bytes.subarray(done, done + CHUNK * SECTOR_SIZE - inChunk);
      // A write past the disk's end is none.
      chunk?.set(part.subarray(0, Math.max(0, chunk.length - inChunk)), inChunk);
      hit ||= chunk !== undefined;
      done += part.length;
    }
    return hit;
  }

  async #fetch(from: number, to: number): Promise<void> {
    const [first, end] = [from * CHUNK, Math.min(to * CHUNK, this.sectors)];
    const bytes = await this.fetch(first * SECTOR_SIZE, (end - first) * SECTOR_SIZE);
    for (let chunk = from; chunk < to; chunk++) {
      const at = (chunk - from) * CHUNK * SECTOR_SIZE;
      this.#chunks.set(chunk, bytes.slice(at, at + CHUNK * SECTOR_SIZE));
    }
  }
}
