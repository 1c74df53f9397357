/**
 * Network copier: the one copy a received frame undergoes, out of the device's memory into the client's, which therefore never
 * has the device's. Believes no descriptor of either side. Upstream twin: au-ts/sddf network/components/copy.c.
 *
 * As upstream, frames for which the client has no buffer wait in the virtualiser's queue; that one decides when to drop.
 */
import { Complaints } from '../../src/libmicrokit/complaints';
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { NO_TAP, type Tap } from '../../src/protocol/capture';
import { HopFaults } from '../../src/protocol/hop_faults';
import type { NetCounters } from '../../src/protocol/net_counters';
import { isBufferOffset, NET_BUFFER_SIZE, type NetBuffDesc, type NetQueues } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';

export interface End extends NetQueues {
  readonly ch: Channel;
  readonly data: Region;
}

export class NetCopy implements ProtectionDomain {
  readonly faults: HopFaults;
  readonly #complaints: Complaints;
  /** Offset of a client's buffer that was taken and not filled yet. */
  #buffer: number | undefined;

  constructor(
    readonly kernel: Kernel,
    readonly virt: End,
    readonly client: End,
    readonly counters: NetCounters,
    readonly tap: Tap = NO_TAP,
  ) {
    this.faults = new HopFaults(kernel.name);
    this.#complaints = new Complaints(kernel);
  }

  init(): void {
    this.client.free.fill(0);
    this.notified();
  }

  notified(): void {
    const copy = (frame: NetBuffDesc) => this.#rxReturn(frame);
    const possible = () => this.#clientBroken || this.#takeBuffer();
    while (this.virt.active.drain(copy, possible) || this.#buffersCame());
    if (this.client.active.requireSignal()) this.kernel.notify(this.client.ch);
    if (this.virt.free.requireSignal()) this.kernel.notify(this.virt.ch);
    if (this.#clientBroken) this.#complain('The client broke its queues: nothing passes to it');
    if (this.virt.free.broken || this.virt.active.broken) this.#complain('The virtualiser broke its queues');
  }

  get #clientBroken(): boolean {
    return this.client.free.broken || this.client.active.broken;
  }

  /** Whether there is a buffer for a frame. One that is none is lost, as upstream. */
  #takeBuffer(): boolean {
    while (this.#buffer === undefined) {
      const desc = this.client.free.dequeue();
      if (!desc) return false;
      const { io_or_offset: offset } = desc;
      if (isBufferOffset(this.client.data, offset)) this.#buffer = offset;
      else {
        this.counters.count('bad_buffer');
        const hex = offset.toString(16);
        const text = `Client provided offset ${hex} which is not buffer aligned or outside of buffer region`;
        this.#complaints.once('offset', `COPY|LOG: ${text}`);
      }
    }
    return true;
  }

  /**
   * Asks the client to say when it returns buffers if frames wait for them, and only then. True when some came just before.
   */
  #buffersCame(): boolean {
    const { free } = this.client;
    if (!this.virt.active.empty) {
      free.requestSignal();
      if (free.empty && !this.#clientBroken) return false;
    }
    free.cancelSignal();
    return !this.virt.active.empty;
  }

  /** A frame from the virtualiser, which gets its buffer back in any case. */
  #rxReturn({ io_or_offset: offset, len }: NetBuffDesc): void {
    if (!isBufferOffset(this.virt.data, offset)) this.#refuse('driver_broken', `offset ${offset.toString(16)}`);
    else if (len === 0 || len > NET_BUFFER_SIZE) this.#refuse('bad_length', `length ${len}`);
    else this.#copy(offset, len);
    this.virt.free.enqueue({ io_or_offset: offset, len: 0 });
  }

  #copy(offset: number, len: number): void {
    if (this.faults.lost()) return this.counters.count('injected');
    if (this.#buffer !== undefined) {
      this.client.data.bytes.set(this.virt.data.bytes.subarray(offset, offset + len), this.#buffer);
      if (this.client.active.enqueue({ io_or_offset: this.#buffer, len })) {
        this.#buffer = undefined;
        this.tap.passed('receive', this.virt.data.bytes, offset, len);
        return this.counters.count('frames');
      }
    }
    // The ring has room for all buffers the client has, unless it put more in circulation or broke it.
    this.counters.count(this.#clientBroken ? 'client_broken' : 'client_full');
  }

  #refuse(count: 'driver_broken' | 'bad_length', what: string): void {
    this.counters.count(count);
    this.#complaints.once(count, `COPY|LOG: Virtualiser provided ${what} which is no frame`);
  }

  #complain(text: string): void {
    this.#complaints.once(text, `COPY|LOG: ${text}`);
  }
}
