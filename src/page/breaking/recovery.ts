/** How a domain comes back, step by step, from what the monitor tells and the flight recorders hold. Nothing here is estimated. */
import type { Moment } from '../../microkit/running';
import { REBOOT_CHANNEL } from '../../protocol/boot';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import { type Flight, Flights, type FlightTimes } from './flights';

export type StepName = 'begun' | 'found' | 'noticed' | 'built' | 'up' | 'mounted' | 'decided' | 'answered' | 'prompt';

export interface Step {
  readonly name: StepName;
  /** Milliseconds since the fault; undefined: not yet. */
  readonly atMs?: number;
}

/** What is known of the domain that died. */
export interface Patient {
  readonly domain: string;
  readonly kind: 'guest' | 'client';
  /** The monitor PD of a guest. */
  readonly parent?: string | undefined;
  /** Of the file system that runs in it. */
  readonly clients: readonly string[];
  readonly cause: 'killed' | 'hung' | 'failed';
  readonly why?: string | undefined;
  /** Of the one that died. */
  readonly generation: number;
  /** On the page's clock. */
  readonly atMs: number;
}

export class Recovery {
  readonly #at = new Map<StepName, number>();
  readonly #flights: readonly Flights[];
  #ended = false;

  /** `toPageMs`: from the recorders' clock. */
  constructor(
    readonly patient: Patient,
    readonly toPageMs: (recordedMs: number) => number,
  ) {
    this.#flights = patient.clients.map((client) => new Flights(client));
    this.#at.set('begun', 0);
  }

  /** What the monitor did to the domain, or learnt of it. Records that were made before come before it. */
  moment({ what, atMs }: Moment): void {
    if (what === 'ended') {
      this.#gone();
      this.#reach('found', atMs);
    }
    if (what === 'built') this.#reach('built', atMs);
    if (what === 'up') this.#reach('up', atMs);
  }

  /** The client's prompt is on the screen. */
  prompted(atMs: number): void {
    if (this.#at.has('up')) this.#reach('prompt', atMs);
  }

  /** What a domain recorded, in order. What came before its server was ended tells what was in flight. */
  records(domain: string, records: readonly TraceRecord[]): void {
    const { patient } = this;
    const flights = this.#flights.find(({ client }) => client === domain);
    for (const record of records) {
      flights?.next(record);
      const atMs = this.toPageMs(record.time);
      if (!this.#ended || atMs < patient.atMs) continue;
      const rebooted = record.kind === TRACE.NOTIFIED && record.channel === REBOOT_CHANNEL;
      if (domain === patient.parent && rebooted) this.#reach('noticed', atMs);
      // Its kernel runs through before it waits for anything, or serves what is in its queues already.
      if (domain === patient.domain && this.#at.has('built')) this.#reach('up', atMs);
    }
  }

  get flights(): readonly Flight[] {
    return this.#flights.flatMap(({ list }) => list);
  }

  get steps(): readonly Step[] {
    return this.#names().map((name): Step => {
      const atMs = this.#reached(name);
      return atMs === undefined ? { name } : { name, atMs };
    });
  }

  /** Somebody waits, or waited, for a file; otherwise the domain is back when it is up. */
  get asked(): boolean {
    return this.flights.length > 0 || this.#times('askedMs') !== undefined;
  }

  /** For how long it was away; undefined while it is. */
  get downMs(): number | undefined {
    if (this.patient.kind === 'client') return this.#reached(this.#names().at(-1)!);
    const up = this.#reached('up');
    if (up === undefined || !this.asked) return up;
    // Asked for only after it was up: nobody had noticed.
    const asked = this.#times('askedMs');
    if (asked !== undefined && asked > up && this.#wasIdle) return up;
    return this.#reached('answered');
  }

  /** There is nothing more to come. */
  get complete(): boolean {
    return this.steps.every(({ atMs }) => atMs !== undefined);
  }

  get #wasIdle(): boolean {
    return this.flights.length === 0;
  }

  #names(): readonly StepName[] {
    const { kind, cause, domain } = this.patient;
    const begin: StepName[] = cause === 'killed' ? ['begun'] : ['begun', 'found'];
    if (kind === 'guest') return [...begin, 'noticed', 'built', 'up', 'mounted', 'decided', 'answered'];
    return domain === 'micropython' ? [...begin, 'built', 'up', 'prompt'] : [...begin, 'built', 'up'];
  }

  #reached(name: StepName): number | undefined {
    const times = ({ mounted: 'mountedMs', decided: 'decidedMs', answered: 'answeredMs' } as const)[name as 'mounted'];
    return times ? this.#times(times) : this.#at.get(name);
  }

  /** Of the client that was first; `decided`: of the last. */
  #times(name: keyof FlightTimes): number | undefined {
    const asking = this.#flights.filter(({ times, list }) => times.askedMs !== undefined || list.length > 0);
    const times = asking.map((flights) => flights.times[name]);
    const known = times.filter((time) => time !== undefined).map((time) => this.#since(this.toPageMs(time)));
    if (known.length === 0) return undefined;
    if (name !== 'decidedMs') return Math.min(...known);
    return known.length === times.length ? Math.max(...known) : undefined;
  }

  #gone(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const flights of this.#flights) flights.serverGone();
  }

  /** The recorder knows better than the page, and is read after it. */
  #reach(name: StepName, atMs: number): void {
    this.#at.set(name, Math.min(this.#since(atMs), this.#at.get(name) ?? Number.POSITIVE_INFINITY));
  }

  /** The clocks of two workers may differ by less than a millisecond. */
  #since(atMs: number): number {
    return Math.max(0, atMs - this.patient.atMs);
  }
}
