/** What takes a while besides uploads: making a .zip, reading a file for a download, deleting many files. Each is a row that can be cancelled. */
import { sentence } from './errors';
import { Rate } from './rate';
import type { WorkRow } from './work_rows';

export interface Job {
  readonly sign: WorkRow['sign'];
  readonly name: string;
  readonly folder: string;
  readonly unit: 'bytes' | 'files';
}

export type Say = (done: number, total: number) => void;
type Work = (say: Say, signal: AbortSignal) => Promise<void>;

const CANCELLED = new Error('Cancelled.');

export class Jobs {
  state: readonly WorkRow[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  #keys = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fulfilled when the work is done, was cancelled, or has failed and says so in its row. True when it was done. */
  async run(job: Job, work: Work): Promise<boolean> {
    const key = `job ${++this.#keys}`;
    const controller = new AbortController();
    const rate = new Rate();
    const remove = () => this.#set(this.state.filter((row) => row.key !== key));
    const show = (state: WorkRow['state'], size: number | undefined) => {
      const row: WorkRow = {
        key,
        sign: job.sign,
        name: job.name,
        folder: job.folder,
        size,
        state,
        cancel: () => (state.is === 'failed' ? remove() : controller.abort(CANCELLED)),
        retry: () => {
          remove();
          void this.run(job, work);
        },
        answer() {},
      };
      this.#set([...this.state.filter((other) => other.key !== key), row]);
    };
    const say: Say = (done, total) => {
      rate.saw(done, this.#now());
      const perSecond = job.unit === 'bytes' ? rate.perSecond : undefined;
      show({ is: 'running', done, total, unit: job.unit, perSecond }, job.unit === 'bytes' ? total : undefined);
    };
    show({ is: 'waiting' }, undefined);
    try {
      await work(say, controller.signal);
      remove();
      return true;
    } catch (error) {
      if (error === CANCELLED) remove();
      else show({ is: 'failed', why: sentence(error), retry: true }, undefined);
      return false;
    }
  }

  #set(state: readonly WorkRow[]): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
