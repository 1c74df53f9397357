import { describe, expect, test } from 'vitest';
import { CLIENT, echo, type Lan } from './testing/lan';
import { Machine } from './testing/machine';
import { desk, wasm } from './testing/python';

/** `count` clients, which connect once the guest listens: each sends lines and expects each of them back in capitals. */
function crowd(lan: Lan, count: number, lines: number): { done: () => number } {
  const clients = Array.from({ length: count }, (_, i) => ({
    i,
    socket: lan.stack.tcp(),
    begun: false,
    text: '',
    sent: 0,
  }));
  const into = new Uint8Array(4096);
  let isUp = false;
  lan.udp(9, () => void (isUp = true));
  lan.duties.push(() => {
    if (!isUp) return;
    for (const client of clients) {
      const { socket } = client;
      if (!client.begun) client.begun = socket.connect(CLIENT, 80) === 'EINPROGRESS';
      const n = socket.recv(into);
      if (typeof n === 'number') client.text += new TextDecoder().decode(into.subarray(0, n));
      const back = client.text.split('\n').length - 1;
      if (back === client.sent && client.sent < lines && socket.writable) {
        const taken = socket.send(new TextEncoder().encode(`client ${client.i} line ${client.sent}\n`));
        if (typeof taken === 'number') client.sent++;
        if (client.sent === lines) socket.shutdown('write');
      }
    }
  });
  const expected = (i: number) => Array.from({ length: lines }, (_, k) => `CLIENT ${i} LINE ${k}\n`).join('');
  return { done: () => clients.filter(({ i, text }) => text === expected(i)).length };
}

const SERVER = `
import asyncio
served = 0
async def serve(r, w):
    global served
    while True:
        line = await r.readline()
        if not line: break
        w.write(line.upper())
        await w.drain()
    w.close()
    await w.wait_closed()
    served += 1
async def main(n):
    server = await asyncio.start_server(serve, '0.0.0.0', 80, backlog=64)
    import socket
    socket.socket(2, 2).sendto(b'up', ('10.0.2.2', 9))
    while served < n: await asyncio.sleep_ms(5)
    server.close()
    await server.wait_closed()
    print('served', served)
`;

describe('streams', () => {
  test('fifty clients at once, each with its own answers', async () => {
    const { lan, machine, run } = desk();
    const { done } = crowd(lan, 50, 10);
    machine.endNs = 5e9;
    expect(await run(`${SERVER}asyncio.run(main(50))`)).toBe('served 50\n');
    expect(done()).toBe(50);
    expect(machine.nowNs).toBeLessThan(0.5e9);
  });

  test('fifty connections from here', async () => {
    const { lan, machine, run } = desk();
    lan.listen(7, echo);
    machine.endNs = 5e9;
    const code = `
import asyncio
async def one(i):
    r, w = await asyncio.open_connection('10.0.2.2', 7)
    w.write('%d\\n' % i)
    await w.drain()
    n = int(await r.readline())
    w.write(b'x' * 30000)
    await w.drain()
    ok = len(await r.readexactly(30000))
    w.close()
    await w.wait_closed()
    return n + ok
async def main():
    print(sum(await asyncio.gather(*[one(i) for i in range(50)])))
asyncio.run(main())
`;
    expect(await run(code)).toBe(`${50 * 30000 + (49 * 50) / 2}\n`);
  });

  test('reading: to the end, a part, exactly, into; the end is an EOFError where bytes were promised', async () => {
    const { lan, run } = desk();
    lan.listen(8, () => (socket) => {
      socket.send(new TextEncoder().encode('one\ntwo\nthree45678'));
      socket.close();
      return true;
    });
    const code = `
import asyncio
async def main():
    r, w = await asyncio.open_connection('10.0.2.2', 8)
    print(await r.readline(), await r.read(2), await r.readexactly(2))
    b = bytearray(5)
    print(await r.readinto(b), b, await r.read(), await r.read(), await r.readline())
    try: await r.readexactly(1)
    except EOFError: print('end', r.get_extra_info('peername'))
    try: await asyncio.open_connection('10.0.2.2', 9)
    except OSError as e: print(e.errno)
asyncio.run(main())
`;
    expect(await run(code)).toBe(
      "b'one\\n' b'tw' b'o\\n'\n5 bytearray(b'three') b'45678' b'' b''\nend ('10.0.2.2', 8)\n111\n",
    );
  });

  test('the terminal is a stream too', async () => {
    const { run } = desk();
    const code = `
import asyncio, sys
async def main():
    r = asyncio.StreamReader(sys.stdin)
    print(await r.readline())
asyncio.run(main())
`;
    expect(await run(code, { waiting: 'typed\r' })).toBe("b'typed\\n'\n");
  });
});

/** Without a network: the loop is the same. */
async function plain(code: string, ...steps: Parameters<Machine['run']>): Promise<{ text: string; machine: Machine }> {
  const machine = new Machine(wasm);
  const program = `import asyncio\n${code}`;
  const shown = await machine.run(`\x01${program}\x04`, ...steps);
  const text = shown.slice(shown.lastIndexOf('>OK') + 3).replaceAll('\r\n', '\n');
  return { text: text.replaceAll('\x04', '').replace(/>$/, ''), machine };
}

describe('tasks', () => {
  test('sleep side by side, in the order of their time, and wake the machine no more than that', async () => {
    const { text, machine } = await plain(`
async def f(name, ms):
    await asyncio.sleep_ms(ms)
    print(name)
    return name
async def main():
    t = asyncio.create_task(f('b', 200))
    print(await asyncio.gather(f('c', 300), f('a', 100), t))
    await asyncio.sleep(0.5)
asyncio.run(main())
`);
    expect(text).toBe("a\nb\nc\n['c', 'a', 'b']\n");
    expect(machine.nowNs / 1e6).toBeCloseTo(5 + 800, 0);
    expect(machine.wakeUps).toBeLessThan(3);
  });

  test('wait_for gives the result, or cancels and says TimeoutError; the task may clean up', async () => {
    const { text } = await plain(`
async def f(ms):
    try:
        await asyncio.sleep_ms(ms)
        return ms
    except asyncio.CancelledError:
        print('cancelled')
        raise
async def main():
    print(await asyncio.wait_for(f(10), 1), await asyncio.wait_for(asyncio.sleep(0.01), None))
    for wait in (asyncio.wait_for(f(1000), 0.1), asyncio.wait_for_ms(asyncio.sleep(9), 50)):
        try: await wait
        except asyncio.TimeoutError: print('timeout')
    async def bad(): raise ValueError(3)
    try: await asyncio.wait_for(bad(), 1)
    except ValueError as e: print(e)
asyncio.run(main())
`);
    expect(text).toBe('10 None\ncancelled\ntimeout\ntimeout\n3\n');
  });

  test('cancel reaches what a task waits for; a done task cannot be cancelled', async () => {
    const { text } = await plain(`
async def inner():
    try: await asyncio.sleep(10)
    finally: print('inner ends')
async def outer():
    await asyncio.create_task(inner())
async def main():
    t = asyncio.create_task(outer())
    await asyncio.sleep_ms(1)
    print(t.done(), t.cancel())
    try: await t
    except asyncio.CancelledError: print('outer was cancelled')
    print(t.done(), t.cancel())
    u = asyncio.create_task(inner())
    u.cancel()
    try: await u
    except asyncio.CancelledError: print('never began')
    g = asyncio.create_task(asyncio.gather(inner(), inner()))
    await asyncio.sleep_ms(1)
    g.cancel()
    try: await g
    except asyncio.CancelledError: print('both')
    await asyncio.sleep_ms(1)
asyncio.run(main())
`);
    expect(text).toBe(
      'False True\ninner ends\nouter was cancelled\nTrue False\nnever began\ninner ends\ninner ends\nboth\n',
    );
  });

  test('gather passes the first error on, or returns all', async () => {
    const { text } = await plain(`
async def bad(n):
    await asyncio.sleep_ms(n)
    raise ValueError(n)
async def good(): return 1
async def main():
    try: await asyncio.gather(bad(20), good(), bad(10))
    except ValueError as e: print(e)
    print(await asyncio.gather(bad(1), good(), return_exceptions=True))
asyncio.run(main())
`);
    expect(text).toBe('10\n[ValueError(1,), 1]\n');
  });

  test('Event, Lock and ThreadSafeFlag', async () => {
    const { text } = await plain(`
async def main():
    e, lock, flag = asyncio.Event(), asyncio.Lock(), asyncio.ThreadSafeFlag()
    async def waits(n):
        await e.wait()
        async with lock:
            print('in', n)
            await asyncio.sleep_ms(1)
            print('out', n)
    async def flagged():
        await flag.wait()
        print('flag')
    tasks = [asyncio.create_task(waits(n)) for n in range(2)] + [asyncio.create_task(flagged())]
    await asyncio.sleep_ms(1)
    e.set()
    await asyncio.sleep_ms(0)
    await asyncio.sleep_ms(0)
    print(lock.locked(), e.is_set())
    # A cancelled waiter does not take the lock along.
    async def takes():
        async with lock: print('taken')
    third = asyncio.create_task(takes())
    fourth = asyncio.create_task(takes())
    await asyncio.sleep_ms(0)
    third.cancel()
    flag.set()
    await asyncio.gather(*tasks, fourth)
    print(lock.locked(), asyncio.current_task().done())
    try: lock.release()
    except RuntimeError as e: print(e)
asyncio.run(main())
`);
    expect(text).toBe('in 0\nTrue True\nflag\nout 0\nin 1\nout 1\ntaken\nFalse False\nLock not acquired\n');
  });

  test('cancelling passes a lock on, and reaches what wait_for waits for', async () => {
    const { text } = await plain(`
async def main():
    lock = asyncio.Lock()
    await lock.acquire()
    t = asyncio.create_task(lock.acquire())
    await asyncio.sleep_ms(0)
    lock.release()
    t.cancel()
    await asyncio.sleep_ms(1)
    print(lock.locked())
    async def inner():
        try: await asyncio.sleep(1)
        finally: print('inner ends')
    u = asyncio.create_task(asyncio.wait_for(inner(), 10))
    await asyncio.sleep_ms(1)
    u.cancel()
    await asyncio.sleep_ms(1)
    print(u.done())
asyncio.run(main())
`);
    expect(text).toBe('False\ninner ends\nTrue\n');
  });

  test('an error that nobody hears of is printed, or handled', async () => {
    const { text } = await plain(`
async def bad(): raise ValueError('unheard')
async def main():
    asyncio.create_task(bad())
    await asyncio.sleep_ms(5)
    loop = asyncio.get_event_loop()
    loop.set_exception_handler(lambda loop, context: print('handled', context['exception']))
    loop.create_task(bad())
    await asyncio.sleep_ms(5)
asyncio.run(main())
`);
    expect(text).toMatch(/^Task exception wasn't retrieved\n[\s\S]*ValueError: unheard\nhandled unheard\n$/);
  });

  test('run ends what is left, and gives result or error; it may be called again', async () => {
    const { text } = await plain(`
async def left():
    try: await asyncio.sleep(100)
    finally: print('closed')
async def main(n):
    asyncio.create_task(left())
    await asyncio.sleep_ms(1)
    return n
print(asyncio.run(main(1)), asyncio.run(main(2)))
async def bad(): raise KeyError('k')
try: asyncio.run(bad())
except KeyError as e: print(repr(e))
try: asyncio.run(3)
except TypeError as e: print(e)
`);
    expect(text).toBe("closed\nclosed\n1 2\nKeyError('k',)\ncoroutine expected\n");
  });

  test('the loop stops and goes on; Ctrl-C ends it with what it has open', async () => {
    const { text } = await plain(
      `
loop = asyncio.get_event_loop()
async def stops():
    await asyncio.sleep_ms(0)
    loop.stop()
loop.create_task(stops())
loop.run_forever()
print('stopped')
async def waits():
    try: await asyncio.Event().wait()
    finally: print('ended')
try: asyncio.run(waits())
except KeyboardInterrupt: print('interrupted')
`,
      { waiting: '\x03' },
    );
    expect(text).toBe('stopped\nended\ninterrupted\n');
  });

  test('a task that never waits lets the others run', async () => {
    const { text } = await plain(`
n = 0
async def busy():
    global n
    while True:
        n += 1
        await asyncio.sleep_ms(0)
async def main():
    t = asyncio.create_task(busy())
    for i in range(50): await asyncio.sleep(0)
    t.cancel()
    print(40 < n < 60)
asyncio.run(main())
`);
    expect(text).toBe('True\n');
  });
});
