/** The disk as it was at one moment, out of what it is now and the log of what was written since. */
import type { WriteEntry } from '../../protocol/write_log_reader';
import { SECTOR_SIZE } from '../../specs/fat';
import type { SectorSource } from '../fat/source';
import type { WriteHistory } from './write_history';

/** The disk as it is now. */
export interface DiskNow {
  /** Offset and length in bytes, multiples of 512. Rejects past the end, and where it cannot be read. */
  bytes(offset: number, length: number): Promise<Uint8Array>;
  /** In bytes. */
  size(): Promise<number>;
}

/** The log has no way back to that moment. */
export class MomentGone extends Error {
  constructor(moment: number) {
    super(`The disk after write ${moment} cannot be had any more: newer writes have taken its place in the log.`);
  }
}

export class Moment implements SectorSource {
  /** Of the sectors that were written since: by whom first, which is who knows what was there. */
  readonly #first = new Map<number, WriteEntry>();
  readonly #boot: number;
  /** The moment up to which the writes are in the map. */
  #seen: number;

  /** Throws MomentGone. */
  constructor(
    readonly history: WriteHistory,
    readonly number: number,
    readonly disk: DiskNow,
    /** Of the disk. */
    readonly sectors: number,
  ) {
    this.#boot = history.boot;
    this.#seen = number;
    this.#catchUp();
  }

  /**
   * Sectors as they were. The disk may be written meanwhile: what is written after it was read is in the log by then, and what the
   * log says of a sector counts. Rejects with MomentGone.
   */
  async read(sector: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await this.disk.bytes(sector * SECTOR_SIZE, count * SECTOR_SIZE));
    this.history.look();
    this.#catchUp();
    const unfetched: Run[] = [];
    for (let i = 0; i < count; i++) {
      const entry = this.#first.get(sector + i);
      if (entry?.isUnfetched) addTo(unfetched, i);
      else if (entry) this.#putBack(entry, sector + i, bytes.subarray(i * SECTOR_SIZE, (i + 1) * SECTOR_SIZE));
    }
    for (const { first, length } of unfetched) {
      const from = await this.history.origin!((sector + first) * SECTOR_SIZE, length * SECTOR_SIZE);
      bytes.set(from, first * SECTOR_SIZE);
    }
    return bytes;
  }

  #putBack(entry: WriteEntry, sector: number, into: Uint8Array): void {
    const before = this.history.bytes(entry, 'before', sector - entry.sector, 1);
    if (!before) throw new MomentGone(this.number);
    into.set(before);
  }

  #catchUp(): void {
    const { history, number } = this;
    if (history.boot !== this.#boot || !(number >= history.first && number <= history.last))
      throw new MomentGone(number);
    for (const entry of history.writesSince(this.#seen)) {
      for (let i = 0; i < entry.sectors; i++) {
        if (!this.#first.has(entry.sector + i)) this.#first.set(entry.sector + i, entry);
      }
    }
    this.#seen = history.last;
  }
}

interface Run {
  readonly first: number;
  length: number;
}

function addTo(runs: Run[], sector: number): void {
  const last = runs.at(-1);
  if (last && last.first + last.length === sector) last.length++;
  else runs.push({ first: sector, length: 1 });
}
