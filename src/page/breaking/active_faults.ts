/** The faults that are set, with how often each has happened: asked for while somebody looks and something happens, at most twice a second. */
import type { FaultStatus } from '../../microkit/faults';
import type { Fault } from '../../protocol/faults';
import type { ActivityWatch } from '../activity';
import type { Machine } from '../machine';
import { killDomain } from './kill_domain';

const ASK_MS = 500;
const VM = 'linux_fs_vm';

export interface FaultsState {
  readonly set: readonly FaultStatus[];
  /** Why a fault could not be set or taken back: one sentence. */
  readonly problem?: string;
}

export class ActiveFaults {
  state: FaultsState = { set: [] };
  readonly #listeners = new Set<() => void>();
  /** The guest is rebooted as part of a fault or of mending one: that is not what a person wants to see. */
  rebooting = false;
  #askedMs = 0;
  #asking = false;

  constructor(
    readonly machine: Machine,
    readonly watch: ActivityWatch,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps the list fresh until the function that is returned is called. */
  follow(): () => void {
    void this.refresh();
    return this.watch.subscribe(() => {
      if (performance.now() - this.#askedMs >= ASK_MS || this.watch.activity.idle) void this.refresh();
    });
  }

  async set(...faults: readonly Fault[]): Promise<void> {
    await this.#try(async () => {
      for (const fault of faults) await this.machine.faults.set(fault);
    });
  }

  /** Under the largest file. The guest starts again, so that it has nothing of that in its page cache. */
  async setBadSector(): Promise<void> {
    await this.#try(async () => {
      const { badSector } = await import('./bad_sector');
      await this.machine.faults.set(await badSector(this.machine));
      await this.#rebootVm();
    });
  }

  /** Takes a fault back. A disk that has lost or refused something is mounted anew: the guest is rebooted for that. */
  async mend({ id, fault, hits }: FaultStatus): Promise<void> {
    await this.#try(() => this.machine.faults.clear(id));
    if (hits > 0 && leavesTraces(fault)) await this.#try(() => this.#rebootVm());
  }

  async refresh(): Promise<void> {
    if (this.#asking || this.machine.state.phase !== 'ready') return;
    this.#asking = true;
    this.#askedMs = performance.now();
    try {
      const set = await this.machine.faults.list();
      if (JSON.stringify(set) !== JSON.stringify(this.state.set)) this.#show({ ...this.state, set });
    } catch (error) {
      this.#show({ ...this.state, problem: sentence(error) });
    } finally {
      this.#asking = false;
    }
  }

  async #rebootVm(): Promise<void> {
    this.rebooting = true;
    try {
      await killDomain(this.machine, VM);
    } finally {
      this.rebooting = false;
    }
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      this.watch.poke();
      await act();
      this.#show({ set: this.state.set });
    } catch (error) {
      this.#show({ ...this.state, problem: sentence(error) });
    }
    await this.refresh();
  }

  #show(state: FaultsState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** After these the volume is read-only, or a command waits for what will not come, until the guest mounts anew. */
function leavesTraces(fault: Fault): boolean {
  if (fault.on === 'interrupt') return fault.what === 'lost' && fault.domain === 'blk_driver';
  return fault.on === 'disk' && fault.what !== 'bit flip' && (fault.request !== 'read' || fault.what !== 'error');
}

const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error));
