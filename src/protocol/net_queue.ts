/**
 * Network buffers between two components; au-ts/sddf include/sddf/network/queue.h. A connection has two rings of descriptors:
 * `active` carries frames, `free` carries their empty buffers back. Between a driver and its virtualisers a descriptor names a
 * buffer by its physical address, everywhere else by its byte offset in the connection's data region.
 *   0 u16 tail   2 u16 head   4 u32 consumer_signalled (0: the consumer wants a signal)   8 descriptors of 16 bytes
 * differs: lengths are counted modulo 2^16, where upstream's test for a full ring fails once an index has wrapped.
 */
import type { Region } from './region';
import { readU64, struct, u16, u32, u64, writeU64 } from './struct';

export const NET_BUFFER_SIZE = 2048;
export const NET_QUEUE_CAPACITY = 512;

export const NET_QUEUE = struct('net_queue', 8, { tail: u16(0), head: u16(2), consumer_signalled: u32(4) });
export const NET_BUFF_DESC = struct('net_buff_desc', 16, { io_or_offset: u64(0), len: u16(8) });

/** What a queue's region has: 8 + 512 * 16 bytes in whole pages. */
export const NET_QUEUE_REGION_SIZE = 0x3000;

export interface NetBuffDesc {
  /** Physical address or byte offset; what a number cannot hold reads as 2^53 - 1, which no region has. */
  readonly io_or_offset: number;
  /** Bytes of frame in the buffer; 0 in an empty one. */
  readonly len: number;
}

const INDEX_MASK = 0xffff;
const TAIL = NET_QUEUE.fields.tail.offset >> 1;
const HEAD = NET_QUEUE.fields.head.offset >> 1;
const SIGNALLED = NET_QUEUE.fields.consumer_signalled.offset >> 2;
const { io_or_offset: IO_OR_OFFSET, len: LEN } = NET_BUFF_DESC.fields;

const always = () => true;

/**
 * One end of a ring; use an instance as producer or as consumer, not both. It keeps its own index privately from its first
 * descriptor on, and believes the other's only while 0 <= tail - head <= capacity. After that the ring is broken for good: it
 * looks empty to its consumer and full to its producer, so nothing passes any more and nobody waits in a loop.
 */
export class NetQueue {
  readonly #indices: Uint16Array;
  #own: number | undefined;
  #broken = false;
  /** Something was enqueued since the last look at the consumer's request. */
  #unannounced = false;

  constructor(
    readonly at: Region,
    readonly role: 'producer' | 'consumer',
    readonly capacity = NET_QUEUE_CAPACITY,
  ) {
    if ((capacity & (capacity - 1)) !== 0) throw new RangeError(`${at.name}: capacity ${capacity} is no power of two`);
    const size = NET_QUEUE.size + capacity * NET_BUFF_DESC.size;
    if (at.size < size) throw new RangeError(`${at.name} cannot hold ${capacity} descriptors: it needs ${size} bytes`);
    this.#indices = new Uint16Array(at.buffer, 0, 2);
  }

  /** Descriptors in the ring. */
  get length(): number {
    const length = this.#broken ? Number.NaN : (this.#index('producer') - this.#index('consumer')) & INDEX_MASK;
    if (length <= this.capacity) return length;
    this.#broken = true;
    return this.role === 'consumer' ? 0 : this.capacity;
  }

  get empty(): boolean {
    return this.length === 0;
  }

  get full(): boolean {
    return this.length === this.capacity;
  }

  /** The other end has written an impossible index. Whoever finds this says so, once. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Producer: false when the ring has no room. Tell the consumer afterwards, once for many (`requireSignal`). */
  enqueue({ io_or_offset, len }: NetBuffDesc): boolean {
    if (this.full) return false;
    const { view } = this.at;
    const at = this.#slot();
    writeU64(view, at + IO_OR_OFFSET.offset, io_or_offset);
    view.setUint16(at + LEN.offset, len, true);
    this.#advance();
    this.#unannounced = true;
    return true;
  }

  /** Consumer: a private copy of the oldest descriptor, which the caller has yet to validate; undefined when there is none. */
  dequeue(): NetBuffDesc | undefined {
    if (this.empty) return undefined;
    const { view } = this.at;
    const at = this.#slot();
    const io_or_offset = readU64(view, at + IO_OR_OFFSET.offset);
    const len = view.getUint16(at + LEN.offset, true);
    this.#advance();
    return { io_or_offset: Number.isNaN(io_or_offset) ? Number.MAX_SAFE_INTEGER : io_or_offset, len };
  }

  /**
   * The loop of every consumer: gives `each` what lies in the ring, then asks for a signal and looks again. True when there is
   * more by then: call it again (`while (queue.drain(each));`), after the other rings if there are several, so that a producer
   * that never stops holds up nobody else. `possible` says whether one more descriptor could be dealt with; if not, the rest
   * stays and no signal is asked for, and the caller comes back when what it waits for has come.
   */
  drain(each: (desc: NetBuffDesc) => void, possible: () => boolean = always): boolean {
    for (let left = this.length; left > 0 && possible(); left--) {
      const desc = this.dequeue();
      if (!desc) break;
      each(desc);
    }
    if (!this.empty && !possible()) {
      this.cancelSignal();
      return false;
    }
    this.requestSignal();
    if (this.empty) return false;
    this.cancelSignal();
    return true;
  }

  /** Consumer: "signal me when you enqueue". Look into the ring once more afterwards. */
  requestSignal(): void {
    Atomics.store(this.at.words, SIGNALLED, 0);
  }

  /** Consumer: no signal is wanted. */
  cancelSignal(): void {
    Atomics.store(this.at.words, SIGNALLED, 1);
  }

  /** Producer: whether the consumer wants a signal for what was enqueued since the last call; withdraws its request. */
  requireSignal(): boolean {
    if (!this.#unannounced) return false;
    this.#unannounced = false;
    return Atomics.exchange(this.at.words, SIGNALLED, 1) === 0;
  }

  /**
   * Puts every buffer of a data region into an unused ring, from address or offset `base` on. Either end may do so before the
   * producer's first `enqueue`: the buffers of a client are put there by whoever knows them.
   */
  fill(base: number): void {
    for (let i = 0; i < this.capacity; i++) {
      writeU64(this.at.view, NET_QUEUE.size + i * NET_BUFF_DESC.size + IO_OR_OFFSET.offset, base + i * NET_BUFFER_SIZE);
    }
    Atomics.store(this.#indices, TAIL, this.capacity);
    this.#unannounced = true;
  }

  #index(role: 'producer' | 'consumer'): number {
    if (role === this.role && this.#own !== undefined) return this.#own;
    return Atomics.load(this.#indices, role === 'producer' ? TAIL : HEAD);
  }

  /** Byte offset of the descriptor at the own index. */
  #slot(): number {
    return NET_QUEUE.size + (this.#index(this.role) & (this.capacity - 1)) * NET_BUFF_DESC.size;
  }

  #advance(): void {
    this.#own = (this.#index(this.role) + 1) & INDEX_MASK;
    Atomics.store(this.#indices, this.role === 'producer' ? TAIL : HEAD, this.#own);
  }
}

/** One end of a connection. */
export interface NetQueues {
  readonly free: NetQueue;
  readonly active: NetQueue;
}

/** The end that frames come from: a driver or copier towards the receiving side, a client towards net_virt_tx, and so on. */
export function netSender(free: Region, active: Region): NetQueues {
  return { free: new NetQueue(free, 'consumer'), active: new NetQueue(active, 'producer') };
}

/** The end that frames go to. */
export function netReceiver(free: Region, active: Region): NetQueues {
  return { free: new NetQueue(free, 'producer'), active: new NetQueue(active, 'consumer') };
}

/** Whether `offset` is that of one of the buffers of a data region. */
export function isBufferOffset(data: Region, offset: number, capacity = NET_QUEUE_CAPACITY): boolean {
  return offset % NET_BUFFER_SIZE === 0 && offset < capacity * NET_BUFFER_SIZE && data.holds(offset, NET_BUFFER_SIZE);
}
