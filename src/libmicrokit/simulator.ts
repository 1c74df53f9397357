/**
 * The simulator: every protection domain of a system in one thread, one notification at a time, in an order drawn from a seed.
 * A domain that waits inside a handler lets the others run until its bits are there. Time moves only when nothing else can.
 */
import type { BootInfo } from '../protocol/boot';
import { environment } from './environment';
import type { Channel, Program } from './pd';
import { Random } from './random';
import { SimKernel } from './sim_kernel';

export class Simulator {
  readonly random: Random;
  readonly domains = new Map<string, SimKernel>();
  /** Everything printed to the debug UART. */
  debug = '';
  nowNs = 0;
  /** Called before each dispatch: tests inject faults here. */
  onStep: (() => void) | undefined;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** Adds a domain and builds its program; `init` runs in `start`. */
  async add(boot: BootInfo, program: Program): Promise<SimKernel> {
    const kernel = new SimKernel(this, boot);
    this.domains.set(boot.name, kernel);
    kernel.pd = await program(environment(boot, kernel));
    return kernel;
  }

  /** A domain starts anew, with another kernel; its former self unwinds when control comes back to it. */
  restart(boot: BootInfo, program: Program): void {
    this.domains.get(boot.name)?.kill();
    const kernel = new SimKernel(this, boot);
    this.domains.set(boot.name, kernel);
    const pd = program(environment(boot, kernel));
    if (pd instanceof Promise) throw new Error(`${boot.name} cannot be restarted in the middle of a step`);
    kernel.pd = pd;
    kernel.enter(() => pd.init?.());
  }

  /** Lets a domain handle one signalled channel at once, as if nobody else had come first. */
  dispatchNow(domain: string, ch: Channel): void {
    const kernel = this.domains.get(domain)!;
    if (kernel.poll(1 << ch) !== 0) kernel.enter(() => kernel.pd.notified(ch));
  }

  start(): void {
    for (const kernel of this.domains.values()) kernel.enter(() => kernel.pd.init?.());
  }

  /** Dispatches until no domain has anything to do; timers that are due later do not count. */
  settle(maxSteps = 1_000_000): void {
    for (let steps = 0; this.step(); steps++) if (steps > maxSteps) throw new Error('the system does not settle');
  }

  /** Settles, then moves time on to `untilNs`, stopping at every deadline. */
  advance(untilNs: number): void {
    this.settle();
    for (let due = this.#nextDeadline(); due <= untilNs; due = this.#nextDeadline()) {
      this.nowNs = Math.max(this.nowNs, due);
      for (const kernel of this.domains.values()) kernel.pollDue();
      this.settle();
    }
    this.nowNs = Math.max(this.nowNs, untilNs);
  }

  /** One dispatch in one domain that is not waiting further up this call stack. False when there is nothing to do. */
  step(): boolean {
    const ready = [...this.domains.values()].filter((kernel) => kernel.runnable);
    if (ready.length === 0) return false;
    this.onStep?.();
    ready[this.random.below(ready.length)]!.dispatchOne();
    return true;
  }

  /** Moves time to the next deadline so that a waiting domain can go on. False when there is none. */
  jump(limitNs: number): boolean {
    const due = Math.min(this.#nextDeadline(), limitNs);
    if (due === Number.POSITIVE_INFINITY) return false;
    this.nowNs = Math.max(this.nowNs, due);
    for (const kernel of this.domains.values()) kernel.pollDue();
    return true;
  }

  #nextDeadline(): number {
    return Math.min(...[...this.domains.values()].map((kernel) => kernel.deadlineNs));
  }
}
