import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { echo, http } from './testing/lan';
import { desk, errnoOf } from './testing/python';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const answer = (body: string, head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n`) =>
  bytes(`${head}\r\n${body}`);

/** A machine whose gateway answers on port 80 by path; requests are kept. */
function served(pages: Readonly<Record<string, Uint8Array>>) {
  const here = desk();
  const heard: { head: string; body: string }[] = [];
  here.lan.listen(80, () =>
    http((head, body) => {
      heard.push({ head, body });
      return pages[head.split(' ')[1]!] ?? answer('no such page', 'HTTP/1.1 404 Not Found\r\n');
    }),
  );
  return { ...here, heard };
}

describe('requests', () => {
  test('get: status, headers, text, content, json', async () => {
    const { run, heard } = served({
      '/': answer(
        '{"a": [1, "ü"]}'.replace('ü', '\xc3\xbc'),
        'HTTP/1.1 200 Fine\r\nContent-Type: application/json\r\n',
      ),
    });
    const code = `import requests
r = requests.get("http://10.0.2.2/")
print(r.status_code, r.reason, r.headers['Content-Type'], r.json(), len(r.text), len(r.content), r.ok)
r.close()
with requests.get("http://10.0.2.2:80/none?x=1#part", headers={'X-A': 'b'}) as r: print(r.status_code, r.text, r)
try: r.raise_for_status()
except OSError as e: print(e)
`;
    expect(await run(code)).toBe(
      "200 Fine application/json {'a': [1, '\\xfc']} 15 16 True\n404 no such page <Response [404]>\n404 Not Found: http://10.0.2.2:80/none?x=1#part\n",
    );
    expect(heard.map(({ head }) => head)).toEqual([
      'GET / HTTP/1.1\r\nHost: 10.0.2.2\r\nConnection: close',
      'GET /none?x=1 HTTP/1.1\r\nHost: 10.0.2.2:80\r\nX-A: b\r\nConnection: close',
    ]);
  });

  test('what is sent: data, json, forms, parameters, a password, every method', async () => {
    const { run, heard } = served({});
    const code = `import requests
u = 'http://10.0.2.2/p'
requests.post(u, data='text').close()
requests.put(u, b'bytes').close()
requests.patch(u, json={'k': None}).close()
requests.delete(u, auth=('me', 'pw')).close()
requests.post(u, data={'a b': 'c&d', 'e': 5}, params={'q': 'ä'}).close()
print(requests.head(u).content)
requests.post(u).close()
`;
    expect(await run(code)).toBe("b''\n");
    const lines = heard.map(({ head, body }) => [head.split('\r\n')[0], body, head]);
    expect(lines.map(([first, body]) => [first, body])).toEqual([
      ['POST /p HTTP/1.1', 'text'],
      ['PUT /p HTTP/1.1', 'bytes'],
      ['PATCH /p HTTP/1.1', '{"k": null}'],
      ['DELETE /p HTTP/1.1', ''],
      ['POST /p?q=%C3%A4 HTTP/1.1', 'a%20b=c%26d&e=5'],
      ['HEAD /p HTTP/1.1', ''],
      ['POST /p HTTP/1.1', ''],
    ]);
    expect(lines[2]![2]).toContain('Content-Type: application/json');
    expect(lines[3]![2]).toContain('Authorization: Basic bWU6cHc=');
    expect(lines[4]![2]).toContain('Content-Type: application/x-www-form-urlencoded');
    expect(lines[6]![2]).toContain('Content-Length: 0');
  });

  test('chunks, whatever comes before the answer, and a body that ends with the connection', async () => {
    const chunked = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n';
    const { run } = served({
      '/chunks': answer(
        '5;x=y\r\nhello\r\n10\r\n, this is sixteen\r\n0\r\nTrailer: t\r\n\r\n'.replace('10', '11'),
        chunked,
      ),
      '/rest': answer('until the end', 'HTTP/1.0 200 OK\r\n'),
    });
    const code = `import requests
print(requests.get('http://10.0.2.2/chunks').text)
print(requests.get('http://10.0.2.2/rest').text)
`;
    expect(await run(code)).toBe('hello, this is sixteen\nuntil the end\n');
  });

  test('a megabyte, byte by byte', async () => {
    const body = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 9)) & 255)).toString(
      'latin1',
    );
    const { run } = served({ '/big': answer(body) });
    const code = `import requests, hashlib, binascii
r = requests.get('http://10.0.2.2/big')
print(len(r.content), binascii.hexlify(hashlib.sha256(r.content).digest()).decode())
n = 0
for piece in requests.get('http://10.0.2.2/big').iter_content(): n += len(piece)
print(n)
`;
    const digest = createHash('sha256').update(Buffer.from(body, 'latin1')).digest('hex');
    expect(await run(code)).toBe(`${1 << 20} ${digest}\n${1 << 20}\n`);
  });

  test('redirects are followed, to a limit, and the password stays with its host', async () => {
    const to = (where: string, status = 302) => answer('', `HTTP/1.1 ${status} Go\r\nLocation: ${where}\r\n`);
    const { run, heard } = served({
      '/a/b': to('c'),
      '/a/c': to('/d', 303),
      '/d': answer('arrived'),
      '/loop': to('http://10.0.2.2/loop', 307),
      '/away': to('http://10.0.2.2:80/d'),
    });
    const code = `import requests
r = requests.post('http://10.0.2.2/a/b', data='x')
print(r.text, r.url, requests.get('http://10.0.2.2/a/b', allow_redirects=False).status_code)
requests.get('http://10.0.2.2/away', auth=('a', 'b')).close()
try: requests.get('http://10.0.2.2/loop')
except ValueError as e: print(e)
`;
    expect(await run(code)).toBe('arrived http://10.0.2.2/d 302\nmore than 8 redirects\n');
    expect(heard.slice(0, 3).map(({ head }) => head.split(' ')[0])).toEqual(['POST', 'GET', 'GET']);
    expect(heard[4]!.head).toContain('Authorization');
    expect(heard[5]!.head).not.toContain('Authorization');
  });

  test('answers that are none, or end too soon, are errors, and the connection is closed', async () => {
    const { run, lan } = served({
      '/short': answer('abc', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n'),
      '/noise': bytes('SSH-2.0\r\n\r\n'),
      '/head': bytes('HTTP/1.1 200 OK\r\nX: '),
    });
    const code = ['short', 'noise', 'head']
      .map((path) => `try: requests.get('http://10.0.2.2/${path}').content\nexcept ValueError as e: print(e)\n`)
      .join('');
    expect(await run(`import requests\n${code}`)).toBe(
      'the answer ends 6 bytes too soon\nthe answer is not of HTTP\nthe answer ends within its head\n',
    );
    const states = [...lan.stack.connections].map(({ state }) => state);
    expect(states.filter((state) => /ESTABLISHED|FIN_WAIT/.test(state))).toEqual([]);
  });

  test('a header cannot smuggle another; addresses are checked', async () => {
    const { run } = served({});
    const code = `import requests
for url, headers in (('http://10.0.2.2/', {'A': 'b\\r\\nC: d'}), ('ftp://x/', {}), ('10.0.2.2', {})):
    try: requests.get(url, headers=headers)
    except ValueError as e: print(e)
`;
    expect(await run(code)).toBe(
      'a header has one line\nnot an http:// address: ftp://x/\nnot an http:// address: 10.0.2.2\n',
    );
  });

  test('a server that says nothing: timeout', async () => {
    const { run, lan } = desk();
    lan.listen(80, () => () => false);
    expect(await run(`import requests\n${errnoOf('requests.get("http://10.0.2.2/", timeout=2)')}`)).toBe('110\n');
  });
});

describe('what there is not', () => {
  test.each([
    "import requests; requests.get('https://10.0.2.2/')",
    'import ssl, socket; ssl.wrap_socket(socket.socket())',
    'import ssl; ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)',
    "import asyncio; asyncio.run(asyncio.open_connection('10.0.2.2', 443, ssl=True))",
  ])('%s says why', async (code) => {
    const { run, lan } = desk();
    lan.listen(80, echo);
    expect(await run(code)).toMatch(
      /NotImplementedError: there is no TLS here: .*Use http:\/\/ instead of https:\/\/\n$/,
    );
  });
});

test('ntptime gets the time, and sets it for this client', async () => {
  const { run, lan } = desk();
  lan.serveNtp(1_900_000_000_000);
  const code = `import ntptime, time
ntptime.host = '10.0.2.2'
print(ntptime.time())
ntptime.settime()
print(int(time.time()))
ntptime.host = '10.0.2.3'
`;
  expect(await run(code)).toBe('1900000000\n1900000000\n');
});
