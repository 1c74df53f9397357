/** For scripts: the heartbeats as the control pages hold them, and how the last domain that died came back. */
import { controlNow } from '../../microkit/layout';
import { CONTROL } from '../../protocol/boot';
import type { Machine } from '../machine';
import { madeFor } from './breaking';
import type { Flight } from './flights';
import type { Step } from './recovery';

export interface Heartbeat {
  readonly name: string;
  /** The number that the page last asked the domain with, and the one that it last answered with. Nobody is asked while nobody looks. */
  readonly probe: number;
  readonly beat: number;
  /** Times that it woke from sleep; an answer is none. */
  readonly wakeups: number;
  /** How often it has missed a beat, of late. */
  readonly missed: number;
}

export interface RecoveryReport {
  readonly domain: string;
  readonly cause: 'killed' | 'hung' | 'failed';
  /** Of the one that died, from 1. */
  readonly generation: number;
  /** `atMs`: milliseconds since it died; absent while a step is still to come. */
  readonly steps: readonly Step[];
  /** The file system commands that were in flight, and what became of them. */
  readonly flights: readonly Flight[];
  /** For how long it was away, in milliseconds; undefined while it is. */
  readonly downMs: number | undefined;
  /** Who else was felt for and missed a beat meanwhile; undefined: not known. */
  readonly missed: readonly string[] | undefined;
}

export interface BreakingAutomation {
  /** Of every domain, as its control page says. They beat while Break it or Recovery is on the screen. */
  heartbeats(): Promise<Heartbeat[]>;
  /** Of the virtual machine or client that died last; undefined when none has since the prompt. */
  recovery(): Promise<RecoveryReport | undefined>;
}

export function breakingAutomation(machine: Machine): BreakingAutomation {
  return {
    async heartbeats() {
      const memory = machine.memory();
      if (!memory) return [];
      const hearts = madeFor(machine)?.hearts;
      return memory.description.domains.map(({ name }) => {
        const words = new Int32Array(controlNow(memory, name)!);
        const [probe, beat, wakeups] = [CONTROL.PROBE, CONTROL.BEAT, CONTROL.WAKEUPS].map((at) => words[at]!);
        return {
          name,
          probe: probe!,
          beat: beat!,
          wakeups: wakeups!,
          missed: hearts?.lane(name)?.silences.length ?? 0,
        };
      });
    },
    async recovery() {
      const state = madeFor(machine)?.recovery.state;
      if (!state) return undefined;
      const { patient, steps, flights, downMs, verdict } = state;
      const { domain, cause, generation } = patient;
      return { domain, cause, generation, steps, flights, downMs, missed: verdict?.missed };
    },
  };
}
