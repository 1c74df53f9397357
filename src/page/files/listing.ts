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

export interface ListingClock {
  nextFrame(): Promise<unknown>;
  /** Milliseconds. */
  now(): number;
  pause(ms: number): Promise<unknown>;
}

/** Reading a large folder holds up whoever works in it: between two listings there is this many times as long as the first one took. */
const REST = 2;
const REST_AT_MOST_MS = 1000;

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
  readonly #clock: ListingClock;
  #notBefore = 0;
  #hurry = () => {};
  #due = false;
  #running = false;
  /** A folder that was shown and is gone; `undefined` when nobody has to be told. */
  #gone: ((path: string) => void) | undefined;

  constructor(volume: Listed, clock: ListingClock) {
    this.#volume = volume;
    this.#clock = clock;
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
    this.#notBefore = 0;
    this.#hurry();
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
      await this.#clock.nextFrame();
      await this.#rest();
      this.#due = false;
      const began = this.#clock.now();
      await this.#list(this.state.path);
      const ended = this.#clock.now();
      this.#notBefore = ended + Math.min(REST_AT_MOST_MS, (ended - began) * REST);
    }
    this.#running = false;
  }

  /** Another folder does not wait for it. */
  #rest(): Promise<unknown> | undefined {
    const left = this.#notBefore - this.#clock.now();
    if (left <= 0) return undefined;
    const hurried = new Promise<void>((resolve) => {
      this.#hurry = resolve;
    });
    return Promise.race([this.#clock.pause(left), hurried]);
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
