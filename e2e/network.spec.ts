/** The network on both boards: what the page can ask of it, and what Python does with it. */
import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

/** Answers each request with its path in capitals, after a nap of its own. */
const SERVER = `
import asyncio
async def answer(r, w):
    path = (await r.readline()).split()[1]
    while await r.readline() not in (b'\\r\\n', b''): pass
    await asyncio.sleep_ms(20)
    w.write(b'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n' + path.upper())
    await w.drain()
    w.close()
    await w.wait_closed()
async def main():
    await asyncio.start_server(answer, '0.0.0.0', 80, backlog=64)
    print('listening on', 80)
    while True: await asyncio.sleep(60)
`;

/** What paths of the guest's web server answer, all asked at once. */
const ask = (machine: Machine, paths: string[]) =>
  machine.page.evaluate(
    (all) => Promise.all(all.map(async (path) => (await window.lionsos.net.fetch(path)).text())),
    paths,
  );

for (const board of ['qemu_virt_aarch64', 'maaxboard']) {
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board, disk: 'memory' } });

    test('it is started with the system, is no domain, and an idle wire carries nothing', async ({ machine }) => {
      const names = (await machine.list()).map(({ name }) => name);
      expect(names).toContain('ethernet_driver');
      expect(names).not.toContain('lan');
      const counted = () => machine.page.evaluate(() => window.lionsos.net.status());
      const before = await counted();
      expect(before.lan).toMatchObject({ carries: false, framesRefused: 0 });
      expect(before.wire.out.drops + before.wire.in.drops).toBe(0);
      expect(Object.keys(before.hops).sort()).toEqual(['micropython_net_copier', 'net_virt_rx', 'net_virt_tx']);
      await machine.run('import time\ntime.sleep(3)');
      const after = await counted();
      expect([after.wire.out.frames, after.wire.in.frames]).toEqual([before.wire.out.frames, before.wire.in.frames]);
    });

    test('frames are counted at the wire and at every hop', async ({ machine }) => {
      const counted = () => machine.page.evaluate(() => window.lionsos.net.status());
      const before = await counted();
      await machine.run("import requests\nprint(len(requests.get('http://10.0.2.2/big?size=300000').content))");
      const after = await counted();
      const rise = (name: string) => after.hops[name]!.frames - before.hops[name]!.frames;
      const inward = after.wire.in.frames - before.wire.in.frames;
      expect(inward).toBeGreaterThan(200);
      expect([rise('net_virt_rx'), rise('micropython_net_copier')]).toEqual([inward, inward]);
      expect(rise('net_virt_tx')).toBe(after.wire.out.frames - before.wire.out.frames);
    });

    test("the original's line about the address comes before the banner", async ({ machine }) => {
      const screen = (await machine.screen()).replaceAll('\n', '');
      expect(screen).toMatch(
        /micropython: mpnetworkport\.c:138:netif_status_callback: DHCP request finished, IP address for netif e0 is: 10\.0\.2\.15[\s\S]*MicroPython v/,
      );
      expect(await machine.run('import network; print(*network.LAN().ifconfig())')).toBe(
        '10.0.2.15 255.255.255.0 10.0.2.2 10.0.2.3\r\n',
      );
    });

    test('requests, datagrams, names, the time: from the prompt', async ({ machine }) => {
      const page = readFileSync('public/course/index.html');
      await machine.run('import requests; body = requests.get("http://10.0.2.2/").content');
      const printed = await machine.run(
        'import binascii, hashlib; print(binascii.hexlify(hashlib.sha256(body).digest()).decode())',
      );
      const digest = await crypto.subtle.digest('SHA-256', page);
      expect(printed.trim()).toBe(Buffer.from(digest).toString('hex'));
      expect(await machine.run('print(len(requests.get("http://10.0.2.2/big?size=1048576").content))')).toBe(
        '1048576\r\n',
      );
      expect(await machine.run('print(requests.post("http://10.0.2.2/echo", json={"a": 1}).json())')).toBe(
        "{'a': 1}\r\n",
      );
      const udp = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.sendto(b'over and back', ('10.0.2.2', 7))
print(s.recvfrom(100))
`;
      expect(await machine.run(udp)).toBe("(b'over and back', ('10.0.2.2', 7))\r\n");
      const time = await machine.run('import ntptime; print(ntptime.time())');
      expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(30);
      expect(await machine.run("try: requests.get('http://10.0.2.2:81/')\nexcept OSError as e: print(e.errno)")).toBe(
        '111\r\n',
      );
    });

    test('a server in asyncio answers fifty at once, and Ctrl-C ends it; then the port is free', async ({
      machine,
    }) => {
      await machine.run(`open('srv.py', 'w').write(r'''${SERVER}''')`);
      for (let round = 0; round < 2; round++) {
        await machine.send(round === 0 ? 'import srv; srv.asyncio.run(srv.main())\r' : 'srv.asyncio.run(srv.main())\r');
        await machine.waitFor(/listening on 80\s*$/);
        const paths = Array.from({ length: 50 }, (_, i) => `/page/${round}/${i}`);
        const began = Date.now();
        expect(await ask(machine, paths)).toEqual(paths.map((path) => path.toUpperCase()));
        console.log(`50 clients of a server in MicroPython: ${Date.now() - began} ms`);
        await machine.send('\x03');
        await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
      }
    });

    test('Ctrl-C ends recv and accept', async ({ machine }) => {
      for (const call of ['s.connect(("10.0.2.2", 9)); s.recv(1)', 's.bind(("", 81)); s.listen(1); s.accept()']) {
        await machine.send(`import socket; s = socket.socket(); ${call}\r`);
        await machine.waitFor(/(recv\(1\)|accept\(\))\s*$/);
        await machine.send('\x03');
        await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
      }
    });

    test('with a connection open and nothing to say, nobody is woken', async ({ machine }) => {
      await machine.run('import socket; s = socket.socket(); s.connect(("10.0.2.2", 7)); s.send(b"x"); s.recv(1)');
      await machine.settled();
      const notifications = async () =>
        (await machine.list()).map(({ name, notifications }) => `${name} ${notifications}`);
      const before = await notifications();
      await machine.page.waitForFunction(
        (until) => performance.now() > until,
        (await machine.page.evaluate(() => performance.now())) + 3000,
      );
      expect(await notifications()).toEqual(before);
    });
  });
}
