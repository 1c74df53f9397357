/**
 * A file's clusters as runs of neighbours, read from the FAT as far as needed and then kept: sequential access costs no
 * FAT lookup. A chain on the disk may be broken or endless; it ends here at its first impossible link.
 */
import type { Extent } from './allocator';
import type { Change, FatTable } from './fat_table';

interface Run {
  /** Index in the file of the run's first cluster. */
  index: number;
  start: number;
  length: number;
}

export class Chain {
  #runs: Run[] = [];
  #known = 0;
  /** The link after the last known cluster has been looked at and leads nowhere. */
  #complete = false;
  #broken = false;
  /** Brent's search for a circle: a cluster met at a power of two, to be met again if the chain is endless. */
  #landmark = 0;
  #nextLandmark = 1;

  constructor(
    readonly table: FatTable,
    /** First cluster, 0 for an empty file. */
    private start: number,
  ) {}

  get first(): number {
    return this.start;
  }

  /** Clusters from `start` on, after something else than this object changed the disk. */
  reset(start = this.start): void {
    this.start = start;
    this.#runs = [];
    this.#known = 0;
    this.#complete = false;
    this.#broken = false;
    this.#landmark = 0;
    this.#nextLandmark = 1;
  }

  get length(): number {
    this.#load(Number.POSITIVE_INFINITY);
    return this.#known;
  }
  /** The chain does not end with an end mark. */
  get broken(): boolean {
    this.#load(Number.POSITIVE_INFINITY);
    return this.#broken;
  }
  /** Last cluster, 0 if there is none. */
  get tail(): number {
    this.#load(Number.POSITIVE_INFINITY);
    const run = this.#runs.at(-1);
    return run === undefined ? 0 : run.start + run.length - 1;
  }

  /** The run of neighbours, at most `wanted` of them, that starts `index` clusters into the file. */
  run(index: number, wanted = 1): Extent | undefined {
    this.#load(index + wanted);
    const run = this.#find(index);
    if (run === undefined) return undefined;
    const skip = index - run.index;
    return { start: run.start + skip, length: Math.min(wanted, run.length - skip) };
  }

  /** All runs from `index` on. */
  from(index: number): Extent[] {
    this.#load(Number.POSITIVE_INFINITY);
    return this.#runs
      .filter((run) => run.index + run.length > index)
      .map((run) => {
        const skip = Math.max(0, index - run.index);
        return { start: run.start + skip, length: run.length - skip };
      });
  }

  /** In memory only; the caller writes the links. */
  append(extents: readonly Extent[]): void {
    this.#load(Number.POSITIVE_INFINITY);
    for (const { start, length } of extents) this.#add(start, length);
    this.#complete = true;
    this.#broken = false;
  }
  truncate(length: number): void {
    this.#load(Number.POSITIVE_INFINITY);
    this.#runs = this.#runs.filter((run) => run.index < length);
    const run = this.#runs.at(-1);
    if (run !== undefined) run.length = Math.min(run.length, length - run.index);
    this.#known = length;
    this.#broken = false;
    if (length === 0) this.start = 0;
  }

  #add(start: number, length: number): void {
    if (this.#known === 0) this.start = start;
    const run = this.#runs.at(-1);
    if (run !== undefined && run.start + run.length === start) run.length += length;
    else this.#runs.push({ index: this.#known, start, length });
    this.#known += length;
  }

  #load(wanted: number): void {
    if (this.#complete || this.#known >= wanted) return;
    const run = this.#runs.at(-1);
    let next = run === undefined ? this.start : this.table.get(run.start + run.length - 1);
    while (this.#known < wanted) {
      if (!this.table.isCluster(next) || next === this.#landmark) {
        this.#complete = true;
        this.#broken = this.#known === 0 ? next !== 0 : !this.table.isEnd(next);
        return;
      }
      this.#add(next, 1);
      if (this.#known === this.#nextLandmark) {
        this.#landmark = next;
        this.#nextLandmark *= 2;
      }
      next = this.table.get(next);
    }
  }

  #find(index: number): Run | undefined {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle]!;
      if (index < run.index) high = middle - 1;
      else if (index >= run.index + run.length) low = middle + 1;
      else return run;
    }
    return undefined;
  }
}

/** The links that make one chain of `extents`; the last one ends it. */
export function* links(table: FatTable, extents: readonly Extent[]): Generator<Change> {
  for (const [i, { start, length }] of extents.entries()) {
    for (let cluster = start; cluster < start + length - 1; cluster++) yield [cluster, cluster + 1];
    yield [start + length - 1, extents[i + 1]?.start ?? table.end];
  }
}

/** Entries that free `extents`. */
export function* frees(extents: readonly Extent[]): Generator<Change> {
  for (const { start, length } of extents) for (let i = 0; i < length; i++) yield [start + i, 0];
}
