/** Searching the timeline: every word must be found in a domain's name or in what it did. */
import type { SystemDescription } from '../../microkit/sdf';
import { eventWords } from '../graph/events';
import { domainNamed } from '../graph/model';
import type { Span } from './recording';

export function matcher(description: SystemDescription, search: string): (span: Span) => boolean {
  const wanted = wordsOf(search);
  if (wanted.length === 0) return () => true;
  return ({ domain, records }) => {
    const left = wanted.filter((word) => !domain.includes(word));
    if (left.length === 0) return true;
    const found = domainNamed(description, domain);
    return records.some((record) => {
      const words = eventWords(description, found, record).toLowerCase();
      return left.every((word) => words.includes(word));
    });
  };
}

/** One record of a span, in words. */
export interface Told {
  readonly span: Span;
  readonly time: number;
  readonly words: string;
}

const wordsOf = (search: string) =>
  search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');

/** What happened in these spans and matches, newest last: the last `most` of it. */
export function told(description: SystemDescription, spans: readonly Span[], search: string, most: number): Told[] {
  const wanted = wordsOf(search);
  const matches = ({ span, words }: Told) =>
    wanted.every((word) => `${span.domain} ${words}`.toLowerCase().includes(word));
  const lines: Told[] = [];
  for (let i = spans.length - 1; i >= 0 && lines.length < most; i--) {
    const span = spans[i]!;
    const domain = domainNamed(description, span.domain);
    const did = span.records.map((record) => ({
      span,
      time: record.time,
      words: eventWords(description, domain, record),
    }));
    const all = did.length > 0 ? did : [{ span, time: span.start, words: `ran ${durationWords(span)}` }];
    lines.unshift(...all.filter(matches));
  }
  return lines.slice(-most);
}

/** A span in one sentence. */
export function spanWords(description: SystemDescription, span: Span): string {
  const domain = domainNamed(description, span.domain);
  const words = [...new Set(span.records.map((record) => eventWords(description, domain, record)))];
  const shown = words.slice(0, 3).join('; ');
  const more = words.length > 3 ? `; and ${words.length - 3} more` : '';
  return `${span.domain} ran ${durationWords(span)}${shown ? `: ${shown}${more}` : ''}`;
}

export function durationWords({ start, end }: Span): string {
  return end === undefined ? 'and still does' : timeWords(end - start);
}

/** Milliseconds as a person reads them. */
export function timeWords(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (size >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  if (size >= 0.995) return `${Number(ms.toFixed(2))} ms`;
  return `${Math.round(ms * 1000)} \u00b5s`;
}
