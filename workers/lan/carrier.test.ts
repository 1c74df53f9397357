/** Requests to other hosts: refused, or carried by fetch. */
import { describe, expect, test } from 'vitest';
import type { Fetch } from './course';
import { ip, Neighbour } from './testing/neighbour';

interface Asked {
  readonly address: string;
  readonly init: RequestInit;
}

function carrying(respond: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetch: Fetch = async (address, init = {}) => {
    asked.push({ address, init });
    return respond({ address, init });
  };
  const here = Neighbour.attached({ fetch });
  here.lan.carry(true);
  const lookup = here.client.resolve('api.example.org');
  here.settle();
  const [address] = lookup.result as number[];
  return { here, asked, get: (request: string) => here.http(request, address!) };
}

const GET = 'GET /v1?q=a%20b HTTP/1.1\r\nHost: api.example.org\r\nConnection: close\r\n';

describe('carried by fetch', () => {
  test('a request goes out over HTTPS without what is the browser’s or the connection’s, and its answer streams back', async () => {
    const { asked, get } = carrying(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              for (const piece of ['one ', 'two ', 'three']) controller.enqueue(new TextEncoder().encode(piece));
              controller.close();
            },
          }),
          { status: 201, headers: { 'Content-Type': 'text/x', 'Content-Encoding': 'gzip', ETag: '"1"' } },
        ),
    );
    const answer = await get(`${GET}Accept: text/*\r\nCookie: a=1\r\nUser-Agent: x\r\nOrigin: y\r\n\r\n`);
    expect(asked[0]!.address).toBe('https://api.example.org/v1?q=a%20b');
    expect(asked[0]!.init).toMatchObject({
      method: 'GET',
      headers: [['accept', 'text/*']],
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    expect(answer).toMatch(/^HTTP\/1.1 201 /);
    expect(answer).toContain('content-type: text/x\r\n');
    expect(answer).toContain('etag: "1"\r\n');
    expect(answer).not.toMatch(/content-encoding/i);
    expect(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(
      '4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n',
    );
  });

  test('a body goes with it; a client of HTTP/1.0 without a Host field means the name it looked up', async () => {
    const { asked, get } = carrying(() => new Response('ok'));
    expect(await get('POST /x HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello')).toMatch(/\r\n\r\nok$/);
    expect(asked[0]!.address).toBe('https://api.example.org/x');
    expect(new TextDecoder().decode(asked[0]!.init.body as Uint8Array)).toBe('hello');
  });

  test('a whole address at the host is carried as by a proxy', async () => {
    const { here, asked } = carrying(() => new Response('ok'));
    await here.http('GET http://user:pw@other.example/a HTTP/1.0\r\n\r\n');
    expect(asked[0]!.address).toBe('https://other.example/a');
    expect(here.lan.status()).toMatchObject({ carries: true, requestsCarried: 1 });
  });

  test('what the browser does not do is explained', async () => {
    const { get } = carrying(() => Promise.reject(new TypeError('Failed to fetch')));
    const answer = await get(`${GET}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 502 Bad Gateway/);
    expect(answer).toContain('did not fetch from api.example.org (Failed to fetch)');
    expect(answer).toContain('Access-Control-Allow-Origin (CORS)');
  });

  test('an address is no name; a name with tricks is none', async () => {
    const { here, asked } = carrying(() => new Response('ok'));
    expect(await here.http('GET / HTTP/1.1\r\nHost: 192.0.2.7\r\nConnection: close\r\n\r\n', ip('192.0.2.7'))).toMatch(
      /^HTTP\/1.1 400 [\s\S]*only a name/,
    );
    const trick = 'GET / HTTP/1.1\r\nHost: a@b/c\r\nConnection: close\r\n\r\n';
    expect(await here.http(trick, ip('192.0.2.7'))).toMatch(/^HTTP\/1.1 400 /);
    expect(asked).toEqual([]);
  });

  test('a client that leaves takes its request back', async () => {
    let signal: AbortSignal | undefined;
    const { here } = carrying(({ init }) => {
      signal = init.signal!;
      return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    });
    const socket = here.connect(80, ip('198.18.0.1'));
    here.exchange(socket, new TextEncoder().encode(`${GET}\r\n`));
    await new Promise((resolve) => setImmediate(resolve));
    here.settle();
    expect(signal!.aborted).toBe(false);
    socket.abort();
    here.settle();
    expect(signal!.aborted).toBe(true);
  });

  test('nothing is carried before it is switched on, nor after it is switched off', async () => {
    const { here, asked } = carrying(() => new Response('ok'));
    here.lan.carry(false);
    expect(here.connect(80, ip('198.18.0.1')).takeError()).toBe('ECONNREFUSED');
    expect(await here.http('GET http://a.example/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 502 [\s\S]*\?net=fetch/);
    expect(asked).toEqual([]);
  });
});
