/** Requests to the guest's port 80, with a server on the client's stack that says what the test wants. */
import { describe, expect, test } from 'vitest';
import type { TcpSocket } from '../../src/net/tcp_socket';
import type { FromGuest, GuestPort, GuestRequest } from '../../src/protocol/lan';
import { CONNECT_MS, SILENCE_MS } from './guest_exchange';
import { latin1, Neighbour, ok, text } from './testing/neighbour';

class Port implements GuestPort {
  readonly got: FromGuest[] = [];
  isClosed = false;
  say: (data: unknown) => void = () => {};

  postMessage(message: unknown): void {
    this.got.push(message as FromGuest);
  }
  addEventListener(_: 'message', listener: (event: { data: unknown }) => void): void {
    this.say = (data) => listener({ data });
  }
  start(): void {}
  close(): void {
    this.isClosed = true;
  }

  get failure() {
    const last = this.got.at(-1);
    return last && 'failure' in last ? last.failure : undefined;
  }
  get body(): string {
    return this.got.map((one) => ('piece' in one ? text(one.piece) : '')).join('');
  }
  get head() {
    const [first] = this.got;
    return first && 'head' in first ? first.head : undefined;
  }
  get isWhole(): boolean {
    return this.isClosed && 'end' in this.got.at(-1)!;
  }
}

class Guest {
  readonly here = Neighbour.attached();
  readonly listener = this.here.client.tcp();

  listen(): this {
    expect(this.listener.bind(0, 80) ?? this.listener.listen(8)).toBeUndefined();
    return this;
  }

  ask(request: Partial<GuestRequest> = {}): Port {
    const port = new Port();
    this.here.lan.request({ method: 'GET', path: '/', fields: [], ...request }, port);
    this.here.settle();
    return port;
  }

  accept(): { readonly socket: TcpSocket; readonly request: string } {
    const socket = ok(this.listener.accept());
    return { socket, request: text(this.here.receive(socket).bytes) };
  }

  /** The server says this to one request and closes; whoever asked has room for all of it. */
  answer(port: Port, answer: string, ends = true): Port {
    const { socket } = this.accept();
    for (let i = 0; i < 100; i++) port.say('more');
    this.here.exchange(socket, latin1(answer));
    if (ends) socket.close();
    this.here.settle();
    return port;
  }
}

describe('a request to the guest', () => {
  test('is sent whole, and nothing of it can begin another one', () => {
    const guest = new Guest().listen();
    guest.ask({
      method: 'POST',
      path: '/a?b=%20c',
      fields: [
        ['accept', 'text/html'],
        ['host', 'elsewhere'],
        ['x', 'y\r\nEvil: 1'],
        ['content-length', '7'],
      ],
      body: latin1('hello'),
    });
    expect(guest.accept().request).toBe(
      'POST /a?b=%20c HTTP/1.1\r\nHost: 10.0.2.15\r\nConnection: close\r\naccept: text/html\r\nContent-Length: 5\r\n\r\nhello',
    );
    guest.ask({ path: '/ HTTP/1.1\r\n\r\nGET /x', method: 'GET /' });
    expect(guest.accept().request).toBe('GET / HTTP/1.1\r\nHost: 10.0.2.15\r\nConnection: close\r\n\r\n');
  });

  test.each([
    ['up to the end', 'HTTP/1.0 200 OK\r\nContent-Type: text/x\r\n\r\nbody', 'body'],
    ['by length', 'HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nContent-Length: 4\r\n\r\nbody+', 'body'],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\nContent-Type: text/x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
      'body',
    ],
    ['after an interim one', 'HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/x\r\n\r\nbody', 'body'],
    ['with LF alone', 'HTTP/1.0 200 OK\nContent-Type: text/x\n\nbody', 'body'],
  ])('its answer comes %s', (_, answer, body) => {
    const guest = new Guest().listen();
    const port = guest.answer(guest.ask(), answer);
    expect(port.head).toMatchObject({ status: 200, reason: 'OK' });
    expect(port.head!.fields).toContainEqual(['content-type', 'text/x']);
    expect([port.body, port.isWhole]).toEqual([body, true]);
  });

  test('an answer without a body ends at once, though the connection stays open', () => {
    const guest = new Guest().listen();
    const head = 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n';
    expect(guest.answer(guest.ask(), head, false).isWhole).toBe(true);
    const length = 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n';
    expect(guest.answer(guest.ask({ method: 'HEAD' }), length, false).isWhole).toBe(true);
  });

  test('nothing more is taken from the guest than there is room for', () => {
    const guest = new Guest().listen();
    const port = guest.ask();
    const { socket } = guest.accept();
    socket.send(latin1('HTTP/1.0 200 OK\r\n\r\n'));
    guest.here.settle();
    let sent = 0;
    for (let n: unknown = 1; typeof n === 'number' && sent < 5_000_000; guest.here.settle()) {
      n = socket.send(new Uint8Array(60_000));
      if (typeof n === 'number') sent += n;
    }
    expect(sent).toBeLessThan(1_000_000);
    expect(port.body).toBe('');
    guest.here.pass(2 * SILENCE_MS);
    expect(port.failure, 'the reader is slow, not the guest').toBeUndefined();
    port.say('more');
    guest.here.settle();
    expect(port.body.length).toBeGreaterThan(0);
    expect(port.body.length).toBeLessThanOrEqual(32 * 1024);
    port.say('cancel');
    guest.here.settle();
    expect([port.isClosed, socket.takeError()]).toEqual([true, 'ECONNRESET']);
  });
});

describe('a request that cannot be answered says why', () => {
  test('nothing listens', () => {
    expect(new Guest().ask().failure).toEqual({ kind: 'refused', message: 'Nothing listens on port 80 of the guest.' });
  });

  test('the guest has no address, or does not take the connection', () => {
    const here = new Neighbour();
    const port = new Port();
    here.lan.request({ method: 'GET', path: '/', fields: [] }, port);
    here.pass(CONNECT_MS + 1);
    expect(port.failure).toMatchObject({
      kind: 'silent',
      message: expect.stringContaining('did not take the connection'),
    });
  });

  test('the guest is silent', () => {
    const guest = new Guest().listen();
    const port = guest.ask();
    guest.accept();
    guest.here.pass(SILENCE_MS - 1000);
    expect(port.failure).toBeUndefined();
    guest.here.pass(2000);
    expect(port.failure).toMatchObject({ kind: 'silent', message: expect.stringContaining('did not answer for 60 s') });
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 'no HTTP. It begins with "hello"'],
    ['nothing', '', 'without an answer'],
    ['half a head', 'HTTP/1.0 200 OK\r\nX', 'without an answer'],
    ['less than it says', 'HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\nx', 'before its answer was whole'],
    ['no length', 'HTTP/1.0 200 OK\r\nContent-Length: x\r\n\r\n', 'is no length'],
    ['a wrong chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'no size of a chunk'],
    ['a head without end', `HTTP/1.0 200 OK\r\nX: ${'y'.repeat(20_000)}`, 'longer than 16384'],
  ])('the guest answers %s', (_, answer, why) => {
    const guest = new Guest().listen();
    const port = guest.ask();
    const { socket } = guest.accept();
    for (let i = 0; i < 10; i++) port.say('more');
    socket.send(latin1(answer));
    socket.shutdown('write');
    guest.here.settle();
    expect(port.failure).toMatchObject({ kind: 'broken', message: expect.stringContaining(why) });
    expect(port.isClosed).toBe(true);
  });

  test('there are too many, or one is too long', () => {
    const guest = new Guest().listen();
    const long = guest.ask({ method: 'POST', body: new Uint8Array(16 * 1024 * 1024 + 1) });
    expect(long.failure).toMatchObject({ kind: 'busy' });
    const ports = Array.from({ length: 65 }, () => guest.ask());
    expect(ports.map(({ failure }) => failure?.kind).filter((kind) => kind === 'busy')).toHaveLength(1);
  });
});
