/**
 * The folder that is shown, as it is on the disk. However many changes are heard of, one listing is under way and one more is due, at most
 * one for each frame of the screen; what is shown stays until the next one is there.
 */
import type { FileEntry } from '../../protocol/control';
import { errnoOf, sentence } from './errors';
import { folderOf, nameOf, ROOT } from './paths';
import type { Space } from './volume';

export interface ListingState {
  readonly path: string;
  readonly entries: readonly FileEntry[];
  readonly space: Space | undefined;
  /** `loading`: nothing of this folder was there yet. */
  readonly phase: 'loading' | 'shown' | 'failed';
  /** One sentence, when failed. */
  readonly problem: string | undefined;
  readonly errno: string | undefined;
}

export interface Listed {
  list(path: string): Promise<FileEntry[]>;
  space(): Promise<Space>;
}

export class Listing {
  state: ListingState = {
    path: ROOT,
    entries: [],
    space: undefined,
    phase: 'loading',
    problem: undefined,
    errno: undefined,
  };
  readonly #listeners = new Set<() => void>();
  readonly #volume: Listed;
  readonly #nextFrame: () => Promise<unknown>;
  #due = false;
  #running = false;
  /** A folder that was shown and is gone; `undefined` when nobody has to be told. */
  #gone: ((path: string) => void) | undefined;

  constructor(volume: Listed, nextFrame: () => Promise<unknown>) {
    this.#volume = volume;
    this.#nextFrame = nextFrame;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Called with the path of a folder that was shown and was taken away. */
  onGone(told: (path: string) => void): void {
    this.#gone = told;
  }

  go(path: string): void {
    this.#set({ path, entries: [], phase: 'loading', problem: undefined, errno: undefined });
    this.refresh();
  }

  /** Something may have changed. */
  refresh(): void {
    this.#due = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#due) {
      await this.#nextFrame();
      this.#due = false;
      await this.#list(this.state.path);
    }
    this.#running = false;
  }

  async #list(path: string): Promise<void> {
    try {
      const entries = await this.#volume.list(path);
      const space = await this.#volume.space();
      if (path !== this.state.path) return;
      this.#set({ entries, space, phase: 'shown', problem: undefined, errno: undefined });
    } catch (error) {
      if (path !== this.state.path) return;
      const errno = errnoOf(error);
      if ((errno === 'ENOENT' || errno === 'ENOTDIR') && path !== ROOT) this.#leave(path);
      else this.#set({ entries: [], space: undefined, phase: 'failed', problem: sentence(error), errno });
    }
  }

  #leave(path: string): void {
    this.#gone?.(nameOf(path));
    this.go(folderOf(path));
  }

  #set(change: Partial<ListingState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
