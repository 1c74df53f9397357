import { describe, expect, test } from 'vitest';
import { CLIENT, echo, Lan } from './testing/lan';
import { ALL_BITS, Machine } from './testing/machine';
import { desk, errnoOf, wasm } from './testing/python';

const LINE =
  'micropython: mpnetworkport.c:138:netif_status_callback: DHCP request finished, IP address for netif e0 is: 10.0.2.15\r\n';
const BANNER = 'MicroPython v1.27.0 on 2025-12-10; QEMU virt AArch64 with Cortex A53\r\n>>> ';

describe('start', () => {
  test("the original's line comes once, before the banner", async () => {
    const lan = new Lan();
    expect(await new Machine(wasm, lan).run()).toBe(`MP|INFO: initialising!\r\n${LINE}${BANNER}`);
  });

  test('without a DHCP server the prompt comes after half a second, and the line with a program after there is an address', async () => {
    const lan = new Lan();
    lan.lease = undefined;
    const machine = new Machine(wasm, lan);
    let promptAt = 0;
    machine.endNs = 20e9;
    const appears = () => {
      promptAt = machine.nowNs / 1e6;
      lan.lease = CLIENT;
    };
    const output = await machine.run({ prompt: appears }, 'import time; time.sleep(5)\r');
    expect(output).toBe(`MP|INFO: initialising!\r\n${BANNER}import time; time.sleep(5)\r\n${LINE}>>> `);
    expect(promptAt).toBe(505);
  });

  test('Ctrl-C does not wait for the address', async () => {
    const lan = new Lan();
    lan.lease = undefined;
    const machine = new Machine(wasm, lan);
    machine.endNs = 100e6;
    expect(await machine.run({ waiting: '\x03' })).toBe(`MP|INFO: initialising!\r\n${BANNER}`);
  });

  test('a client that starts anew asks again, in the queues as they are', async () => {
    const lan = new Lan();
    const machine = new Machine(wasm, lan);
    lan.listen(7, echo);
    const code = 'import socket\ns = socket.socket()\ns.connect(("10.0.2.2", 7))\ns.send(b"x" * 100000)\n';
    await machine.run(`\x01${code}\x04`);
    machine.generation = 2;
    const shown = await machine.run(`\x01${code}print(len(s.read(100000)))\x04`);
    expect(shown.split(LINE).length).toBe(3);
    expect(shown).toContain('100000\r\n');
  });
});

describe('at rest', () => {
  test('the prompt waits without a deadline: nothing wakes it', async () => {
    const { lan, machine } = desk();
    await machine.run('1\r');
    const before = machine.wakeUps;
    expect(lan.dueMs).toBe(Number.POSITIVE_INFINITY);
    // The lease is renewed after half a day: an hour brings nothing.
    expect(machine.nowNs).toBeLessThan(1e9);
    expect(machine.wakeUps - before).toBe(0);
    expect(machine.timeouts).toBe(0);
  });

  test.each([
    ['in a sleep', 'import time; time.sleep(2)'],
    ['in a program that computes', 'for i in range(60000): pass'],
    ['in select', 'import select; select.poll().poll(2000)'],
    ['at the prompt', ''],
  ])('a ping is answered %s', async (_, code) => {
    const { lan, machine, run } = desk();
    machine.endNs = 3e9;
    let ping: ReturnType<typeof lan.stack.ping> | undefined;
    let answeredAt = { polls: Number.NaN, ns: Number.NaN };
    lan.udp(9, () => void (ping = lan.stack.ping(CLIENT)));
    lan.duties.push(() => {
      if (ping?.result !== undefined && Number.isNaN(answeredAt.polls))
        answeredAt = { polls: machine.polls, ns: machine.nowNs };
    });
    await run(`import socket\nsocket.socket(2, 2).sendto(b'!', ('10.0.2.2', 9))\n${code}\n`);
    expect(ping?.result).toBeTypeOf('number');
    expect(answeredAt.ns).toBeLessThan(0.1e9);
    if (code.startsWith('for')) expect(answeredAt.polls).toBeLessThan(machine.polls - 100);
    // The sleep went on as it was.
    expect(machine.timeouts).toBe(code.includes('sleep') ? 1 : 0);
    expect(lan.regions.net_tx_free!.view.getUint32(4, true), 'whether returned buffers wake the client').toBe(1);
  });

  test('timers run while a program computes', async () => {
    const here = desk();
    const { lan, machine, run } = here;
    lan.lease = undefined;
    here.beforehand = () => {
      machine.pollNs = 10e6;
      lan.lease = CLIENT;
    };
    const code = "import network\nfor i in range(60000): pass\nprint(network.LAN().isconnected())\nprint('done')\n";
    expect(await run(code)).toBe('True\ndone\n');
  });
});

describe('network.LAN', () => {
  test('tells its addresses and takes others', async () => {
    const { run } = desk();
    const code = `import network
n = network.LAN()
print(n.active(), n.isconnected(), n.status() == network.STAT_GOT_IP, n.ifconfig(), n.config('mac'), n.config('ifname'))
print(n.ipconfig('addr4'), n.ipconfig('gw4'), n.ipconfig('dhcp4'), network.ipconfig('dns'))
n.ifconfig(('10.0.2.50', '255.255.255.0', '10.0.2.2', '10.0.2.3'))
print(n.ifconfig(), n.ipconfig('has_dhcp4'), n)
n.ipconfig(addr4='10.0.2.60/16', gw4='10.0.0.1')
network.ipconfig(dns='10.0.0.9')
print(n.ifconfig())
n.active(False)
print(n.active(), n.isconnected(), n.status() == network.STAT_IDLE, n.ifconfig()[0])
import socket
${errnoOf("socket.socket().connect(('10.0.2.2', 80))")}
n.active(True)
import time
time.sleep(3)
print(n.ifconfig()[0])
try: n.ifconfig(('10.0.2', '0', '0', '0'))
except OSError as e: print(e)
`;
    expect(await run(code)).toBe(
      [
        "True True True ('10.0.2.15', '255.255.255.0', '10.0.2.2', '10.0.2.2') b'RT\\x01\\x00\\x00\\x01' e0",
        "('10.0.2.15', '255.255.255.0') 10.0.2.2 True 10.0.2.2",
        "('10.0.2.50', '255.255.255.0', '10.0.2.2', '10.0.2.3') False <LAN e0 10.0.2.50>",
        "('10.0.2.60', '255.255.0.0', '10.0.0.1', '10.0.0.9')",
        'False False True 0.0.0.0',
        '101',
        '10.0.2.15',
        '[Errno 22] EINVAL',
        '',
      ].join('\n'),
    );
  });
});

describe('peers that cannot be trusted', () => {
  test('buffers that are none are said once and passed over; the rest goes on', async () => {
    const { lan, machine, run } = desk();
    lan.listen(7, echo);
    lan.beforeFrames = [
      { io_or_offset: 77, len: 60 },
      { io_or_offset: 2 ** 40, len: 60 },
      { io_or_offset: 2048, len: 65535 },
      { io_or_offset: 4096, len: 0 },
    ];
    const code = 'import socket\ns = socket.socket()\ns.connect(("10.0.2.2", 7))\ns.send(b"x")\nprint(s.recv(1))\n';
    expect(await run(code)).toBe("b'x'\n");
    expect(machine.debug).toBe(
      [
        'MP|ERROR: The copier provided offset 77 which is no buffer',
        `MP|ERROR: The copier provided offset ${2 ** 40} which is no buffer`,
        'MP|ERROR: The copier provided length 65535 which is no frame',
        '',
      ].join('\n'),
    );
  });

  test('queues with impossible indices are given up, with a line, and the prompt stays', async () => {
    const { lan, machine, run } = desk();
    const damage = () => {
      lan.regions.net_rx_active!.view.setUint16(0, 40_000, true);
      lan.regions.net_tx_free!.view.setUint16(0, 40_000, true);
      machine.bits |= ALL_BITS;
    };
    const code = `import socket\ns = socket.socket()\ns.settimeout(1)\n${errnoOf('s.connect(("10.0.2.2", 7))')}`;
    expect(await run('1', damage, `${code}\x04`)).toBe('110\n');
    expect(machine.debug).toContain('MP|ERROR: The copier broke its queues: nothing comes from the network\n');
    expect(machine.debug).toContain('MP|ERROR: The virtualiser broke its queues: nothing goes to the network\n');
  });

  test('without empty buffers frames are dropped, and TCP sends them again', async () => {
    const { lan, run } = desk();
    lan.listen(7, echo);
    lan.holdsBuffers = 500;
    const code =
      'import socket\ns = socket.socket()\ns.connect(("10.0.2.2", 7))\ns.sendall(b"y" * 200000)\nprint(len(s.read(200000)))\n';
    expect(await run(code)).toBe('200000\n');
  });
});

describe('without a network', () => {
  test.each([
    ['socket.socket()', 19],
    ['socket.getaddrinfo("a", 1)', 19],
    ['network.LAN().ifconfig()', 19],
  ])('%s is ENODEV', async (call, errno) => {
    const shown = await new Machine(wasm).run(`\x01import socket, network\n${errnoOf(call)}\x04`);
    expect(shown).toContain(`OK${errno}\r\n`);
  });

  test('select still waits for keys and time', async () => {
    const machine = new Machine(wasm);
    const code = 'import select, sys\np = select.poll()\np.register(sys.stdin, select.POLLIN)\n';
    await machine.run(`\x01${code}print(p.poll(500))\x04`);
    expect(machine.output).toContain('OK[]\r\n');
    expect([machine.nowNs, machine.wakeUps < 3]).toEqual([505e6, true]);
    expect(await machine.run(`\x01${code}print(p.poll())\x04`, { waiting: 'k' })).toMatch(/OK\[\(<.*>, 1\)\]\r\n/);
  });
});

describe('modules', () => {
  test("a user's module of the same name comes first", async () => {
    const { machine, run } = desk();
    machine.server.put('/requests.py', 'print("mine")');
    expect(await run('import requests, sys, socket; print(sys.path[1], socket.__file__)')).toBe(
      'mine\n:lib :lib/socket.py\n',
    );
  });

  test('their sources can be read and not written; nothing else is there', async () => {
    const { run } = desk();
    const code = `print(len(open(':lib/ssl.py').read()) > 100)
${errnoOf("open(':lib/ssl.py', 'r+').write('x')")}
${errnoOf("open(':lib/none.py')")}
${errnoOf("open(':net/none')")}
${errnoOf("open(':x')")}
import os
${errnoOf("os.remove(':lib/ssl.py')")}`;
    expect(await run(code)).toBe('True\n30\n2\n2\n2\n2\n');
  });

  test('the door takes requests it knows only', async () => {
    const { run } = desk();
    const requests = ['', 'x', 'recv', 'recv 1 x', 'recv 99 5', 'bind 3 1.2.3 5', 'wait', 'constructor', 'toString 1'];
    const code = requests
      .map((request) => errnoOf(`import _net; _net.call(${JSON.stringify(request)} or ' ')`))
      .join('');
    expect(await run(code)).toBe(`${[22, 22, 22, 9, 9, 22, 22, 22, 22].join('\n')}\n`);
  });

  test("help('modules') names them", async () => {
    const { run } = desk();
    expect(await run("help('modules')")).toContain('From the client: asyncio lwip network');
  });
});

describe('select', () => {
  test('poll, ipoll, modify, unregister, select', async () => {
    const { lan, run } = desk();
    lan.listen(7, echo);
    const code = `import socket, select
s, t = socket.socket(), socket.socket()
for each in (s, t): each.connect(('10.0.2.2', 7))
p = select.poll()
p.register(s)
p.register(t, select.POLLIN)
print([(o is s, e) for o, e in p.poll(0)])
t.send(b'x')
print(sorted([(o is t, e) for o, e in p.poll(1000)]))
p.modify(s, select.POLLIN)
print([(o is t, e) for o, e in p.ipoll(1000, 1)], list(p.ipoll(20)))
p.unregister(t)
print(p.poll(20))
print([len(each) for each in select.select([s, t], [s], [s], 1)])
${errnoOf('p.modify(t, 1)')}
t.close()
p.register(t)
print([e for o, e in p.poll(10)])
p.unregister(t)
u = socket.socket(2, 2)
p.register(u, select.POLLIN)
u.connect(('10.0.2.2', 99))
u.send(b'?')
print([e for o, e in p.poll(1000) if o is u])
`;
    expect(await run(code)).toBe(
      ['[(True, 4)]', '[(False, 4), (True, 1)]', '[(True, 1)] []', '[]', '[1, 1, 0]', '2', '[32]', '[9]', ''].join(
        '\n',
      ),
    );
  });
});
