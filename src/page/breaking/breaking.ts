/** What can be broken, what is broken, and how it recovers: one object for all panels of a page, made when it is first asked for. */
import type { Desk } from '../desk';
import type { Machine } from '../machine';
import { ActiveFaults } from './active_faults';
import { Frames } from './frames';
import { Heartbeats } from './heartbeats';
import { RecoveryWatch } from './recovery_watch';

export class Breaking {
  readonly frames = new Frames();
  readonly hearts: Heartbeats;
  readonly recovery: RecoveryWatch;
  readonly faults: ActiveFaults;
  #watchers = 0;
  #unwant: (() => void) | undefined;

  constructor(readonly desk: Desk) {
    const { machine, stage, watch } = desk;
    const { memory } = machine;
    const nowMs = () => performance.now();
    this.hearts = new Heartbeats({ memory, nowMs });
    this.faults = new ActiveFaults(machine, watch);
    const watched = {
      memory,
      monitor: () => machine.faults.monitor,
      prompted: () => !machine.state.restarting,
      nowMs,
      timeOrigin: performance.timeOrigin,
    };
    let dismissed = false;
    this.recovery = new RecoveryWatch(watched, this.frames, this.hearts, () => {
      watch.poke();
      const { slot } = stage.state;
      // An inspector that somebody reads is not taken away.
      const opens = slot === 'break' ? !this.faults.rebooting : slot === 'words' && !dismissed;
      if (opens) stage.set({ slot: 'recovery', node: undefined });
      return stage.state.view === 'system' ? this.feel() : () => {};
    });
    let before = stage.state.slot;
    stage.subscribe(() => {
      const { slot } = stage.state;
      if (before === 'recovery' && slot === 'words') dismissed = true;
      if (slot === 'recovery') dismissed = false;
      before = slot;
    });
    machine.subscribe(() => this.recovery.attach());
    watch.subscribe(() => this.recovery.lookAgain());
    this.recovery.attach();
  }

  /** Somebody looks at the heartbeats, until the function that is returned is called. */
  feel(): () => void {
    if (this.#watchers++ === 0) {
      this.hearts.begin();
      this.#unwant = this.frames.want(() => this.hearts.look());
    }
    let feels = true;
    return () => {
      if (!feels) return;
      feels = false;
      if (--this.#watchers === 0) this.#unwant!();
    };
  }
}

const made = new WeakMap<Machine, Breaking>();

export function breakingOf(desk: Desk): Breaking {
  const known = made.get(desk.machine) ?? new Breaking(desk);
  made.set(desk.machine, known);
  return known;
}

/** That of a machine; undefined before its first prompt. */
export const madeFor = (machine: Machine): Breaking | undefined => made.get(machine);
