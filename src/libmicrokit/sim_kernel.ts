/** The kernel of one domain in the simulator. */
import { type BootInfo, type ChannelBoot, CONTROL, CONTROL_BIT, type GuestSet, REBOOT_CHANNEL } from '../protocol/boot';
import { Region } from '../protocol/region';
import { TraceWriter } from '../protocol/trace';
import { Irq } from './irq';
import { IrqFaults } from './irq_faults';
import {
  type Channel,
  type IrqLine,
  type Kernel,
  Killed,
  type Message,
  type PolledDevice,
  type ProtectionDomain,
} from './pd';
import { overRegisters } from './ppc';
import type { Simulator } from './simulator';

/** 2025-02-27T00:00:00Z. */
const WALL_CLOCK_AT_BOOT = 1_740_614_400_000;

export class SimKernel implements Kernel {
  readonly name: string;
  readonly words: Int32Array;
  pd!: ProtectionDomain;
  dead = false;
  readonly irqFaults = new IrqFaults(this);
  readonly #irqs: (Irq | undefined)[] = [];
  readonly #devices: PolledDevice[] = [];
  readonly #channels: Map<Channel, ChannelBoot>;
  readonly #recorder: TraceWriter;
  #depth = 0;

  constructor(
    readonly simulator: Simulator,
    readonly boot: BootInfo,
  ) {
    this.name = boot.name;
    this.words = new Int32Array(boot.control);
    this.#recorder = new TraceWriter(new Region('trace', boot.trace));
    this.#channels = new Map(boot.channels.map((channel) => [channel.id, channel]));
    for (const { id, trigger } of boot.irqs) {
      this.#irqs[id] = new Irq(trigger, () => this.raise(1 << id), this.irqFaults);
    }
    if (boot.irqs.length > 0) this.attach(this.irqFaults);
  }

  get runnable(): boolean {
    return !this.dead && this.#depth === 0 && Atomics.load(this.words, CONTROL.BITS) !== 0;
  }

  get deadlineNs(): number {
    if (this.dead) return Number.POSITIVE_INFINITY;
    return Math.min(Number.POSITIVE_INFINITY, ...this.#devices.map((d) => d.deadlineNs ?? Number.POSITIVE_INFINITY));
  }

  raise(bits: number): void {
    Atomics.or(this.words, CONTROL.BITS, bits);
  }

  dispatchOne(): void {
    const bits = Atomics.load(this.words, CONTROL.BITS);
    if (bits & CONTROL_BIT.DEVICE) {
      this.#take(CONTROL_BIT.DEVICE);
      for (const device of this.#devices) device.poll();
      return;
    }
    const ready = Array.from({ length: REBOOT_CHANNEL + 1 }, (_, ch) => ch).filter((ch) => bits & (1 << ch));
    const ch = ready[this.simulator.random.below(ready.length)];
    if (ch === undefined) return void this.#take(bits);
    this.#take(1 << ch);
    Atomics.add(this.words, CONTROL.NOTIFICATIONS, 1);
    this.enter(() => this.pd.notified(ch));
  }

  /** Runs code of the domain; being killed on the way ends it quietly. */
  enter(code: () => void): void {
    this.#depth++;
    try {
      code();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      this.dead = true;
    } finally {
      this.#depth--;
      if (this.#depth === 0 && Atomics.load(this.words, CONTROL.BITS) & CONTROL_BIT.DIE) this.dead = true;
    }
  }

  kill(): void {
    this.raise(CONTROL_BIT.DIE);
    if (this.#depth === 0) this.dead = true;
  }

  pollDue(): void {
    if (this.deadlineNs <= this.simulator.nowNs) for (const device of this.#devices) device.poll();
  }

  notify(ch: Channel): void {
    const channel = this.#channels.get(ch);
    if (!channel?.notify) throw new Error(`${this.name} may not notify channel ${ch}`);
    Atomics.or(new Int32Array(channel.peerControl), CONTROL.BITS, 1 << channel.peerId);
  }

  ppcall(ch: Channel, message: Message): Message {
    const channel = this.#channels.get(ch);
    if (channel?.ppc?.role !== 'caller') throw new Error(`${this.name} may not call channel ${ch}`);
    const callee = this.simulator.domains.get(channel.peer);
    if (!callee) throw new Error(`${channel.peer} is not there to be called`);
    return callee.serve(channel.peerId, overRegisters(message));
  }

  /** Serves a call on the caller's time; a callee in the middle of a handler finishes that first, if it can. */
  serve(ch: Channel, message: Message): Message {
    while (this.#depth > 0) if (!this.simulator.step()) throw new Error(`${this.name} is called while it waits`);
    let answer: Message | undefined;
    this.enter(() => {
      if (!this.pd.protected) throw new Error(`${this.name} serves no protected calls`);
      answer = overRegisters(this.pd.protected(ch, message));
    });
    if (!answer) throw new Killed();
    return answer;
  }

  irqAck(ch: Channel): void {
    this.#irqs[ch]?.ack();
  }

  irqLine(ch: Channel): IrqLine {
    const irq = this.#irqs[ch];
    if (!irq) throw new Error(`${this.name} has no interrupt on channel ${ch}`);
    return irq;
  }

  redirect(channels: GuestSet['channels']): void {
    for (const [id, { peerControl }] of Object.entries(channels)) {
      this.#channels.set(Number(id), { ...this.#channels.get(Number(id))!, peerControl });
    }
  }

  attach(device: PolledDevice): void {
    this.#devices.push(device);
  }

  wait(channels: number, deadlineNs = Number.POSITIVE_INFINITY): number {
    this.#depth++;
    try {
      for (;;) {
        if (Atomics.load(this.words, CONTROL.BITS) & CONTROL_BIT.DIE) throw new Killed();
        const taken = this.#take(channels);
        if (taken !== 0) return taken;
        if (this.simulator.nowNs >= deadlineNs) return 0;
        if (!this.simulator.step() && !this.simulator.jump(deadlineNs)) {
          throw new Error(`${this.name} waits for ever on channels 0x${(channels >>> 0).toString(16)}`);
        }
      }
    } finally {
      this.#depth--;
    }
  }

  poll(channels: number): number {
    if (Atomics.load(this.words, CONTROL.BITS) & CONTROL_BIT.DIE) throw new Killed();
    return this.#take(channels);
  }

  now(): number {
    return this.simulator.nowNs;
  }

  wallClock(): number {
    return WALL_CLOCK_AT_BOOT + Math.floor(this.simulator.nowNs / 1e6);
  }

  print(text: string): void {
    this.simulator.debug += text;
  }

  trace(kind: number, channel: Channel, request: number, a: number, b: number): void {
    this.#recorder.record(this.simulator.nowNs / 1e6, kind, channel, request, a, b);
  }

  #take(mask: number): number {
    return Atomics.and(this.words, CONTROL.BITS, ~mask) & mask;
  }
}
