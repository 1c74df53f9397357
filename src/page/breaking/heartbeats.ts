/**
 * The heartbeats of all domains while somebody looks: the page changes a number in each control page, and a domain that is alive answers
 * with the same number (libmicrokit/heart.ts). Who does not answer for a while has missed a beat. Nobody looks: nobody is asked.
 */
import { controlNow, type SystemMemory } from '../../microkit/layout';
import { CONTROL, GATE } from '../../protocol/boot';
import { probe } from '../../protocol/notification';

/** From one probe to the next. */
export const PERIOD_MS = 100;
/** The same while a domain is down: so short a time is to be seen in detail. */
const HURRY_MS = 50;
/** A domain that has not answered for longer has missed a beat: a busy computer may keep a worker from running for a while. */
export const GRACE_MS = 300;
/** How far back the lanes go. */
export const KEPT_MS = 12_000;

const PROBES_KEPT = 256;

/** From when to when a domain did not answer, on the page's clock; `to` is undefined while it does not. */
export interface Silence {
  readonly from: number;
  to: number | undefined;
}

export interface Lane {
  readonly name: string;
  /** When its answers were seen, oldest first. */
  readonly beats: number[];
  readonly silences: Silence[];
}

interface Asked extends Lane {
  words: Int32Array | undefined;
  /** The last number that it answered with. */
  answered: number;
  /** When the oldest probe was sent that it has not answered. */
  unansweredMs: number | undefined;
  /** The newest probe that it has answered was sent then. */
  heardMs: number;
}

export interface Hearts {
  readonly memory: () => SystemMemory | undefined;
  readonly nowMs: () => number;
}

export class Heartbeats {
  /** The whole system is paused: nobody is asked, and nobody misses a beat. */
  paused = false;
  /** Twice as often. */
  hurry = false;
  #memory: SystemMemory | undefined;
  #gate: Int32Array | undefined;
  #lanes = new Map<string, Asked>();
  #number = 0;
  #sentMs = Number.NEGATIVE_INFINITY;
  /** When each of the last probes was sent, by its number. */
  readonly #sent: number[] = [];

  constructor(readonly hearts: Hearts) {}

  get lanes(): readonly Lane[] {
    return [...this.#lanes.values()];
  }

  lane(name: string): Lane | undefined {
    return this.#lanes.get(name);
  }

  /** Nobody looked meanwhile: what was not answered was not asked for. */
  begin(): void {
    for (const lane of this.#lanes.values()) lane.unansweredMs = undefined;
    this.#sentMs = Number.NEGATIVE_INFINITY;
  }

  /** Reads the answers, and asks again when it is time. Call it once per frame. */
  look(): void {
    const memory = this.hearts.memory();
    if (memory !== this.#memory) this.#enter(memory);
    if (!memory) return;
    const now = this.hearts.nowMs();
    const paused = Atomics.load(this.#gate!, GATE.MODE) !== 0;
    if (this.paused !== paused) this.begin();
    this.paused = paused;
    if (paused) return;
    for (const lane of this.#lanes.values()) this.#listen(memory, lane, now);
    if (now - this.#sentMs >= (this.hurry ? HURRY_MS : PERIOD_MS)) this.ask();
  }

  /** Asks everybody now. */
  ask(): void {
    const now = this.hearts.nowMs();
    this.#number++;
    this.#sentMs = now;
    this.#sent[this.#number % PROBES_KEPT] = now;
    for (const lane of this.#lanes.values()) {
      lane.unansweredMs ??= now;
      if (lane.words) probe(lane.words, this.#number);
    }
  }

  /** Whether a domain has answered a probe that was sent at that time or later. */
  heardSince(name: string, ms: number): boolean {
    return (this.#lanes.get(name)?.heardMs ?? Number.NEGATIVE_INFINITY) >= ms;
  }

  /** Whether a domain missed a beat between two times; `undefined`: it was not asked. */
  missed(name: string, fromMs: number, toMs: number): boolean | undefined {
    const lane = this.#lanes.get(name);
    if (!lane) return undefined;
    if (lane.silences.some(({ from, to = Number.POSITIVE_INFINITY }) => from <= toMs && to >= fromMs)) return true;
    return lane.heardMs >= fromMs ? false : undefined;
  }

  #enter(memory: SystemMemory | undefined): void {
    this.#memory = memory;
    this.#gate = memory && new Int32Array(memory.gate);
    this.#sentMs = Number.NEGATIVE_INFINITY;
    this.#lanes = new Map((memory?.description.domains ?? []).map(({ name }) => [name, freshLane(name)]));
  }

  #listen(memory: SystemMemory, lane: Asked, now: number): void {
    const page = controlNow(memory, lane.name)!;
    if (lane.words?.buffer !== page) lane.words = new Int32Array(page);
    const { words } = lane;
    if (lane.unansweredMs !== undefined) {
      const answer = Atomics.load(words, CONTROL.BEAT);
      if (answer > lane.answered && answer <= this.#number) this.#heard(lane, answer, now);
      else if (now - lane.unansweredMs > GRACE_MS) silent(lane, lane.unansweredMs);
      // It was on its way to sleep when it was woken, or it is another generation.
      if (lane.answered !== this.#number) probe(words, this.#number);
    }
    forget(lane, now - KEPT_MS);
  }

  /** An answer to an older probe is one, too: a computer that is very busy lags behind. */
  #heard(lane: Asked, answer: number, now: number): void {
    const last = lane.silences.at(-1);
    if (last && last.to === undefined) last.to = now;
    lane.answered = answer;
    lane.heardMs = this.#sent[answer % PROBES_KEPT]!;
    lane.unansweredMs = answer === this.#number ? undefined : this.#sent[(answer + 1) % PROBES_KEPT];
    lane.beats.push(now);
  }
}

function freshLane(name: string): Asked {
  return {
    name,
    beats: [],
    silences: [],
    words: undefined,
    answered: 0,
    unansweredMs: undefined,
    heardMs: Number.NEGATIVE_INFINITY,
  };
}

function silent({ silences }: Lane, from: number): void {
  const last = silences.at(-1);
  if (!last || last.to !== undefined) silences.push({ from, to: undefined });
}

function forget({ beats, silences }: Lane, beforeMs: number): void {
  while (beats[0] !== undefined && beats[0] < beforeMs) beats.shift();
  while (silences[0]?.to !== undefined && silences[0].to < beforeMs) silences.shift();
}
