/** Watches for domains that die and come back: what the recovery panel shows, and when it opens by itself. */
import type { SystemMemory } from '../../microkit/layout';
import type { Monitor } from '../../microkit/monitor';
import type { Moment } from '../../microkit/running';
import type { ProtectionDomain } from '../../microkit/sdf';
import type { Flight } from './flights';
import type { Frames } from './frames';
import type { Heartbeats } from './heartbeats';
import { type Patient, Recovery, type Step } from './recovery';
import { TraceTail } from './trace_tail';
import { type Verdict, verdictOf } from './verdict';

export interface RecoveryState {
  readonly patient: Patient;
  readonly steps: readonly Step[];
  readonly flights: readonly Flight[];
  /** Milliseconds; undefined while it is down. */
  readonly downMs: number | undefined;
  readonly asked: boolean;
  /** Undefined while it is not known, and where nobody was asked. */
  readonly verdict: Verdict | undefined;
}

export interface WatchedMachine {
  readonly memory: () => SystemMemory | undefined;
  readonly monitor: () => Monitor;
  /** The client shows its prompt. */
  readonly prompted: () => boolean;
  readonly nowMs: () => number;
  /** Of the page's clock: its zero, in the time of the system's. */
  readonly timeOrigin: number;
}

/** React hears of a recovery so often at most. */
const PUBLISH_MS = 100;
/** Nobody is asked for longer after the domain is back. */
const VERDICT_MS = 1500;

export class RecoveryWatch {
  state: RecoveryState | undefined;
  readonly #listeners = new Set<() => void>();
  #memory: SystemMemory | undefined;
  #recovery: Recovery | undefined;
  #tail: TraceTail | undefined;
  #others: readonly string[] = [];
  #publishedMs = 0;
  #stop: (() => void) | undefined;

  /** `began`: a domain died; what it returns is called when no heartbeats are wanted for that any more. */
  constructor(
    readonly machine: WatchedMachine,
    readonly frames: Frames,
    readonly hearts: Heartbeats,
    readonly began: () => () => void,
  ) {}

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The machine may be another system now. */
  attach(): void {
    const memory = this.machine.memory();
    if (memory === this.#memory) return;
    this.#memory = memory;
    this.#stop?.();
    this.#recovery = undefined;
    this.#publish();
    if (!memory) return;
    this.machine.monitor().addEventListener('moment', (event) => {
      if (memory === this.#memory) this.#moment(memory, (event as CustomEvent<Moment>).detail);
    });
  }

  /** A generation dies once: found hanging and ended, or only ended. */
  #moment(memory: SystemMemory, moment: Moment): void {
    const { what, generation } = moment;
    const known = this.#recovery?.patient;
    const domain = memory.description.domains.find(({ name }) => name === moment.domain);
    const isDeath = what === 'hung' || what === 'failed' || what === 'ended';
    const isKnown = known?.domain === moment.domain && (!isDeath || known.generation === generation);
    if (isKnown) this.#heard(moment);
    else if (isDeath && domain) this.#begin(memory, domain, moment);
  }

  /** What was recorded before it comes first. */
  #heard(moment: Moment): void {
    this.#tail!.next((domain, records) => this.#recovery!.records(domain, records));
    this.#recovery!.moment(moment);
  }

  #begin(memory: SystemMemory, { name, kind, parent }: ProtectionDomain, moment: Moment): void {
    const { what, generation, atMs, why } = moment;
    if (kind !== 'guest' && kind !== 'client') return;
    const { domains } = memory.description;
    const clients = kind === 'guest' ? domains.filter((domain) => domain.kind === 'client').map((one) => one.name) : [];
    const cause = what === 'ended' ? 'killed' : what === 'hung' ? 'hung' : 'failed';
    this.#stop?.();
    const toPageMs = (recordedMs: number) => recordedMs + memory.bootTime - this.machine.timeOrigin;
    this.#recovery = new Recovery({ domain: name, kind, parent, clients, cause, why, generation, atMs }, toPageMs);
    this.#tail = new TraceTail(memory, [...clients, ...(kind === 'guest' && parent ? [parent, name] : [])]);
    const gone = this.machine
      .monitor()
      .list()
      .filter(({ state }) => state === 'killed' || state === 'hung');
    const away = [name, ...gone.map((domain) => domain.name)];
    this.#others = domains.map((domain) => domain.name).filter((one) => !away.includes(one));
    this.#heard(moment);
    const release = this.began();
    this.hearts.hurry = true;
    this.hearts.ask();
    const unwant = this.frames.want(() => this.#look());
    this.#stop = () => {
      this.#stop = undefined;
      this.hearts.hurry = false;
      unwant();
      release();
    };
    this.#publish();
  }

  /** A file may be asked for long after the domain is back: something happens, and it is looked at again. */
  lookAgain(): void {
    if (this.#stop || !this.#recovery || this.#recovery.complete) return;
    this.#look();
    this.#publish();
  }

  /** In every frame until there is nothing more to come, or nobody to wait for it. */
  #look(): void {
    const recovery = this.#recovery;
    if (!recovery) return;
    this.#tail!.next((domain, records) => recovery.records(domain, records));
    if (this.machine.prompted()) recovery.prompted(this.machine.nowMs());
    const before = this.state;
    const now = this.machine.nowMs();
    const { downMs } = recovery;
    const back = downMs !== undefined && before?.downMs === undefined;
    const late = downMs !== undefined && now > recovery.patient.atMs + downMs + VERDICT_MS;
    if (back || late || now - this.#publishedMs >= PUBLISH_MS) this.#publish();
    if (late || (this.state?.verdict && recovery.complete)) this.#stop?.();
  }

  #publish(): void {
    this.#publishedMs = this.machine.nowMs();
    this.state = this.#recovery && this.#stateOf(this.#recovery);
    for (const listener of this.#listeners) listener();
  }

  #stateOf(recovery: Recovery): RecoveryState {
    const { patient, steps, flights, downMs, asked } = recovery;
    const before = this.state?.patient === patient ? this.state.verdict : undefined;
    const from = patient.atMs;
    const verdict =
      before ?? (downMs === undefined ? undefined : verdictOf(this.hearts, this.#others, from, from + downMs));
    return { patient, steps, flights, downMs, asked, verdict };
  }
}
