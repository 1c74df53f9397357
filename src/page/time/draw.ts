/** Draws the timeline: bars where a domain ran, arrows to whom it woke, hatched what has not happened yet. */
import { leaves } from './arrows';
import { drawAxis } from './draw_axis';
import type { Palette } from './palette';
import type { Span } from './recording';
import type { Timeline } from './timeline';

export const AXIS = 26;
export const ROW = 24;
const BAR = { top: 5, height: 14, least: 1.5 };
const HEAD = 4;
/** What stands at the end of the past takes so much to its left. */
const FLAG = 60;
/** Above that arrows are a thicket. */
const MOST_ARROWS = 600;
/** They stand in the order in which they were found, nearly that of time: so many in a row to the left of the window, and all others are. */
const LEFT_IN_A_ROW = 100;

export interface View {
  readonly timeline: Timeline;
  readonly width: number;
  readonly height: number;
  readonly ahead: number;
  readonly palette: Palette;
  /** Of lanes to step back; undefined: of none. */
  readonly path: ReadonlySet<string> | undefined;
  readonly lit: string | undefined;
  readonly matches: (span: Span) => boolean;
  /** While the system stands still: lanes that could go on, the next one first. */
  readonly next: readonly string[] | undefined;
}

interface Drawing extends View {
  readonly context: CanvasRenderingContext2D;
  readonly left: number;
  readonly x: (time: number) => number;
}

export function draw(context: CanvasRenderingContext2D, view: View): void {
  const { timeline, width, height, palette } = view;
  const { left, right } = timeline.window(view.ahead);
  const x = (time: number) => ((timeline.scale.placeOf(time) - left) / (right - left)) * width;
  const drawing = { ...view, context, left, x };
  context.fillStyle = palette.surface;
  context.fillRect(0, 0, width, height);
  drawBands(drawing);
  const now = view.next ? x(timeline.recording?.end ?? 0) : Number.POSITIVE_INFINITY;
  drawAxis(context, timeline.scale, palette, { left, right, width, height, top: AXIS, rightmost: now - FLAG });
  drawArrows(drawing, false);
  for (const [row, lane] of timeline.state.lanes.entries()) {
    for (const span of shown(drawing, lane.name))
      drawSpan(drawing, span, row, lane.guest ? palette.guest : palette[lane.kind]);
  }
  drawArrows(drawing, true);
  drawFuture(drawing);
}

/** What is under a point; the nearest within a few pixels. */
export function spanAt(view: View, at: { readonly x: number; readonly y: number }): Span | undefined {
  const { timeline, width } = view;
  const lane = timeline.state.lanes[Math.floor((at.y - AXIS) / ROW)];
  if (!lane) return undefined;
  const { left, right } = timeline.window(view.ahead);
  const x = (time: number) => ((timeline.scale.placeOf(time) - left) / (right - left)) * width;
  const distance = ({ start, end }: Span) =>
    Math.max(0, x(start) - at.x, at.x - Math.max(x(end ?? start), x(start) + BAR.least));
  const near = shown({ ...view, left, x }, lane.name).map((span) => ({ span, off: distance(span) }));
  return near.filter(({ off }) => off < 8).sort((a, b) => a.off - b.off)[0]?.span;
}

function shown(
  { timeline, left, ahead }: Pick<Drawing, 'timeline' | 'left' | 'ahead' | 'x'>,
  lane: string,
): readonly Span[] {
  const spans = timeline.recording?.spansOf(lane) ?? [];
  const { scale } = timeline;
  const from = scale.timeAt(left);
  const to = scale.timeAt(timeline.window(ahead).right);
  return spans.slice(Math.max(0, before(spans, from) - 1), before(spans, to));
}

/** Spans that begin before that time. */
function before(spans: readonly Span[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.start < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function drawBands({ context, timeline, width, palette, lit }: Drawing): void {
  for (const [row, { name }] of timeline.state.lanes.entries()) {
    if (name !== lit && row % 2 === 1) continue;
    context.fillStyle = name === lit ? palette.lit : palette.band;
    context.fillRect(0, AXIS + row * ROW, width, ROW);
  }
}

const isOnPath = ({ path, matches }: Drawing, span: Span) => (path?.has(span.domain) ?? true) && matches(span);

function drawSpan(drawing: Drawing, span: Span, row: number, fill: string | CanvasPattern): void {
  const { context, x, palette, timeline } = drawing;
  const start = x(span.start);
  const end = x(span.end ?? timeline.recording?.end ?? span.start);
  const length = Math.max(BAR.least, end - start);
  const y = AXIS + row * ROW + BAR.top;
  context.globalAlpha = isOnPath(drawing, span) ? 1 : 0.28;
  context.fillStyle = fill;
  context.fillRect(start, y, length, BAR.height);
  if (typeof fill !== 'string' && length > 3) {
    context.strokeStyle = palette.vm;
    context.lineWidth = 1;
    context.strokeRect(start + 0.5, y + 0.5, length - 1, BAR.height - 1);
  }
  context.globalAlpha = 1;
  if (span !== timeline.state.chosen) return;
  context.lineWidth = 4;
  context.strokeStyle = palette.signal;
  context.strokeRect(start - 2.5, y - 2.5, length + 5, BAR.height + 5);
  context.lineWidth = 1.5;
  context.strokeStyle = palette.ink;
  context.strokeRect(start - 0.75, y - 0.75, length + 1.5, BAR.height + 1.5);
}

/** Arrows of the chosen way lie above the bars, the others below. */
function drawArrows(drawing: Drawing, above: boolean): void {
  const { context, timeline, x, width, palette } = drawing;
  const rows = new Map(timeline.state.lanes.map(({ name }, row) => [name, row]));
  const list = timeline.recording?.arrows ?? [];
  let left = MOST_ARROWS;
  let before = 0;
  context.lineWidth = above ? 1.5 : 1;
  context.strokeStyle = above ? palette.ink : palette.edge;
  context.fillStyle = context.strokeStyle;
  for (let i = list.length - 1; i >= 0 && left > 0 && before < LEFT_IN_A_ROW; i--) {
    const arrow = list[i]!;
    const to = x(arrow.to.start);
    before = to < 0 ? before + 1 : 0;
    if (to < 0) continue;
    if ((isOnPath(drawing, arrow.from) && isOnPath(drawing, arrow.to)) !== above) continue;
    const from = x(leaves(arrow));
    if (from > width) continue;
    left--;
    drawArrow(context, {
      from,
      to: Math.max(from, to),
      rows: [rows.get(arrow.from.domain)!, rows.get(arrow.to.domain)!],
    });
  }
}

interface Line {
  readonly from: number;
  readonly to: number;
  readonly rows: readonly [from: number, to: number];
}

/** Out of the end of one bar, into the beginning of the other. */
function drawArrow(context: CanvasRenderingContext2D, { from, to, rows }: Line): void {
  const down = rows[1] > rows[0];
  const y0 = AXIS + rows[0] * ROW + ROW / 2;
  const tip = AXIS + rows[1] * ROW + (down ? BAR.top : BAR.top + BAR.height);
  const bend = Math.min(3, Math.max(0, to - from) / 2);
  context.beginPath();
  context.moveTo(from, y0);
  context.bezierCurveTo(from + bend, y0, to, y0, to, y0 + (down ? HEAD : -HEAD));
  context.lineTo(to, tip);
  context.stroke();
  context.beginPath();
  context.moveTo(to, tip);
  context.lineTo(to - HEAD / 1.6, tip + (down ? -HEAD : HEAD));
  context.lineTo(to + HEAD / 1.6, tip + (down ? -HEAD : HEAD));
  context.fill();
}

function drawFuture(drawing: Drawing): void {
  const { context, timeline, x, width, palette, next } = drawing;
  if (!next) return;
  const now = x(timeline.recording?.end ?? 0);
  if (now > width) return;
  const bottom = AXIS + timeline.state.lanes.length * ROW;
  context.fillStyle = palette.future;
  context.fillRect(now, AXIS, width - now, bottom - AXIS);
  context.strokeStyle = palette.ink;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(now, AXIS - 6);
  context.lineTo(now, bottom);
  context.stroke();
  drawFlag(drawing, now);
  for (const [i, name] of next.entries()) {
    const row = timeline.state.lanes.findIndex((lane) => lane.name === name);
    if (row >= 0) drawReady(drawing, now + 14, AXIS + row * ROW + ROW / 2, i === 0);
  }
}

function drawFlag({ context, palette }: Drawing, now: number): void {
  const left = Math.max(1, now - 22);
  context.fillStyle = palette.signal;
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.fillRect(left, 5, 44, 16);
  context.strokeRect(left, 5, 44, 16);
  context.fillStyle = palette.onSignal;
  context.font = `600 10px ${palette.mono}`;
  context.textAlign = 'center';
  context.fillText('paused', left + 22, 16.5);
  context.textAlign = 'left';
}

function drawReady({ context, palette }: Drawing, x: number, y: number, isNext: boolean): void {
  const size = isNext ? 6.5 : 4.5;
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.closePath();
  context.fillStyle = isNext ? palette.signal : palette.surface;
  context.fill();
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.stroke();
  const words = isNext ? 'next' : 'ready, must wait';
  context.font = `${isNext ? 600 : 400} 11px ${palette.mono}`;
  const { width } = context.measureText(words);
  context.fillStyle = palette.surface;
  context.fillRect(x + 10, y - 8, width + 6, 16);
  context.fillStyle = isNext ? palette.ink : palette.ink2;
  context.fillText(words, x + 13, y + 4);
}
