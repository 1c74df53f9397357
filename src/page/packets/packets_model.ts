/** What the view "Packets" shows: the frames captured, filtered, one of them chosen; and what each hop did not pass on. No React. */
import type { SystemMemory } from '../../microkit/layout';
import { captureFile } from './capture_file';
import { type CaptureHost, CaptureLink } from './capture_link';
import { parseFilter } from './filter';
import { type Frame, Frames } from './frames';
import type { HopName } from './hops';
import { lossWords } from './losses';

export interface PacketsHost extends CaptureHost {
  subscribe(listener: () => void): () => void;
  /** Gives a file to the person. */
  save(file: Blob, name: string): void;
}

/** Who wants frames captured. */
export type Looker = 'view' | 'script';

export interface PacketsState {
  /** Oldest first; those that pass the filter. */
  readonly rows: readonly Frame[];
  /** Without the filter. */
  readonly total: number;
  readonly filter: string;
  readonly problem: string | undefined;
  /** Whether the view has frames captured. */
  readonly capturing: boolean;
  readonly chosen: Frame | undefined;
  /** What did not get through, one sentence each. */
  readonly losses: readonly string[];
}

export class PacketsModel {
  state: PacketsState = {
    rows: [],
    total: 0,
    filter: '',
    problem: undefined,
    capturing: false,
    chosen: undefined,
    losses: [],
  };
  readonly #frames: Frames;
  readonly #listeners = new Set<() => void>();
  readonly #lookers = new Set<Looker>();
  #link: CaptureLink | undefined;
  /** The system that the frames are of. */
  #memory: SystemMemory | undefined;

  constructor(
    readonly host: PacketsHost,
    most?: number,
  ) {
    this.#frames = new Frames(most);
    host.subscribe(() => this.#look());
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Frames are captured while anybody wants it, over restarts of the system, and at no cost otherwise. */
  capture(looker: Looker, on: boolean): void {
    if (on) this.#lookers.add(looker);
    else this.#lookers.delete(looker);
    this.#look();
    this.#show({ capturing: this.#lookers.has('view') });
  }

  /** All frames there are, oldest first. */
  get frames(): readonly Frame[] {
    return this.#frames.list;
  }

  filter(line: string): void {
    const { problem } = parseFilter(line);
    this.#show({ filter: line, problem });
  }

  choose(frame: Frame | undefined): void {
    this.#show({ chosen: frame });
  }

  clear(): void {
    this.#frames.clear();
    this.#show({ chosen: undefined });
  }

  /** Parts of a pcapng file, of one hop or of all. */
  file(hop?: HopName): Uint8Array<ArrayBuffer>[] {
    return captureFile(this.#frames.list, this.#memory?.bootTime ?? 0, hop);
  }

  download(hop?: HopName): void {
    this.host.save(new Blob(this.file(hop), { type: 'application/x-pcapng' }), `${hop ?? 'packets'}.pcapng`);
  }

  #look(): void {
    const memory = this.#lookers.size > 0 ? this.host.memory() : undefined;
    if (memory === this.#link?.memory) return;
    this.#link?.end();
    this.#link = undefined;
    if (!memory) return;
    // Times count from the boot: frames of two systems make no list.
    if (this.#memory !== memory) this.clear();
    this.#memory = memory;
    this.#link = new CaptureLink(this.host, memory, (batch) => {
      this.#frames.add(batch);
      this.#show({});
    });
  }

  #show(change: Partial<PacketsState>): void {
    const { list, dropped } = this.#frames;
    const next = { ...this.state, ...change };
    const { passes } = parseFilter(next.filter);
    const rows = next.filter.trim() === '' ? list : list.filter(({ packet }) => passes(packet));
    const losses = this.#memory ? lossWords(this.#memory, this.#link?.losses ?? new Map(), dropped) : [];
    this.state = { ...next, rows, total: list.length, losses };
    for (const listener of this.#listeners) listener();
  }
}
