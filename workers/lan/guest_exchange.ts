/** One HTTP request carried to the guest's port 80, and its answer back over a message port; what QEMU's hostfwd does for a browser. */
import type { NetError } from '../../src/net/errors';
import type { Stack } from '../../src/net/stack';
import type { TcpSocket } from '../../src/net/tcp_socket';
import type { FromGuest, GuestFailureKind, GuestPort, GuestRequest, ToGuest } from '../../src/protocol/lan';
import { FIRST_CLIENT, GATEWAY, PORT } from './addresses';
import { isError } from './failed';
import { BodyReader } from './http_body';
import { BadHead, headEnd, MAX_HEAD, readResponseHead } from './http_head';
import type { Session } from './session';

/** Until the guest has taken the connection, and then without a byte from it. */
export const CONNECT_MS = 5000;
export const SILENCE_MS = 60_000;
const PIECE = 32 * 1024;
/** What the exchange writes itself: the answer ends with the connection. */
const OURS = /^(host|connection|content-length|transfer-encoding|expect|te|upgrade|keep-alive|accept-encoding)$/i;

export class GuestExchange implements Session {
  deadlineMs: number;
  readonly #socket: TcpSocket;
  #out: Uint8Array | undefined;
  #head = new Uint8Array(0);
  #reader: BodyReader | undefined;
  #isConnected = false;
  #isOver = false;
  /** Pieces that the other end has room for. */
  #room = 0;
  readonly #piece = new Uint8Array(PIECE);

  constructor(
    stack: Stack,
    readonly request: GuestRequest,
    readonly port: GuestPort,
    nowMs: number,
    wake: () => void,
  ) {
    this.deadlineMs = nowMs + CONNECT_MS;
    this.#socket = stack.tcp();
    port.addEventListener('message', ({ data }) => {
      if ((data as ToGuest) === 'cancel') this.#isOver = true;
      else this.#room++;
      wake();
    });
    port.start();
    this.#out = requestBytes(request);
    const error = this.#socket.bind(GATEWAY, 0) ?? this.#socket.connect(FIRST_CLIENT, PORT.HTTP);
    if (error !== 'EINPROGRESS') this.#failed(error);
  }

  turn(nowMs: number): boolean {
    if (!this.#isConnected && this.#socket.writable && !this.#socket.error) {
      this.#isConnected = true;
      this.#socket.setNoDelay(true);
      this.deadlineMs = nowMs + SILENCE_MS;
    }
    if (this.#isConnected) while (!this.#isOver && (this.#send() || this.#receive(nowMs)));
    const error = this.#isConnected ? undefined : this.#socket.error;
    if (error) this.#failed(error);
    if (!this.#isOver && nowMs >= this.deadlineMs) this.#failed('ETIMEDOUT');
    if (!this.#isOver) return true;
    this.#socket.abort();
    this.port.close();
    return false;
  }

  #send(): boolean {
    if (!this.#out) return false;
    const sent = this.#socket.send(this.#out);
    if (isError(sent)) {
      // The guest may have answered without reading all: what it said comes first.
      if (sent !== 'EAGAIN') this.#out = undefined;
      return false;
    }
    this.#out = sent < this.#out.length ? this.#out.subarray(sent) : undefined;
    return sent > 0;
  }

  #receive(nowMs: number): boolean {
    if (this.#reader && this.#room === 0) {
      // Whoever reads is slow, not the guest.
      this.deadlineMs = nowMs + SILENCE_MS;
      return false;
    }
    const n = this.#socket.recv(this.#piece);
    if (n === 'EAGAIN') return false;
    if (isError(n) || n === 0) return this.#ended(isError(n) ? n : undefined);
    this.deadlineMs = nowMs + SILENCE_MS;
    try {
      this.#take(this.#piece.subarray(0, n));
    } catch (error) {
      if (!(error instanceof BadHead)) throw error;
      this.#fail('broken', `The guest's answer is no HTTP. ${error.message}`);
    }
    return !this.#isOver;
  }

  #take(bytes: Uint8Array): void {
    if (this.#reader) {
      this.#reader.push(bytes);
      if (this.#reader.isDone) this.#finish();
      return;
    }
    const before = this.#head;
    this.#head = new Uint8Array(before.length + bytes.length);
    this.#head.set(before);
    this.#head.set(bytes, before.length);
    const end = headEnd(this.#head);
    if ((end ?? this.#head.length) > MAX_HEAD) throw new BadHead(502, `Its head is longer than ${MAX_HEAD} bytes.`);
    if (end !== undefined) this.#headCame(end);
  }

  #headCame(end: number): void {
    const { status, reason, fields, body } = readResponseHead(this.#head.subarray(0, end), this.request.method);
    const rest = this.#head.slice(end);
    this.#head = new Uint8Array(0);
    // An interim answer: the real one follows. RFC 9110 section 15.2.
    if (status >= 200) {
      this.#post({ head: { status, reason, fields: [...fields] } });
      this.#reader = new BodyReader(body, (bytes) => this.#bodyCame(bytes));
    }
    if (rest.length > 0) this.#take(rest);
    else if (this.#reader?.isDone) this.#finish();
  }

  #bodyCame(bytes: Uint8Array): void {
    const piece = bytes.slice();
    this.#room = Math.max(0, this.#room - 1);
    this.port.postMessage({ piece } satisfies FromGuest, [piece.buffer]);
  }

  /** A server that closes with part of the request unread resets the connection: its answer counts all the same. */
  #ended(error: NetError | undefined): false {
    if (this.#reader?.end()) this.#finish();
    else if (this.#reader) this.#fail('broken', 'The guest closed the connection before its answer was whole.');
    else if (error && error !== 'ECONNRESET') this.#failed(error);
    else this.#fail('broken', 'The guest closed the connection without an answer.');
    return false;
  }

  #failed(error: NetError): void {
    if (error === 'ECONNREFUSED') return this.#fail('refused', 'Nothing listens on port 80 of the guest.');
    if (this.#isConnected)
      return this.#fail('silent', `The guest took the connection and did not answer for ${SILENCE_MS / 1000} s.`);
    this.#fail(
      'silent',
      `The guest did not take the connection (${error}): its program may be busy, or it has no address yet.`,
    );
  }

  #fail(kind: GuestFailureKind, message: string): void {
    if (this.#isOver) return;
    this.#post({ failure: { kind, message } });
    this.#isOver = true;
  }

  #finish(): void {
    this.#post({ end: true });
    this.#isOver = true;
  }

  #post(message: FromGuest): void {
    this.port.postMessage(message, []);
  }
}

/** Method, path and fields are given by programs: what could begin another field or request is left out. A browser's paths are encoded. */
function requestBytes({ method, path, fields, body }: GuestRequest): Uint8Array {
  const safe = fields.filter(([name, value]) => /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !/[\r\n\0]/.test(value));
  const lines = [
    `${method.replace(/[^A-Z]/g, '')} ${/^\/[\x21-\x7e]*$/.test(path) ? path : '/'} HTTP/1.1`,
    'Host: 10.0.2.15',
    'Connection: close',
    ...safe.filter(([name]) => !OURS.test(name)).map(([name, value]) => `${name}: ${value}`),
    ...(body || /^(POST|PUT|PATCH)$/.test(method) ? [`Content-Length: ${body?.length ?? 0}`] : []),
  ];
  const head = Uint8Array.from(`${lines.join('\r\n')}\r\n\r\n`, (char) => char.charCodeAt(0));
  const all = new Uint8Array(head.length + (body?.length ?? 0));
  all.set(head);
  if (body) all.set(body, head.length);
  return all;
}
