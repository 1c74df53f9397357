/**
 * The single-producer single-consumer ring of fixed-size messages that all sDDF and LionsOS queues are, written once.
 * Each side keeps its own index privately and believes the other's only while 0 <= tail - head <= capacity.
 */
import type { Region } from './region';
import { type Fields, readStruct, type Struct, type Values, writeStruct } from './struct';

export interface RingLayout<F extends Fields> {
  readonly name: string;
  readonly head: number;
  readonly tail: number;
  /** Width of head and tail; they run freely and wrap at 2^indexBits. */
  readonly indexBits: 32 | 64;
  readonly slots: number;
  readonly slot: Struct<F>;
}

export function ringSize<F extends Fields>(layout: RingLayout<F>, capacity: number): number {
  return layout.slots + capacity * layout.slot.size;
}

/** One end of a ring. Use an instance as producer or as consumer, not both. */
export class Ring<F extends Fields> {
  readonly #u32: Int32Array;
  readonly #u64: BigInt64Array | undefined;
  #own = 0n;
  /** Slot of the own index; kept apart because 2^32 need not be a multiple of the capacity. */
  #ownSlot = 0;

  constructor(
    readonly at: Region,
    readonly capacity: number,
    readonly layout: RingLayout<F>,
    readonly role: 'producer' | 'consumer',
  ) {
    if (at.size < ringSize(layout, capacity)) throw new RangeError(`${at.name} cannot hold ${capacity} slots`);
    this.#u32 = at.words;
    this.#u64 = layout.indexBits === 64 ? new BigInt64Array(at.buffer, 0, 2) : undefined;
    this.#own = this.#index(role === 'producer' ? layout.tail : layout.head);
    this.#ownSlot = Number(this.#own % BigInt(capacity));
  }

  /** Messages in the ring; NaN once the other side has written an impossible index. */
  get length(): number {
    const other = this.#index(this.role === 'producer' ? this.layout.head : this.layout.tail);
    const difference = this.role === 'producer' ? this.#own - other : other - this.#own;
    const length = Number(BigInt.asUintN(this.layout.indexBits, difference));
    return length <= this.capacity ? length : Number.NaN;
  }

  /** The other side broke the rules: nothing more passes. */
  get broken(): boolean {
    return Number.isNaN(this.length);
  }

  /** This end's own index in shared memory is not what it wrote there: somebody else has. */
  get tampered(): boolean {
    return this.#index(this.role === 'producer' ? this.layout.tail : this.layout.head) !== this.#own;
  }

  /** Slots that can be filled; 0 when broken. */
  get free(): number {
    const length = this.length;
    return Number.isNaN(length) ? 0 : this.capacity - length;
  }

  /** Messages that can be taken; 0 when broken. */
  get available(): number {
    const length = this.length;
    return Number.isNaN(length) ? 0 : length;
  }

  /** Producer: fill the i-th free slot, invisible until published. */
  put(i: number, message: Partial<Values<F>>): void {
    writeStruct(this.at.view, this.#slotAt(i), this.layout.slot, message);
  }

  /** Producer: the next n slots become the consumer's. */
  publish(n: number): void {
    this.#advance(n, this.layout.tail);
  }

  enqueue(message: Partial<Values<F>>): boolean {
    if (this.free === 0) return false;
    this.put(0, message);
    this.publish(1);
    return true;
  }

  /** Consumer: a private copy of the i-th message. The caller checks i < available. */
  peek(i: number): Values<F> {
    return readStruct(this.at.view, this.#slotAt(i), this.layout.slot);
  }

  /** Byte offset of the i-th slot from the own index, for unions that the layout's slot does not describe. */
  slotOffset(i: number): number {
    return this.#slotAt(i);
  }

  /** Consumer: the next n slots become the producer's again. */
  consume(n: number): void {
    this.#advance(n, this.layout.head);
  }

  dequeue(): Values<F> | undefined {
    if (this.available === 0) return undefined;
    const message = this.peek(0);
    this.consume(1);
    return message;
  }

  #slotAt(i: number): number {
    return this.layout.slots + ((this.#ownSlot + i) % this.capacity) * this.layout.slot.size;
  }

  #index(offset: number): bigint {
    if (this.#u64) return BigInt.asUintN(64, Atomics.load(this.#u64, offset >> 3));
    return BigInt(Atomics.load(this.#u32, offset >> 2) >>> 0);
  }

  #advance(n: number, offset: number): void {
    this.#own = BigInt.asUintN(this.layout.indexBits, this.#own + BigInt(n));
    this.#ownSlot = (this.#ownSlot + n) % this.capacity;
    if (this.#u64) Atomics.store(this.#u64, offset >> 3, BigInt.asIntN(64, this.#own));
    else Atomics.store(this.#u32, offset >> 2, Number(BigInt.asIntN(32, this.#own)));
  }
}
