/** The timeline's axis: times since the last burst began, and pauses that are drawn shorter than they were. */
import type { Palette } from './palette';
import { timeWords } from './search';
import type { SpanScale } from './span_scale';

interface Box {
  readonly left: number;
  readonly right: number;
  readonly width: number;
  readonly height: number;
  readonly top: number;
}

const TICK_PX = 92;
const LABEL_PX = 76;

export function drawAxis(context: CanvasRenderingContext2D, scale: SpanScale, palette: Palette, box: Box): void {
  const { left, right, width } = box;
  const perPixel = (right - left) / width;
  const x = (place: number) => (place - left) / perPixel;
  context.font = `400 10px ${palette.mono}`;
  context.textBaseline = 'alphabetic';
  const taken = drawPauses(context, scale, palette, box, x);
  const origin = scale.last;
  if (origin === undefined) return;
  const step = niceStep(perPixel * TICK_PX);
  const zero = scale.placeOf(origin);
  context.textAlign = 'center';
  for (let place = zero + Math.ceil((left - zero) / step) * step; place <= right; place += step) {
    const at = x(place);
    if (at < 20 || at > width - 20 || taken.some((pause) => Math.abs(pause - at) < LABEL_PX)) continue;
    const ms = scale.timeAt(place) - origin;
    context.fillStyle = palette.ink3;
    context.fillText(Math.abs(ms) < step / 1000 ? `0 = ${(origin / 1000).toFixed(3)} s` : timeWords(ms), at, 18);
    context.fillStyle = palette.line;
    context.fillRect(Math.round(at), 22, 1, 6);
  }
  context.textAlign = 'left';
}

/** Returns where their labels stand. */
function drawPauses(
  context: CanvasRenderingContext2D,
  scale: SpanScale,
  palette: Palette,
  { left, right, height, top }: Box,
  x: (place: number) => number,
): number[] {
  const labels: number[] = [];
  context.textAlign = 'center';
  for (const { from, to, at } of scale.pauses) {
    const end = scale.placeOf(to);
    if (end < left || at > right) continue;
    const [start, length] = [x(at), x(end) - x(at)];
    if (length < 3) continue;
    context.fillStyle = palette.pause;
    context.fillRect(start, top, length, height - top);
    const middle = start + length / 2;
    if (length < 8 || labels.some((label) => Math.abs(label - middle) < LABEL_PX)) continue;
    context.fillStyle = palette.ink3;
    context.fillText(`\u2026 ${timeWords(to - from)} \u2026`, middle, 18);
    labels.push(middle);
  }
  context.textAlign = 'left';
  return labels;
}

/** 1, 2, 2.5 or 5 times a power of ten, at least as large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
