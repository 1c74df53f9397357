/**
 * Network receive virtualiser: gives each frame to the client whose address it bears, a broadcast to all of them, and anything
 * else straight back. Believes neither the driver's descriptors nor a client's. Upstream twin: au-ts/sddf
 * network/components/virt_rx.c.
 */
import { Complaints } from '../../src/libmicrokit/complaints';
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { NO_TAP, type Tap } from '../../src/protocol/capture';
import { HopFaults } from '../../src/protocol/hop_faults';
import type { NetCounters } from '../../src/protocol/net_counters';
import {
  isBufferOffset,
  NET_BUFFER_SIZE,
  NET_QUEUE_CAPACITY,
  type NetBuffDesc,
  type NetQueues,
} from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import { BROADCAST, readMac } from './mac';
import { RxBuffers } from './rx_buffers';

/** Destination, source and type. */
const ETHERNET_HEADER = 14;

export interface End extends NetQueues {
  readonly ch: Channel;
}

export interface Client extends End {
  readonly name: string;
  readonly mac: number;
}

export interface RxRegions {
  /** The buffers; the device reaches them by their physical address. */
  readonly data: Region;
  /** The virtualiser's own: RxBuffers. */
  readonly metadata: Region;
}

const isBroken = ({ free, active }: NetQueues) => free.broken || active.broken;

export class NetVirtRx implements ProtectionDomain {
  readonly faults: HopFaults;
  readonly #complaints: Complaints;
  readonly #ends: readonly (End & { readonly name: string })[];
  readonly #buffers: RxBuffers;
  readonly #data: Region;
  /**
   * How many buffers one client may have. differs: upstream sets no limit, so a client that keeps its buffers takes the network
   * from the others.
   */
  readonly #share: number;

  constructor(
    readonly kernel: Kernel,
    readonly driver: End,
    readonly clients: readonly Client[],
    { data, metadata }: RxRegions,
    readonly counters: NetCounters,
    readonly tap: Tap = NO_TAP,
  ) {
    this.faults = new HopFaults(kernel.name);
    this.#complaints = new Complaints(kernel);
    this.#ends = [{ name: 'The driver', ...driver }, ...clients];
    this.#buffers = new RxBuffers(metadata, clients.length);
    this.#data = data;
    this.#share = Math.floor(NET_QUEUE_CAPACITY / Math.max(1, clients.length));
  }

  init(): void {
    this.driver.free.fill(this.#data.paddr!);
    this.notified();
  }

  notified(): void {
    for (let more = true; more; ) {
      more = this.driver.active.drain((frame) => this.#rxReturn(frame));
      for (const [i, { free }] of this.clients.entries()) {
        more = free.drain((buffer) => this.#rxProvide(i, buffer)) || more;
      }
      this.#signal();
    }
  }

  /** A frame from the driver. */
  #rxReturn({ io_or_offset, len }: NetBuffDesc): void {
    const offset = io_or_offset - this.#data.paddr!;
    const buffer = offset / NET_BUFFER_SIZE;
    if (!isBufferOffset(this.#data, offset) || !this.#buffers.fromDriver(buffer)) {
      this.counters.count('driver_broken');
      const address = io_or_offset.toString(16);
      return this.#complaints.once('driver', `VIRT_RX|LOG: Driver provided address ${address} which it was not given`);
    }
    if (len < ETHERNET_HEADER || len > NET_BUFFER_SIZE) this.counters.count('bad_length');
    else this.#deliver(offset, len);
    if (this.#buffers.unused(buffer)) this.#toDriver(buffer);
  }

  #deliver(offset: number, len: number): void {
    const destination = readMac(this.#data.view, offset);
    let known = false;
    let passed = false;
    for (const [i, client] of this.clients.entries()) {
      if (destination !== client.mac && destination !== BROADCAST) continue;
      known = true;
      if (this.faults.lost()) {
        this.counters.count('injected');
        continue;
      }
      const mayHave = !isBroken(client) && this.#buffers.heldBy(i) < this.#share;
      if (mayHave && client.active.enqueue({ io_or_offset: offset, len })) {
        this.#buffers.give(offset / NET_BUFFER_SIZE, i);
        passed = true;
        this.counters.count('frames');
      } else this.counters.count(isBroken(client) ? 'client_broken' : 'client_full');
    }
    if (passed) this.tap.passed('receive', this.#data.bytes, offset, len);
    if (!known) this.counters.count('no_client');
  }

  /** A buffer from a client. */
  #rxProvide(i: number, { io_or_offset: offset }: NetBuffDesc): void {
    const buffer = offset / NET_BUFFER_SIZE;
    if (!isBufferOffset(this.#data, offset) || !this.#buffers.takeBack(buffer, i)) {
      this.counters.count('bad_buffer');
      const { name } = this.clients[i]!;
      const text = `VIRT_RX|LOG: Client ${name} returned offset ${offset.toString(16)} which it does not hold`;
      return this.#complaints.once(`buffer of ${i}`, text);
    }
    if (this.#buffers.unused(buffer)) this.#toDriver(buffer);
  }

  #toDriver(buffer: number): void {
    const io_or_offset = this.#data.paddr! + buffer * NET_BUFFER_SIZE;
    // The ring has room for all buffers there are, unless the driver broke it.
    if (this.driver.free.enqueue({ io_or_offset, len: 0 })) this.#buffers.toDriver(buffer);
    else this.counters.count('driver_broken');
  }

  #signal(): void {
    if (this.driver.free.requireSignal()) this.kernel.notify(this.driver.ch);
    for (const { active, ch } of this.clients) if (active.requireSignal()) this.kernel.notify(ch);
    for (const { name, free, active } of this.#ends) {
      if (!free.broken && !active.broken) continue;
      const text = `VIRT_RX|LOG: ${name} broke its queues: nothing passes to it or from it`;
      this.#complaints.once(`queues of ${name}`, text);
    }
  }
}
