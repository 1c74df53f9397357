/** The drawing of the timeline: one picture for readers, with a sentence on what is chosen; keys go from span to span. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState, type WheelEvent } from 'react';
import type { Desk } from '../desk';
import { AXIS, draw, ROW, spanAt, type View } from '../time/draw';
import { type Palette, paletteOf } from '../time/palette';
import { matcher, spanWords, timeWords } from '../time/search';
import type { TimeState } from '../time/state';
import type { Timeline } from '../time/timeline';

interface Props {
  readonly desk: Desk;
  readonly timeline: Timeline;
  readonly held: TimeState;
  readonly lit: string | undefined;
  readonly path: ReadonlySet<string> | undefined;
}

/** What is kept free at the right: for what comes next, while the system stands still. */
const AHEAD = { held: 0.3, moving: 0.02 };
const ZOOM = 1.5;
const PAN = 0.2;

export function TimePlot({ desk, timeline, held, lit, path }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>(undefined);
  const { lanes, chosen } = timeline.state;
  const ahead = held.mode === 'paused' ? AHEAD.held : AHEAD.moving;
  const drag = useDrag(timeline, ahead);
  usePainting(canvas, view, { timeline, held, lit, path, ahead });

  const description = desk.machine.memory()?.description;
  const said = chosen && description ? spanWords(description, chosen) : '';
  const pressed = (event: KeyboardEvent) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(timeline, ahead);
  };
  const lane = (event: PointerEvent) => lanes[Math.floor((event.nativeEvent.offsetY - AXIS) / ROW)]?.name;
  const scrolled = (event: WheelEvent) => {
    const { offsetX } = event.nativeEvent;
    const wide = event.currentTarget.clientWidth;
    if (event.ctrlKey || event.altKey) timeline.zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, offsetX / wide, ahead);
    else if (event.deltaX !== 0 || event.shiftKey)
      timeline.pan(((event.deltaX || event.deltaY) / wide) * timeline.state.width, ahead);
  };

  return (
    <div className="time-plot">
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={`Timeline, ${held.mode === 'paused' ? 'paused' : 'live'}, ${lanes.length} lanes. Left and right go from event to event. The list shows the same.`}
        onKeyDown={pressed}
        onWheel={scrolled}
        onPointerDown={drag.down}
        onPointerMove={(event) => {
          desk.stage.light(lane(event));
          drag.move(event);
        }}
        onPointerLeave={() => desk.stage.light(undefined)}
        onPointerUp={(event) => {
          if (drag.up()) return;
          const { offsetX: x, offsetY: y } = event.nativeEvent;
          timeline.choose(view.current && spanAt(view.current, { x, y }));
        }}
      />
      <p className="time-said" role="status">
        {chosen && description ? (
          <>
            <b>{timeWords(chosen.start)}</b> {said}
          </>
        ) : null}
      </p>
    </div>
  );
}

const KEYS: Readonly<Record<string, (timeline: Timeline, ahead: number) => void>> = {
  ArrowLeft: (timeline) => timeline.move(-1),
  ArrowRight: (timeline) => timeline.move(1),
  Home: (timeline) => timeline.first(),
  End: (timeline) => timeline.last(),
  '+': (timeline, ahead) => timeline.zoom(1 / ZOOM, 0.5, ahead),
  '=': (timeline, ahead) => timeline.zoom(1 / ZOOM, 0.5, ahead),
  '-': (timeline, ahead) => timeline.zoom(ZOOM, 0.5, ahead),
  PageUp: (timeline, ahead) => timeline.pan(-timeline.state.width * PAN, ahead),
  PageDown: (timeline, ahead) => timeline.pan(timeline.state.width * PAN, ahead),
};

/** A drag moves the window; up() says whether it was one. */
function useDrag(timeline: Timeline, ahead: number) {
  const [drag] = useState({ from: undefined as number | undefined, moved: 0 });
  return {
    down: ({ clientX, currentTarget, pointerId }: PointerEvent) => {
      drag.from = clientX;
      drag.moved = 0;
      currentTarget.setPointerCapture(pointerId);
    },
    move: ({ clientX, currentTarget }: PointerEvent) => {
      if (drag.from === undefined) return;
      const by = drag.from - clientX;
      drag.moved += Math.abs(by);
      drag.from = clientX;
      if (drag.moved > 4) timeline.pan((by / currentTarget.clientWidth) * timeline.state.width, ahead);
    },
    up: () => {
      drag.from = undefined;
      return drag.moved > 4;
    },
  };
}

type Painted = Omit<Props, 'desk'> & { readonly ahead: number };

function usePainting(
  canvas: { readonly current: HTMLCanvasElement | null },
  view: { current: View | undefined },
  { timeline, held, lit, path, ahead }: Painted,
): void {
  const { search } = timeline.state;
  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext('2d')!;
    const { description } = timeline.recording?.memory ?? {};
    const matches = description ? matcher(description, search) : () => true;
    const { next } = held;
    const ready = next ? [next.domain, ...next.ties, ...(next.over ? [next.over.domain] : [])] : [];
    let known: { readonly theme: string; readonly palette: Palette } | undefined;
    timeline.paint = () => {
      const theme = themeNow();
      if (known?.theme !== theme) known = { theme, palette: paletteOf(element.parentElement!, context) };
      const { palette } = known;
      const size = sized(element, context, AXIS + timeline.state.lanes.length * ROW);
      view.current = {
        ...size,
        timeline,
        ahead,
        palette,
        path,
        lit,
        matches,
        next: held.mode === 'paused' ? ready : undefined,
      };
      draw(context, view.current);
    };
    timeline.redraw();
    const observer = new ResizeObserver(() => timeline.redraw());
    observer.observe(element.parentElement!);
    return () => {
      observer.disconnect();
      timeline.paint = () => {};
    };
  }, [canvas, view, timeline, held, lit, path, ahead, search]);
}

function themeNow(): string {
  const { theme } = document.documentElement.dataset;
  const asks = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'];
  return [theme, ...asks.map((query) => matchMedia(query).matches)].join();
}

/** As many pixels as the screen has. */
function sized(element: HTMLCanvasElement, context: CanvasRenderingContext2D, height: number) {
  const width = element.parentElement!.clientWidth;
  const ratio = devicePixelRatio;
  if (element.width !== Math.round(width * ratio) || element.height !== Math.round(height * ratio)) {
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    element.style.height = `${height}px`;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { width, height };
}
