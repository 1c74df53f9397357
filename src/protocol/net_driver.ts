/**
 * The queue side of every Ethernet driver: moves buffers between the queues of its two virtualisers and the rings of its device, and
 * keeps account of them. What a buffer is for, and where it is, only its virtualiser knows: here it is an address.
 */
import { NET_BUFFER_SIZE, type NetBuffDesc, type NetQueue, type NetQueues } from './net_queue';

/** Destination, source and type: less is no frame. [IEEE 802.3] 3.2 */
const HEADER = 14;

/** The rings that driver and device share. Each buffer that goes in comes out once. */
export interface NicRings {
  /** Whether another empty buffer, or another frame to send, has a place. */
  readonly rxRoom: boolean;
  readonly txRoom: boolean;
  /** Whether the device can be told of a buffer there at all. */
  reaches(address: number): boolean;
  /** An empty buffer of NET_BUFFER_SIZE for the device to fill. */
  provide(address: number): void;
  send(frame: NetBuffDesc): void;
  /** The next buffer that the device has filled, with the length of the frame; a length that no frame has if it is none. */
  received(): NetBuffDesc | undefined;
  /** Address of the next buffer that the device has sent. */
  sent(): number | undefined;
}

/** What a move did that somebody has to be told of. */
export interface Moved {
  /** Buffers were provided, frames were given to send: for the device. */
  readonly provided: boolean;
  readonly toSend: boolean;
}

export class NetDriver {
  /** Buffers that a failed device had, and those it cannot be told of: on their way back. */
  #rxBack: number[] = [];
  #txBack: number[] = [];

  constructor(
    /** Frames towards net_virt_rx. */
    readonly rx: NetQueues,
    /** Frames from net_virt_tx. */
    readonly tx: NetQueues,
    readonly rings: NicRings,
  ) {}

  /**
   * Everything that can be moved now, and a request for a signal where more can come. What is left over waits for the device, which
   * interrupts. The queues have room for all buffers there are: only who has put in others can find one full.
   */
  move(): Moved {
    const kept = this.#rxReturn();
    this.#txReturn();
    for (const address of kept) this.rings.provide(address);
    const provided = this.#rxProvide() || kept.length > 0;
    return { provided, toSend: this.#txProvide() };
  }

  /** The device has lost these: receive buffers go back without a frame, frames to send are lost. */
  lost(rx: readonly number[], tx: readonly number[]): void {
    this.#rxBack.push(...rx);
    this.#txBack.push(...tx);
  }

  /** Frames up. Returns buffers whose contents are no frame: they stay with the device. */
  #rxReturn(): number[] {
    const { active } = this.rx;
    this.#rxBack = giveBack(this.#rxBack, active);
    const kept: number[] = [];
    while (!active.full) {
      const frame = this.rings.received();
      if (!frame) break;
      if (isFrameLength(frame.len)) active.enqueue(frame);
      else kept.push(frame.io_or_offset);
    }
    return kept;
  }

  #txReturn(): void {
    const { free } = this.tx;
    this.#txBack = giveBack(this.#txBack, free);
    while (!free.full) {
      const address = this.rings.sent();
      if (address === undefined) break;
      free.enqueue({ io_or_offset: address, len: 0 });
    }
  }

  #rxProvide(): boolean {
    const { rings } = this;
    let provided = false;
    const provide = ({ io_or_offset }: NetBuffDesc) => {
      if (!rings.reaches(io_or_offset)) return void this.#rxBack.push(io_or_offset);
      rings.provide(io_or_offset);
      provided = true;
    };
    do {
      while (this.rx.free.drain(provide, () => rings.rxRoom && this.#rxBack.length === 0));
      if (this.#rxBack.length === 0) break;
      this.#rxBack = giveBack(this.#rxBack, this.rx.active);
    } while (this.#rxBack.length === 0);
    return provided;
  }

  #txProvide(): boolean {
    const { rings } = this;
    let toSend = false;
    const send = (frame: NetBuffDesc) => {
      const { io_or_offset, len } = frame;
      if (!isFrameLength(len) || !rings.reaches(io_or_offset)) return void this.#txBack.push(io_or_offset);
      rings.send(frame);
      toSend = true;
    };
    do {
      while (this.tx.active.drain(send, () => rings.txRoom && this.#txBack.length === 0));
      if (this.#txBack.length === 0) break;
      this.#txBack = giveBack(this.#txBack, this.tx.free);
    } while (this.#txBack.length === 0);
    return toSend;
  }
}

const isFrameLength = (length: number) => length >= HEADER && length <= NET_BUFFER_SIZE;

/** Puts empty buffers into the queue; returns those that it did not take. */
function giveBack(addresses: number[], queue: NetQueue): number[] {
  if (addresses.length === 0) return addresses;
  const first = addresses.findIndex((io_or_offset) => !queue.enqueue({ io_or_offset, len: 0 }));
  return first === -1 ? [] : addresses.slice(first);
}
