/**
 * Finds free clusters. A cluster freed in this epoch is not free before the next flush (else a file could show another
 * file's new data after a power cut), and the FAT12 entries that lie in two sectors are never given out.
 */
import { fail } from '../errno';
import { type FatTable, FREE } from './fat_table';

const QUARANTINE_MAXIMUM = 65536;

/** Neighbouring clusters. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

export class Allocator {
  #free: number | undefined;
  #next = 2;
  /** Freed since the last flush. */
  #quarantined = new Set<number>();

  constructor(readonly table: FatTable) {}

  /** Clusters that an operation could get, those in quarantine too. */
  get free(): number {
    this.#free ??= this.#count();
    return this.#free;
  }
  /** Where the search goes on: FSInfo's hint. */
  get next(): number {
    return this.#next;
  }
  set next(cluster: number) {
    if (this.table.isCluster(cluster)) this.#next = cluster;
  }

  /**
   * `count` free clusters, near `after` if that is a cluster, or ENOSPC. Nothing is written or taken yet: the caller
   * writes their entries and calls `took`. May flush, to get at clusters in quarantine.
   */
  reserve(count: number, after = 0): Extent[] {
    if (count === 0) return [];
    if (count > this.free) fail('ENOSPC');
    if (count > this.free - this.#quarantined.size) this.table.io.flush();
    return this.#search(count, after);
  }

  took(extents: readonly Extent[]): void {
    this.#change(-lengthOf(extents));
    const last = extents.at(-1);
    if (last !== undefined) this.next = last.start + last.length;
  }

  /** The entries of these clusters have just been written as free. */
  freed(extents: readonly Extent[]): void {
    const usable = extents.flatMap((extent) => this.#usable(extent));
    this.#change(lengthOf(usable));
    // Rather one flush than a long list.
    if (lengthOf(usable) + this.#quarantined.size > QUARANTINE_MAXIMUM) return this.table.io.flush();
    for (const { start, length } of usable) for (let i = 0; i < length; i++) this.#quarantined.add(start + i);
  }

  flushed(): void {
    if (this.#quarantined.size > 0) this.#quarantined = new Set();
  }

  /** Count again when next asked. */
  forget(): void {
    this.#free = undefined;
  }

  /** A count that has not been made yet will find the change in the FAT. */
  #change(by: number): void {
    if (this.#free !== undefined) this.#free += by;
  }

  #count(): number {
    const last = this.table.geometry.lastUsableCluster;
    let free = this.table.countFree(last);
    for (let cluster = 341; this.table.geometry.bits === 12 && cluster <= last; cluster++) {
      if (this.table.straddles(cluster) && this.table.get(cluster) === FREE) free--;
    }
    return free;
  }

  #usable({ start, length }: Extent): Extent[] {
    const end = Math.min(start + length, this.table.geometry.lastUsableCluster + 1);
    const parts: Extent[] = [];
    let from = start;
    for (let cluster = start; this.table.geometry.bits === 12 && cluster < end; cluster++) {
      if (!this.table.straddles(cluster)) continue;
      if (cluster > from) parts.push({ start: from, length: cluster - from });
      from = cluster + 1;
    }
    if (end > from) parts.push({ start: from, length: end - from });
    return parts;
  }

  #isFree(cluster: number): boolean {
    return this.table.get(cluster) === FREE && !this.#quarantined.has(cluster) && !this.table.straddles(cluster);
  }

  #search(count: number, after: number): Extent[] {
    const last = this.table.geometry.lastUsableCluster;
    const found: { start: number; length: number }[] = [];
    let missing = count;
    const first = this.#firstAfter(after);
    let cluster = first ?? (after >= 2 && after < last ? after + 1 : this.#next);
    for (let seen = 0; missing > 0 && seen <= last; seen++, cluster++) {
      if (cluster > last || cluster < 2) cluster = 2;
      if (!this.#isFree(cluster)) continue;
      const run = found.at(-1);
      if (run !== undefined && run.start + run.length === cluster) run.length++;
      else found.push({ start: cluster, length: 1 });
      missing--;
    }
    if (missing > 0) {
      this.forget();
      fail('ENOSPC', 'the free count was wrong');
    }
    return found;
  }

  /** A straddling tail (of a file that another system wrote) takes only some clusters as its next, see FatTable.link. */
  #firstAfter(tail: number): number | undefined {
    if (!this.table.isCluster(tail) || !this.table.straddles(tail)) return undefined;
    for (let cluster = 2; cluster <= this.table.geometry.lastUsableCluster; cluster++) {
      if (this.table.acceptsAfter(tail, cluster) && this.#isFree(cluster)) return cluster;
    }
    return undefined;
  }
}

export function lengthOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { length }) => sum + length, 0);
}
