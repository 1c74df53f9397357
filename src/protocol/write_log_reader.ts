/** The other end of a block device's write log (write_log.ts): that of whoever looks on. Believes nothing that is in it. */
import type { ByteRing } from './byte_ring';
import type { Region } from './region';
import { readStruct } from './struct';
import { WRITE_KIND, WRITE_LOG_SECTOR, WRITE_LOG_WORD, WRITE_RECORD, writeLogRing, writeRecordSize } from './write_log';

export interface WriteEntry {
  readonly kind: 'write' | 'flush';
  /** Counts the writes of this boot from 0; of a flush: how many were made before it. */
  readonly number: number;
  readonly timeNs: number;
  /** Id of the file system command that it is part of; 0 when that is not known. */
  readonly request: number;
  /** Both are 0 for a flush. */
  readonly sector: number;
  readonly sectors: number;
  /** Whether the bytes before it are in the log; of a flush: false. */
  readonly knowsBefore: boolean;
  /** They are not, but the disk's server has them. */
  readonly isUnfetched: boolean;
  /** Of its record in the ring. */
  readonly position: number;
}

const KINDS = Object.values(WRITE_KIND) as number[];
const SECTORS_MOST = Number.MAX_SAFE_INTEGER / WRITE_LOG_SECTOR;

export class WriteLogReader {
  /** What is in the log, oldest first, as of the last look. */
  entries: WriteEntry[] = [];
  /** Writes ever made, as of the last look. */
  writes = 0;
  /** How often there was something in the log that the driver cannot have meant; what was there then is left out. */
  broken = 0;
  readonly #ring: ByteRing;
  readonly #header = new Uint8Array(WRITE_RECORD.size);
  readonly #view = new DataView(this.#header.buffer);
  #position: number;

  /** The oldest entry of the log comes first. */
  constructor(at: Region) {
    this.#ring = writeLogRing(at);
    this.#position = this.#ring.load(WRITE_LOG_WORD.HEAD);
  }

  /** Whether `look` would find something new. */
  get isBehind(): boolean {
    return this.#ring.load(WRITE_LOG_WORD.TAIL) !== this.#position;
  }

  /** What was written since the last look, oldest first, and is still in the log; drops from `entries` what no longer is. */
  look(): WriteEntry[] {
    this.#dropOvertaken();
    if (!this.#has(this.#position)) this.#position = this.#ring.load(WRITE_LOG_WORD.HEAD);
    const end = this.#ring.load(WRITE_LOG_WORD.TAIL);
    let known = this.entries.length;
    while (this.#position !== end) {
      const entry = this.#entryAt(this.#position, (end - this.#position) >>> 0);
      // Then it may be in pieces; the next time begins with the oldest there is.
      if (!this.#has(this.#position)) break;
      if (!entry || entry.number < this.#next) {
        this.#startAfter(end);
        break;
      }
      // Over a write that is missing there is no way back.
      if (entry.number > this.#next) {
        this.entries = [];
        known = 0;
      }
      this.entries.push(entry);
      this.#position = (this.#position + sizeOf(entry)) >>> 0;
    }
    this.writes = this.#ring.load(WRITE_LOG_WORD.WRITES);
    return this.entries.slice(known);
  }

  /** What was there before the write, or is after it; all of it or some sectors. Undefined when it has been written over, or was never known. */
  bytes(entry: WriteEntry, when: 'before' | 'after', first = 0, count = entry.sectors - first): Uint8Array | undefined {
    if (when === 'before' && !entry.knowsBefore) return undefined;
    const length = entry.sectors * WRITE_LOG_SECTOR;
    const start = WRITE_RECORD.size + (when === 'after' && entry.knowsBefore ? length : 0);
    const bytes = new Uint8Array(count * WRITE_LOG_SECTOR);
    this.#ring.take((entry.position + start + first * WRITE_LOG_SECTOR) >>> 0, bytes);
    return this.#has(entry.position) ? bytes : undefined;
  }

  /** Whether a record at that position, of those seen, has not been given up. */
  #has(position: number): boolean {
    return (position - this.#ring.load(WRITE_LOG_WORD.HEAD)) >>> 0 <= this.#ring.capacity;
  }

  #dropOvertaken(): void {
    const left = this.entries.findIndex(({ position }) => this.#has(position));
    this.entries = left < 0 ? [] : this.entries.slice(left);
  }

  #startAfter(end: number): void {
    this.broken++;
    this.#position = end;
    this.entries = [];
  }

  /** The number that the next entry has, where none is missing; that of the first entry can be any. */
  get #next(): number {
    const last = this.entries.at(-1);
    return last ? last.number + (last.kind === 'write' ? 1 : 0) : 0;
  }

  /** The record at a position, `left` bytes before the last one's end; undefined where there is none. */
  #entryAt(position: number, left: number): WriteEntry | undefined {
    this.#ring.take(position, this.#header);
    const { time_ns, number, request, sector, length, kind } = readStruct(this.#view, 0, WRITE_RECORD);
    const isFlush = kind === WRITE_KIND.FLUSH;
    const isSound =
      KINDS.includes(kind) &&
      isFlush === (length === 0) &&
      length % WRITE_LOG_SECTOR === 0 &&
      left <= this.#ring.capacity &&
      writeRecordSize(kind, length) <= left &&
      Number.isSafeInteger(time_ns) &&
      sector <= SECTORS_MOST - length;
    if (!isSound) return undefined;
    return {
      kind: isFlush ? 'flush' : 'write',
      number,
      timeNs: time_ns,
      request,
      sector: isFlush ? 0 : sector,
      sectors: length / WRITE_LOG_SECTOR,
      knowsBefore: kind === WRITE_KIND.WRITE,
      isUnfetched: kind === WRITE_KIND.UNFETCHED,
      position,
    };
  }
}

function sizeOf({ kind, sectors, knowsBefore }: WriteEntry): number {
  const code = kind === 'flush' ? WRITE_KIND.FLUSH : knowsBefore ? WRITE_KIND.WRITE : WRITE_KIND.UNREAD;
  return writeRecordSize(code, sectors * WRITE_LOG_SECTOR);
}
