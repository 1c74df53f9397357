/**
 * Network transmit virtualiser: passes the clients' frames to the driver without touching them, and their buffers back.
 * Believes neither the clients' descriptors nor the driver's. Upstream twin: au-ts/sddf network/components/virt_tx.c.
 *
 * Like upstream it does not compare a frame's source address with the client's: the frame stays in memory that the client can
 * write until the device has read it, so what was checked here need not be what is sent.
 */
import { Complaints } from '../../src/libmicrokit/complaints';
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { NO_TAP, type Tap } from '../../src/protocol/capture';
import { HopFaults } from '../../src/protocol/hop_faults';
import type { NetCount, NetCounters } from '../../src/protocol/net_counters';
import {
  isBufferOffset,
  NET_BUFFER_SIZE,
  NET_QUEUE_CAPACITY,
  type NetBuffDesc,
  type NetQueues,
} from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';

export interface End extends NetQueues {
  readonly ch: Channel;
}

export interface Client extends End {
  readonly name: string;
  /** Its buffers, which the device reads by their physical address. */
  readonly data: Region;
}

export class NetVirtTx implements ProtectionDomain {
  readonly faults: HopFaults;
  readonly #complaints: Complaints;
  readonly #ends: readonly (End & { readonly name: string })[];
  /** Of each client, which buffers are with the driver; and how many of all clients'. */
  readonly #sent = new Map<Client, Uint8Array>();
  #inFlight = 0;
  /** Index of the client whose turn came first last time. */
  #first = 0;

  constructor(
    readonly kernel: Kernel,
    readonly driver: End,
    readonly clients: readonly Client[],
    readonly counters: NetCounters,
    readonly tap: Tap = NO_TAP,
  ) {
    this.faults = new HopFaults(kernel.name);
    this.#complaints = new Complaints(kernel);
    this.#ends = [{ name: 'The driver', ...driver }, ...clients];
    for (const client of clients) this.#sent.set(client, new Uint8Array(NET_QUEUE_CAPACITY));
  }

  init(): void {
    this.notified();
  }

  notified(): void {
    for (let more = true; more; ) {
      more = this.driver.free.drain((buffer) => this.#txReturn(buffer));
      for (const client of this.#turns()) {
        more =
          client.active.drain(
            (frame) => this.#txProvide(client, frame),
            () => this.#driverHasRoom(),
          ) || more;
      }
      this.#signal();
    }
  }

  /** All clients, beginning with another one each time: none can take all of the driver's room for ever. */
  #turns(): readonly Client[] {
    this.#first = (this.#first + 1) % Math.max(1, this.clients.length);
    return [...this.clients.slice(this.#first), ...this.clients.slice(0, this.#first)];
  }

  /**
   * Whether the driver's queues can take one more frame, and its buffer on the way back. If not, a buffer that the driver returns
   * brings the virtualiser here again. differs: upstream asserts.
   */
  #driverHasRoom(): boolean {
    return this.#inFlight < NET_QUEUE_CAPACITY && !this.driver.active.full;
  }

  /** A frame from a client. */
  #txProvide(client: Client, frame: NetBuffDesc): void {
    const { io_or_offset: offset, len } = frame;
    const sent = this.#sent.get(client)!;
    if (!isBufferOffset(client.data, offset)) {
      const text = `offset ${offset.toString(16)} which is not buffer aligned or outside of buffer region`;
      this.#refuse(client, 'bad_buffer', text);
      return this.#giveBack(client, frame);
    }
    // A buffer that was given twice comes back once: when it has been sent.
    if (sent[offset / NET_BUFFER_SIZE]) {
      return this.#refuse(client, 'bad_buffer', `offset ${offset.toString(16)} which is with the driver already`);
    }
    // differs: upstream lets the device read on into the next buffer.
    if (len === 0 || len > NET_BUFFER_SIZE) {
      this.#refuse(client, 'bad_length', `length ${len} which is not between 1 and ${NET_BUFFER_SIZE}`);
      return this.#giveBack(client, frame);
    }
    if (this.faults.lost()) {
      this.counters.count('injected');
      return this.#giveBack(client, frame);
    }
    this.tap.passed('send', client.data.bytes, offset, len);
    this.driver.active.enqueue({ io_or_offset: client.data.paddr! + offset, len });
    sent[offset / NET_BUFFER_SIZE] = 1;
    this.#inFlight++;
    this.counters.count('frames');
  }

  #refuse({ name }: Client, count: NetCount, what: string): void {
    this.counters.count(count);
    this.#complaints.once(`${count} of ${name}`, `VIRT_TX|LOG: Client provided ${what}`);
  }

  /** A buffer from the driver. */
  #txReturn({ io_or_offset }: NetBuffDesc): void {
    for (const client of this.clients) {
      const offset = io_or_offset - client.data.paddr!;
      const sent = this.#sent.get(client)!;
      if (!isBufferOffset(client.data, offset) || !sent[offset / NET_BUFFER_SIZE]) continue;
      sent[offset / NET_BUFFER_SIZE] = 0;
      this.#inFlight--;
      return this.#giveBack(client, { io_or_offset: offset, len: 0 });
    }
    this.counters.count('driver_broken');
    const address = io_or_offset.toString(16);
    this.#complaints.once('driver', `VIRT_TX|LOG: Driver returned address ${address} which it was not given`);
  }

  /** The ring has room for all buffers a client has, unless it put more in circulation or broke it: then it does without. */
  #giveBack(client: Client, buffer: NetBuffDesc): void {
    if (!client.free.enqueue(buffer)) this.counters.count(client.free.broken ? 'client_broken' : 'client_full');
  }

  #signal(): void {
    if (this.driver.active.requireSignal()) this.kernel.notify(this.driver.ch);
    for (const { free, ch } of this.clients) if (free.requireSignal()) this.kernel.notify(ch);
    for (const { name, free, active } of this.#ends) {
      if (!free.broken && !active.broken) continue;
      const text = `VIRT_TX|LOG: ${name} broke its queues: nothing passes to it or from it`;
      this.#complaints.once(`queues of ${name}`, text);
    }
  }
}
