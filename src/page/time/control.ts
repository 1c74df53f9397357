/**
 * Time, as a person has it in hand: the running system is paused, stepped, slowed down, stopped at breakpoints, and let go again. It
 * moves by the gate's grants whenever it does not run freely. No React.
 */
import { type Breakpoint, Breakpoints, type Stop } from '../../microkit/breakpoints';
import { Gate } from '../../microkit/gate';
import { GateOrder, type Next } from '../../microkit/gate_order';
import type { SystemMemory } from '../../microkit/layout';
import { FULL } from './speeds';
import { AT_FIRST, isSame, type TimeState } from './state';

export interface TimeHost {
  /** Undefined while no system runs. */
  memory(): SystemMemory | undefined;
  /** The prompt has been there: a system that still boots is not held up. */
  ready(): boolean;
  /** The terminal shows the prompt, and everything that the system printed. */
  prompted(): boolean;
  subscribe(listener: () => void): () => void;
}

/** Without anything to grant, or while paused, it is looked again after this time. */
const IDLE_MS = 20;
const PAUSED_MS = 200;
/** Nobody reads faster. */
const SHOWN_MS = 100;
const CLIENT = 'micropython';

interface Held {
  readonly memory: SystemMemory;
  readonly gate: Gate;
  readonly order: GateOrder;
}

export class TimeControl {
  state = AT_FIRST;
  #seed = 1;
  readonly #breakpoints = new Breakpoints();
  readonly #listeners = new Set<() => void>();
  #held: Held | undefined;
  /** Whoever moves the system looks whether it is still his turn. */
  #turn = 0;
  #last: Promise<void> = Promise.resolve();
  #shownAt = 0;

  constructor(readonly host: TimeHost) {
    host.subscribe(() => this.#look());
    this.#look();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Fulfilled when every domain is at rest, or after a second: `busy` then says who is not. */
  async pause(): Promise<void> {
    await this.#moves(async (held, turn) => {
      this.#show({ mode: 'pausing', statement: false });
      await held.gate.pause();
      this.#standStill(held, turn);
    });
  }

  /** It goes on, at the speed chosen last. Fulfilled when it stops again, or when it runs freely. */
  async resume(): Promise<void> {
    await this.#go(this.state.speed, { passing: this.state.stop !== undefined });
  }

  /** Lets the next domain take one notification, and pauses before that if need be. Undefined when there is nothing to take. */
  async step(): Promise<Next | undefined> {
    let taken: Next | undefined;
    await this.#moves(async (held, turn) => {
      await held.gate.pause();
      taken = held.order.next(held.gate.runnable());
      if (taken) await this.#grant(held, taken);
      this.#standStill(held, turn);
    });
    return taken;
  }

  /** Goes on until the next prompt is there and everything is at rest. Fulfilled then, or when something else stopped it. */
  async stepStatement(): Promise<void> {
    await this.#go(FULL, { statement: true, passing: this.state.stop !== undefined });
  }

  /** Notifications a second; 0 pauses. */
  async setSpeed(perSecond: number): Promise<void> {
    if (!(perSecond >= 0))
      throw new RangeError(`A speed is a number of notifications a second, from 0: not ${perSecond}.`);
    if (perSecond === 0) return this.pause();
    void this.#go(perSecond, { passing: this.state.stop !== undefined });
  }

  /** Throws one sentence when there can be no such breakpoint. */
  breakAt(breakpoint: Breakpoint): number {
    const held = this.#required();
    const id = this.#breakpoints.set(held.memory, breakpoint, held.gate.dead());
    this.#breaksChanged();
    return id;
  }

  /** One breakpoint, or all. */
  clear(id?: number): void {
    this.#breakpoints.clear(id);
    this.#breaksChanged();
  }

  /** Ties are decided by this seed from now on, as from the beginning. */
  reseed(seed: number): void {
    this.#seed = seed;
    const held = this.#held;
    if (held) this.#held = { ...held, order: new GateOrder(held.memory.description, seed) };
  }

  get paused(): boolean {
    return this.state.mode === 'paused' || this.state.mode === 'pausing';
  }

  /** Another system than the last one runs freely; breakpoints are kept. */
  #look(): void {
    const memory = this.host.memory();
    const same = memory === this.#held?.memory;
    if (!same) {
      this.#turn++;
      this.#held = memory && { memory, gate: new Gate(memory), order: new GateOrder(memory.description, this.#seed) };
      this.#show({ mode: 'starting', speed: FULL, statement: false, next: undefined, stop: undefined, busy: [] });
    }
    if (memory && this.state.mode === 'starting' && this.host.ready()) void this.#go(FULL, {});
  }

  #required(): Held {
    if (!this.#held || !this.host.ready())
      throw new Error('The system is starting: time can be stopped when the prompt is there.');
    return this.#held;
  }

  /** One after the other: two grants at a time would be no order. */
  #moves(move: (held: Held, turn: number) => Promise<void>): Promise<void> {
    const held = this.#required();
    const turn = ++this.#turn;
    const before = this.#last;
    const moved = before.then(() => (this.#isTurn(turn) ? move(held, turn) : undefined));
    this.#last = moved.catch(() => {});
    return moved;
  }

  #isTurn(turn: number): boolean {
    return turn === this.#turn;
  }

  #go(speed: number, { statement = false, passing = false }): Promise<void> {
    return this.#moves(async (held, turn) => {
      const free = speed === FULL && !statement && this.#breakpoints.list.length === 0;
      this.#show({ mode: free ? 'running' : 'stepping', speed, statement, next: undefined, stop: undefined, busy: [] });
      if (!free) return this.#run(held, turn, { statement, passing });
      this.#show({ steps: 0 });
      held.gate.resume();
    });
  }

  async #run(
    held: Held,
    turn: number,
    { statement, passing }: { statement: boolean; passing: boolean },
  ): Promise<void> {
    const { gate, order, memory } = held;
    const pauseMs = 1000 / this.state.speed;
    let started = false;
    let quiet = 0;
    await gate.pause();
    for (let unchecked = passing; this.#isTurn(turn); unchecked = false) {
      const next = order.next(gate.runnable());
      if (!next) {
        if (statement && started && ++quiet > 2 && this.host.prompted()) return this.#standStill(held, turn);
        await gate.linger(IDLE_MS);
        continue;
      }
      const stop = unchecked ? undefined : this.#breakpoints.before(memory, next);
      if (stop) return this.#standStill(held, turn, stop);
      quiet = 0;
      started ||= next.domain === CLIENT;
      await this.#grant(held, next);
      const died = this.#breakpoints.after(gate.dead());
      if (died) return this.#standStill(held, turn, died);
      if (pauseMs > 0) await this.#linger(held, turn, pauseMs);
    }
  }

  async #grant({ gate, order }: Held, next: Next): Promise<void> {
    await gate.grant(next);
    order.taken();
    this.#showSoon({ steps: this.state.steps + 1, next });
  }

  /** Whoever has the next turn need not wait for it. */
  async #linger({ gate }: Held, turn: number, ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.#isTurn(turn); left -= IDLE_MS) await gate.linger(Math.min(left, IDLE_MS));
  }

  #standStill(held: Held, turn: number, stop?: Stop): void {
    if (!this.#isTurn(turn)) return;
    const { gate, order } = held;
    const now = () => ({ next: order.next(gate.runnable()), busy: gate.busy() });
    this.#show({ mode: 'paused', statement: false, stop, ...now() });
    // Keys, frames and deadlines go on coming in, and may change who is next.
    const watch = async () => {
      while (this.#isTurn(turn)) {
        await gate.linger(PAUSED_MS);
        if (this.#isTurn(turn)) this.#show(now());
      }
    };
    void watch();
  }

  #breaksChanged(): void {
    this.#show({ breaks: this.#breakpoints.list });
    const { mode, speed, statement } = this.state;
    if (mode === 'running' || (mode === 'stepping' && !statement)) void this.#go(speed, {});
  }

  #showSoon(change: Partial<TimeState>): void {
    this.state = { ...this.state, ...change };
    if (performance.now() - this.#shownAt >= SHOWN_MS) this.#show({});
  }

  #show(change: Partial<TimeState>): void {
    if (Object.keys(change).length > 0 && isSame(this.state, change)) return;
    this.state = { ...this.state, ...change };
    this.#shownAt = performance.now();
    for (const listener of this.#listeners) listener();
  }
}
