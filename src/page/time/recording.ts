/**
 * What all flight recorders said, put together: per domain the spans in which it ran, with what it did in each, and the arrows between
 * them. A span begins when the domain wakes and ends when it sleeps, so that spans of one domain never overlap. Times are milliseconds
 * since boot.
 */
import type { SystemMemory } from '../../microkit/layout';
import { Region } from '../../protocol/region';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import { TraceReader } from '../../protocol/trace_reader';
import { type Arrow, Arrows } from './arrows';

export interface Span {
  readonly domain: string;
  start: number;
  /** Undefined while the domain has not gone to sleep. */
  end: number | undefined;
  readonly records: TraceRecord[];
}

/** Most that is kept of one domain: spans, and records in them. */
const KEPT = 20_000;

interface Track {
  readonly reader: TraceReader;
  readonly spans: Span[];
  open: Span | undefined;
  records: number;
}

export class Recording {
  readonly #tracks = new Map<string, Track>();
  readonly #arrows: Arrows;
  /** Grows with everything that is read. */
  version = 0;
  #dropped = 0;

  constructor(readonly memory: Pick<SystemMemory, 'trace' | 'description'>) {
    this.#arrows = new Arrows(memory.description);
    for (const [domain, buffer] of memory.trace) {
      const reader = new TraceReader(new Region('trace', buffer));
      this.#tracks.set(domain, { reader, spans: [], open: undefined, records: 0 });
    }
  }

  /** Reads on; true when there was something new. */
  read(): boolean {
    let news = false;
    for (const [domain, track] of this.#tracks) {
      for (const record of track.reader.next()) {
        this.#take(domain, track, record);
        news = true;
      }
      this.#trim(track);
    }
    if (news) this.#arrows.match();
    if (news) this.version++;
    return news;
  }

  /** Oldest first. */
  spansOf(domain: string): readonly Span[] {
    return this.#tracks.get(domain)?.spans ?? [];
  }

  /** By the time at which they arrive, roughly. */
  get arrows(): readonly Arrow[] {
    return this.#arrows.list;
  }

  get domains(): Iterable<string> {
    return this.#tracks.keys();
  }

  /** Records held. */
  get records(): number {
    return sum([...this.#tracks.values()].map(({ records }) => records));
  }

  /** Records that were overwritten before they were read, or let go of since. */
  get lost(): number {
    return this.#dropped + sum([...this.#tracks.values()].map(({ reader }) => reader.lost));
  }

  /** Of the newest span; undefined when there is none. */
  get end(): number | undefined {
    const ends = [...this.#tracks.values()].map(({ spans }) => spans.at(-1)).map((last) => last?.end ?? last?.start);
    const known = ends.filter((end) => end !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  }

  /** Forgets everything up to now. */
  clear(): void {
    for (const track of this.#tracks.values()) {
      track.spans.length = 0;
      track.records = 0;
      track.open = undefined;
    }
    this.#arrows.clear();
    this.version++;
  }

  #take(domain: string, track: Track, record: TraceRecord): void {
    if (record.kind === TRACE.RAN) return this.#close(domain, track, record);
    track.open ??= this.#begin(domain, track, record.time);
    track.open.records.push(record);
    track.records++;
    this.#arrows.take(track.open, record);
  }

  #begin(domain: string, { spans }: Track, time: number): Span {
    const span: Span = { domain, start: Math.max(time, spans.at(-1)?.end ?? 0), end: undefined, records: [] };
    spans.push(span);
    return span;
  }

  #close(domain: string, track: Track, { time, a }: TraceRecord): void {
    const span = track.open ?? this.#begin(domain, track, time - a / 1e6);
    track.open = undefined;
    span.end = Math.max(time, span.start);
  }

  #trim(track: Track): void {
    const { spans } = track;
    if (spans.length < KEPT && track.records < KEPT) return;
    const gone = spans.splice(0, Math.ceil(spans.length / 4));
    const records = sum(gone.map((span) => span.records.length));
    track.records -= records;
    this.#dropped += records;
    this.#arrows.forgetBefore(spans[0]?.start ?? 0);
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
