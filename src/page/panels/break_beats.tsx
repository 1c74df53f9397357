/** Heartbeats: a lane for each component, drawn anew twenty times a second, or once for who does not want motion. */
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import type { Breaking } from '../breaking/breaking';
import type { Lane, Silence } from '../breaking/heartbeats';
import { lanePaths, type Span } from '../breaking/lane_paths';

/** The time of a fault, marked across all lanes, and until when its victim was away. */
export interface Cut extends Silence {
  readonly victim: string;
}

interface Props {
  readonly breaking: Breaking;
  readonly names: readonly string[];
  /** What the lanes show, asked for in every frame. */
  readonly span: () => Span;
  /** Nothing moves any more. */
  readonly still?: boolean;
  readonly cut?: Cut | undefined;
  /** In a sentence, for who does not see it. */
  readonly summary: string;
  readonly row?: (name: string, lane: ReactNode) => ReactNode;
}

const HEIGHT = 18;
/** Lanes move slowly, and what they show must not slow down what they show. */
const PAINT_MS = 50;
const SELDOM_MS = 1000;

export function BreakBeats({ breaking, names, span, still = false, cut, summary, row = plainRow }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const given = useRef({ span, cut });
  given.current = { span, cut };
  // biome-ignore lint/correctness/useExhaustiveDependencies: other names are other lanes
  useEffect(() => {
    const painter = new BeatsPainter(list.current!, breaking, () => given.current);
    if (!still) return breaking.frames.want(() => painter.paintInTime());
    const observer = new ResizeObserver(() => painter.paint());
    observer.observe(list.current!);
    return () => observer.disconnect();
  }, [breaking, names, still]);
  return (
    <>
      <svg className="no-beat-pattern" width="0" height="0" aria-hidden="true">
        <pattern id="no-beat" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="7" height="7" className="ground" />
          <path d="M0 0v7" className="stripe" />
        </pattern>
      </svg>
      <p className="beats-paused" hidden>
        The system is paused: nobody is asked, and nobody misses a beat.
      </p>
      <ul className="lanes" ref={list} aria-label={summary}>
        {names.map((name) => (
          <Fragment key={name}>{row(name, <LaneDrawing name={name} victim={cut?.victim === name} />)}</Fragment>
        ))}
      </ul>
    </>
  );
}

const plainRow = (name: string, lane: ReactNode) => (
  <li>
    <code>{name}</code>
    {lane}
  </li>
);

function LaneDrawing({ name, victim }: { name: string; victim: boolean }) {
  return (
    <svg className={victim ? 'lane victim' : 'lane'} data-lane={name} height={HEIGHT} aria-hidden="true">
      <path className="beat" />
      <path className="silent" />
      <text className="no-beat" y={HEIGHT / 2 + 5} />
      <path className="cut" />
    </svg>
  );
}

const STILL = matchMedia('(prefers-reduced-motion: reduce)');

class BeatsPainter {
  #width = 0;
  #paintedMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly list: Element,
    readonly breaking: Breaking,
    readonly given: () => { readonly span: () => Span; readonly cut?: Cut | undefined },
  ) {}

  paintInTime(): void {
    const now = performance.now();
    if (now - this.#paintedMs < (STILL.matches ? SELDOM_MS : PAINT_MS)) return;
    this.#paintedMs = now;
    this.paint();
  }

  paint(): void {
    const { span: spanOf, cut } = this.given();
    const span = spanOf();
    const said = this.list.previousElementSibling as HTMLElement;
    said.hidden = !this.breaking.hearts.paused;
    this.#width = this.list.querySelector('.lane')?.clientWidth ?? 0;
    for (const drawing of this.list.querySelectorAll<SVGElement>('.lane')) {
      const lane = this.breaking.hearts.lane(drawing.dataset.lane!);
      if (lane) this.#paintLane(drawing, lane, span, cut);
    }
  }

  #paintLane(drawing: Element, lane: Lane, span: Span, cut: Cut | undefined): void {
    const isVictim = cut?.victim === lane.name;
    const shown = isVictim
      ? { ...lane, silences: [...lane.silences.filter(({ to }) => to && to < cut.from), cut] }
      : lane;
    const { line, silent, wordsAt } = lanePaths(shown, span, { width: this.#width, height: HEIGHT });
    drawing.querySelector('.beat')!.setAttribute('d', line);
    drawing.querySelector('.silent')!.setAttribute('d', silent);
    const words = drawing.querySelector('.no-beat')!;
    words.textContent = wordsAt === undefined ? '' : 'no beat';
    words.setAttribute('x', String(wordsAt ?? 0));
    const at = cut ? ((cut.from - span.from) / (span.to - span.from)) * this.#width : -1;
    drawing
      .querySelector('.cut')!
      .setAttribute('d', at >= 0 && at <= this.#width ? `M${at.toFixed(1)} 0v${HEIGHT}` : '');
  }
}
