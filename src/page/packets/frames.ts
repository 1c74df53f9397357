/** Captured frames as one list: the same bytes at one hop after the other are one frame. Keeps the newest, and counts the others. */
import type { CaptureDirection } from '../../protocol/capture';
import type { CapturedFrame } from '../../protocol/capture_reader';
import { decode } from './decode';
import { type HopName, PATHS } from './hops';
import type { Packet } from './packet';

/** A frame on its way. */
export class Frame {
  /** When each hop saw it, in nanoseconds since boot. */
  readonly seen = new Map<HopName, number>();
  #packet: Packet | undefined;

  constructor(
    /** From 1, in the order in which they were first seen. */
    readonly number: number,
    readonly direction: CaptureDirection,
    /** Bytes it has; the first 1518 are in `bytes`. */
    readonly length: number,
    readonly bytes: Uint8Array,
  ) {}

  get timeNs(): number {
    return Math.min(...this.seen.values());
  }

  /** Taken apart when it is first asked for. */
  get packet(): Packet {
    this.#packet ??= decode(this.bytes);
    return this.#packet;
  }
}

export type Batch = Partial<Record<HopName, readonly CapturedFrame[]>>;

/** How many are kept. */
const MOST = 10_000;
/** A hop that a frame has not reached after that long, another one like it reaches. */
const PATIENCE_NS = 10e9;

export class Frames {
  /** Oldest first. */
  list: Frame[] = [];
  /** Taken off the list for newer ones. */
  dropped = 0;
  #count = 0;
  /** Frames that may be seen at further hops, by what is quickly compared. */
  readonly #open = new Map<number, Frame[]>();

  constructor(readonly most = MOST) {}

  add(batch: Batch): void {
    const before = this.list.length;
    // Clocks of two workers may differ by microseconds: the order of the hops is that of the path.
    for (const direction of ['send', 'receive'] as const)
      for (const hop of PATHS[direction])
        for (const captured of batch[hop] ?? []) if (captured.direction === direction) this.#pass(hop, captured);
    const fresh = this.list.splice(before).sort((a, b) => a.timeNs - b.timeNs);
    this.list = [...this.list, ...fresh].slice(-this.most);
    this.dropped += Math.max(0, before + fresh.length - this.most);
    this.#closeOld();
  }

  clear(): void {
    this.list = [];
    this.dropped = 0;
    this.#open.clear();
  }

  #pass(hop: HopName, { direction, length, bytes, timeNs }: CapturedFrame): void {
    const key = hash(bytes);
    const waiting = this.#open.get(key) ?? [];
    const isSame = (frame: Frame) =>
      frame.direction === direction && !frame.seen.has(hop) && frame.length === length && equal(frame.bytes, bytes);
    let frame = waiting.find(isSame);
    if (!frame) {
      frame = new Frame(++this.#count, direction, length, bytes);
      this.list.push(frame);
      waiting.push(frame);
    }
    frame.seen.set(hop, timeNs);
    const left = frame.seen.size === PATHS[direction].length ? waiting.filter((other) => other !== frame) : waiting;
    if (left.length > 0) this.#open.set(key, left);
    else this.#open.delete(key);
  }

  /** Nothing more is expected of a frame that is long in the past, or off the list. */
  #closeOld(): void {
    const newest = this.list.at(-1)?.timeNs ?? 0;
    const first = this.list[0]?.number ?? 0;
    for (const [key, waiting] of this.#open) {
      const left = waiting.filter((frame) => frame.number >= first && newest - frame.timeNs < PATIENCE_NS);
      if (left.length === 0) this.#open.delete(key);
      else if (left.length < waiting.length) this.#open.set(key, left);
    }
  }
}

/** FNV-1a. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c_9dc5;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x0100_0193);
  return value >>> 0;
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
