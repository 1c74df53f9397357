/** Times, hops and bytes of a frame as the list shows them. */
import type { Frame } from './frames';
import { type HopName, kindOf, PATHS } from './hops';

/** Seconds since boot. */
export const timeWords = (ns: number): string => (ns / 1e9).toFixed(6);

export interface HopMark {
  readonly hop: HopName;
  readonly kind: string;
  /** What stands in it. */
  readonly letter: string;
  readonly seen: boolean;
  /** Milliseconds since the hop before; undefined at the first, and where one of the two did not see it. */
  readonly sinceMs: string | undefined;
}

const LETTERS: Readonly<Record<HopName, string>> = {
  ethernet_driver: 'd',
  net_virt_rx: 'v',
  net_virt_tx: 'v',
  micropython_net_copier: 'c',
  micropython: 'm',
};

export function hopMarks({ direction, seen }: Frame): HopMark[] {
  const path = PATHS[direction];
  return path.map((hop, i) => {
    const [now, before] = [seen.get(hop), i > 0 ? seen.get(path[i - 1]!) : undefined];
    // Clocks of two workers may differ by microseconds.
    const since = now === undefined || before === undefined ? undefined : Math.max(0, now - before);
    return {
      hop,
      kind: kindOf(hop),
      letter: LETTERS[hop],
      seen: now !== undefined,
      sinceMs: since === undefined ? undefined : (since / 1e6).toFixed(2),
    };
  });
}

/** The marks for those who do not see them. */
export function hopSentence(frame: Frame): string {
  const marks = hopMarks(frame);
  const passed = marks
    .filter(({ seen }) => seen)
    .map(({ hop, sinceMs }) => (sinceMs === undefined ? hop : `${hop} after ${sinceMs} ms`));
  const missing = marks.filter(({ seen }) => !seen).map(({ hop }) => hop);
  return `Seen at ${passed.join(', ')}${missing.length > 0 ? `; not seen at ${missing.join(', ')}` : ''}`;
}

export const LEGEND = 'd driver, v virtualiser, c copier, m micropython; between them milliseconds';
