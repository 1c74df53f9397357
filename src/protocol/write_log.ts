/**
 * What the block device has written to its medium, in order, with the bytes before and after: for whoever wants the disk as it was at some
 * moment. The driver's worker alone writes it, always; the newest entries are kept. Nothing of the kind is upstream.
 *   0 u32 head   4 u32 tail   8 u32 writes   0x1000 records
 *   record       WRITE_RECORD, then the bytes before (where they are known), then those after; it may go on at the ring's beginning
 * head (the oldest record) and tail count bytes of records and run freely to 2^32. The writer moves head before it writes over a record, so
 * a reader that finds head behind what it has copied has a whole one.
 */
import { ByteRing } from './byte_ring';
import type { Region } from './region';
import { readStruct, struct, u32, u64, writeStruct } from './struct';

/** Words of the header; `writes` were ever made, which is the number of the next one. */
export const WRITE_LOG_WORD = { HEAD: 0, TAIL: 1, WRITES: 2 } as const;
const HEADER = 0x1000;

/** A page, and 8 MiB of records: the last 1000 writes of 4 KiB, or more of shorter ones. */
export const WRITE_LOG_SIZE = HEADER + 0x80_0000;

export const WRITE_LOG_SECTOR = 512;

export const WRITE_RECORD = struct('blk_write_record', 32, {
  /** Nanoseconds since boot. */
  time_ns: u64(0),
  /** Counts writes; of a flush: how many were made before it. */
  number: u32(8),
  /** Id of the file system command that it is part of; 0 when that is not known. */
  request: u32(12),
  sector: u64(16),
  /** Bytes that were written; 0 for a flush. */
  length: u32(24),
  kind: u32(28),
});

/** Over what is not known: `unread`: the medium refused; `unfetched`: it has never been asked of the disk's server, which has it still. */
export const WRITE_KIND = { WRITE: 0, UNREAD: 1, FLUSH: 2, UNFETCHED: 3 } as const;

/** What was there before a write, or why that is not known. */
export type Before = Uint8Array | 'unread' | 'unfetched';

/** Of a record, with its bytes. */
export function writeRecordSize(kind: number, length: number): number {
  return WRITE_RECORD.size + (kind === WRITE_KIND.WRITE ? 2 * length : length);
}

/** The ring in a region. */
export const writeLogRing = (at: Region): ByteRing => new ByteRing(at, HEADER, 2 * HEADER);

/** The driver's end, in a region that was zeros: a driver has no former self. */
export class WriteLog {
  readonly #ring: ByteRing;
  readonly #record = new Uint8Array(WRITE_RECORD.size);
  readonly #view = new DataView(this.#record.buffer);
  readonly #old = new Uint8Array(WRITE_RECORD.size);
  readonly #oldView = new DataView(this.#old.buffer);
  /** Its own, which it does not read again: others may write in the region. */
  #head = 0;
  #tail = 0;
  #writes = 0;
  #flushed = 0;

  constructor(
    at: Region,
    /** Nanoseconds since boot. */
    readonly now: () => number,
  ) {
    this.#ring = writeLogRing(at);
  }

  /** `after` is at `sector` now, where `before` was. */
  wrote(sector: number, before: Before, after: Uint8Array, request: number): void {
    const kind =
      before === 'unread' ? WRITE_KIND.UNREAD : before === 'unfetched' ? WRITE_KIND.UNFETCHED : WRITE_KIND.WRITE;
    const size = writeRecordSize(kind, after.length);
    if (size > this.#ring.capacity) return this.lost();
    this.#makeRoom(size);
    this.#put({ number: this.#writes, request, sector, length: after.length, kind });
    if (typeof before !== 'string') this.#append(before);
    this.#append(after);
    this.#count();
  }

  /** A write of which nobody can say what it did, or of which there is too much: there is no way back over it. */
  lost(): void {
    this.#head = this.#tail;
    this.#ring.store(WRITE_LOG_WORD.HEAD, this.#head);
    this.#count();
  }

  /** Whatever was written is on the medium. */
  flushed(): void {
    if (this.#flushed === this.#writes) return;
    this.#flushed = this.#writes;
    this.#makeRoom(WRITE_RECORD.size);
    this.#put({ number: this.#writes, request: 0, sector: 0, length: 0, kind: WRITE_KIND.FLUSH });
    this.#ring.store(WRITE_LOG_WORD.TAIL, this.#tail);
  }

  #put(fields: { number: number; request: number; sector: number; length: number; kind: number }): void {
    writeStruct(this.#view, 0, WRITE_RECORD, { time_ns: Math.max(0, Math.trunc(this.now())), ...fields });
    this.#append(this.#record);
  }

  #append(bytes: Uint8Array): void {
    this.#ring.put(this.#tail, bytes);
    this.#tail = (this.#tail + bytes.length) >>> 0;
  }

  #count(): void {
    this.#writes = (this.#writes + 1) >>> 0;
    this.#ring.store(WRITE_LOG_WORD.WRITES, this.#writes);
    this.#ring.store(WRITE_LOG_WORD.TAIL, this.#tail);
  }

  /** Gives up the oldest records. */
  #makeRoom(size: number): void {
    const ring = this.#ring;
    while (((this.#tail - this.#head) >>> 0) + size > ring.capacity) {
      ring.take(this.#head, this.#old);
      const { kind, length } = readStruct(this.#oldView, 0, WRITE_RECORD);
      this.#head = (this.#head + writeRecordSize(kind, length)) >>> 0;
    }
    ring.store(WRITE_LOG_WORD.HEAD, this.#head);
  }
}
