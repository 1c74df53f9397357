/** What the page shows of the running system besides its domains. */
import type { Board } from '../boards/board';
import type { MountState, StorageState } from '../protocol/control';
import type { DiskChoice } from './parameters';

export type Phase = 'starting' | 'ready' | 'failed';

export interface MachineState {
  readonly phase: Phase;
  /** One sentence, when failed. */
  readonly failure?: string;
  /** Undefined while the disk is being opened. */
  readonly storage?: StorageState;
  readonly mount?: MountState;
  readonly keysTo: 0 | 1;
  /** A script uses the serial line; keys wait, except Ctrl-C. */
  readonly scripted: boolean;
  /** MicroPython was ended and its next generation has no prompt yet. */
  readonly restarting: boolean;
  /** Milliseconds from navigation to the prompt. */
  readonly promptMs?: number;
  readonly starts: number;
}

export interface MachineOptions {
  readonly board: Board;
  readonly disk: DiskChoice;
  readonly partition?: number;
  /** Requests of the guest to other hosts are carried by fetch. */
  readonly carry?: boolean;
}

/** What is true of a system that has only been asked for. */
export const STARTING = {
  phase: 'starting',
  failure: undefined,
  storage: undefined,
  mount: undefined,
  restarting: false,
} as const;
