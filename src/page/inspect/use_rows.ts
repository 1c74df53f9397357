/** Which rows of very many are in sight: only those are read and drawn. Beyond what a browser lays out, the scroll bar goes in larger steps. */
import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';

/** Of a row, in CSS pixels: as in inspect.css. */
const ROW = 18;
/** Browsers do not lay out elements much taller. */
const TALLEST = 8_000_000;

export interface Rows {
  readonly rows: readonly number[];
  /** Of everything, and of what lies above the rows. */
  readonly height: number;
  readonly top: number;
  /** Brings a row into sight. */
  show(row: number): void;
}

export function useRows(box: RefObject<HTMLElement | null>, count: number): Rows {
  const [sight, setSight] = useState({ first: 0, height: 10 * ROW, scrolled: 0 });
  const height = Math.min(count * ROW, TALLEST);
  const fit = Math.max(1, Math.floor(sight.height / ROW));
  const last = Math.max(0, count - fit);
  const scaled = count * ROW > TALLEST;
  const scrollFor = (row: number, box: HTMLElement) =>
    scaled ? (row / Math.max(1, last)) * (box.scrollHeight - box.clientHeight) : row * ROW;

  useLayoutEffect(() => {
    const element = box.current!;
    const look = () => {
      const { scrollTop, clientHeight, scrollHeight } = element;
      const lastRow = Math.max(0, count - Math.max(1, Math.floor(clientHeight / ROW)));
      const first = scaled
        ? Math.round((scrollTop / Math.max(1, scrollHeight - clientHeight)) * lastRow)
        : Math.floor(scrollTop / ROW);
      setSight((before) => {
        // Set by the wheel or by a row that was asked for: it is exact, and the scroll bar is not.
        const same = scaled && Math.abs(before.scrolled - scrollTop) < 1;
        return { first: same ? before.first : Math.min(first, lastRow), height: clientHeight, scrolled: scrollTop };
      });
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box, count, scaled]);

  const go = (row: number) => {
    const element = box.current!;
    const first = Math.min(Math.max(0, row), last);
    const scrolled = scrollFor(first, element);
    setSight((before) => ({ ...before, first, scrolled }));
    element.scrollTop = scrolled;
  };

  useEffect(() => {
    const element = box.current!;
    if (!scaled) return;
    const turned = (event: WheelEvent) => {
      event.preventDefault();
      go(sight.first + Math.sign(event.deltaY) * Math.max(1, Math.round(Math.abs(event.deltaY) / ROW)));
    };
    element.addEventListener('wheel', turned, { passive: false });
    return () => element.removeEventListener('wheel', turned);
  });

  const shown = Math.min(fit + 2, count - sight.first);
  return {
    rows: Array.from({ length: Math.max(0, shown) }, (_, i) => sight.first + i),
    height,
    top: scaled ? sight.scrolled : sight.first * ROW,
    show(row) {
      if (row < sight.first) go(row);
      else if (row >= sight.first + fit) go(row - fit + 1);
    },
  };
}
