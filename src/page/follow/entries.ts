/** What the recorders of the way to the disk say about requests and statements, kept as far back as statements are shown. */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import { TraceReader } from '../../protocol/trace_reader';
import { requestOf } from '../../protocol/trace_words';
import { domainsOf, type Roles } from './roles';

/** A record with the stretch of work that it belongs to: `time` is when the domain woke, milliseconds since boot. */
export interface Entry extends TraceRecord {
  readonly domain: string;
  /** When the domain went to sleep again; undefined while it runs, or when the recorder does not say. */
  until?: number;
}

/** Most that is kept of one domain. */
const KEPT = 16_384;

const TOLD: ReadonlySet<number> = new Set([
  TRACE.REQUEST,
  TRACE.RESPONSE,
  TRACE.STATEMENT,
  TRACE.STATEMENT_END,
  TRACE.CLUSTERS,
  TRACE.DISK_READ,
  TRACE.DISK_WRITE,
  TRACE.DISK_FLUSH,
]);

export class Entries {
  readonly #readers = new Map<string, TraceReader>();
  readonly #byDomain = new Map<string, Entry[]>();
  /** Those of the stretch of work that has not ended. */
  readonly #open = new Map<string, Entry[]>();
  #dropped = 0;

  constructor(
    readonly roles: Roles,
    memory: Pick<SystemMemory, 'trace'>,
  ) {
    for (const domain of domainsOf(roles)) {
      this.#readers.set(domain, new TraceReader(new Region('trace', memory.trace.get(domain)!)));
      this.#byDomain.set(domain, []);
      this.#open.set(domain, []);
    }
  }

  /** Reads on; true when there was something new about requests or statements. */
  read(): boolean {
    let news = false;
    for (const [domain, reader] of this.#readers)
      for (const record of reader.next()) news = this.#take(domain, record) || news;
    return news;
  }

  of(domain: string): readonly Entry[] {
    return this.#byDomain.get(domain) ?? [];
  }

  /** Records that were overwritten before they were read, or let go of since. */
  get lost(): number {
    return this.#dropped + [...this.#readers.values()].reduce((sum, { lost }) => sum + lost, 0);
  }

  #take(domain: string, record: TraceRecord): boolean {
    const open = this.#open.get(domain)!;
    if (record.kind === TRACE.RAN) {
      for (const entry of open.splice(0)) entry.until = record.time;
      return true;
    }
    if (!TOLD.has(record.kind)) return false;
    const client = this.roles.clients.indexOf(domain);
    // Its server knows which client it is; the client itself counts from 1 as any other.
    const request = client > 0 && record.request > 0 ? requestOf(client, record.request) : record.request;
    const entry: Entry = { ...record, request, domain };
    const all = this.#byDomain.get(domain)!;
    all.push(entry);
    open.push(entry);
    if (all.length > KEPT) this.#dropped += all.splice(0, KEPT / 4).length;
    return true;
  }
}
