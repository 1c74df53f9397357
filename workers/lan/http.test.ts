/** The HTTP server at 10.0.2.2: what it serves, and what it makes of clients that are wrong, slow or hostile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyReader } from './http_body';
import { HEAD_MS, STALL_MS } from './http_connection';
import { BadHead, headEnd, readRequestHead, readResponseHead } from './http_head';
import { latin1, Neighbour, text } from './testing/neighbour';

const FILES: Readonly<Record<string, string>> = {
  'index.html': '<h1>Course</h1>',
  'a.txt': '0123456789',
  'sub/index.html': 'below',
};

const asked: string[] = [];
const course = async (address: string) => {
  asked.push(address);
  const name = address.replace('https://page.example/course/', '');
  const found = FILES[name];
  return found === undefined ? new Response('none', { status: 404 }) : new Response(found);
};

const get = (path: string, fields = '', method = 'GET') =>
  Neighbour.attached({ fetch: course }).http(
    `${method} ${path} HTTP/1.1\r\nHost: 10.0.2.2\r\n${fields}Connection: close\r\n\r\n`,
  );
const raw = (request: string) => Neighbour.attached({ fetch: course }).http(request);
const bodyOf = (answer: string) => answer.slice(answer.indexOf('\r\n\r\n') + 4);

describe('course files', () => {
  test('the index, whole', async () => {
    expect(await get('/')).toBe(
      [
        'HTTP/1.1 200 OK',
        'Date: Tue, 24 Nov 2026 12:00:00 GMT',
        'Content-Type: text/html; charset=utf-8',
        'Accept-Ranges: bytes',
        'Content-Length: 15',
        'Connection: close',
        '',
        '<h1>Course</h1>',
      ].join('\r\n'),
    );
  });

  test.each([
    ['/a.txt?x=1', 200, '0123456789'],
    ['/sub/', 200, 'below'],
    ['/%61.txt', 200, '0123456789'],
  ])('%s', async (path, status, body) => {
    const answer = await get(path);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(bodyOf(answer)).toBe(body);
  });

  test('a folder without its slash is sent on, what is not there is not found', async () => {
    expect(await get('/sub')).toContain('\r\nLocation: /sub/\r\n');
    expect(await get('/none.txt')).toMatch(/^HTTP\/1.1 404 [\s\S]*There is no course file \/none\.txt/);
  });

  test.each(['/../secret', '/%2e%2e/secret', '/a/..%2f..%2fsecret', '/%5c', '/%00', '/%zz'])(
    '%s does not lead out',
    async (path) => {
      asked.length = 0;
      expect(await get(path)).toContain('HTTP/1.1 400 ');
      expect(asked).toEqual([]);
    },
  );

  test('a host that answers everything with its start page has no such file', async () => {
    const page = async () => new Response('<app>', { headers: { 'Content-Type': 'text/html' } });
    const answer = await Neighbour.attached({ fetch: page }).http('GET /x.json HTTP/1.0\r\n\r\n');
    expect(answer).toContain('HTTP/1.1 404 ');
  });

  test('no network is said in a sentence', async () => {
    expect(await Neighbour.attached().http('GET / HTTP/1.0\r\n\r\n')).toMatch(
      /^HTTP\/1.1 502 [\s\S]*Is there a network\?/,
    );
  });

  test.each([
    ['bytes=2-4', 206, 'bytes 2-4/10', '234'],
    ['bytes=7-', 206, 'bytes 7-9/10', '789'],
    ['bytes=-3', 206, 'bytes 7-9/10', '789'],
    ['bytes=-30', 206, 'bytes 0-9/10', '0123456789'],
    ['bytes=0-99', 206, 'bytes 0-9/10', '0123456789'],
    ['bytes=10-', 416, 'bytes */10', undefined],
    ['bytes=-0', 416, 'bytes */10', undefined],
    ['bytes=4-2', 200, undefined, '0123456789'],
    ['bytes=0-1,3-4', 200, undefined, '0123456789'],
    ['lines=1-2', 200, undefined, '0123456789'],
  ])('range %s', async (range, status, says, body) => {
    const answer = await get('/a.txt', `Range: ${range}\r\n`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(/Content-Range: (.*)\r/.exec(answer)?.[1]).toBe(says);
    if (body !== undefined) expect(bodyOf(answer)).toBe(body);
  });

  test('HEAD has the fields and no body; other methods are told which there are', async () => {
    const head = await get('/a.txt', '', 'HEAD');
    expect([head.includes('Content-Length: 10'), bodyOf(head)]).toEqual([true, '']);
    expect(await get('/a.txt', '', 'DELETE')).toMatch(/^HTTP\/1.1 405 [\s\S]*Allow: GET, HEAD/);
  });
});

describe('addresses to try a client on', () => {
  test('/big sends so many bytes of the pattern, ranges too', async () => {
    const size = 1_000_003;
    const body = Buffer.from(bodyOf(await get(`/big?size=${size}`)), 'latin1');
    expect(
      Buffer.compare(
        body,
        Uint8Array.from({ length: size }, (_, i) => i % 251),
      ),
    ).toBe(0);
    const part = bodyOf(await get(`/big?size=${size}`, 'Range: bytes=500-501\r\n'));
    expect(part).toBe('\xf9\xfa');
    for (const wrong of ['', '?size=', '?size=-1', '?size=1e3', '?size=99999999999'])
      expect(await get(`/big${wrong}`)).toContain('HTTP/1.1 400 ');
  });

  test('/echo and /discard, by length and in chunks', async () => {
    const post = (path: string, fields: string, body: string) =>
      raw(`POST ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${fields}\r\n\r\n${body}`);
    const echoed = await post('/echo', 'Content-Type: text/x\r\nContent-Length: 5', 'hello');
    expect([bodyOf(echoed), echoed.includes('Content-Type: text/x')]).toEqual(['hello', true]);
    const chunks = '3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n';
    expect(bodyOf(await post('/echo', 'Transfer-Encoding: chunked', chunks))).toBe('hello');
    expect(bodyOf(await post('/discard', 'Content-Length: 200000', 'x'.repeat(200_000)))).toBe('{"bytes": 200000}\n');
    const tooMuch = await post('/echo', 'Content-Length: 5000000', 'x'.repeat(5_000_000));
    expect(tooMuch).toContain('HTTP/1.1 413 ');
  });

  test('a client that asks first is told to go on', () => {
    const here = Neighbour.attached();
    const socket = here.connect(80);
    const head = 'POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n';
    expect(text(here.exchange(socket, latin1(head)))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(text(here.exchange(socket, latin1('ok')))).toMatch(/^HTTP\/1.1 200 OK[\s\S]*ok$/);
  });
});

describe('connections', () => {
  const REQUEST = 'GET /big?size=3 HTTP/1.1\r\nHost: h\r\n\r\n';

  test('stay open for more requests, also of those sent at once, and of one sent byte by byte', () => {
    const here = Neighbour.attached();
    const socket = here.connect(80);
    const count = (answer: string) => answer.match(/HTTP\/1.1 200 OK/g)?.length;
    expect(count(text(here.exchange(socket, latin1(REQUEST.repeat(5)))))).toBe(5);
    let answer = '';
    for (const char of REQUEST) answer += text(here.exchange(socket, latin1(char)));
    expect(count(answer)).toBe(1);
    expect(answer).toContain('Connection: keep-alive');
    expect(socket.hup).toBe(false);
  });

  test('HTTP/1.0 closes unless asked not to', async () => {
    expect(await raw('GET /big?size=3 HTTP/1.0\r\n\r\n')).toContain('Connection: close');
    const here = Neighbour.attached();
    const socket = here.connect(80);
    const request = latin1('GET /big?size=3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    expect(text(here.exchange(socket, request))).toContain('Connection: keep-alive');
  });

  test('a client that has said all it will gets its answer', () => {
    const here = Neighbour.attached();
    const socket = here.connect(80);
    socket.send(latin1(REQUEST));
    socket.shutdown('write');
    here.settle();
    const { bytes, isOver } = here.receive(socket);
    expect([text(bytes).slice(0, 15), isOver]).toEqual(['HTTP/1.1 200 OK', true]);
  });

  test('a head that trickles in has its time, and no more', () => {
    const here = Neighbour.attached();
    const socket = here.connect(80);
    for (let ms = 0; ms < HEAD_MS - 1000; ms += 1000) {
      socket.send(latin1('x'));
      here.pass(1000);
    }
    expect(socket.hup).toBe(false);
    socket.send(latin1('x'));
    here.pass(1001);
    expect([socket.hup, socket.takeError()]).toEqual([true, 'ECONNRESET']);
  });

  test('a client that does not read its answer is dropped in the end; one that does so slowly is not', () => {
    const here = Neighbour.attached();
    const socket = here.connect(80);
    socket.send(latin1('GET /big?size=90000000 HTTP/1.1\r\nHost: h\r\n\r\n'));
    const piece = new Uint8Array(300_000);
    for (let i = 0; i < 5; i++) {
      here.pass(STALL_MS - 10_000);
      expect(socket.recv(piece)).toBeGreaterThan(0);
      here.settle();
    }
    here.pass(STALL_MS + 1000);
    expect(socket.error).toBe('ECONNRESET');
  });

  test('a head without end is refused when it is too long', async () => {
    expect(await raw(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'y'.repeat(20_000)}`)).toContain('HTTP/1.1 431 ');
    expect(await raw(`GET / HTTP/1.1\r\nHost: h\r\n${'X: y\r\n'.repeat(101)}\r\n`)).toContain('HTTP/1.1 431 ');
  });
});

describe('heads that are refused', () => {
  test.each([
    ['GET / HTTP/2.0\r\nHost: h', 505],
    ['GET /', 400],
    ['GET  / HTTP/1.1\r\nHost: h', 400],
    ['G(T / HTTP/1.1\r\nHost: h', 400],
    ['GET / HTTP/1.1', 400],
    ['GET / HTTP/1.1\r\nHost : h', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\n folded', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\nX: \x01', 400],
    ['POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked', 400],
    ['POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2', 400],
    ['POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1', 400],
    ['POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x10', 400],
    ['POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked', 501],
    ['GET elsewhere HTTP/1.1\r\nHost: h', 400],
  ])('%j', async (head, status) => {
    expect(await raw(`${head}\r\n\r\n`)).toContain(`HTTP/1.1 ${status} `);
  });

  test.each(['-1\r\n', '1 2\r\n', 'x\r\n', '\r\n', '1\r\nab\r\n', 'fffffffffffff\r\n'])('chunk %j', async (chunk) => {
    const answer = await raw(`POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
    expect(answer).toContain('HTTP/1.1 400 ');
  });
});

describe('messages in pieces', () => {
  test('a body is the same, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })),
        fc.integer({ min: 1, max: 9 }),
        (chunks, cut) => {
          const wire = Buffer.concat([
            ...chunks.map((bytes) =>
              Buffer.concat([latin1(`${bytes.length.toString(16)}\r\n`), bytes, latin1('\r\n')]),
            ),
            latin1('0\r\n\r\nNEXT'),
          ]);
          const got: Uint8Array[] = [];
          const reader = new BodyReader('chunked', (bytes) => got.push(bytes.slice()));
          let at = 0;
          while (!reader.isDone) at += reader.push(wire.subarray(at, at + cut));
          expect(wire.subarray(at).toString()).toBe('NEXT');
          expect(Buffer.compare(Buffer.concat(got), Buffer.concat(chunks))).toBe(0);
        },
      ),
    );
  });

  test('no bytes throw anything but BadHead', () => {
    const pieces = [
      'GET',
      ' ',
      '/',
      'HTTP/1.1',
      '\r\n',
      '\n',
      ':',
      'Content-Length',
      '5',
      'chunked',
      '\0',
      '\xff',
      'Host: h',
    ];
    const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((all) => latin1(all.join('')));
    fc.assert(
      fc.property(noise, (bytes) => {
        const end = headEnd(bytes) ?? bytes.length;
        for (const read of [readRequestHead, (head: Uint8Array) => readResponseHead(head, 'GET')]) {
          try {
            read(bytes.subarray(0, end));
          } catch (error) {
            expect(error).toBeInstanceOf(BadHead);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
