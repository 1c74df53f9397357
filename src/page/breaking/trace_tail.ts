/** What domains record from now on, and what they have recorded before. */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { readTrace, TRACE_RECORDS, type TraceRecord } from '../../protocol/trace';

export class TraceTail {
  readonly #seen = new Map<string, number>();

  constructor(
    readonly memory: SystemMemory,
    readonly domains: readonly string[],
  ) {}

  /** Of each domain what it has recorded since the last call, oldest first; at the first call all that its recorder still holds. */
  next(take: (domain: string, records: readonly TraceRecord[]) => void): void {
    for (const domain of this.domains) {
      const buffer = this.memory.trace.get(domain)!;
      const count = Atomics.load(new Uint32Array(buffer, 0, 1), 0);
      const fresh = Math.min((count - (this.#seen.get(domain) ?? 0)) >>> 0, TRACE_RECORDS);
      this.#seen.set(domain, count);
      if (fresh === 0) continue;
      // Its domain writes on meanwhile: those are of the next call.
      const records = readTrace(new Region('trace', buffer), TRACE_RECORDS);
      take(
        domain,
        records.filter(({ sequence }) => sequence < count && sequence >= count - fresh),
      );
    }
  }
}
