/** The block device's writes since the system started, as far as its log still has them. Follows the system when it is started anew. */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { type WriteEntry, WriteLogReader } from '../../protocol/write_log_reader';

export const WRITE_LOG_REGION = 'blk_driver_write_log';

/** Bytes of the image on the server; zeros behind its end. Offset and length in bytes. Rejects with one sentence. */
export type Origin = (offset: number, length: number) => Promise<Uint8Array>;

/** Moment n is the disk after the first n writes since the system started. */
export class WriteHistory {
  /** The newest writes, without a gap: the first of them leads from moment `first` to the next. */
  writes: readonly WriteEntry[] = [];
  /** The oldest moment that can be had. */
  first = 0;
  /** That of now. */
  last = 0;
  /** Before `first`, something was written over that nobody knows any more. */
  isBlind = false;
  /** Moments at which the device was told to put everything on its medium, with the time of the first flush at each. */
  flushes: ReadonlyMap<number, number> = new Map();
  /** Counts the systems seen: moments of one are none of another. */
  boot = 0;
  #reader: WriteLogReader | undefined;
  #buffer: SharedArrayBuffer | undefined;

  constructor(
    readonly memory: () => SystemMemory | undefined,
    /** Of a disk that began as an image on a server. */
    readonly origin?: Origin,
  ) {}

  /** Whether `look` would find something new. */
  get isBehind(): boolean {
    return this.memory()?.regions.get(WRITE_LOG_REGION) !== this.#buffer || this.#reader?.isBehind === true;
  }

  /** How often the log held what no driver writes. */
  get broken(): number {
    return this.#reader?.broken ?? 0;
  }

  /** The writes that were made since the last look. */
  look(): readonly WriteEntry[] {
    this.#follow();
    if (!this.#reader) return [];
    const fresh = this.#reader.look().filter(({ kind }) => kind === 'write');
    const { entries, writes } = this.#reader;
    const all = entries.filter(({ kind }) => kind === 'write');
    // There is no way back over a write of which nobody knows what was there before.
    const blind = all.findLastIndex(({ knowsBefore, isUnfetched }) => !knowsBefore && !(isUnfetched && this.origin));
    this.isBlind = blind >= 0;
    this.writes = all.slice(blind + 1);
    this.last = numberAfter(all) ?? writes;
    this.first = this.writes[0]?.number ?? this.last;
    this.flushes = new Map(
      entries.flatMap(({ kind, number, timeNs }) => (kind === 'flush' ? [[number, timeNs] as const] : [])),
    );
    return fresh;
  }

  /** The write that led to moment n; undefined where it is not known any more. */
  writeBefore(moment: number): WriteEntry | undefined {
    return this.#at(moment - 1);
  }

  /** Those that led on from moment n, in order. */
  writesSince(moment: number): readonly WriteEntry[] {
    return this.writes.slice(Math.max(0, moment - this.first));
  }

  /** Bytes of one of the writes; undefined when they have been written over. */
  bytes(entry: WriteEntry, when: 'before' | 'after', first?: number, count?: number): Uint8Array | undefined {
    return this.#reader?.bytes(entry, when, first, count);
  }

  #at(number: number): WriteEntry | undefined {
    return this.writes[number - this.first];
  }

  #follow(): void {
    const buffer = this.memory()?.regions.get(WRITE_LOG_REGION);
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#reader = buffer && new WriteLogReader(new Region(WRITE_LOG_REGION, buffer));
    this.writes = [];
    this.isBlind = false;
    this.flushes = new Map();
    [this.first, this.last] = [0, 0];
    this.boot++;
  }
}

function numberAfter(writes: readonly WriteEntry[]): number | undefined {
  const last = writes.at(-1);
  return last && last.number + 1;
}
