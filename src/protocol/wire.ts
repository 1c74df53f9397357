/**
 * The Ethernet wire outside the machine: between the network card's model, in its driver's worker, and `lan`. One ring of frames
 * per direction, each in a region of its own, with one sender and one receiver.
 *   0 u32 head   4 u32 tail   8 u32 awake   12 u32 wake   16 u64 frames   24 u64 bytes   32 u64 drops   64 records
 *   record       u32 length, then the frame from destination to payload, without FCS, padded to a multiple of 4
 * head and tail count bytes of records and run freely to 2^32.
 */
import type { Region } from './region';

const HEAD = 0;
const TAIL = 1;
/** 0 while the receiver wants to be woken by the next frame: a fresh ring wakes it. */
const AWAKE = 2;
/** Changes with each wake-up: what a receiver that is no protection domain sleeps on. */
const WAKE = 3;
const HEADER = 64;
const LENGTH = 4;
const [FRAMES, BYTES, DROPS] = [2, 3, 4];

/** Destination, source and type; at the other end a 1500-byte payload behind a VLAN tag. [IEEE 802.3] 3.2 */
export const FRAME_LENGTH = { MIN: 14, MAX: 1518 } as const;

/** Room for the 180 frames of one TCP window of 256 KiB in each direction, and for what others send meanwhile. */
export const WIRE_SIZE = HEADER + 512 * 1024;

export interface WireCounters {
  readonly frames: number;
  readonly bytes: number;
  /** Frames that found the ring full, that no Ethernet carries, or that a broken ring held. */
  readonly drops: number;
}

export const isFrameLength = (length: number): boolean => length >= FRAME_LENGTH.MIN && length <= FRAME_LENGTH.MAX;

const recordSize = (length: number): number => LENGTH + ((length + 3) & ~3);

/** What both ends have: the ring's memory, and the counters that either may read. */
class WireRing {
  readonly words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #counters: BigInt64Array;
  readonly capacity: number;

  constructor(readonly at: Region) {
    this.words = at.words;
    this.#bytes = at.bytes.subarray(HEADER);
    this.#counters = new BigInt64Array(at.buffer, 0, HEADER / 8);
    this.capacity = this.#bytes.length;
    // A place in the ring must not jump when the indices wrap.
    if (this.capacity <= 0 || (this.capacity & (this.capacity - 1)) !== 0)
      throw new RangeError(`${at.name} does not hold a header and a power of two of bytes`);
  }

  /** An index as the other end wrote it. */
  load(index: number): number {
    return Atomics.load(this.words, index) >>> 0;
  }

  store(index: number, value: number): void {
    Atomics.store(this.words, index, value | 0);
  }

  /** Records start at multiples of 4: one never wraps within its length. */
  lengthAt(position: number): number {
    return Atomics.load(this.words, (HEADER + (position & (this.capacity - 1))) >> 2) >>> 0;
  }

  putRecord(position: number, frame: Uint8Array): void {
    Atomics.store(this.words, (HEADER + (position & (this.capacity - 1))) >> 2, frame.length);
    const at = (position + LENGTH) & (this.capacity - 1);
    const first = Math.min(frame.length, this.capacity - at);
    this.#bytes.set(frame.subarray(0, first), at);
    if (first < frame.length) this.#bytes.set(frame.subarray(first), 0);
  }

  copyRecord(position: number, length: number): Uint8Array {
    const at = (position + LENGTH) & (this.capacity - 1);
    const first = Math.min(length, this.capacity - at);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(at, at + first));
    if (first < length) copy.set(this.#bytes.subarray(0, length - first), first);
    return copy;
  }

  count(counter: number, n: number): void {
    Atomics.add(this.#counters, counter, BigInt(n));
  }

  get counters(): WireCounters {
    const [frames, bytes, drops] = [FRAMES, BYTES, DROPS].map((i) => Number(Atomics.load(this.#counters, i)));
    return { frames: frames!, bytes: bytes!, drops: drops! };
  }
}

/** The counters of one direction, for whoever only watches. */
export function wireCounters(at: Region): WireCounters {
  return new WireRing(at).counters;
}

export class WireSender {
  readonly #ring: WireRing;
  #tail: number;

  constructor(
    at: Region,
    /** Wakes a receiver that sleeps on another word than this ring's. */
    readonly poke: () => void = () => {},
  ) {
    this.#ring = new WireRing(at);
    this.#tail = this.#ring.load(TAIL) & ~3;
  }

  /** Puts a frame on the wire and wakes its receiver, if that sleeps. False when it was dropped. */
  send(frame: Uint8Array): boolean {
    const ring = this.#ring;
    const used = (this.#tail - ring.load(HEAD)) >>> 0;
    // A head that is ahead of the tail is the receiver's fault: nothing is written until it is possible again.
    if (!isFrameLength(frame.length) || used + recordSize(frame.length) > ring.capacity) {
      ring.count(DROPS, 1);
      return false;
    }
    ring.putRecord(this.#tail, frame);
    this.#tail = (this.#tail + recordSize(frame.length)) >>> 0;
    ring.count(FRAMES, 1);
    ring.count(BYTES, frame.length);
    ring.store(TAIL, this.#tail);
    if (Atomics.exchange(ring.words, AWAKE, 1) === 0) this.#wake();
    return true;
  }

  get counters(): WireCounters {
    return this.#ring.counters;
  }

  #wake(): void {
    Atomics.add(this.#ring.words, WAKE, 1);
    Atomics.notify(this.#ring.words, WAKE);
    this.poke();
  }
}

export class WireReceiver {
  readonly #ring: WireRing;
  #head: number;
  #violation: string | undefined;

  constructor(at: Region) {
    this.#ring = new WireRing(at);
    this.#head = this.#ring.load(HEAD) & ~3;
    // Its former self may have been ended awake.
    this.#ring.store(AWAKE, 0);
  }

  /** The next frame as a private copy; undefined when there is none, and then the next one will wake this end. */
  receive(): Uint8Array | undefined {
    const frame = this.#take();
    if (frame) return frame;
    this.#ring.store(AWAKE, 0);
    // What came before the flag was seen woke nobody.
    const late = this.#take();
    if (late) this.#ring.store(AWAKE, 1);
    return late;
  }

  /** What the sender did wrong since the last look, if anything; what was in the ring then is lost. */
  takeViolation(): string | undefined {
    const violation = this.#violation;
    this.#violation = undefined;
    return violation;
  }

  /** The word to sleep on, and what it holds now: read it before the last `receive`, or a wake-up may be lost. */
  get sleep(): { readonly words: Int32Array; readonly index: number; readonly seen: number } {
    const { words } = this.#ring;
    return { words, index: WAKE, seen: Atomics.load(words, WAKE) };
  }

  get counters(): WireCounters {
    return this.#ring.counters;
  }

  #take(): Uint8Array | undefined {
    const ring = this.#ring;
    const tail = ring.load(TAIL);
    const queued = (tail - this.#head) >>> 0;
    if (queued === 0) return undefined;
    if (queued > ring.capacity || queued % 4 !== 0) return this.#resume(tail, `tail ${tail} behind head ${this.#head}`);
    const length = ring.lengthAt(this.#head);
    if (!isFrameLength(length) || recordSize(length) > queued)
      return this.#resume(tail, `a frame of ${length} bytes with ${queued} in the ring`);
    const frame = ring.copyRecord(this.#head, length);
    this.#advance(this.#head + recordSize(length));
    return frame;
  }

  /** Nothing in the ring can be trusted: it goes on with what is sent from now on. */
  #resume(tail: number, why: string): undefined {
    this.#violation = `${this.#ring.at.name} is broken: ${why}`;
    this.#ring.count(DROPS, 1);
    this.#advance(tail & ~3);
  }

  #advance(head: number): void {
    this.#head = head >>> 0;
    this.#ring.store(HEAD, this.#head);
  }
}

/** Both directions as one end has them; what the far end does wrong is told, and the frames that come after it pass. */
export class WireEnd {
  constructor(
    readonly out: WireSender,
    readonly into: WireReceiver,
    readonly report: (text: string) => void,
  ) {}

  send(frame: Uint8Array): void {
    this.out.send(frame);
  }

  receive(): Uint8Array | undefined {
    const frame = this.into.receive();
    const violation = this.into.takeViolation();
    if (violation !== undefined) this.report(violation);
    return frame;
  }
}
