/** The kernel of one Web Worker: notifications are bits of a shared word, waiting is Atomics.wait on it. */
import { type BootInfo, type ChannelBoot, CONTROL, CONTROL_BIT, GATE, PD_STATE } from '../protocol/boot';
import { Line } from '../protocol/line';
import { Region } from '../protocol/region';
import { TRACE, TraceWriter } from '../protocol/trace';
import { Irq } from './irq';
import { type Channel, type IrqLine, type Kernel, Killed, type Message, type PolledDevice } from './pd';
import { callPpc } from './ppc';

interface Peer extends ChannelBoot {
  readonly words: Int32Array;
}

const URGENT = CONTROL_BIT.CONTROL | CONTROL_BIT.DIE;
const encoder = new TextEncoder();

export class WorkerKernel implements Kernel {
  readonly name: string;
  readonly words: Int32Array;
  readonly #gate: Int32Array;
  readonly #peers: (Peer | undefined)[] = [];
  readonly #irqs: (Irq | undefined)[] = [];
  readonly #devices: PolledDevice[] = [];
  readonly #trace: TraceWriter;
  readonly #debug: Line;
  readonly #bootTime: number;
  /** Bits taken from the word in a nested wait that did not ask for them. */
  #stash = 0;
  #stepping = false;
  /** Milliseconds since boot when the domain last woke: the time of its trace records. */
  #wokeAt = 0;

  constructor(readonly boot: BootInfo) {
    this.name = boot.name;
    this.words = new Int32Array(boot.control);
    this.#gate = new Int32Array(boot.gate);
    this.#trace = new TraceWriter(new Region('trace', boot.trace));
    this.#debug = new Line(new Region('debug', boot.debug));
    this.#bootTime = boot.bootTime - performance.timeOrigin;
    for (const channel of boot.channels) {
      this.#peers[channel.id] = { ...channel, words: new Int32Array(channel.peerControl) };
    }
    for (const irq of boot.irqs) this.#irqs[irq.id] = new Irq(irq.trigger, () => this.#raise(1 << irq.id));
  }

  notify(ch: Channel): void {
    const peer = this.#peers[ch];
    if (!peer?.notify) throw new Error(`${this.name} may not notify channel ${ch}`);
    this.#trace.record(this.#wokeAt, TRACE.NOTIFY, ch, 0, 0, 0);
    signal(peer.words, 1 << peer.peerId);
  }

  ppcall(ch: Channel, message: Message): Message {
    const peer = this.#peers[ch];
    if (peer?.ppc?.role !== 'caller') throw new Error(`${this.name} may not call channel ${ch}`);
    this.#trace.record(this.#wokeAt, TRACE.PPC_CALL, ch, 0, message.label, 0);
    const { words } = peer;
    return callPpc(peer.ppc.page, message, () => signal(words, CONTROL_BIT.PPC));
  }

  irqAck(ch: Channel): void {
    this.#irqs[ch]?.ack();
  }

  irqLine(ch: Channel): IrqLine {
    const irq = this.#irqs[ch];
    if (!irq) throw new Error(`${this.name} has no interrupt on channel ${ch}`);
    return irq;
  }

  attach(device: PolledDevice): void {
    this.#devices.push(device);
  }

  now(): number {
    return Math.round((performance.now() - this.#bootTime) * 1e6);
  }

  wallClock(): number {
    return Date.now();
  }

  print(text: string): void {
    let rest = encoder.encode(text);
    for (;;) {
      const head = Atomics.load(this.#debug.words, Line.HEAD);
      rest = rest.subarray(this.#debug.write(rest));
      if (rest.length === 0) return;
      Atomics.wait(this.#debug.words, Line.HEAD, head);
    }
  }

  trace(kind: number, channel: Channel, request: number, a: number, b: number): void {
    this.#trace.record(this.#wokeAt, kind, channel, request, a, b);
  }

  /** The next bits to dispatch: blocks until there are some. Devices of this worker are polled on the way. */
  take(): number {
    return this.#take(-1, undefined);
  }

  wait(channels: number, deadlineNs?: number): number {
    return this.#take(channels, deadlineNs);
  }

  poll(channels: number): number {
    if (Atomics.load(this.words, CONTROL.BITS) & CONTROL_BIT.DIE) throw new Killed();
    this.#stash |= Atomics.exchange(this.words, CONTROL.BITS, 0);
    return this.#fromStash(channels);
  }

  /** Sets bits of the own word, as a device model or the kernel does. */
  #raise(bits: number): void {
    Atomics.or(this.words, CONTROL.BITS, bits);
  }

  #take(mask: number, deadlineNs: number | undefined): number {
    const nested = mask !== -1;
    for (;;) {
      if (Atomics.load(this.#gate, GATE.MODE) === 0) this.#stash |= Atomics.exchange(this.words, CONTROL.BITS, 0);
      else this.#stash |= this.#step();
      if (nested && this.#stash & CONTROL_BIT.DIE) throw new Killed();
      if (this.#stash & CONTROL_BIT.DEVICE) {
        this.#stash &= ~CONTROL_BIT.DEVICE;
        this.#pollDevices();
        continue;
      }
      const taken = this.#fromStash(mask);
      if (taken !== 0) return taken;
      if (deadlineNs !== undefined && this.now() >= deadlineNs) return 0;
      this.#sleep(deadlineNs);
    }
  }

  #fromStash(mask: number): number {
    const taken = this.#stash & mask;
    this.#stash &= ~mask;
    return taken;
  }

  #sleep(deadlineNs: number | undefined): void {
    const due = Math.min(
      deadlineNs ?? Number.POSITIVE_INFINITY,
      ...this.#devices.map((d) => d.deadlineNs ?? Number.POSITIVE_INFINITY),
    );
    const timeoutMs = due === Number.POSITIVE_INFINITY ? due : Math.max(0, (due - this.now()) / 1e6);
    Atomics.store(this.words, CONTROL.STATE, PD_STATE.WAITING);
    Atomics.store(this.words, CONTROL.SLEEPING, 1);
    const woken = Atomics.wait(this.words, CONTROL.BITS, 0, timeoutMs);
    Atomics.store(this.words, CONTROL.SLEEPING, 0);
    Atomics.store(this.words, CONTROL.STATE, PD_STATE.RUNNING);
    if (woken !== 'not-equal') Atomics.add(this.words, CONTROL.WAKEUPS, 1);
    this.#wokeAt = performance.now() - this.#bootTime;
    if (woken === 'timed-out' && due !== deadlineNs) this.#pollDevices();
  }

  #pollDevices(): void {
    for (const device of this.#devices) device.poll();
  }

  /** Step mode: only granted bits may be taken, so that one domain moves at a time. Control and death pass the gate. */
  #step(): number {
    if (this.#stepping) {
      this.#stepping = false;
      Atomics.add(this.#gate, GATE.STEPS, 1);
      Atomics.notify(this.#gate, GATE.STEPS);
    }
    const urgent = Atomics.and(this.words, CONTROL.BITS, ~URGENT) & URGENT;
    if (urgent) return urgent;
    const granted = Atomics.exchange(this.words, CONTROL.GRANT, 0);
    if (granted === 0) {
      Atomics.wait(this.words, CONTROL.GRANT, 0);
      return 0;
    }
    this.#stepping = true;
    return Atomics.and(this.words, CONTROL.BITS, ~granted) & granted;
  }
}

/** Sets bits of a domain's word and wakes it if it sleeps. Who finds the word non-zero leaves the waking to whoever made it so. */
export function signal(words: Int32Array, bits: number): void {
  const before = Atomics.or(words, CONTROL.BITS, bits);
  if (before === 0 && Atomics.load(words, CONTROL.SLEEPING) !== 0) Atomics.notify(words, CONTROL.BITS, 1);
}
