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
  /** No label beyond this: something else stands there. */
  readonly rightmost: number;
}

const TICK_PX = 92;
const LABEL_PX = 76;

export function drawAxis(context: CanvasRenderingContext2D, scale: SpanScale, palette: Palette, box: Box): void {
  const { left, right, width, rightmost } = box;
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
    if (at < 20 || at > Math.min(width - 40, rightmost) || taken.some((pause) => Math.abs(pause - at) < LABEL_PX))
      continue;
    const ms = scale.timeAt(place) - origin;
    context.fillStyle = palette.ink3;
    context.fillText(Math.abs(ms) < step / 1000 ? `0 = ${(origin / 1000).toFixed(3)} s` : tickWords(ms, step), at, 17);
    context.fillStyle = palette.line;
    context.fillRect(Math.round(at), 21, 1, 5);
  }
  context.textAlign = 'left';
}

/** As exact as the ticks are apart. */
function tickWords(ms: number, step: number): string {
  if (Math.abs(ms) < 1000) return timeWords(ms);
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1000)));
  return `${(ms / 1000).toFixed(digits)} s`;
}

/** Returns where their labels stand. */
function drawPauses(
  context: CanvasRenderingContext2D,
  scale: SpanScale,
  palette: Palette,
  { left, right, height, top, rightmost }: Box,
  x: (place: number) => number,
): number[] {
  const labels: number[] = [];
  context.textAlign = 'center';
  for (const { from, to, at } of scale.pauses) {
    const end = scale.placeOf(to);
    if (end < left || at > right) continue;
    const middle = (x(at) + x(end)) / 2;
    if (x(end) - x(at) < 5) continue;
    broken(context, palette, { middle, top, height });
    const isFree =
      middle > LABEL_PX / 2 && middle < rightmost && labels.every((label) => Math.abs(label - middle) > LABEL_PX);
    if (!isFree) continue;
    context.fillStyle = palette.ink3;
    context.fillText(`\u2026 ${timeWords(to - from)} \u2026`, middle, 17);
    labels.push(middle);
  }
  context.textAlign = 'left';
  return labels;
}

/** Here the axis is not to scale. */
function broken(
  context: CanvasRenderingContext2D,
  palette: Palette,
  { middle, top, height }: { readonly middle: number; readonly top: number; readonly height: number },
): void {
  context.strokeStyle = palette.edge;
  context.lineWidth = 1;
  context.setLineDash([1, 3]);
  context.beginPath();
  context.moveTo(Math.round(middle) + 0.5, top);
  context.lineTo(Math.round(middle) + 0.5, height);
  context.stroke();
  context.setLineDash([]);
}

/** 1, 2, 2.5 or 5 times a power of ten, at least as large. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}
