/** What fsck would say at every moment of the log: worked out in slices, those in view first, and only where something that counts was written. */
import type { WriteEntry } from '../../protocol/write_log_reader';
import type { DiskCache } from './disk_cache';
import { type Examined, examine, reliesOn, type Verdict } from './examine';
import { Moment, MomentGone } from './moment';
import type { WriteHistory } from './write_history';

/** Longer than this the page is not kept from its frames. */
const SLICE_MS = 8;
/** A volume that takes longer is checked with rests in between, of so many times what it took. */
const REST = 4;

export class Verdicts {
  /** What is known, by moment. */
  readonly known = new Map<number, Verdict>();
  /** How long a check of this volume takes, in milliseconds, as of the last one. */
  cost = 0;
  /** The disk could not be read. */
  trouble: string | undefined;
  #boot = 0;
  #running = false;
  /** Nothing can be had of the disk before something is written again. */
  #gaveUpAt: number | undefined;
  #wanted: () => Iterable<number> = () => [];

  constructor(
    readonly history: WriteHistory,
    readonly cache: DiskCache,
    /** Of the file system VM, by its place in the table. */
    readonly partition: number,
    readonly changed: () => void,
  ) {}

  /** Goes on until all of these are known; the first is the most urgent. Asked again before each one. */
  want(moments: () => Iterable<number>): void {
    this.#wanted = moments;
    this.#forgetOld();
    const isStuck = this.trouble !== undefined && this.#gaveUpAt === this.history.last;
    if (!this.#running && !isStuck && this.#next() !== undefined) void this.#run();
  }

  /** Nothing is wanted any more. */
  stop(): void {
    this.#wanted = () => [];
  }

  async #run(): Promise<void> {
    this.#running = true;
    this.trouble = undefined;
    for (let moment = this.#next(); moment !== undefined; moment = this.#next()) {
      const began = performance.now();
      do {
        if (!(await this.#learn(moment))) return this.#give();
        moment = this.#next();
      } while (moment !== undefined && performance.now() - began < SLICE_MS);
      this.changed();
      const took = performance.now() - began;
      await new Promise((resolve) => setTimeout(resolve, took > 2 * SLICE_MS ? REST * took : 0));
      this.#forgetOld();
    }
    this.#give();
  }

  #give(): void {
    this.#running = false;
    this.#gaveUpAt = this.history.last;
    this.changed();
  }

  /** False when that is not to be had now. */
  async #learn(number: number): Promise<boolean> {
    const { history } = this;
    const boot = history.boot;
    try {
      const sectors = (await this.cache.size()) / 512;
      const began = performance.now();
      const examined = await examine(new Moment(history, number, this.cache, sectors), this.partition);
      this.cost = performance.now() - began;
      if (boot !== history.boot) return true;
      this.add(number, examined);
    } catch (error) {
      // Newer writes have come in its way; then it is not in view any more either.
      if (error instanceof MomentGone) return false;
      this.trouble = error instanceof Error ? error.message : String(error);
      return false;
    }
    return true;
  }

  /** The moments around it, as far as nothing was written that the verdict follows from, have the same. */
  add(number: number, examined: Examined): void {
    const { history, known } = this;
    const counts = (entry: WriteEntry | undefined) => !entry || reliesOn(examined, entry.sector, entry.sectors);
    known.set(number, examined.verdict);
    for (let n = number; !counts(history.writeBefore(n)); n--) known.set(n - 1, examined.verdict);
    for (let n = number; !counts(history.writeBefore(n + 1)); n++) known.set(n + 1, examined.verdict);
  }

  #next(): number | undefined {
    const { first, last } = this.history;
    for (const moment of this.#wanted())
      if (moment >= first && moment <= last && !this.known.has(moment)) return moment;
    return undefined;
  }

  #forgetOld(): void {
    const { boot, first } = this.history;
    if (boot !== this.#boot) this.known.clear();
    this.#boot = boot;
    for (const moment of this.known.keys()) if (moment < first) this.known.delete(moment);
  }
}
