/** Reads a flight recorder on from where it was left, and counts what was overwritten before it was read. */
import type { Region } from './region';
import { readTrace, TRACE_RECORDS, type TraceRecord } from './trace';

/** The writer may add as many between two looks at its count. */
const SLACK = 64;

export class TraceReader {
  /** Records since boot that nobody can read here any more. */
  lost = 0;
  #seen = 0;

  constructor(readonly at: Region) {}

  /** What is new since the last call; at the first, what the recorder holds. */
  next(): TraceRecord[] {
    const fresh = (Atomics.load(this.at.words, 0) >>> 0) - this.#seen;
    if (fresh === 0) return [];
    const newest = readTrace(this.at, Math.min(fresh + SLACK, TRACE_RECORDS));
    const records = newest.filter(({ sequence }) => sequence >= this.#seen);
    const end = records.length > 0 ? records.at(-1)!.sequence + 1 : this.#seen + fresh;
    this.lost += end - this.#seen - records.length;
    this.#seen = end;
    return records;
  }
}
