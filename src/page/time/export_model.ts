/** What every format says: tracks with slices that do not overlap, what happened in them, flows from slice to slice, counters. */
import { TRACE } from '../../protocol/trace';
import { eventWords } from '../graph/events';
import { domainNamed } from '../graph/model';
import { lanesOf } from './lanes';
import type { Recording, Span } from './recording';

/** Times in nanoseconds since boot, whole. */
export interface Slice {
  readonly start: number;
  readonly end: number;
  readonly name: string;
  /** Ids of flows that pass through it. */
  readonly flows: readonly number[];
  readonly happened: readonly string[];
}

export interface Track {
  readonly name: string;
  readonly priority: number;
  readonly slices: readonly Slice[];
  /** Requests that it has taken or made and that are not answered, after each change. */
  readonly waiting: readonly { readonly time: number; readonly count: number }[];
}

export interface ExportModel {
  readonly board: string;
  readonly tracks: readonly Track[];
  readonly lost: number;
}

/** Flows of notifications are numbered above those of requests, which are numbers of 32 bits. */
const ARROWS = 2 ** 32;

export function exportModel(recording: Recording): ExportModel {
  const { description } = recording.memory;
  const end = recording.end ?? 0;
  const arrows = flowsOf(recording);
  const tracks = lanesOf(description).map(({ name, priority }) => {
    const domain = domainNamed(description, name);
    const spans = recording.spansOf(name);
    let last = 0;
    const slices = spans.map((span): Slice => {
      const start = Math.max(last, nanoseconds(span.start));
      last = Math.max(start, nanoseconds(span.end ?? end));
      const happened = span.records.map((record) => eventWords(description, domain, record));
      const requests = new Set(span.records.map(({ request }) => request).filter((request) => request !== 0));
      const flows = [...requests, ...(arrows.get(span) ?? [])];
      return { start, end: last, name: happened[0] ?? 'ran', flows, happened };
    });
    return { name, priority, slices, waiting: waitingIn(spans) };
  });
  return { board: description.board, tracks, lost: recording.lost };
}

function flowsOf({ arrows }: Recording): Map<Span, number[]> {
  const flows = new Map<Span, number[]>();
  for (const [i, { from, to }] of arrows.entries()) {
    for (const span of [from, to]) flows.set(span, [...(flows.get(span) ?? []), ARROWS + i]);
  }
  return flows;
}

function waitingIn(spans: readonly Span[]): Track['waiting'] {
  const open = new Set<number>();
  const changes: { time: number; count: number }[] = [];
  for (const { records } of spans) {
    for (const { kind, request, time } of records) {
      const before = open.size;
      if (kind === TRACE.REQUEST) open.add(request);
      if (kind === TRACE.RESPONSE) open.delete(request);
      if (open.size !== before) changes.push({ time: nanoseconds(time), count: open.size });
    }
  }
  return changes;
}

const nanoseconds = (ms: number) => Math.round(ms * 1e6);
