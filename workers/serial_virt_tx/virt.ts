/**
 * Serial transmit virtualiser: puts the output of several clients on one line, each in its colour. Trusts the driver, never a
 * client. Upstream twin: au-ts/sddf serial/components/virt_tx.c.
 */
import { bit, type Channel, type Kernel, type ProtectionDomain } from '../../src/libmicrokit/pd';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { unfinished } from './sequences';

export interface End {
  readonly ch: Channel;
  readonly queue: SerialQueue;
}

export interface Client extends End {
  readonly name: string;
}

export interface Options {
  readonly colours: boolean;
  readonly beginString: string;
}

const encoder = new TextEncoder();
/** Red, green, yellow, blue, magenta, cyan. */
const COLOURS = [31, 32, 33, 34, 35, 36];
const COLOUR_END = '\x1b[0m';
/** The driver frees a FIFO's worth at a time; batches that small would be mostly colour codes. */
const SMALLEST_ROOM = 256;
/** A driver that does not come up must not hold up the boot. */
const PATIENCE_NS = 100e6;

export class SerialVirtTx implements ProtectionDomain {
  /** Clients with output, in the order in which they get their turn. */
  readonly #pending: Client[] = [];
  /** Whose colour is still on, because they stopped inside a character or escape sequence; its bytes so far. */
  #open: { readonly client: Client; readonly begun: Uint8Array } | undefined;

  constructor(
    readonly kernel: Kernel,
    readonly driver: End,
    readonly clients: readonly Client[],
    readonly options: Options,
  ) {}

  init(): void {
    // differs: without the NUL that upstream sends after it.
    this.driver.queue.write(encoder.encode(this.options.beginString));
    this.kernel.notify(this.driver.ch);
    // On one core the driver runs at once; here it is waited for, so that the names come after the first line.
    this.kernel.wait(bit(this.driver.ch), this.kernel.now() + PATIENCE_NS);
    for (const [i, client] of this.clients.entries()) {
      this.kernel.print(`${this.#begin(client)}'${client.name}' is client ${i}\n${this.#end}`);
    }
  }

  notified(ch: Channel): void {
    const client = this.clients.find((other) => other.ch === ch);
    if (client && !this.#pending.includes(client)) this.#pending.push(client);
    if (this.#serve()) return;
    // What did not fit goes when the driver has freed space. Space freed before the request is not signalled, so look again.
    this.driver.queue.requestProducerSignal();
    this.#serve();
  }

  /** Gives each pending client one turn; true when none has output left. */
  #serve(): boolean {
    const served: Client[] = [];
    const passedOver = this.#pending.splice(0).filter((client) => {
      if (this.#pass(client) === 0) return true;
      if (client.queue.takeProducerSignal()) this.kernel.notify(client.ch);
      served.push(client);
      return false;
    });
    if (served.length > 0) this.kernel.notify(this.driver.ch);
    // Who got nothing is first next time. A broken queue has NaN bytes: that client is not waited for.
    this.#pending.push(...[...passedOver, ...served].filter(({ queue }) => queue.length > 0));
    return this.#pending.length === 0;
  }

  /** Sends one batch of a client's output, as much as there is room for; returns how many of its bytes that was. */
  #pass(client: Client): number {
    const opening = encoder.encode(this.#opening(client));
    const closing = encoder.encode(this.#end);
    const room = this.driver.queue.free - opening.length - closing.length;
    // A broken queue has NaN bytes, which is never more than the room; it reads as empty.
    if (room < Math.min(SMALLEST_ROOM, client.queue.length)) return 0;
    const bytes = client.queue.peek(room);
    if (bytes.length === 0) return 0;
    const begun = this.#open?.client === client ? this.#open.begun : new Uint8Array();
    const cut = bytes.length === room ? unfinished(joined(begun, bytes)) : 0;
    const batch = cut < bytes.length ? bytes.subarray(0, bytes.length - cut) : bytes;
    const sofar = joined(begun, batch);
    const left = unfinished(sofar);
    this.#open = left > 0 ? { client, begun: sofar.slice(sofar.length - left) } : undefined;
    this.driver.queue.write(joined(opening, batch, this.#open ? new Uint8Array() : closing));
    client.queue.consume(batch.length);
    return batch.length;
  }

  /** Codes before a batch: the client's colour, unless its last batch left it on, after the end of another's. */
  #opening(client: Client): string {
    if (this.#open?.client === client) return '';
    return (this.#open ? this.#end : '') + this.#begin(client);
  }

  #begin(client: Client): string {
    return this.options.colours ? `\x1b[${COLOURS[this.clients.indexOf(client) % COLOURS.length]}m` : '';
  }

  get #end(): string {
    return this.options.colours ? COLOUR_END : '';
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
