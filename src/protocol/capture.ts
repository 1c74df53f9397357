/**
 * The frames that pass one component of the network, as it saw them, for whoever looks on: a region of the component's own, which it
 * alone writes but for the state, and only while somebody looks. Nothing of the kind is upstream.
 *   0 u32 state   4 u32 head   8 u32 tail   12 u32 frames   0x1000 records
 *   record        CAPTURE_RECORD, then the frame, padded to a multiple of 8; it may go on at the ring's beginning
 * head (the oldest record) and tail count bytes of records and run freely to 2^32. The newest frames are kept: the writer moves head
 * before it writes over a record, so a reader that finds head behind what it has copied has a whole one.
 */
import { ByteRing } from './byte_ring';
import type { Region } from './region';
import { readStruct, struct, u16, u32, u64, writeStruct } from './struct';

/** Words of the header; `frames` were ever recorded, which is the sequence number of the next one. */
export const CAPTURE_WORD = { STATE: 0, HEAD: 1, TAIL: 2, FRAMES: 3 } as const;
const HEADER = 0x1000;

/** The reader writes all but one: the writer wakes an ASLEEP reader and makes it ON. */
export const CAPTURE_STATE = { OFF: 0, ON: 1, ASLEEP: 2 } as const;

/** A page, and 256 KiB of records. */
export const CAPTURE_SIZE = HEADER + 0x4_0000;
/** Bytes kept of a frame: all that an Ethernet carries. */
export const CAPTURE_MOST = 1518;

export const CAPTURE_RECORD = struct('net_capture_record', 24, {
  /** Nanoseconds since boot. */
  time_ns: u64(0),
  sequence: u32(8),
  /** Bytes of the frame here, and bytes it had. */
  captured: u16(12),
  length: u16(14),
  direction: u32(16),
});

/** As the machine sees it: `send` towards the wire, `receive` away from it. The place is the number in a record. */
export const CAPTURE_DIRECTIONS = ['send', 'receive'] as const;
export type CaptureDirection = (typeof CAPTURE_DIRECTIONS)[number];

/** What a component tells of the frames that pass it. */
export interface Tap {
  /** A frame of `length` bytes at `at` passes. */
  passed(direction: CaptureDirection, bytes: Uint8Array, at?: number, length?: number): void;
}

/** Of a component that has no region for it. */
export const NO_TAP: Tap = { passed() {} };

/** Of the record of a frame of which that many bytes are kept. */
export const recordSize = (captured: number): number => CAPTURE_RECORD.size + ((captured + 7) & ~7);

/** The ring in a region. */
export const captureRing = (at: Region): ByteRing => new ByteRing(at, HEADER, recordSize(CAPTURE_MOST));

/** The component's end. While nobody looks, a frame costs one load. */
export class CaptureTap implements Tap {
  readonly #ring: ByteRing;
  readonly #record = new Uint8Array(recordSize(CAPTURE_MOST));
  readonly #view = new DataView(this.#record.buffer);
  readonly #old = new Uint8Array(CAPTURE_RECORD.size);
  readonly #oldView = new DataView(this.#old.buffer);
  /** Its own, which it does not read again: a former self may have left them. */
  #head: number;
  #tail: number;
  #frames: number;

  constructor(
    at: Region,
    /** Nanoseconds since boot. */
    readonly now: () => number,
  ) {
    this.#ring = captureRing(at);
    this.#head = (this.#ring.load(CAPTURE_WORD.HEAD) & ~7) >>> 0;
    this.#tail = (this.#ring.load(CAPTURE_WORD.TAIL) & ~7) >>> 0;
    this.#frames = this.#ring.load(CAPTURE_WORD.FRAMES);
  }

  passed(direction: CaptureDirection, bytes: Uint8Array, at = 0, length = bytes.length - at): void {
    if (Atomics.load(this.#ring.words, CAPTURE_WORD.STATE) !== CAPTURE_STATE.OFF)
      this.#keep(direction, bytes, at, length);
  }

  #keep(direction: CaptureDirection, bytes: Uint8Array, at: number, length: number): void {
    const ring = this.#ring;
    const captured = Math.min(length, CAPTURE_MOST);
    const size = recordSize(captured);
    writeStruct(this.#view, 0, CAPTURE_RECORD, {
      time_ns: Math.max(0, Math.trunc(this.now())),
      sequence: this.#frames,
      captured,
      length,
      direction: CAPTURE_DIRECTIONS.indexOf(direction),
    });
    this.#record.set(bytes.subarray(at, at + captured), CAPTURE_RECORD.size);
    this.#makeRoom(size);
    ring.put(this.#tail, this.#record.subarray(0, size));
    this.#tail = (this.#tail + size) >>> 0;
    this.#frames = (this.#frames + 1) >>> 0;
    ring.store(CAPTURE_WORD.FRAMES, this.#frames);
    ring.store(CAPTURE_WORD.TAIL, this.#tail);
    if (
      Atomics.compareExchange(ring.words, CAPTURE_WORD.STATE, CAPTURE_STATE.ASLEEP, CAPTURE_STATE.ON) ===
      CAPTURE_STATE.ASLEEP
    )
      Atomics.notify(ring.words, CAPTURE_WORD.STATE);
  }

  /** Gives up the oldest records. */
  #makeRoom(size: number): void {
    const ring = this.#ring;
    while (this.#used + size > ring.capacity) {
      ring.take(this.#head, this.#old);
      this.#head = (this.#head + recordSize(readStruct(this.#oldView, 0, CAPTURE_RECORD).captured)) >>> 0;
    }
    ring.store(CAPTURE_WORD.HEAD, this.#head);
  }

  /** Bytes of records. What a former self left may be none: then it begins anew. */
  get #used(): number {
    const used = (this.#tail - this.#head) >>> 0;
    if (used <= this.#ring.capacity) return used;
    this.#head = this.#tail;
    return 0;
  }
}
