/** The other end of a component's captured frames (capture.ts): that of whoever looks on. */
import type { ByteRing } from './byte_ring';
import {
  CAPTURE_DIRECTIONS,
  CAPTURE_MOST,
  CAPTURE_RECORD,
  CAPTURE_STATE,
  CAPTURE_WORD,
  type CaptureDirection,
  captureRing,
  recordSize,
} from './capture';
import type { Region } from './region';
import { readStruct } from './struct';

export interface CapturedFrame {
  /** Counts the frames of the component. */
  readonly sequence: number;
  readonly timeNs: number;
  readonly direction: CaptureDirection;
  /** Bytes that the frame had; `bytes` are its first CAPTURE_MOST. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** What a reader sleeps on: `words[index]` while it is `value`. */
export interface CaptureSleep {
  readonly words: Int32Array;
  readonly index: number;
  readonly value: number;
}

/** The end of the one who looks on; there is one at a time. Believes nothing that is in the ring. */
export class CaptureReader {
  /** Frames that were written over before they were read. */
  lost = 0;
  /** How often there was something in the ring that the component cannot have meant; what was there then is lost. */
  broken = 0;
  readonly #ring: ByteRing;
  readonly #header = new Uint8Array(CAPTURE_RECORD.size);
  readonly #view = new DataView(this.#header.buffer);
  #position: number;
  /** Sequence number of the next frame. */
  #next: number;

  /** Frames are kept from now on. */
  constructor(at: Region) {
    this.#ring = captureRing(at);
    this.#next = this.#ring.load(CAPTURE_WORD.FRAMES);
    this.#position = this.#ring.load(CAPTURE_WORD.TAIL);
    this.#ring.store(CAPTURE_WORD.STATE, CAPTURE_STATE.ON);
  }

  /** No frame is kept any more; wakes whoever sleeps on this. */
  stop(): void {
    this.#ring.store(CAPTURE_WORD.STATE, CAPTURE_STATE.OFF);
    Atomics.notify(this.#ring.words, CAPTURE_WORD.STATE);
  }

  /** The next frame that comes changes this; undefined when there is one already. */
  sleep(): CaptureSleep | undefined {
    const ring = this.#ring;
    ring.store(CAPTURE_WORD.STATE, CAPTURE_STATE.ASLEEP);
    if (ring.load(CAPTURE_WORD.TAIL) === this.#position)
      return { words: ring.words, index: CAPTURE_WORD.STATE, value: CAPTURE_STATE.ASLEEP };
    ring.store(CAPTURE_WORD.STATE, CAPTURE_STATE.ON);
    return undefined;
  }

  /** What has passed since the last time, oldest first; what comes meanwhile is for the next time. */
  read(): CapturedFrame[] {
    if (this.#isOvertaken) this.#position = this.#ring.load(CAPTURE_WORD.HEAD);
    const end = this.#ring.load(CAPTURE_WORD.TAIL);
    const frames: CapturedFrame[] = [];
    while (this.#position !== end) {
      const frame = this.#take((end - this.#position) >>> 0);
      // Then it may be in pieces; the next time begins with the oldest there is.
      if (this.#isOvertaken) break;
      if (!frame) {
        this.broken++;
        this.#position = end;
        this.#next = this.#ring.load(CAPTURE_WORD.FRAMES);
        break;
      }
      frames.push(frame);
      this.#count(frame.sequence);
      this.#position = (this.#position + recordSize(frame.bytes.length)) >>> 0;
    }
    return frames;
  }

  /** Whether the writer has begun to write over what would come next. */
  get #isOvertaken(): boolean {
    return (this.#position - this.#ring.load(CAPTURE_WORD.HEAD)) >>> 0 > this.#ring.capacity;
  }

  /** The record at the position, `left` bytes before the last one's end; undefined where there is none. */
  #take(left: number): CapturedFrame | undefined {
    const at = this.#position;
    this.#ring.take(at, this.#header);
    const { time_ns, sequence, captured, length, direction } = readStruct(this.#view, 0, CAPTURE_RECORD);
    const isRecord = captured === Math.min(length, CAPTURE_MOST) && length > 0 && Number.isSafeInteger(time_ns);
    if (
      !isRecord ||
      direction >= CAPTURE_DIRECTIONS.length ||
      left > this.#ring.capacity ||
      recordSize(captured) > left
    )
      return undefined;
    const bytes = new Uint8Array(captured);
    this.#ring.take((at + CAPTURE_RECORD.size) >>> 0, bytes);
    return { sequence, timeNs: time_ns, direction: CAPTURE_DIRECTIONS[direction]!, length, bytes };
  }

  #count(sequence: number): void {
    this.lost += Math.max(0, (sequence - this.#next) | 0);
    this.#next = (sequence + 1) >>> 0;
  }
}
