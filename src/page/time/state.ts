/** What there is to know about time: whether the system moves, how fast, and why it stands still. */
import type { SetBreakpoint, Stop } from '../../microkit/breakpoints';
import type { Next } from '../../microkit/gate_order';
import { FULL } from './speeds';

export interface TimeState {
  /** `stepping`: it goes on, but by single grants: slowly, to the end of a statement, or with an eye on breakpoints. */
  readonly mode: 'starting' | 'running' | 'pausing' | 'paused' | 'stepping';
  /** What it goes on at: notifications a second. */
  readonly speed: number;
  /** To the prompt, and no further. */
  readonly statement: boolean;
  /** While paused. */
  readonly next: Next | undefined;
  /** What it stopped for; undefined when a person paused it. */
  readonly stop: Stop | undefined;
  /** Domains that do not come to rest. */
  readonly busy: readonly string[];
  readonly breaks: readonly SetBreakpoint[];
  /** Grants since the system last ran freely. */
  readonly steps: number;
}

export const AT_FIRST: TimeState = {
  mode: 'starting',
  speed: FULL,
  statement: false,
  next: undefined,
  stop: undefined,
  busy: [],
  breaks: [],
  steps: 0,
};

/** What is read anew from the machine is another object with the same in it. */
export function isSame(state: TimeState, change: Partial<TimeState>): boolean {
  return (Object.keys(change) as (keyof TimeState)[]).every(
    (key) => state[key] === change[key] || JSON.stringify(state[key]) === JSON.stringify(change[key]),
  );
}
