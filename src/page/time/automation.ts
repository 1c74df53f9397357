/** Time for a test or a script: `lionsos.gate`. */
import type { Breakpoint, SetBreakpoint, Stop } from '../../microkit/breakpoints';
import type { Machine } from '../machine';
import { AREAS, type AreaName, areaSectors } from './areas';
import type { TimeControl } from './control';
import { FULL } from './speeds';
import type { TimeState } from './state';
import { timeOf } from './time_of';

/** A breakpoint as the system knows it, or on a part of the mounted volume by its name: `{ on: 'area', area: 'FAT', access: 'write' }`. */
export type BreakAt = Breakpoint | { readonly on: 'area'; readonly area: AreaName; readonly access?: 'read' | 'write' };

/** One notification, as it was granted. */
export interface Step {
  readonly domain: string;
  /** Channel or interrupt id; 28: input or a deadline of the domain's device, or the next turn of a program that polls. */
  readonly id: number;
  readonly priority: number;
  /** Who could have gone as well, by priority: the seed chose. */
  readonly ties: readonly string[];
}

export interface GateStatus {
  /** `stepping`: it goes on, by single grants. */
  readonly mode: TimeState['mode'];
  /** Notifications a second that it goes on at; `full`: as fast as it can. */
  readonly speed: number | 'full';
  /** Who would go next; while paused. */
  readonly next?: Step;
  readonly stop?: Stop;
  /** Domains that compute and have not come to the gate. */
  readonly busy: readonly string[];
  /** Notifications since the system last ran freely. */
  readonly steps: number;
}

export interface GateAutomation {
  /** Fulfilled when every domain stands still, or after a second: `status().busy` then names those that compute. */
  pause(): Promise<void>;
  /** Fulfilled when the system goes on, at the speed set last. */
  resume(): Promise<void>;
  /**
   * Lets the domain with the highest priority take one notification, and pauses before if need be; undefined when there is none to take.
   * `statement`: as many as it takes until the next prompt is there.
   */
  step(unit?: 'notification' | 'statement'): Promise<Step | undefined>;
  /** Notifications a second; 0 pauses, `full` is as fast as it goes. */
  speed(perSecond: number | 'full'): Promise<void>;
  /** Decides between domains of one priority, from now on; the same seed and input give the same order. */
  seed(seed: number): Promise<void>;
  /** Sets a breakpoint and returns its number. Rejects with one sentence when there can be no such one. */
  breakAt(at: BreakAt): Promise<number>;
  breaks(): Promise<readonly SetBreakpoint[]>;
  /** Takes back one breakpoint, or all. */
  clear(id?: number): Promise<void>;
  status(): Promise<GateStatus>;
  /** Fulfilled with the reason when the system stands still. */
  stopped(): Promise<GateStatus>;
}

export function gateAutomation(machine: Machine): GateAutomation {
  const time = timeOf(machine);
  return {
    async pause() {
      await machine.ready;
      await time.pause();
    },
    async resume() {
      await machine.ready;
      void time.resume();
      await until(time, ({ mode }) => mode === 'running' || mode === 'stepping');
    },
    async step(unit = 'notification') {
      await machine.ready;
      if (unit === 'notification') return stepOf(await time.step());
      await time.stepStatement();
      return undefined;
    },
    async speed(perSecond) {
      await machine.ready;
      const speed = perSecond === 'full' ? FULL : perSecond;
      await time.setSpeed(speed);
      await until(time, (state) => speed === 0 || state.speed === speed);
    },
    async seed(seed) {
      time.reseed(seed);
    },
    async breakAt(at) {
      await machine.ready;
      return time.breakAt(await breakpointOf(machine, at));
    },
    breaks: async () => time.state.breaks,
    clear: async (id) => time.clear(id),
    status: async () => statusOf(time.state),
    async stopped() {
      await until(time, ({ mode }) => mode === 'paused');
      return statusOf(time.state);
    },
  };
}

function until(time: TimeControl, holds: (state: TimeState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(time.state)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = time.subscribe(look);
    look();
  });
}

/** Areas become sectors as they are now: another disk has others. */
export async function breakpointOf(machine: Machine, at: BreakAt): Promise<Breakpoint> {
  if (at.on !== 'area') return at;
  if (!AREAS.includes(at.area)) throw new Error(`There is no area '${at.area}'. There is: ${AREAS.join(', ')}.`);
  const partition = machine.options.partition ?? machine.board.blk.partition;
  const sectors = await areaSectors((offset, length) => machine.disk.bytes(offset, length), partition, at.area);
  return { on: 'sectors', ...sectors, name: `the ${at.area}`, ...(at.access ? { access: at.access } : {}) };
}

function stepOf(next: TimeState['next']): Step | undefined {
  return next && { domain: next.domain, id: next.id, priority: next.priority, ties: next.ties };
}

function statusOf({ mode, speed, next, stop, busy, steps }: TimeState): GateStatus {
  const step = stepOf(next);
  return {
    mode,
    speed: speed === FULL ? 'full' : speed,
    busy,
    steps,
    ...(step ? { next: step } : {}),
    ...(stop ? { stop } : {}),
  };
}
