/**
 * The client's end of the serial line, and the only place where it blocks: every wait also looks at the keys, so that Ctrl-C is
 * seen in a sleep, in a file system call and in output that cannot leave.
 */

import { Interrupted } from '../../src/libfs/errors';
import { bit, type Channel, type Kernel } from '../../src/libmicrokit/pd';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { ByteFifo } from './byte_fifo';

/** Type-ahead kept in the client; beyond it bytes stay in the ring and the line waits. */
const TYPE_AHEAD = 1 << 20;
/** Output is sent when a line ends, when this much has gathered, and before every wait. */
const BATCH = 1024;
const LF = 10;
const CR = 13;

/** What goes on while the client waits. */
export interface Background {
  /** Signals that mean there is something to serve. */
  readonly channels: number;
  readonly dueNs: number;
  readonly pending: boolean;
  serve(): void;
  takeNews(): string;
}

export interface TerminalQueues {
  readonly rx: SerialQueue;
  readonly tx: SerialQueue;
  readonly rxChannel: Channel;
  readonly txChannel: Channel;
}

export class Terminal {
  /** The key that interrupts, -1 for none. */
  interruptChar: () => number = () => 3;
  /** Whether a program runs: at the prompt Ctrl-C is a key like any other. */
  running = false;
  /** What the network has to tell may be printed now: not behind a prompt, nor into what a script reads. */
  newsWelcome = true;
  readonly #kernel: Kernel;
  readonly #queues: TerminalQueues;
  readonly #background: Background | undefined;
  readonly #keys = new ByteFifo();
  /** How many of #keys are known to hold no interrupt. */
  #scanned = 0;
  #out = new Uint8Array(2 * BATCH);
  #outLength = 0;
  #lastOut = 0;
  #capture: number[] | undefined;

  constructor(kernel: Kernel, queues: TerminalQueues, background?: Background) {
    this.#kernel = kernel;
    this.#queues = queues;
    this.#background = background;
  }

  print(text: string): void {
    this.write(new TextEncoder().encode(text));
    this.flush();
  }

  /** Queues output; a line feed goes out as CR LF. */
  write(bytes: Uint8Array): void {
    if (this.#capture) return void this.#capture.push(...bytes);
    let lineEnded = false;
    for (const byte of bytes) {
      if (byte === LF) {
        lineEnded = true;
        if (this.#lastOut !== CR) this.#append(CR);
      }
      this.#append(byte);
      this.#lastOut = byte;
      if (this.#outLength >= BATCH) this.flush();
    }
    if (lineEnded) this.flush();
  }

  /** What `body` writes, kept from the line. */
  captured(body: () => void): string {
    this.#capture = [];
    body();
    const text = new TextDecoder().decode(Uint8Array.from(this.#capture));
    this.#capture = undefined;
    return text;
  }

  /** Gives the output to the line, waiting for room; throws Interrupted with the rest kept for the next time. */
  flush(): void {
    const { tx, txChannel } = this.#queues;
    while (this.#outLength > 0) {
      const sent = tx.write(this.#out.subarray(0, this.#outLength));
      this.#out.copyWithin(0, sent, this.#outLength);
      this.#outLength -= sent;
      if (sent > 0) this.#kernel.notify(txChannel);
      if (this.#outLength === 0) return;
      // A broken queue never has room again: nobody could read the output.
      if (Number.isNaN(tx.length)) return void (this.#outLength = 0);
      tx.requestProducerSignal();
      // Room that came before the request is not signalled.
      if (tx.free === 0) this.#wait(bit(txChannel));
    }
  }

  /** The next key, if there is one. */
  key(): number | undefined {
    this.#receive();
    const key = this.#keys.shift();
    if (key !== undefined) this.#scanned = Math.max(0, this.#scanned - 1);
    return key;
  }

  /** What was typed so far was for somebody else. */
  discardKeys(): void {
    const { rx, rxChannel } = this.#queues;
    rx.read();
    if (rx.takeProducerSignal()) this.#kernel.notify(rxChannel);
  }

  get keysWaiting(): boolean {
    this.#receive();
    return this.#keys.length > 0;
  }

  /** Blocks until a key comes. */
  waitForKey(): number {
    for (let key = this.key(); ; key = this.key()) {
      if (key !== undefined) return key;
      this.block(0, undefined, () => this.keysWaiting);
    }
  }

  /**
   * Sends pending output, then blocks until one of `channels` is signalled, a key comes, `deadlineNs` passes, or serving the background
   * has made what the caller saw before obsolete; returns those channels' bits. Throws Interrupted when the key is Ctrl-C.
   */
  block(channels: number, deadlineNs?: number, isObsolete?: () => boolean): number {
    this.flush();
    return this.#wait(channels, deadlineNs, isObsolete);
  }

  /** What waits do, without waiting. */
  attend(): void {
    this.#serveBackground();
    this.flush();
    this.checkInterrupt();
  }

  /** Throws Interrupted when the interrupt key has been typed since the last time; it and what was typed before it are gone. */
  checkInterrupt(): void {
    this.#receive();
    if (!this.running || this.#scanned === this.#keys.length) return;
    const interrupt = this.interruptChar();
    if (interrupt < 0) return;
    const at = this.#keys.indexOf(interrupt, this.#scanned);
    this.#scanned = at < 0 ? this.#keys.length : 0;
    if (at < 0) return;
    this.#keys.drop(at + 1);
    throw new Interrupted();
  }

  /** Cheap enough for every turn of the interpreter. */
  get quiet(): boolean {
    if (this.#background?.pending) return false;
    return this.#outLength === 0 && this.#queues.rx.length === 0 && this.#scanned === this.#keys.length;
  }

  #wait(channels: number, deadlineNs = Number.POSITIVE_INFINITY, isObsolete = () => false): number {
    const wanted = channels | bit(this.#queues.rxChannel);
    for (;;) {
      this.checkInterrupt();
      const dueNs = this.#serveBackground();
      if (isObsolete()) return 0;
      const bits = this.#kernel.wait(wanted | (this.#background?.channels ?? 0), Math.min(deadlineNs, dueNs));
      if ((bits & wanted) === 0 && this.#kernel.now() < deadlineNs) continue;
      this.checkInterrupt();
      return bits & channels;
    }
  }

  /** Returns when to do it again at the latest. */
  #serveBackground(): number {
    const background = this.#background;
    if (!background) return Number.POSITIVE_INFINITY;
    background.serve();
    const news = this.newsWelcome ? background.takeNews() : '';
    if (news !== '') this.write(new TextEncoder().encode(news));
    return background.dueNs;
  }

  #receive(): void {
    const { rx, rxChannel } = this.#queues;
    const room = TYPE_AHEAD - this.#keys.length;
    if (!(rx.length > 0) || room === 0) return;
    this.#keys.push(rx.read(room));
    if (rx.takeProducerSignal()) this.#kernel.notify(rxChannel);
  }

  #append(byte: number): void {
    if (this.#outLength === this.#out.length) {
      const larger = new Uint8Array(2 * this.#out.length);
      larger.set(this.#out);
      this.#out = larger;
    }
    this.#out[this.#outLength++] = byte;
  }
}
