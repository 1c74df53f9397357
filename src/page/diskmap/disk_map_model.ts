/**
 * The disk as the map shows it, following the running system while somebody looks: what the driver's log says was written goes over what
 * was read before, and the volume is read anew from that. Nobody looks: nothing is done.
 */
import type { SystemMemory } from '../../microkit/layout';
import { SECTOR_SIZE } from '../../specs/fat';
import type { Disk } from '../disk';
import { type Partition, type PartitionTable, readPartitions } from '../fat/partitions';
import { readBytes } from '../fat/source';
import { readVolume, type Volume } from '../fat/volume';
import { CachedSource } from './cached_source';
import { LogFollower, type Written } from './log_follower';
import { Selection } from './selection';

export interface DiskMapMachine {
  readonly disk: Disk;
  /** The partition that the file system VM has. */
  readonly partition: number;
  readonly state: { readonly phase: string; readonly starts: number };
  memory(): SystemMemory | undefined;
  subscribe(listener: () => void): () => void;
}

export interface Watch {
  subscribe(listener: () => void): () => void;
}

export interface MapState {
  /** `waiting`: for the system to start. */
  readonly phase: 'waiting' | 'reading' | 'ready' | 'failed';
  readonly sectors: number;
  readonly table?: PartitionTable;
  /** The partition that is shown. */
  readonly partition?: Partition;
  /** Absent where there is none that can be read: then there is a problem. */
  readonly volume?: Volume;
  readonly problem?: string;
  /** Sectors written just now, from and up to. */
  readonly fresh: readonly (readonly [from: number, to: number])[];
}

/** Volumes a second at most, and the share of the time that reading them may take: a large one is read less often. */
const REST_MS = 200;
const REST_SHARE = 5;
const FRESH_MS = 1200;
const MOST_FRESH = 2000;
const EMPTY: MapState = { phase: 'waiting', sectors: 0, fresh: [] };

export class DiskMapModel {
  state: MapState = EMPTY;
  readonly selection = new Selection();
  readonly #listeners = new Set<() => void>();
  readonly #log = new LogFollower();
  #source: CachedSource | undefined;
  /** Index of the partition chosen by hand. */
  #wanted: number | undefined;
  #viewers = 0;
  #starts = -1;
  #isReading = false;
  #isStale = false;
  #fading: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly machine: DiskMapMachine,
    readonly watch: Watch,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Somebody looks, until the returned function is called. */
  look(): () => void {
    const ends = [this.watch.subscribe(() => this.#follow()), this.machine.subscribe(() => this.#follow())];
    this.#viewers++;
    if (this.#viewers === 1) this.#forget();
    this.#follow();
    return () => {
      for (const end of ends) end();
      this.#viewers--;
      if (this.#viewers === 0) this.#forget();
    };
  }

  /** Bytes of the disk as it was when the volume was read. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (!this.#source) throw new Error('The system is starting.');
    return readBytes(this.#source, offset, length);
  }

  choosePartition(index: number): void {
    if (index === this.state.partition?.index) return;
    this.#wanted = index;
    this.selection.set({ path: undefined, cluster: undefined });
    void this.#read();
  }

  #follow(): void {
    const { phase, starts } = this.machine.state;
    if (phase !== 'ready') {
      if (this.#starts >= 0) this.#forget();
      return;
    }
    if (starts !== this.#starts) {
      this.#forget();
      this.#starts = starts;
      void this.#read();
    } else if (this.#log.isBehind) void this.#read();
  }

  /** Another system may have another disk. */
  #forget(): void {
    clearTimeout(this.#fading);
    this.#source = undefined;
    this.#starts = -1;
    this.#set(EMPTY);
  }

  /** One at a time; what happens meanwhile is read afterwards. */
  async #read(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale && this.#viewers > 0) {
      this.#isStale = false;
      const began = performance.now();
      const starts = this.#starts;
      const next = await this.#next().catch(
        (error: Error): MapState => ({ ...EMPTY, phase: 'failed', problem: error.message }),
      );
      // A system that ended meanwhile has taken its answers with it.
      if (starts !== this.#starts || starts !== this.machine.state.starts) continue;
      this.#set(next);
      await delay(Math.max(REST_MS, (performance.now() - began) * REST_SHARE));
      if (this.#log.isBehind) this.#isStale = true;
    }
    this.#isReading = false;
  }

  async #next(): Promise<MapState> {
    const { disk, memory, partition: own } = this.machine;
    let written: Written[] | undefined;
    const known = this.#source;
    if (known) written = this.#log.take((sector, count) => known.keeps(sector, count));
    if (!written || !this.#source) {
      this.#log.start(memory());
      const size = await disk.size();
      this.#source = new CachedSource(size / SECTOR_SIZE, (offset, length) => disk.bytes(offset, length));
      if (this.state.phase === 'waiting') this.#set({ ...EMPTY, phase: 'reading' });
    }
    const source = this.#source;
    const changed = (written ?? []).filter(({ sector, bytes }) => bytes && source.patch(sector, bytes));
    const fresh = this.#freshened(written ?? []);
    const isKnown = this.state.phase === 'ready' && written && changed.length === 0;
    const isSame = this.#wanted === undefined || this.#wanted === this.state.partition?.index;
    if (isKnown && isSame) return { ...this.state, fresh };
    const table = await readPartitions(source);
    const wanted = this.#wanted ?? own;
    const partition = table.partitions.find(({ index }) => index === wanted) ?? table.partitions[0];
    const base = { phase: 'ready', sectors: source.sectors, table, fresh } as const;
    if (!partition) return { ...base, problem: table.problem ?? 'There is no partition on this disk.' };
    return readVolume(source, partition).then(
      (volume) => ({ ...base, partition, volume }),
      (error: Error) => ({ ...base, partition, problem: error.message }),
    );
  }

  /** They fade all at once, a while after the last one. */
  #freshened(written: readonly Written[]): MapState['fresh'] {
    if (written.length === 0) return this.state.fresh;
    clearTimeout(this.#fading);
    this.#fading = setTimeout(() => this.#set({ ...this.state, fresh: [] }), FRESH_MS);
    const now = written.map(({ sector, sectors }) => [sector, sector + sectors] as const);
    return [...this.state.fresh, ...now].slice(-MOST_FRESH);
  }

  #set(state: MapState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
