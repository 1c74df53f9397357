/** Sizes and times as the view "Files" writes them. */
import { bytesWords } from '../storage_words';

const THIN = '\u2009';
const DATE = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** Exact, in groups of three. */
export function exactWords(bytes: number): string {
  return String(bytes).replace(/\B(?=(\d{3})+$)/g, THIN);
}

export function dateWords(ms: number): string {
  return Number.isFinite(ms) ? DATE.format(ms) : '';
}

export function rateWords(perSecond: number): string {
  return `${bytesWords(Math.round(perSecond))}/s`;
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${exactWords(count)} ${count === 1 ? one : many}`;
}
