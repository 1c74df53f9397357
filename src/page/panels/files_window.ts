/** Which rows of a long list are in sight, for lists that draw only those. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';

/** Drawn above and below what is in sight. */
const SPARE = 12;
const UNSEEN_HEIGHT = 640;
const PHONE = matchMedia('(max-width: 899px)');

export function usePhone(): boolean {
  const subscribe = useCallback((listener: () => void) => {
    PHONE.addEventListener('change', listener);
    return () => PHONE.removeEventListener('change', listener);
  }, []);
  return useSyncExternalStore(subscribe, () => PHONE.matches);
}

/** The first row to draw and the one after the last, of `count` rows of `height` pixels in a box that scrolls. */
export function useWindow(box: RefObject<HTMLElement | null>, height: number, count: number): [number, number] {
  const [sight, setSight] = useState({ top: 0, height: UNSEEN_HEIGHT });
  useLayoutEffect(() => {
    const element = box.current!;
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [box]);
  const first = Math.max(0, Math.floor(sight.top / height) - SPARE);
  const last = Math.ceil((sight.top + sight.height) / height) + SPARE;
  return [Math.min(first, count), Math.min(last, count)];
}

/**
 * Scrolls as far as it takes to see row `at` when another one is meant, by `key`; rows that come and go above it move nothing. Another
 * `list` begins at its top. The first row is under a head of its height.
 */
export function useInSight(
  box: RefObject<HTMLElement | null>,
  { at, key, height, list }: { at: number; key: string | undefined; height: number; list: string },
): void {
  const shown = useRef<{ readonly key: string | undefined; readonly list: string }>({ key: undefined, list });
  useEffect(() => {
    const element = box.current!;
    const before = shown.current;
    if (before.list !== list) element.scrollTop = 0;
    if (at < 0 || (before.list === list && before.key === key)) {
      shown.current = { key: at < 0 ? undefined : key, list };
      return;
    }
    shown.current = { key, list };
    const top = at * height;
    const room = element.clientHeight - 2 * height;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top > element.scrollTop + room) element.scrollTop = top - room;
  }, [box, at, key, height, list]);
}
