/** The kernel of one Web Worker: notifications are bits of a shared word, waiting is Atomics.wait on it. */
import {
  type BootInfo,
  type ChannelBoot,
  CONTROL,
  CONTROL_BIT,
  type GuestSet,
  PASSES_GATE,
  PD_STATE,
} from '../protocol/boot';
import { Line } from '../protocol/line';
import { lookAgain, signal } from '../protocol/notification';
import { Region } from '../protocol/region';
import { TRACE, TraceWriter } from '../protocol/trace';
import { Gatekeeper } from './gatekeeper';
import { Heart } from './heart';
import { Irq } from './irq';
import { IrqFaults } from './irq_faults';
import { type Channel, type IrqLine, type Kernel, Killed, type Message, type PolledDevice } from './pd';
import { callPpc } from './ppc';
import { Recorder } from './recorder';

interface Peer extends ChannelBoot {
  readonly words: Int32Array;
}

const encoder = new TextEncoder();

export class WorkerKernel implements Kernel {
  readonly name: string;
  readonly words: Int32Array;
  readonly #gate: Gatekeeper;
  readonly #peers: (Peer | undefined)[] = [];
  readonly irqFaults = new IrqFaults(this);
  readonly #irqs: (Irq | undefined)[] = [];
  readonly #devices: PolledDevice[] = [];
  readonly #recorder: Recorder;
  readonly #heart: Heart;
  readonly #debug: Line;
  readonly #bootTime: number;
  /** Bits taken from the word in a nested wait that did not ask for them. */
  #stash = 0;

  constructor(readonly boot: BootInfo) {
    this.name = boot.name;
    this.words = new Int32Array(boot.control);
    this.#heart = new Heart(this.words);
    this.#bootTime = boot.bootTime - performance.timeOrigin;
    const trace = new TraceWriter(new Region('trace', boot.trace));
    this.#recorder = new Recorder(trace, () => performance.now() - this.#bootTime);
    this.#gate = new Gatekeeper(this.words, new Int32Array(boot.gate), this.#recorder);
    this.#debug = new Line(new Region('debug', boot.debug));
    for (const channel of boot.channels) {
      this.#peers[channel.id] = { ...channel, words: new Int32Array(channel.peerControl) };
    }
    for (const { id, trigger } of boot.irqs) {
      this.#irqs[id] = new Irq(trigger, () => this.#raise(1 << id), this.irqFaults);
    }
    if (boot.irqs.length > 0) this.attach(this.irqFaults);
  }

  notify(ch: Channel): void {
    const peer = this.#peers[ch];
    if (!peer?.notify) throw new Error(`${this.name} may not notify channel ${ch}`);
    this.#recorder.record(TRACE.NOTIFY, ch, 0, 0, 0);
    signal(peer.words, 1 << peer.peerId);
  }

  ppcall(ch: Channel, message: Message): Message {
    const peer = this.#peers[ch];
    if (peer?.ppc?.role !== 'caller') throw new Error(`${this.name} may not call channel ${ch}`);
    this.#recorder.record(TRACE.PPC_CALL, ch, 0, message.label, 0);
    const { words } = peer;
    return callPpc(peer.ppc.page, message, () => {
      signal(words, CONTROL_BIT.PPC);
      if (this.#gate.closed) lookAgain(words, CONTROL_BIT.PPC);
    });
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
    for (const [id, { peerControl, page }] of Object.entries(channels)) {
      const { ppc, ...peer } = this.#peers[Number(id)]!;
      const words = new Int32Array(peerControl);
      this.#peers[Number(id)] = { ...peer, words, peerControl, ...(ppc && page ? { ppc: { ...ppc, page } } : {}) };
    }
  }

  /** Channels on which this domain serves protected calls, with their message registers. */
  *served(): Generator<{ readonly id: Channel; readonly page: SharedArrayBuffer }> {
    for (const peer of this.#peers) if (peer?.ppc?.role === 'callee') yield { id: peer.id, page: peer.ppc.page };
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
    // seL4's console puts a CR before each LF.
    let rest = encoder.encode(text.replace(/\r?\n/g, '\r\n'));
    for (;;) {
      const head = Atomics.load(this.#debug.words, Line.HEAD);
      rest = rest.subarray(this.#debug.write(rest));
      if (rest.length === 0) return;
      Atomics.wait(this.#debug.words, Line.HEAD, head);
    }
  }

  trace(kind: number, channel: Channel, request: number, a: number, b: number): void {
    this.#recorder.record(kind, channel, request, a, b);
  }

  /** The next bits to dispatch: blocks until there are some. Devices of this worker are polled on the way. */
  take(): number {
    return this.#take(-1, undefined);
  }

  /** Bits that were taken and not dispatched yet: a wait inside a handler may take them. */
  setAside(bits: number): void {
    this.#stash |= bits;
  }

  /** Those of `bits` that nobody took meanwhile. */
  takeBack(bits: number): number {
    return this.#fromStash(bits);
  }

  wait(channels: number, deadlineNs?: number): number {
    const taken = this.#take(channels, deadlineNs);
    // A domain that blocks inside its program is notified like one that returns to its loop.
    if (taken !== 0) Atomics.add(this.words, CONTROL.NOTIFICATIONS, 1);
    this.#recorder.taken(taken);
    if (taken !== 0 && this.#devices.length === 0) this.#gate.forgetTimeOut();
    return taken;
  }

  poll(channels: number): number {
    if (Atomics.load(this.words, CONTROL.BITS) & CONTROL_BIT.DIE) throw new Killed();
    this.#heart.beat();
    if (this.#gate.closed) this.#pollAtGate(channels);
    else this.#stash |= this.#gate.takeAll();
    return this.#fromStash(channels);
  }

  /** Sets bits of the own word, as a device model or the kernel does. */
  #raise(bits: number): void {
    Atomics.or(this.words, CONTROL.BITS, bits);
  }

  #take(mask: number, deadlineNs: number | undefined): number {
    const nested = mask !== -1;
    for (;;) {
      this.#heart.beat();
      this.#collect(mask, deadlineNs);
      if (nested && this.#stash & CONTROL_BIT.DIE) throw new Killed();
      const poked = this.#fromStash(CONTROL_BIT.DEVICE) !== 0;
      // While paused, time passes for this domain only with a grant of DEVICE.
      const timely = poked || !this.#gate.closed;
      if (poked || (timely && this.#deviceIsDue())) this.#pollDevices();
      const taken = this.#fromStash(mask);
      if (taken !== 0) return taken;
      if (timely && deadlineNs !== undefined && this.now() >= deadlineNs) return 0;
      if (!this.#gate.closed) this.#sleep(deadlineNs);
    }
  }

  /** Moves what may be taken into the stash; blocks while the gate is closed and nothing is granted. */
  #collect(mask: number, deadlineNs: number | undefined): void {
    if (!this.#gate.closed) return void (this.#stash |= this.#gate.takeAll());
    if (this.#stash & mask & PASSES_GATE) return;
    // What an earlier wait left over is the stepper's to grant, too.
    this.#raise(this.#stash & ~PASSES_GATE);
    this.#stash &= PASSES_GATE;
    this.#stash |= this.#gate.takeGranted(mask, () => this.#timeoutMs(deadlineNs));
  }

  /** A domain that polls could go on without any bit: DEVICE stands for that, and its grant is one turn. */
  #pollAtGate(channels: number): void {
    this.#raise(CONTROL_BIT.DEVICE);
    while (this.#gate.closed && (this.#stash & (channels | CONTROL_BIT.DEVICE)) === 0) {
      if (this.#stash & CONTROL_BIT.DIE) throw new Killed();
      this.#collect(channels, undefined);
    }
    if (this.#fromStash(CONTROL_BIT.DEVICE) !== 0) this.#pollDevices();
  }

  #fromStash(mask: number): number {
    const taken = this.#stash & mask;
    this.#stash &= ~mask;
    return taken;
  }

  #sleep(deadlineNs: number | undefined): void {
    const timeoutMs = this.#timeoutMs(deadlineNs);
    this.#recorder.rests();
    Atomics.store(this.words, CONTROL.STATE, PD_STATE.WAITING);
    // Whoever closes the gate waits until all are at rest.
    if (this.#gate.closed) Atomics.notify(this.words, CONTROL.STATE);
    Atomics.store(this.words, CONTROL.SLEEPING, 1);
    let woken = Atomics.wait(this.words, CONTROL.BITS, 0, timeoutMs);
    const slept = woken !== 'not-equal';
    // Woken for no bit, it was felt for: it answers, and sleeps on.
    while (woken === 'ok' && Atomics.load(this.words, CONTROL.BITS) === 0) {
      this.#heart.beat();
      woken = Atomics.wait(this.words, CONTROL.BITS, 0, this.#timeoutMs(deadlineNs));
    }
    Atomics.store(this.words, CONTROL.SLEEPING, 0);
    Atomics.store(this.words, CONTROL.STATE, PD_STATE.RUNNING);
    if (slept) Atomics.add(this.words, CONTROL.WAKEUPS, 1);
    this.#recorder.wakes();
  }

  #timeoutMs(deadlineNs = Number.POSITIVE_INFINITY): number {
    const dueNs = Math.min(deadlineNs, this.#deviceDueNs());
    return dueNs === Number.POSITIVE_INFINITY ? dueNs : Math.max(0, (dueNs - this.now()) / 1e6);
  }

  #deviceDueNs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const { deadlineNs } of this.#devices) if (deadlineNs !== undefined && deadlineNs < due) due = deadlineNs;
    return due;
  }

  /** Asked at every take: a domain that is always busy must not miss its deadlines. */
  #deviceIsDue(): boolean {
    const due = this.#deviceDueNs();
    return due !== Number.POSITIVE_INFINITY && due <= this.now();
  }

  #pollDevices(): void {
    for (const device of this.#devices) device.poll();
  }
}
