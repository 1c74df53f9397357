/**
 * A domain's flight recorder: a ring of 32-byte records that only the domain writes and anyone may sample.
 *   header  0 u32 count of records ever written (store-release after each)  4 u32 off: while it is not 0, nothing is recorded
 *   record  0 f64 time (ms since boot)  8 u32 kind  12 u32 channel  16 u32 request  20 u32 a  24 u32 b  28 u32 sequence
 * The clock is read once per wake-up; records of one wake-up share the time and are told apart by sequence.
 */
import type { Region } from './region';

export const TRACE = {
  NOTIFIED: 1,
  NOTIFY: 2,
  PPC_CALL: 3,
  PPC_SERVED: 4,
  IRQ: 5,
  FAULT: 6,
  /** A request entered or left a queue: a, b are the component's own. */
  REQUEST: 7,
  RESPONSE: 8,
  /** The domain goes to sleep, at this time: a: nanoseconds that it has run since it woke, at most 2^32 - 1. */
  RAN: 9,
  /** A client begins statement a, from 1; b: STATEMENT_OF. */
  STATEMENT: 10,
  /** Statement a is over: the prompt is back. */
  STATEMENT_END: 11,
  /** The guest reads or writes contents of a file: b neighbouring clusters from cluster a on, wherever they are now. */
  CLUSTERS: 12,
  /** The guest asks its disk: a: sector of the partition, b: packed as in trace_words.ts. */
  DISK_READ: 13,
  DISK_WRITE: 14,
  DISK_FLUSH: 15,
} as const;

/** What a statement is: a line at the prompt, a program that Ctrl-D ends (a script's, or pasted), the start files. */
export const STATEMENT_OF = { LINE: 0, PROGRAM: 1, START: 2 } as const;

export const TRACE_RECORDS = 4096;
const OFF = 1;
const HEADER = 32;
const RECORD = 32;
export const TRACE_SIZE = HEADER + TRACE_RECORDS * RECORD;

export interface TraceRecord {
  readonly time: number;
  readonly kind: number;
  readonly channel: number;
  readonly request: number;
  readonly a: number;
  readonly b: number;
  readonly sequence: number;
}

export class TraceWriter {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  #count = 0;

  constructor(at: Region) {
    this.#words = at.words;
    this.#times = new Float64Array(at.buffer);
    this.#count = Atomics.load(this.#words, 0) >>> 0;
  }

  get off(): boolean {
    return Atomics.load(this.#words, OFF) !== 0;
  }

  record(time: number, kind: number, channel: number, request: number, a: number, b: number): void {
    if (this.off) return;
    const at = (HEADER + (this.#count % TRACE_RECORDS) * RECORD) >> 2;
    this.#times[at >> 1] = time;
    this.#words[at + 2] = kind;
    this.#words[at + 3] = channel;
    this.#words[at + 4] = request;
    this.#words[at + 5] = a;
    this.#words[at + 6] = b;
    this.#words[at + 7] = this.#count;
    this.#count = (this.#count + 1) >>> 0;
    Atomics.store(this.#words, 0, this.#count | 0);
  }
}

/** Switches a recorder on or off; what it holds stays. */
export function switchTrace(at: Region, on: boolean): void {
  Atomics.store(at.words, OFF, on ? 0 : 1);
}

/** The newest `max` records, oldest first. A record that was, or may have been, overwritten while it was read is left out. */
export function readTrace(at: Region, max = TRACE_RECORDS): TraceRecord[] {
  const end = Atomics.load(at.words, 0) >>> 0;
  const records: TraceRecord[] = [];
  for (let sequence = Math.max(0, end - Math.min(max, TRACE_RECORDS - 1)); sequence < end; sequence++) {
    const offset = HEADER + (sequence % TRACE_RECORDS) * RECORD;
    const u32 = (i: number) => at.view.getUint32(offset + i, true);
    const record = {
      time: at.view.getFloat64(offset, true),
      kind: u32(8),
      channel: u32(12),
      request: u32(16),
      a: u32(20),
      b: u32(24),
      sequence: u32(28),
    };
    // The writer fills the slot of the record a whole ring ago before it counts it.
    const written = Atomics.load(at.words, 0) >>> 0;
    if (record.sequence === sequence && written - sequence < TRACE_RECORDS) records.push(record);
  }
  return records;
}
