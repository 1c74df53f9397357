/**
 * Whom the kernel works for right now: the number of the request, as it goes down to the disk for the flight recorder's sake. Nothing is
 * decided by it, and whoever gave it may have lied.
 */
import { TRACE } from '../../../src/protocol/trace';
import { ownRequest } from '../../../src/protocol/trace_words';

export type Record = (kind: number, request: number, a: number, b: number) => void;

export class Current {
  request = 0;
  #own = 0;

  /** `record`: one entry of the flight recorder about the guest's disk. */
  constructor(readonly record: Record = () => {}) {}

  /** Contents of a file are read or written: neighbouring clusters. */
  clusters(first: number, count: number): void {
    this.record(TRACE.CLUSTERS, this.request, first, count);
  }

  /** Runs what nobody asked for. */
  onOwn(work: () => void): void {
    const before = this.request;
    this.request = ownRequest(++this.#own);
    try {
      work();
    } finally {
      this.request = before;
    }
  }
}
