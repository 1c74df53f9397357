/** Bodies of HTTP/1.1 messages as they come: by length, in chunks, or up to the end of the connection. RFC 9112 sections 6 and 7. */
import { BadHead, type BodyLength } from './http_head';

/** Digits of a chunk's size with its extensions, or one line of the trailer. */
const MAX_LINE = 4096;
const MAX_TRAILER_LINES = 100;
const LF = 10;
const CR = 13;

type Phase = 'size' | 'data' | 'data end' | 'trailer' | 'done';

export class BodyReader {
  #phase: Phase;
  /** Of the body, or of the chunk. */
  #left: number;
  #line = '';
  #trailerLines = 0;

  constructor(
    readonly length: BodyLength,
    readonly take: (bytes: Uint8Array) => void,
  ) {
    this.#left = typeof length === 'number' ? length : length === 'close' ? Number.POSITIVE_INFINITY : 0;
    this.#phase = length === 'chunked' ? 'size' : this.#left > 0 ? 'data' : 'done';
  }

  get isDone(): boolean {
    return this.#phase === 'done';
  }

  /** The connection ended: whether the body is whole. */
  end(): boolean {
    if (this.length === 'close') this.#phase = 'done';
    return this.isDone;
  }

  /** Takes what belongs to the body, gives its data away and returns how much that was. Throws BadHead for a chunk that is none. */
  push(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.isDone) {
      at += this.#phase === 'data' ? this.#data(bytes.subarray(at)) : this.#byte(bytes[at]!);
    }
    return at;
  }

  #data(bytes: Uint8Array): number {
    const n = Math.min(bytes.length, this.#left);
    this.take(bytes.subarray(0, n));
    this.#left -= n;
    if (this.#left === 0) this.#phase = this.length === 'chunked' ? 'data end' : 'done';
    return n;
  }

  #byte(byte: number): 1 {
    if (byte !== LF) {
      if (this.#line.length >= MAX_LINE) throw new BadHead(400, 'A line between chunks is too long.');
      this.#line += String.fromCharCode(byte);
      return 1;
    }
    const line = this.#line.at(-1) === String.fromCharCode(CR) ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#lineEnded(line);
    return 1;
  }

  #lineEnded(line: string): void {
    if (this.#phase === 'size') {
      const digits = /^([0-9a-fA-F]{1,12})[ \t]*(;.*)?$/.exec(line)?.[1];
      if (digits === undefined) throw new BadHead(400, `${JSON.stringify(line.slice(0, 40))} is no size of a chunk.`);
      this.#left = Number.parseInt(digits, 16);
      this.#phase = this.#left > 0 ? 'data' : 'trailer';
    } else if (this.#phase === 'data end') {
      if (line !== '') throw new BadHead(400, 'A chunk is longer than it says.');
      this.#phase = 'size';
    } else if (line === '') {
      this.#phase = 'done';
    } else if (++this.#trailerLines > MAX_TRAILER_LINES) {
      throw new BadHead(400, 'The trailer is too long.');
    }
  }
}
