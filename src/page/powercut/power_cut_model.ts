/** What the power-cut view shows: which moments there are, which one is looked at, and what is known of it. No React. */
import type { SystemMemory } from '../../microkit/layout';
import { type Differences, differences } from './differences';
import { DiskCache } from './disk_cache';
import { type Examined, examine, type Verdict } from './examine';
import { type DiskNow, Moment, MomentGone } from './moment';
import { Verdicts } from './verdicts';
import { type Origin, WriteHistory } from './write_history';

export interface PowerCutMachine {
  readonly disk: DiskNow;
  /** Of the file system VM, by its place in the partition table. */
  readonly partition: number;
  /** Of a disk that began as an image on a server. */
  readonly origin?: Origin | undefined;
  memory(): SystemMemory | undefined;
}

export interface PowerCutState {
  /** The oldest and the newest moment that can be had. */
  readonly first: number;
  readonly last: number;
  /** The moment looked at: `last` goes on with what is written. */
  readonly chosen: number;
  /** The moment that it is compared with; the one before it, unless one was marked. */
  readonly base: number;
  readonly marked: boolean;
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Checking takes long on this volume: only moments near the chosen one are checked, until all are asked for. */
  readonly onlyNear: boolean;
  /** Writes are coming in: nothing is checked before they pause. */
  readonly isBusy: boolean;
  /** Of the chosen moment; undefined until it has been worked out. */
  readonly examined: Examined | undefined;
  readonly differences: Differences | undefined;
  /** One sentence, when something could not be had. */
  readonly trouble: string | undefined;
}

/** A check that takes longer would be felt if many came in a row. */
const SLOW_MS = 40;
/** Moments on either side that are checked all the same. */
const NEAR = 8;

/** React hears of it at most so often. */
const PAUSE_MS = 100;

export class PowerCutModel {
  state: PowerCutState = {
    first: 0,
    last: 0,
    chosen: 0,
    base: 0,
    marked: false,
    verdicts: new Map(),
    onlyNear: false,
    isBusy: false,
    examined: undefined,
    differences: undefined,
    trouble: undefined,
  };
  readonly history: WriteHistory;
  readonly #cache: DiskCache;
  readonly #verdicts: Verdicts;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #chosen: number | undefined;
  #marked: number | undefined;
  #boot = 0;
  #examining: number | undefined;
  #checksAll = false;

  constructor(readonly machine: PowerCutMachine) {
    this.history = new WriteHistory(() => machine.memory(), machine.origin);
    this.#cache = new DiskCache(machine.disk, this.history);
    this.#verdicts = new Verdicts(this.history, this.#cache, machine.partition, () => this.#soon());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The system may have written. */
  poke = (): void => {
    if (this.history.isBehind) this.#soon();
  };

  /** Nobody looks any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#verdicts.stop();
  }

  choose(moment: number): void {
    const { first, last } = this.state;
    const within = Math.max(first, Math.min(last, moment));
    this.#chosen = within === last ? undefined : within;
    this.#show();
  }

  /** The chosen moment is compared with this one from now on; undefined: with the one before it. */
  mark(moment: number | undefined): void {
    this.#marked = moment;
    this.#show();
  }

  /** All moments are checked, however long it takes. */
  checkAll(): void {
    this.#checksAll = true;
    this.#show();
  }

  /** Throws MomentGone. */
  async moment(number = this.state.chosen): Promise<Moment> {
    return new Moment(this.history, number, this.machine.disk, (await this.#cache.size()) / 512);
  }

  /** The newest moment up to `moment` at which everything had been flushed. */
  flushedBefore(moment: number): number {
    for (let n = moment; n > this.state.first; n--) if (this.history.flushes.has(n)) return n;
    return this.state.first;
  }

  /** The sectors that the write before that moment gave other bytes. */
  changedBy(moment: number): number[] {
    const found = differences(this.history, moment - 1, moment);
    return found?.sectors.map(({ sector }) => sector) ?? [];
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#show();
    }, PAUSE_MS);
  }

  #show(): void {
    const { history } = this;
    history.look();
    const isBusy = history.boot === this.#boot && history.last !== this.state.last;
    if (history.boot !== this.#boot) this.#beginAnew();
    const { first, last } = history;
    const chosen = this.#chosen === undefined ? last : Math.max(first, this.#chosen);
    const base = Math.max(first, this.#marked ?? chosen - 1);
    const isSame = chosen === this.state.chosen && this.state.examined !== undefined;
    this.#set({
      first,
      last,
      chosen,
      base,
      marked: this.#marked !== undefined,
      verdicts: new Map(this.#verdicts.known),
      onlyNear: this.#verdicts.cost > SLOW_MS && !this.#checksAll,
      differences: differences(history, Math.min(base, chosen), Math.max(base, chosen)),
      isBusy,
      trouble: this.#verdicts.trouble ?? brokenWords(history.broken),
      ...(isSame ? {} : { examined: undefined }),
    });
    if (isBusy) {
      this.#verdicts.stop();
      return this.#soon();
    }
    if (!isSame && this.#examining !== chosen) void this.#examine(chosen);
    this.#verdicts.want(() => momentsAround(this.state));
  }

  #beginAnew(): void {
    this.#boot = this.history.boot;
    [this.#chosen, this.#marked, this.#checksAll] = [undefined, undefined, false];
    this.#verdicts.cost = 0;
  }

  async #examine(moment: number): Promise<void> {
    const { boot } = this.history;
    this.#examining = moment;
    try {
      const disk = new Moment(this.history, moment, this.#cache, (await this.#cache.size()) / 512);
      const examined = await examine(disk, this.machine.partition);
      if (boot !== this.history.boot) return;
      this.#verdicts.add(moment, examined);
      if (moment === this.state.chosen) this.#set({ examined, verdicts: new Map(this.#verdicts.known) });
    } catch (error) {
      // A newer one is shown by then.
      if (!(error instanceof MomentGone))
        this.#set({ trouble: error instanceof Error ? error.message : String(error) });
    } finally {
      if (this.#examining === moment) this.#examining = undefined;
    }
  }

  #set(change: Partial<PowerCutState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function brokenWords(times: number): string | undefined {
  return times > 0 ? 'The write log held what no driver writes: what came before that is left out.' : undefined;
}

/** The chosen one first, then outwards from it. */
function* momentsAround({ first, last, chosen, onlyNear }: PowerCutState): Iterable<number> {
  for (let away = 0; away <= (onlyNear ? NEAR : last - first); away++) {
    if (chosen - away >= first) yield chosen - away;
    if (chosen + away <= last) yield chosen + away;
  }
}
