/**
 * Serial receive virtualiser: gives what is typed to the current client, and lets the user choose it. Trusts the driver, never a
 * client. Upstream twin: au-ts/sddf serial/components/virt_rx.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { Switcher } from './switcher';

export interface End {
  readonly ch: Channel;
  readonly queue: SerialQueue;
}

export interface Options {
  readonly switchChar: number;
  readonly terminateNumChar: number;
}

export class SerialVirtRx implements ProtectionDomain {
  readonly #switcher: Switcher;
  #current = 0;

  constructor(
    readonly kernel: Kernel,
    readonly driver: End,
    readonly clients: readonly End[],
    options: Options,
  ) {
    this.#switcher = new Switcher({ ...options, clients: clients.length });
  }

  notified(): void {
    while (this.#deliver());
    const { queue } = this.driver;
    if (queue.free > 0 && queue.takeProducerSignal()) this.kernel.notify(this.driver.ch);
  }

  /**
   * Delivers up to a switch of client, or until nothing is left or the client has no room: then the input stays in the driver's
   * queue, and its driver in turn lets the line wait. True when there may be more to deliver.
   */
  #deliver(): boolean {
    const { queue } = this.#client;
    // differs: upstream drops what a client has no room for. A client that broke its queue never has any: its input is dropped.
    const room = Number.isNaN(queue.length) ? Number.POSITIVE_INFINITY : queue.free;
    const typed = this.driver.queue.peek(room);
    if (typed.length === 0) return this.#waitForRoom();
    const input: number[] = [];
    let used = 0;
    let next = this.#current;
    while (used < typed.length && next === this.#current) {
      const step = this.#switcher.take(typed[used++]!);
      if (step?.kind === 'input') input.push(step.byte);
      if (step?.kind === 'complaint') this.#log(step.text);
      if (step?.kind === 'switch') next = step.client;
      if (step?.kind === 'switch') this.#log(`switching to client ${next}`);
    }
    this.driver.queue.consume(used);
    if (queue.write(Uint8Array.from(input)) > 0) this.kernel.notify(this.#client.ch);
    this.#current = next;
    return true;
  }

  /** Asks the current client for a signal if input waits for it. True when room came before the request. */
  #waitForRoom(): boolean {
    if (this.driver.queue.length === 0) return false;
    this.#client.queue.requestProducerSignal();
    return this.#client.queue.free > 0;
  }

  get #client(): End {
    return this.clients[this.#current]!;
  }

  #log(text: string): void {
    this.kernel.print(`VIRT_RX|LOG: ${text}\n`);
  }
}
