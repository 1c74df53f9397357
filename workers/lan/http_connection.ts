/**
 * The server's side of one HTTP/1.1 connection: one request after the other, RFC 9112. A client that is slow has its time, and no more: the
 * whole head at once, then some bytes now and then.
 */

import type { NetError } from '../../src/net/errors';
import type { TcpSocket } from '../../src/net/tcp_socket';
import { isError } from './failed';
import { type Answer, type Exchange, reasonOf, refusal } from './http_answer';
import { BodyReader } from './http_body';
import { BadHead, headEnd, MAX_HEAD, type RequestHead, readRequestHead } from './http_head';
import type { Session } from './session';

/** Until the whole head of a request is there; a connection between two requests waits as long. */
export const HEAD_MS = 15_000;
/** Without a byte in either direction while a request or its answer is under way. */
export const STALL_MS = 60_000;
/** For a client to read its last answer and close. */
const LINGER_MS = 5000;
const PIECE = 16 * 1024;

export type Handler = (head: RequestHead, socket: TcpSocket) => Exchange;

const encoder = new TextEncoder();

interface Underway {
  readonly head: RequestHead;
  readonly reader: BodyReader;
  readonly exchange: Exchange;
  answer: Answer | undefined;
  isEnded: boolean;
  isChunked: boolean;
  closes: boolean;
}

export class HttpConnection implements Session {
  deadlineMs: number;
  /** Bytes that came and are not used yet. */
  #in = new Uint8Array(0);
  #out: Uint8Array | undefined;
  #now: Underway | undefined;
  /** Nothing is read any more; what is to be sent is, and then the connection ends. */
  #isClosing = false;
  #isLingering = false;
  #peerEnded = false;
  readonly #piece = new Uint8Array(PIECE);

  constructor(
    readonly socket: TcpSocket,
    startMs: number,
    readonly handle: Handler,
    /** Unix time in milliseconds. */
    readonly wallClock: () => number,
  ) {
    this.deadlineMs = startMs + HEAD_MS;
    socket.setNoDelay(true);
  }

  turn(nowMs: number): boolean {
    try {
      while (this.#step(nowMs));
    } catch (error) {
      if (!(error instanceof BadHead)) throw error;
      this.#refuse(error);
      while (this.#step(nowMs));
    }
    if (this.#isClosing && !this.#out && !this.#now?.answer) this.#linger(nowMs);
    if (!this.socket.hup && nowMs < this.deadlineMs) return true;
    this.#now?.answer?.cancel?.();
    if (this.socket.hup) this.socket.close();
    else this.socket.abort();
    return false;
  }

  /** RFC 9112 section 9.6: closing at once would reset a client that is still sending, and lose it the answer. */
  #linger(nowMs: number): void {
    if (!this.#isLingering) this.deadlineMs = nowMs + LINGER_MS;
    if (!this.#isLingering) this.socket.shutdown('write');
    this.#isLingering = true;
    for (let n: number | NetError = 1; !isError(n) && n > 0; ) n = this.socket.recv(this.#piece);
  }

  /** Does one thing; false when there is nothing to do now. */
  #step(nowMs: number): boolean {
    const wasBusy = this.#isBusy;
    const isMoved = this.#send() || (!this.#out && (this.#answered() || this.#produce())) || this.#receive();
    // A head has its time as a whole: bytes that trickle in buy no more of it.
    if (isMoved && (wasBusy || this.#isBusy)) this.deadlineMs = nowMs + (this.#isBusy ? STALL_MS : HEAD_MS);
    return isMoved;
  }

  get #isBusy(): boolean {
    return this.#now !== undefined || this.#out !== undefined;
  }

  #send(): boolean {
    if (!this.#out) return false;
    const sent = this.socket.send(this.#out);
    if (isError(sent)) return false;
    this.#out = sent < this.#out.length ? this.#out.subarray(sent) : undefined;
    return true;
  }

  /** Begins to send the answer once there is one. */
  #answered(): boolean {
    const now = this.#now;
    const answer = now?.exchange.answer;
    if (!now || now.answer || !answer) return false;
    now.answer = answer;
    // The rest of the request is not read only to be thrown away.
    now.closes ||= !now.reader.isDone || !now.head.keepAlive || this.#isClosing;
    now.isChunked = answer.length === undefined && now.head.knowsChunks;
    now.closes ||= answer.length === undefined && !now.isChunked;
    this.#out = encoder.encode(this.#headOf(answer, now));
    return true;
  }

  #headOf({ status, fields, length }: Answer, { closes, isChunked }: Underway): string {
    const all = {
      Date: new Date(this.wallClock()).toUTCString(),
      ...fields,
      ...(length === undefined ? {} : { 'Content-Length': length }),
      ...(isChunked ? { 'Transfer-Encoding': 'chunked' } : {}),
      Connection: closes ? 'close' : 'keep-alive',
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${lines.join('')}\r\n`;
  }

  /** The next piece of the answer's body. */
  #produce(): boolean {
    const now = this.#now;
    if (!now?.answer) return false;
    const piece = now.head.method === 'HEAD' ? null : now.answer.body(PIECE);
    if (piece === undefined) return false;
    if (piece === null) this.#finish(now);
    else if (piece.length > 0) this.#out = now.isChunked ? chunk(piece) : piece;
    return true;
  }

  #finish(now: Underway): void {
    if (now.head.method === 'HEAD') now.answer?.cancel?.();
    else if (now.isChunked) this.#out = encoder.encode('0\r\n\r\n');
    this.#now = undefined;
    if (now.closes) this.#isClosing = true;
    // More requests may have come behind this one.
    else if (this.#in.length > 0) this.#parse();
  }

  #receive(): boolean {
    // While an answer is under way, what comes waits in the socket, and its sender with it.
    if (this.#isClosing || this.#now?.answer || this.#now?.isEnded || this.#peerEnded) return false;
    const n = this.socket.recv(this.#piece);
    if (isError(n)) return false;
    if (n === 0) return this.#ended();
    this.#in = this.#in.length === 0 ? this.#piece.slice(0, n) : joined(this.#in, this.#piece.subarray(0, n));
    this.#parse();
    return true;
  }

  /** The client sends no more: it may wait for its answer all the same, unless its request is not whole. */
  #ended(): boolean {
    this.#peerEnded = true;
    if (!this.#now?.isEnded) this.#isClosing = true;
    if (!this.#now?.answer && !this.#now?.isEnded) this.#now = undefined;
    return true;
  }

  #parse(): void {
    if (!this.#now) {
      const end = headEnd(this.#in);
      if ((end ?? this.#in.length) > MAX_HEAD)
        throw new BadHead(431, `The head of a request has at most ${MAX_HEAD} bytes.`);
      if (end === undefined) return;
      const head = readRequestHead(this.#in.subarray(0, end));
      this.#in = this.#in.subarray(end);
      this.#begin(head);
    }
    const { reader, exchange } = this.#now!;
    this.#in = this.#in.subarray(reader.push(this.#in));
    if (!reader.isDone || this.#now!.isEnded) return;
    this.#now!.isEnded = true;
    exchange.end();
  }

  #begin(head: RequestHead): void {
    const exchange = this.handle(head, this.socket);
    const reader = new BodyReader(head.body, (bytes) => exchange.body(bytes));
    this.#now = { head, reader, exchange, answer: undefined, isEnded: false, isChunked: false, closes: false };
    // RFC 9110 section 10.1.1: the client waits for this before it sends the body.
    const expects = head.fields.get('expect')?.toLowerCase() === '100-continue';
    if (expects && head.body !== 0 && !exchange.answer) this.#out = encoder.encode('HTTP/1.1 100 Continue\r\n\r\n');
  }

  #refuse({ status, message }: BadHead): void {
    const answer = refusal(status, message);
    const head: RequestHead = {
      method: 'GET',
      target: '',
      fields: new Map(),
      body: 0,
      keepAlive: false,
      knowsChunks: true,
    };
    this.#in = new Uint8Array(0);
    this.#isClosing = true;
    const exchange = { body: () => {}, end: () => {}, answer };
    const reader = new BodyReader(0, exchange.body);
    this.#now = { head, reader, exchange, answer: undefined, isEnded: true, isChunked: false, closes: true };
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function chunk(piece: Uint8Array): Uint8Array {
  const size = encoder.encode(`${piece.length.toString(16)}\r\n`);
  const all = new Uint8Array(size.length + piece.length + 2);
  all.set(size);
  all.set(piece, size.length);
  all.set([13, 10], size.length + piece.length);
  return all;
}
