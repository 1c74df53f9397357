/** A web server written in Python, seen from the page: through lionsos.net, and in a frame through the service worker. */
import { expect, test } from './fixtures';
import type { Machine } from './machine';

/** Answers every request with `answer`, an expression that knows method, path and body, until it is interrupted. */
const server = (answer: string, requests = 1) => `
import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('0.0.0.0', 80))
s.listen(5)
try:
    for _ in range(${requests}):
        c, _a = s.accept()
        method, path, _v = c.readline().decode().split(' ')
        size = 0
        while True:
            line = c.readline().decode().strip().lower()
            if line == '':
                break
            if line.startswith('content-length:'):
                size = int(line.split(':')[1])
        body = c.read(size).decode() if size else ''
        c.write(${answer})
        c.close()
finally:
    s.close()
`;

const HTML = `'HTTP/1.0 200 OK\\r\\nContent-Type: text/html\\r\\n\\r\\n'`;

const ask = (machine: Machine, path: string, init: RequestInit = {}) =>
  machine.page.evaluate(
    async ([path, init]) => {
      for (;;) {
        try {
          const response = await window.lionsos.net.fetch(path, init);
          return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
        } catch (error) {
          // The server has not begun to listen yet.
          if (!/Nothing listens/.test(String(error))) throw error;
        }
      }
    },
    [path, init] as const,
  );

for (const board of ['qemu_virt_aarch64', 'maaxboard']) {
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board, disk: 'memory' } });

    test('a page, a form and a large answer come through lionsos.net', async ({ machine }) => {
      const refused = await machine.page.evaluate(() => window.lionsos.net.fetch('/').catch(String));
      expect(refused).toBe('Error: Nothing listens on port 80 of the guest.');
      const served = machine.run(server(`${HTML} + method + ' ' + path + ' ' + body + '!' * 100000`, 2));
      const got = await ask(machine, '/a/b?c=1');
      expect(got).toEqual({ status: 200, type: 'text/html', text: `GET /a/b?c=1 ${'!'.repeat(100_000)}` });
      const posted = await ask(machine, '/form', { method: 'POST', body: 'x=1&y=2' });
      expect(posted.text.slice(0, 18)).toBe('POST /form x=1&y=2');
      await served;
    });

    test('the course files, the time and names answer Python', async ({ machine }) => {
      const printed = await machine.run(
        [
          'import requests, socket',
          "print(requests.get('http://10.0.2.2/hello.txt').text.strip())",
          "print(len(requests.get('http://course/planets.json').json()))",
          "print(len(requests.get('http://10.0.2.2/big?size=1000000').content))",
          "print(requests.post('http://10.0.2.2/discard', data=b'x' * 5000).json())",
          "print(socket.getaddrinfo('gateway', 80)[0][-1])",
        ].join('\n'),
      );
      expect(printed.split('\r\n')).toEqual([
        'Hello from the other end of the wire.',
        '8',
        '1000000',
        "{'bytes': 5000}",
        "('10.0.2.2', 80)",
        '',
      ]);
    });
  });
}

test.describe('the view "Web"', () => {
  test.use({ serviceWorkers: 'allow', parameters: { disk: 'memory' }, expectedErrors: [/502|sandboxed|script/] });

  test('says what to do, shows a page with its pictures, follows links, sends forms, and runs no scripts', async ({
    machine,
  }) => {
    const { page } = machine;
    await page.getByRole('tab', { name: 'Web' }).click();
    const frame = page.frameLocator('iframe');
    const load = page.getByRole('button', { name: 'Load', exact: true });
    // The prompt may be there before the guest has its address.
    await expect(async () => {
      await load.click();
      await expect(frame.getByText('Nothing listens on port 80 of the guest.')).toBeVisible({ timeout: 2000 });
    }).toPass();
    const answer = `${HTML} + {
      '/': '<h1>Hello</h1><link rel=stylesheet href=s.css><a href=next>relative</a> <a href=/far/away>absolute</a>'
           '<form method=post action=sent><input name=a value=1><button>Send</button></form>'
           '<script>document.title = parent.lionsos.version</script>',
      '/s.css': 'h1 { letter-spacing: 7px }',
    }.get(path, '<p>' + method + ' ' + path + ' ' + body)`.replace(
      `${HTML} +`,
      `'HTTP/1.0 200 OK\\r\\nContent-Type: ' + ('text/css' if path.endswith('css') else 'text/html') + '\\r\\n\\r\\n' +`,
    );
    const served = machine.run(server(answer, 30));
    await expect(async () => {
      await load.click();
      await expect(frame.getByRole('heading', { name: 'Hello' })).toBeVisible({ timeout: 2000 });
    }).toPass();
    await expect(frame.getByRole('heading')).toHaveCSS('letter-spacing', '7px');
    expect(await frame.locator('body').evaluate(() => document.title)).toBe('');
    await frame.getByRole('link', { name: 'relative' }).click();
    await expect(frame.getByText('GET /next')).toBeVisible();
    await expect(page.getByLabel("Path on the guest's web server")).toHaveValue('/next');
    await page.getByLabel("Path on the guest's web server").fill('/');
    await load.click();
    await frame.getByRole('link', { name: 'absolute' }).click();
    await expect(frame.getByText('GET /far/away')).toBeVisible();
    await expect(page.getByLabel("Path on the guest's web server")).toHaveValue('/far/away');
    await page.getByLabel("Path on the guest's web server").fill('/');
    await load.click();
    await frame.getByRole('button', { name: 'Send' }).click();
    await expect(frame.getByText('POST /sent a=1')).toBeVisible();
    await page.evaluate(() => window.lionsos.send('\x03'));
    await served.catch(() => {});
  });
});

test.describe('the view "Web" on the other board', () => {
  test.use({
    serviceWorkers: 'allow',
    parameters: { board: 'maaxboard', disk: 'memory' },
    expectedErrors: [/502|sandboxed|script/],
  });

  test('a server that listens at the prompt answers the pane', async ({ machine }) => {
    const { page } = machine;
    await page.getByRole('tab', { name: 'Web' }).click();
    const frame = page.frameLocator('iframe');
    const served = machine.run(server(`${HTML} + '<h1>' + path + ' by ENET</h1>'`, 30));
    await expect(async () => {
      await page.getByRole('button', { name: 'Load', exact: true }).click();
      await expect(frame.getByRole('heading', { name: '/ by ENET' })).toBeVisible({ timeout: 2000 });
    }).toPass();
    await page.evaluate(() => window.lionsos.send('\x03'));
    await served.catch(() => {});
  });
});

test.describe('requests to other hosts', () => {
  test.use({ parameters: { disk: 'memory', net: 'fetch' }, expectedErrors: [/ERR_FAILED|CORS|ERR_BLOCKED/] });

  test('are carried by fetch when the address says so, over HTTPS; what may not be read is explained', async ({
    machine,
  }) => {
    const asked: string[] = [];
    await machine.page.context().route('https://*.example/**', (route) => {
      asked.push(`${route.request().method()} ${route.request().url()}`);
      const closed = route.request().url().includes('closed');
      const allowed = closed ? 'https://elsewhere.example' : '*';
      return route.fulfill({ body: 'from outside', headers: { 'Access-Control-Allow-Origin': allowed } });
    });
    const get = (address: string) =>
      machine.run(`import requests\nr = requests.get('${address}')\nprint(r.status_code, r.text)`);
    expect(await get('http://open.example/a?b=1')).toBe('200 from outside\r\n');
    expect(await get('http://closed.example/')).toMatch(/^502 [\s\S]*Access-Control-Allow-Origin/);
    expect(asked).toEqual(['GET https://open.example/a?b=1', 'GET https://closed.example/']);
    await machine.page.evaluate(() => window.lionsos.net.carry(false));
    await expect(get('http://open.example/')).rejects.toThrow(/OSError/);
    machine.foreignRequests.length = 0;
  });
});
