/**
 * Marks the volume clean when it has been left alone for a moment: a page that is closed or reloaded is a power cut, and a disk that
 * nobody was writing to should need no recovery. One alarm after the last change; none while nothing changes.
 */
import type { Kernel, PolledDevice } from '../../src/libmicrokit/pd';
import { Errno } from './kernel/errno';
import type { SuperBlock } from './kernel/vfs';

const QUIET_NS = 200e6;

export class CleanTimer implements PolledDevice {
  #dueNs: number | undefined;
  /** Commands are being served, or the volume is being marked: polls in between come from waiting for the disk. */
  #busy = false;

  constructor(
    readonly kernel: Kernel,
    readonly superBlock: () => SuperBlock | undefined,
    /** Runs what no command asked for. */
    readonly onOwn: (work: () => void) => void,
  ) {
    kernel.attach(this);
  }

  get deadlineNs(): number | undefined {
    return this.#busy ? undefined : this.#dueNs;
  }

  /** Runs something that may change the volume; the alarm is set anew when it did. */
  around(work: () => void): void {
    this.#busy = true;
    try {
      work();
    } finally {
      this.#busy = false;
    }
    this.#dueNs = this.superBlock()?.inUse ? this.kernel.now() + QUIET_NS : undefined;
  }

  poll(): void {
    if (this.#busy || this.#dueNs === undefined || this.kernel.now() < this.#dueNs) return;
    this.settle();
  }

  settle(): void {
    this.#dueNs = undefined;
    this.#busy = true;
    try {
      this.onOwn(() => this.superBlock()?.settle());
    } catch (error) {
      // The disk failed: the volume stays marked, and whoever writes next is told.
      if (!(error instanceof Errno)) throw error;
    } finally {
      this.#busy = false;
    }
  }
}
