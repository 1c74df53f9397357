/** What the timeline shows: which stretch of time, what is chosen and searched for; fed by the recording while somebody looks. No React. */
import type { SystemMemory } from '../../microkit/layout';
import { type Lane, lanesOf } from './lanes';
import { Recording, type Span } from './recording';
import { matcher } from './search';
import { SpanScale } from './span_scale';

/** Who reads: the drawer, to draw; a script, to have all of it. */
export type Looker = 'drawer' | 'script';

export interface TimelineHost {
  memory(): SystemMemory | undefined;
  /** Calls back before the next frame is drawn, at most once; returns the way to take that back. */
  nextFrame(callback: () => void): () => void;
  /** The same after a time in milliseconds. */
  later(callback: () => void, ms: number): () => void;
  /** Milliseconds, for pacing. */
  now(): number;
}

export interface TimelineState {
  readonly lanes: readonly Lane[];
  /** Milliseconds shown, as drawn. */
  readonly width: number;
  /** The place at the right edge, as drawn; undefined: it moves with what happens. */
  readonly right: number | undefined;
  readonly chosen: Span | undefined;
  readonly search: string;
  readonly records: number;
  readonly lost: number;
  /** Of the recording: grows when something happened. */
  readonly version: number;
}

/** Looks without anything new after which it sleeps until it is poked. */
const QUIET = 6;
/** Between two looks while things happen: it is a chart, not a film, and the system needs the processor. */
const LOOK_MS = 100;
/** Of the time at most one part in that many is spent on looking. */
const SHARE = 25;
/** Figures change, and the drawing is made anew, no faster while things happen. */
const SHOWN_MS = 300;
/** Whoever wants every record looks so often while nothing is drawn: well before a recorder comes around. */
const KEEP_MS = 50;
const NARROWEST = 0.05;
const WIDEST = 60_000;
const FIRST = 4;

export class Timeline {
  state: TimelineState = {
    lanes: [],
    width: FIRST,
    right: undefined,
    chosen: undefined,
    search: '',
    records: 0,
    lost: 0,
    version: 0,
  };
  recording: Recording | undefined;
  readonly scale = new SpanScale();
  /** Draws; called before a frame when something is to be drawn anew. */
  paint: () => void = () => {};
  readonly #listeners = new Set<() => void>();
  readonly #lookers = new Set<Looker>();
  #asked: (() => void) | undefined;
  #quiet = 0;
  #shownAt = 0;
  /** Something was read that has not been drawn. */
  #isStale = false;
  /** Somebody asked for a drawing. */
  #isWanted = false;

  constructor(readonly host: TimelineHost) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The recorders are read while anybody looks, and not otherwise. */
  look(looker: Looker, on: boolean): void {
    if (on) this.#lookers.add(looker);
    else this.#lookers.delete(looker);
    if (on) this.poke();
    if (this.#lookers.size > 0) return;
    this.#asked?.();
    this.#asked = undefined;
  }

  get watched(): boolean {
    return this.#lookers.size > 0;
  }

  /** Something happens: it looks on. */
  poke = (): void => {
    this.#quiet = 0;
    if (this.#lookers.size > 0) this.#asked ??= this.host.nextFrame(() => this.#frame());
  };

  /** It is to be drawn differently: before the next frame. */
  redraw(): void {
    this.#quiet = 0;
    this.#isWanted = true;
    if (this.#lookers.size === 0) return;
    this.#asked?.();
    this.#asked = this.host.nextFrame(() => this.#frame());
  }

  /** Reads now what there is, for whoever cannot wait for a frame. */
  read(): boolean {
    const memory = this.host.memory();
    if (memory !== this.recording?.memory) {
      this.recording = memory && new Recording(memory);
      this.scale.clear();
      this.#show({ lanes: memory ? lanesOf(memory.description) : [], right: undefined, chosen: undefined });
    }
    const { recording } = this;
    if (!recording?.read()) return false;
    this.#isStale = true;
    this.scale.read(recording);
    const { records, lost, version } = recording;
    this.state = { ...this.state, records, lost, version };
    return true;
  }

  clear(): void {
    this.read();
    this.recording?.clear();
    this.scale.clear();
    this.#show({ records: 0, right: undefined, chosen: undefined, version: this.state.version + 1 });
  }

  /** Where the newest that happened is drawn. */
  get end(): number {
    return this.scale.placeOf(this.recording?.end ?? 0);
  }

  /** Both edges, as drawn; `ahead`: the part of the width kept free for what comes. */
  window(ahead: number): { readonly left: number; readonly right: number } {
    const { width, right = this.end + width * ahead } = this.state;
    return { left: right - width, right };
  }

  /** Shows so many times as much, around this share of the width. */
  zoom(times: number, around = 1, ahead = 0): void {
    const width = Math.min(WIDEST, Math.max(NARROWEST, this.state.width * times));
    const { right } = this.window(ahead);
    const fixed = right - this.state.width * (1 - around);
    this.#show({ width, right: this.state.right === undefined ? undefined : fixed + width * (1 - around) });
  }

  pan(places: number, ahead = 0): void {
    const right = this.window(ahead).right + places;
    this.#show({ right: right >= this.end + this.state.width * ahead ? undefined : right });
  }

  /** The last burst of activity, all of it. */
  fit(): void {
    const { last } = this.scale;
    const length = last ? (this.end - this.scale.placeOf(last)) * 1.08 : FIRST;
    this.#show({ right: undefined, width: Math.min(WIDEST, Math.max(NARROWEST * 10, length)) });
  }

  search(search: string): void {
    this.#show({ search });
  }

  choose(chosen: Span | undefined): void {
    this.#show({ chosen });
    if (chosen) this.#reveal(chosen);
  }

  /** To the next span in the order of time, or the one before; those that match the search, if there is one. */
  move(by: 1 | -1): void {
    const all = this.#spans();
    const { chosen } = this.state;
    const at = chosen ? all.indexOf(chosen) : by > 0 ? -1 : all.length;
    this.choose(all[Math.min(all.length - 1, Math.max(0, at + by))] ?? chosen);
  }

  first(): void {
    this.choose(this.#spans()[0]);
  }

  last(): void {
    this.choose(this.#spans().at(-1));
  }

  #spans(): Span[] {
    const { recording } = this;
    if (!recording) return [];
    const matches = matcher(recording.memory.description, this.state.search);
    const all = [...recording.domains].flatMap((domain) => recording.spansOf(domain).filter(matches));
    return all.sort((a, b) => a.start - b.start);
  }

  #reveal({ start }: Span): void {
    const { left, right } = this.window(0);
    const place = this.scale.placeOf(start);
    const margin = this.state.width * 0.1;
    if (place >= left + margin && place <= right) return;
    this.#show({ right: place + this.state.width / 2 });
  }

  #frame(): void {
    this.#asked = undefined;
    const began = this.host.now();
    const news = this.read();
    this.#quiet = news ? 0 : this.#quiet + 1;
    const isDue = this.#isStale && (!news || began - this.#shownAt >= SHOWN_MS);
    if (isDue) this.#tell();
    if (isDue || this.#isWanted) {
      this.#isStale = false;
      this.#isWanted = false;
      this.paint();
    }
    // What a look takes is taken from the system: the longer, the later comes the next.
    const pause = Math.max(LOOK_MS, SHARE * (this.host.now() - began));
    if (this.#quiet < QUIET) this.#after(pause);
    else this.#fallAsleep();
  }

  #fallAsleep(): void {
    if (this.#quiet === QUIET) this.#tell();
    if (this.#lookers.has('script')) this.#after(KEEP_MS);
  }

  /** A script's recording goes on where no frames are drawn, as in a hidden page. */
  #after(ms: number): void {
    const look = () => {
      this.#asked = this.#lookers.has('script') ? undefined : this.host.nextFrame(() => this.#frame());
      if (!this.#asked) this.#frame();
    };
    this.#asked = this.host.later(look, ms);
  }

  #show(change: Partial<TimelineState>): void {
    this.state = { ...this.state, ...change };
    this.#tell();
    this.redraw();
  }

  #tell(): void {
    this.#shownAt = this.host.now();
    for (const listener of this.#listeners) listener();
  }
}
