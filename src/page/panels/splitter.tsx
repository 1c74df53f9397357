/** Between stage and terminal: dragged, or moved by arrow keys; its place is kept in this browser. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { keep, kept } from '../kept';

/** CSS pixels of the terminal's width: 60 columns at least, and the graph stays legible beside it. */
const LEAST = { terminal: 480, stage: 560 };
const STEP = 16;
const NAME = 'terminalWidth';

const width = (value: unknown) => (typeof value === 'number' && value >= LEAST.terminal ? value : undefined);
const most = () => Math.max(LEAST.terminal, innerWidth - LEAST.stage);

export function Splitter() {
  const [wide, setWide] = useState<number | undefined>(() => kept<number | undefined>(NAME, width, undefined));
  const line = useRef<HTMLHRElement>(null);
  useEffect(() => {
    const shell = line.current!.closest<HTMLElement>('.shell')!;
    if (wide === undefined) shell.style.removeProperty('--terminal');
    else shell.style.setProperty('--terminal', `${wide}px`);
  }, [wide]);
  const move = (to: number) => {
    const next = Math.round(Math.min(most(), Math.max(LEAST.terminal, to)));
    setWide(next);
    keep(NAME, next);
  };
  const now = () =>
    Math.round(line.current!.closest('.shell')!.querySelector('.terminal')!.getBoundingClientRect().width);
  const pressed = (event: KeyboardEvent) => {
    const to = {
      ArrowLeft: now() + STEP,
      ArrowRight: now() - STEP,
      Home: most(),
      End: LEAST.terminal,
      Enter: Number.NaN,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (!Number.isNaN(to)) return move(to);
    setWide(undefined);
    keep(NAME, null);
  };
  const dragged = (event: PointerEvent) => {
    if (event.buttons === 1 && line.current!.hasPointerCapture(event.pointerId)) move(innerWidth - event.clientX);
  };
  return (
    <hr
      ref={line}
      className="splitter"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the terminal"
      aria-valuemin={LEAST.terminal}
      aria-valuemax={most()}
      aria-valuenow={wide ?? 640}
      onKeyDown={pressed}
      onPointerDown={(event) => line.current!.setPointerCapture(event.pointerId)}
      onPointerMove={dragged}
    />
  );
}
