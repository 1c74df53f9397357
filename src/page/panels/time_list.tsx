/** The timeline as a list: what happened, in order, up to now or to somewhat after what is chosen. */
import { memo, useEffect, useRef } from 'react';
import type { Desk } from '../desk';
import { shownKind } from '../graph/model';
import { matcher, timeWords, told } from '../time/search';
import type { Timeline, TimelineState } from '../time/timeline';

interface Props {
  readonly desk: Desk;
  readonly timeline: Timeline;
  readonly state: TimelineState;
}

const ROWS = 120;
/** Spans of each lane that are looked through. */
const LOOKED_AT = 400;
/** Spans shown after the one that is chosen. */
const AFTER = 40;

export const TimeList = memo(function TimeList({ desk, timeline, state }: Props) {
  const { recording } = timeline;
  const { description } = recording?.memory ?? {};
  const list = useRef<HTMLOListElement>(null);
  const { chosen } = state;
  useEffect(() => {
    if (chosen) list.current!.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  // The newest is in sight, unless somebody is about to take a row.
  useEffect(() => {
    const element = list.current!;
    const busy = element.matches(':hover') || element.contains(document.activeElement);
    if (state.version > 0 && !chosen && !busy) element.scrollTop = element.scrollHeight;
  }, [chosen, state.version]);
  if (!recording || !description) return <ol className="time-list" ref={list} />;
  const matches = matcher(description, state.search);
  const spans = [...recording.domains]
    .flatMap((domain) => recentOf(recording.spansOf(domain), chosen?.start).filter(matches))
    .sort((a, b) => a.start - b.start);
  if (chosen) spans.length = Math.min(spans.length, spans.findLastIndex(({ start }) => start <= chosen.start) + AFTER);
  const rows = told(description, spans, state.search, ROWS);
  const kinds = new Map(description.domains.map((domain) => [domain.name, shownKind(domain)]));
  const origin = timeline.scale.last ?? 0;
  return (
    <ol className="time-list" aria-label="Events, the newest last" ref={list}>
      {rows.map(({ span, time, words }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two records of one span may be alike
        <li key={`${span.domain} ${span.start} ${i}`} className={`k-${kinds.get(span.domain)}`}>
          <button
            className="time-row"
            type="button"
            aria-current={span === chosen || undefined}
            onClick={() => timeline.choose(span)}
            onPointerEnter={() => desk.stage.light(span.domain)}
            onPointerLeave={() => desk.stage.light(undefined)}
          >
            <span className="when">{timeWords(time - origin)}</span>
            <span>
              <code className="time-row-name">{span.domain}</code> {words}
            </span>
          </button>
        </li>
      ))}
      {rows.length === 0 && <li className="none">Nothing {state.search === '' ? 'was recorded yet' : 'matches'}.</li>}
    </ol>
  );
});

function recentOf<T extends { readonly start: number }>(
  spans: readonly T[],
  upTo = Number.POSITIVE_INFINITY,
): readonly T[] {
  const end = spans.findLastIndex(({ start }) => start <= upTo) + 1 + AFTER;
  return spans.slice(Math.max(0, end - LOOKED_AT), end);
}
