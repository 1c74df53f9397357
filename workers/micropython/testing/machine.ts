/**
 * A machine of one domain for tests, in one thread: the client, a file system server, a timer and a person at the terminal. Time moves
 * and keys are typed only when the client waits, or, where a step says so, while it works.
 */

import { FakeFsServer } from '../../../src/libfs/testing/fake_fs_server';
import { bit, type Environment, type IrqLine, type Kernel, Killed, type Message } from '../../../src/libmicrokit/pd';
import { CONTROL_BIT } from '../../../src/protocol/boot';
import { type Region, region } from '../../../src/protocol/region';
import { SerialQueue } from '../../../src/protocol/serial_queue';
import { SDDF_TIMER } from '../../../src/protocol/timer';
import { program } from '../pd';
import type { Lan } from './lan';

const CHANNELS: Readonly<Record<string, number>> = {
  serial_rx: 0,
  serial_tx: 1,
  timer: 2,
  net_rx: 3,
  net_tx: 4,
  fs: 5,
};

export const ALL_BITS = 0xff;

/** What happens next: keys at a prompt; keys while a program works, sleeps or waits for the server; anything at the prompt, or at all. */
export type Step =
  | string
  | { readonly busy: string }
  | { readonly asleep: string }
  | { readonly waiting: string }
  | { readonly prompt: () => void }
  | (() => void);

const SIZES: Readonly<Record<string, number>> = {
  serial_rx_queue: 0x1000,
  serial_rx_data: 0x1_0000,
  serial_tx_queue: 0x1000,
  serial_tx_data: 0x1_0000,
  fs_command: 0x8000,
  fs_completion: 0x8000,
  fs_share: 0x40_0000,
};

export class Machine implements Kernel {
  readonly name = 'micropython';
  readonly server: FakeFsServer;
  readonly regions: Readonly<Record<string, Region>>;
  readonly rx: SerialQueue;
  readonly tx: SerialQueue;
  output = '';
  debug = '';
  nowNs = 5_000_000;
  /** Set to leave output in the ring until somebody reads it. */
  terminalReads = true;
  bits = 0;
  controlTurns = 0;
  timeouts = 0;
  /** Nothing happens after this. */
  endNs = 3600e9;
  /** How often the client was woken. */
  wakeUps = 0;
  generation = 1;
  /** Looks of a computing program at the kernel, and the time that passes between two. */
  polls = 0;
  pollNs = 0;
  readonly #wasm: WebAssembly.Module;
  readonly #lan: Lan | undefined;
  readonly #steps: Step[] = [];
  readonly #decoder = new TextDecoder();
  #typing = new Uint8Array(0);
  #dueNs = Number.POSITIVE_INFINITY;
  #polls = 0;

  constructor(wasm: WebAssembly.Module, lan?: Lan) {
    this.#wasm = wasm;
    this.#lan = lan;
    const own = Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, region(name, size)]));
    this.regions = { ...own, ...lan?.regions };
    const { fs_command, fs_completion, fs_share } = this.regions;
    this.server = new FakeFsServer({ command: fs_command!, completion: fs_completion!, share: fs_share! });
    this.rx = new SerialQueue(this.regions.serial_rx_queue!, this.regions.serial_rx_data!);
    this.tx = new SerialQueue(this.regions.serial_tx_queue!, this.regions.serial_tx_data!);
  }

  /** Runs the client until it waits with no step left; returns what reached the terminal. */
  async run(...steps: Step[]): Promise<string> {
    this.#steps.push(...steps);
    const pd = await program(this.#environment());
    pd.init?.();
    try {
      await pd.run!(async () => void this.controlTurns++);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    this.read();
    return this.output;
  }

  wait(channels: number, deadlineNs = Number.POSITIVE_INFINITY): number {
    for (;;) {
      this.#move();
      const taken = this.bits & channels;
      this.bits &= ~taken;
      if (taken !== 0) this.wakeUps++;
      if (taken !== 0 || this.nowNs >= deadlineNs) return taken;
      if (!this.#proceed(channels, deadlineNs)) throw new Killed();
    }
  }

  poll(channels: number): number {
    this.nowNs += this.pollNs;
    if (++this.polls > 2_000_000) throw new Error('the program does not end');
    const step = this.#steps[0];
    if (typeof step === 'object' && 'busy' in step && ++this.#polls > 50) {
      this.#steps.shift();
      this.#polls = 0;
      this.#type(step.busy);
    }
    const taken = this.bits & channels;
    this.bits &= ~taken;
    return taken;
  }

  notify(ch: number): void {
    if (ch === CHANNELS.serial_rx) this.#sendTyped();
    this.#move();
  }

  ppcall(_ch: number, { label, words }: Message): Message {
    if (label === SDDF_TIMER.GET_TIME) return { label: 0, words: [this.nowNs] };
    this.timeouts++;
    this.#dueNs = this.nowNs + words[0]!;
    return { label: 0, words: [] };
  }

  now(): number {
    return this.nowNs;
  }

  wallClock(): number {
    return 1_795_000_000_000 + Math.floor(this.nowNs / 1e6);
  }

  print(text: string): void {
    this.debug += text;
  }

  irqAck(): void {}
  trace(): void {}
  attach(): void {}
  redirect(): void {}

  irqLine(): IrqLine {
    throw new Error('the client has no device');
  }

  /** What the others do when the client gives them the processor. */
  #move(): void {
    if (this.server.serve()) this.bits |= bit(CHANNELS.fs!);
    if (this.#lan?.serve(this.nowNs / 1e6)) this.bits |= bit(CHANNELS.net_rx!);
    if (this.terminalReads) this.read();
  }

  /** The client waits and nobody has anything for it. Time passes while a program waits, at the prompt only once all steps are done. */
  #proceed(channels: number, deadlineNs: number): boolean {
    const step = this.#steps[0];
    const nextNs = Math.min(deadlineNs, this.#lan ? this.#lan.dueMs * 1e6 : Number.POSITIVE_INFINITY);
    const atPrompt = (channels & CONTROL_BIT.CONTROL) !== 0;
    const asleep = (channels & bit(CHANNELS.timer!)) !== 0;
    if (typeof step === 'function') step();
    else if (typeof step === 'object' && 'asleep' in step && asleep) this.#type(step.asleep);
    else if (typeof step === 'object' && 'waiting' in step) this.#type(step.waiting);
    else if (typeof step === 'object' && 'prompt' in step && atPrompt) step.prompt();
    else if (asleep && this.#dueNs <= nextNs) return this.#elapse();
    else if (nextNs < Number.POSITIVE_INFINITY && !(atPrompt && step)) return this.#pass(nextNs);
    else if (typeof step === 'string') this.#type(step);
    else return false;
    this.#steps.shift();
    return true;
  }

  #pass(untilNs: number): boolean {
    if (untilNs > this.endNs) return false;
    this.nowNs = Math.max(this.nowNs, Math.ceil(untilNs));
    return true;
  }

  #elapse(): boolean {
    this.nowNs = this.#dueNs;
    this.bits |= bit(CHANNELS.timer!);
    return true;
  }

  askControl(): void {
    this.bits |= CONTROL_BIT.CONTROL;
  }

  #type(text: string): void {
    const more = new TextEncoder().encode(text);
    const all = new Uint8Array(this.#typing.length + more.length);
    all.set(this.#typing);
    all.set(more, this.#typing.length);
    this.#typing = all;
    this.#sendTyped();
  }

  #sendTyped(): void {
    const sent = this.rx.write(this.#typing);
    this.#typing = this.#typing.subarray(sent);
    if (this.#typing.length > 0) this.rx.requestProducerSignal();
    if (sent > 0) this.bits |= bit(CHANNELS.serial_rx!);
  }

  /** Somebody reads the terminal. */
  read(): void {
    this.output += this.#decoder.decode(this.tx.read(), { stream: true });
    if (this.tx.takeProducerSignal()) this.bits |= bit(CHANNELS.serial_tx!);
  }

  #environment(): Environment {
    return {
      kernel: this,
      region: (symbol) => this.regions[symbol]!,
      has: (symbol) => symbol in this.regions,
      channel: (symbol) => CHANNELS[symbol]!,
      registers: new Uint8Array(0),
      dma: [],
      config: { machine: 'QEMU virt AArch64 with Cortex A53', net: { mac: '52:54:01:00:00:01' }, wasm: this.#wasm },
      generation: this.generation,
    };
  }
}
