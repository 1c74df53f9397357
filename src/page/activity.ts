/**
 * What the domains are doing, sampled from their control pages: ten times a second while something happens, two or three times when very
 * much does, once a second when nothing does, never while the page is hidden. The running workers are not asked.
 */
import type { DomainStatus } from '../microkit/status';

const BUSY_MS = 100;
/** When so much happens that nobody sees single events: every look costs the page, which has the processor together with the workers. */
const HEAVY_MS = 400;
/** Notifications between two looks from which on that is so. */
const HEAVY = 30;
const IDLE_MS = 1000;
/** Samples without a change after which nothing happens any more. */
const QUIET = 6;
const HISTORY = 24;

export interface DomainActivity extends DomainStatus {
  /** Notifications since the sample before. */
  readonly fresh: number;
}

export interface Activity {
  readonly domains: readonly DomainActivity[];
  /** Notifications of all domains in each of the last samples, oldest first; all zero when the system is idle. */
  readonly beats: readonly number[];
  readonly idle: boolean;
}

export class ActivityWatch {
  activity: Activity = { domains: [], beats: new Array(HISTORY).fill(0), idle: true };
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #quiet = QUIET;
  #heavy = false;

  constructor(readonly list: () => readonly DomainStatus[]) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Something is about to happen, or just did. */
  poke(): void {
    const asleep = this.#quiet >= QUIET;
    this.#quiet = 0;
    if (asleep) this.#next(0);
  }

  /** The page is shown or hidden. */
  look(visible: boolean): void {
    clearTimeout(this.#timer);
    if (visible) this.#next(0);
  }

  sample(): void {
    const before = this.activity;
    const known = new Map(before.domains.map((domain) => [domain.name, domain]));
    const domains = this.list().map((domain): DomainActivity => {
      const last = known.get(domain.name);
      const same = last?.generation === domain.generation && last.notifications <= domain.notifications;
      return { ...domain, fresh: same ? domain.notifications - last.notifications : 0 };
    });
    const fresh = domains.reduce((sum, domain) => sum + domain.fresh, 0);
    this.#heavy = fresh >= HEAVY;
    this.#quiet = fresh > 0 ? 0 : Math.min(QUIET, this.#quiet + 1);
    const idle = this.#quiet >= QUIET;
    const beats = idle ? new Array<number>(HISTORY).fill(0) : [...before.beats.slice(1), fresh];
    if (idle && before.idle && !statesDiffer(before.domains, domains)) return;
    this.activity = { domains, beats, idle };
    for (const listener of this.#listeners) listener();
  }

  #next(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.sample();
      this.#next(this.#quiet >= QUIET ? IDLE_MS : this.#heavy ? HEAVY_MS : BUSY_MS);
    }, ms);
  }
}

function statesDiffer(before: readonly DomainStatus[], now: readonly DomainStatus[]): boolean {
  return now.length !== before.length || now.some(({ state }, i) => state !== before[i]!.state);
}
