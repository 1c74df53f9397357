/** A lane of heartbeats as paths of a drawing: a line while it beats, a gap where nothing is known, a hatched bar where no beat came. */
import type { Lane } from './heartbeats';

/** The time that a drawing shows, in milliseconds on the page's clock. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** What comes after it has not happened yet. Default: `to`. */
  readonly now?: number;
}

export interface LanePaths {
  readonly line: string;
  /** Bars. */
  readonly silent: string;
  /** Where the words "no beat" have room: their middle. */
  readonly wordsAt: number | undefined;
}

export interface LaneSize {
  readonly width: number;
  readonly height: number;
}

/** Of one beat, in pixels before and after its middle. */
const BEAT = [
  [-5, 0],
  [-3, -2],
  [-1.5, 2],
  [0.5, -8],
  [2.5, 3.5],
  [4, 0],
] as const;
const WORDS_WIDTH = 62;

export function lanePaths(
  { beats, silences }: Lane,
  { from, to, now = to }: Span,
  { width, height }: LaneSize,
): LanePaths {
  const x = (ms: number) => (Math.min(Math.max(ms, from), to) - from) * (width / (to - from));
  const middle = height / 2 + 1;
  const bars = silences
    .filter((silence) => silence.from < to && (silence.to ?? now) > from)
    .map((silence) => ({ left: x(silence.from), right: Math.max(x(silence.to ?? now), x(silence.from) + 2) }));
  const shown = beats.filter((beat) => beat > from && beat <= to).map(x);
  const begin = beats[0] === undefined ? width : x(beats[0]);
  const words = bars.find(({ left, right }) => right - left > WORDS_WIDTH);
  return {
    line: strokes(shown, begin, x(now), middle),
    silent: bars.map(({ left, right }) => `M${px(left)} 2H${px(right)}V${height - 2}H${px(left)}Z`).join(''),
    wordsAt: words && (words.left + words.right) / 2,
  };
}

function strokes(beats: readonly number[], begin: number, end: number, middle: number): string {
  if (begin >= end) return '';
  const parts = beats.flatMap((at) => BEAT.map(([dx, dy]) => `L${px(Math.max(begin, at + dx))} ${px(middle + dy)}`));
  return `M${px(begin)} ${middle}${parts.join('')}L${px(end)} ${middle}`;
}

const px = (value: number) => value.toFixed(1);

/** As far back as a lane shows what happens now. */
export const LIVE_MS = 1200;
/** Around a recovery, so that a short one is seen. */
const LEAST_MS = 1200;
const BEFORE = 0.3;

/** What the lanes show of a recovery that is over: some time before it, all of it, and some after. */
export function spanAround(fromMs: number, downMs: number): Span {
  const length = Math.max(LEAST_MS, downMs * 1.6);
  const from = fromMs - (length - downMs) * BEFORE;
  return { from, to: from + length };
}
