/**
 * The Trace Event Format that chrome://tracing and Perfetto open: complete events (X) for slices, flow events (s, t, f) bound to them,
 * counters (C), names as metadata (M). Times are microseconds with fractions.
 */
import type { ExportModel, Slice } from './export_model';

const PROCESS = 1;

export function chromeTrace({ board, tracks, lost }: ExportModel): string {
  const events: object[] = [meta('process_name', 0, { name: `${board}: LionsOS Virtualised Filesystem` })];
  for (const [i, { name, priority, slices, waiting }] of tracks.entries()) {
    const tid = i + 1;
    events.push(
      meta('thread_name', tid, { name: `${name} (${priority})` }),
      meta('thread_sort_index', tid, { sort_index: i }),
    );
    for (const slice of slices) {
      const { start, end, happened } = slice;
      const args = happened.length > 0 ? { args: { happened } } : {};
      events.push({ ...base('X', tid, start), name: slice.name, cat: 'ran', dur: (end - start) / 1000, ...args });
    }
    for (const { time, count } of waiting)
      events.push({ ...base('C', tid, time), name: `requests in ${name}`, args: { waiting: count } });
  }
  const other = { board, lostRecords: lost };
  return JSON.stringify({ traceEvents: [...events, ...flowEvents(tracks)], displayTimeUnit: 'ns', otherData: other });
}

const base = (ph: string, tid: number, time: number) => ({ ph, pid: PROCESS, tid, ts: time / 1000 });
const meta = (name: string, tid: number, args: object) => ({ ...base('M', tid, 0), name, args });

/** A flow begins in the first slice that it passes, ends in the last, and goes through those between them. */
function flowEvents(tracks: ExportModel['tracks']): object[] {
  const flows = new Map<number, { readonly tid: number; readonly slice: Slice }[]>();
  for (const [i, { slices }] of tracks.entries()) {
    for (const slice of slices) {
      for (const id of slice.flows) flows.set(id, [...(flows.get(id) ?? []), { tid: i + 1, slice }]);
    }
  }
  return [...flows].flatMap(([id, passed]) => {
    if (passed.length < 2) return [];
    passed.sort((a, b) => a.slice.start - b.slice.start);
    const name = id < 2 ** 32 ? `request ${id}` : 'notification';
    return passed.map(({ tid, slice }, at) => {
      const ph = at === 0 ? 's' : at === passed.length - 1 ? 'f' : 't';
      return { ...base(ph, tid, slice.start), name, cat: 'flow', id, ...(ph === 'f' ? { bp: 'e' } : {}) };
    });
  });
}
