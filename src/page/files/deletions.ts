/** Deleting as the view does it: at once and with Undo where the page can keep what goes, otherwise after an answer. */
import { sentence } from './errors';
import type { Jobs } from './jobs';
import { type Doomed, destroy, doomed, doomedWords, KEPT_AT_MOST, type Kept, keep, restore } from './trash';
import type { Volume } from './volume';

export interface Notice {
  readonly text: string;
  readonly failed: boolean;
  readonly undo?: () => void;
}

export interface DeletionHost {
  /** This much cannot be kept: whether it may go has to be answered; undefined when nothing waits any more. */
  waits(doomed: Doomed | undefined): void;
  says(notice: Notice | undefined): void;
  gone(paths: ReadonlySet<string>): void;
  back(name: string | undefined): void;
}

export class Deletions {
  #waiting: Doomed | undefined;

  constructor(
    readonly volume: Volume,
    readonly jobs: Jobs,
    readonly host: DeletionHost,
  ) {}

  async remove(folder: string, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    try {
      const all = await doomed(this.volume, folder, names);
      if (all.bytes > KEPT_AT_MOST) this.#wait(all);
      else await this.#remove(all);
    } catch (error) {
      this.host.says({ text: sentence(error), failed: true });
    }
  }

  /** The answer to what waits: gone for good, or not. */
  async decided(gone: boolean): Promise<void> {
    const waiting = this.#waiting;
    this.#wait(undefined);
    if (waiting && gone) await this.#remove(waiting);
  }

  #wait(waiting: Doomed | undefined): void {
    this.#waiting = waiting;
    this.host.waits(waiting);
  }

  async #remove(all: Doomed): Promise<void> {
    const { names, folder, found } = all;
    const gone = new Set<string>();
    let kept: Kept | undefined;
    const job = { sign: 'trash', name: doomedWords(all), folder, unit: 'files' } as const;
    const isDone = await this.jobs.run(job, async (say, signal) => {
      kept ??= await keep(this.volume, all);
      await destroy(this.volume, all, (path) => gone.add(path), say, signal);
    });
    this.host.gone(gone);
    if (gone.size === 0) return;
    const what = names.length > 1 ? `${names.length} entries were` : `${names[0]} was`;
    const text = isDone ? `${what} deleted` : `Deleting stopped: ${gone.size} of ${found.length} are gone`;
    const back = kept;
    this.host.says({ text, failed: false, ...(back ? { undo: () => void this.#restore(back, gone) } : {}) });
  }

  async #restore(kept: Kept, gone: ReadonlySet<string>): Promise<void> {
    this.host.says(undefined);
    try {
      const names = await restore(this.volume, kept, gone);
      this.host.says({ text: names.length === 1 ? `${names[0]} is back` : 'All of it is back', failed: false });
      this.host.back(names[0]);
    } catch (error) {
      this.host.says({ text: sentence(error), failed: true });
      this.host.back(undefined);
    }
  }
}
