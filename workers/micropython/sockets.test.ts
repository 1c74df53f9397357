import { describe, expect, test } from 'vitest';
import { parseIpv4 } from '../../src/specs/ipv4';
import { CLIENT, echo, type Service } from './testing/lan';
import { desk, errnoOf } from './testing/python';

const SOCKET = 'import socket\ns = socket.socket()\n';
const CONNECTED = `${SOCKET}s.connect(("10.0.2.2", 7))\n`;

const silent = (): Service => () => false;
const closing = (): Service => (socket) => {
  socket.close();
  return true;
};
const resetting = (): Service => (socket) => {
  socket.abort();
  return true;
};

describe('TCP', () => {
  test('every way of sending and receiving', async () => {
    const { lan, run } = desk();
    lan.listen(7, echo);
    const code = `${CONNECTED}
print(s.send(b'one'), s.recv(9))
print(s.sendall(b'twothree'), s.read(8))
print(s.write('line\\nrest'), s.readline(), s.recv(9))
print(s.send(b'12345678'))
b = bytearray(4)
print(s.recv_into(b), bytes(b), s.recv_into(b, 2), b)
print(s.readinto(b, 2), b)
print(s.getpeername(), s.getsockname()[0], s.recv(0), s.send(b''))
f = s.makefile('rwb')
f.write(b'made\\n')
print(f.readline())
s.close()
`;
    expect(await run(code)).toBe(
      [
        "3 b'one'",
        "None b'twothree'",
        "9 b'line\\n' b'rest'",
        '8',
        "4 b'1234' 2 bytearray(b'5634')",
        "2 bytearray(b'7834')",
        "('10.0.2.2', 7) 10.0.2.15 b'' 0",
        "b'made\\n'",
        '',
      ].join('\n'),
    );
  });

  test('a megabyte comes back byte by byte', async () => {
    const { lan, run } = desk();
    lan.listen(7, echo);
    const code = `${CONNECTED}
import hashlib
data = bytes([(i * 7 + i // 251) & 255 for i in range(65536)])
there, back = hashlib.sha256(), hashlib.sha256()
for i in range(16):
    piece = data[i:] + data[:i]
    there.update(piece)
    n = s.sendall(piece)
    left = len(piece)
    while left:
        got = s.recv(min(left, 10000))
        back.update(got)
        left -= len(got)
print(there.digest() == back.digest())
`;
    expect(await run(code)).toBe('True\n');
  });

  test('read without a count reads up to the end; a file-like reader takes a socket', async () => {
    const { lan, run } = desk();
    const text = new TextEncoder().encode('{"a": [1, 2]}');
    lan.listen(8, () => (socket) => {
      socket.send(text);
      socket.close();
      return true;
    });
    const code = `import socket, json
with socket.socket() as s:
    s.connect(('10.0.2.2', 8))
    print(s.read(), s.recv(5), s.read(5), s.readline())
s = socket.socket()
s.connect(('10.0.2.2', 8))
print(json.load(s))
`;
    expect(await run(code)).toBe(`b'{"a": [1, 2]}' b'' b'' b''\n{'a': [1, 2]}\n`);
  });

  test('a server accepts, tells who it is, and answers', async () => {
    const { lan, run } = desk();
    const peer = lan.stack.tcp();
    let heard = '';
    lan.duties.push(() => {
      if (peer.localPort === 0 && lan.framesFromClient > 6) peer.connect(CLIENT, 80);
      if (peer.writable && heard === '') peer.send(new TextEncoder().encode('hello'));
      const into = new Uint8Array(100);
      const n = peer.recv(into);
      if (typeof n === 'number' && n > 0) heard += new TextDecoder().decode(into.subarray(0, n));
    });
    const code = `${SOCKET}
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('', 80))
s.listen(1)
for i in range(9): socket.getaddrinfo('10.0.2.2', 1)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(9): u.sendto(b'!', ('10.0.2.2', 9))
c, a = s.accept()
print(a[0], c.recv(5))
c.sendall(b'welcome')
c.close()
`;
    expect(await run(code)).toBe("10.0.2.2 b'hello'\n");
    expect(heard).toBe('welcome');
  });

  test.each([
    ['refused', `${SOCKET}s.connect(("10.0.2.2", 9))`, 111],
    ['a host that is not there', `${SOCKET}s.connect(("10.0.2.77", 9))`, 113],
    ['not connected', `${SOCKET}s.recv(1)`, 107],
    ['not connected, sending', `${SOCKET}s.send(b"x")`, 107],
    ['already connected', `${CONNECTED}s.connect(("10.0.2.2", 7))`, 106],
    ['a port in use', `${SOCKET}s.bind(("", 80))\ns.listen(1)\nt = socket.socket()\nt.bind(("", 80))`, 98],
    ['an address that is not ours', `${SOCKET}s.bind(("10.0.2.9", 80))`, 99],
    ['a closed socket', `${SOCKET}s.close()\ns.recv(1)`, 9],
    ['a closed socket, written to', `${SOCKET}s.close()\ns.write(b"x")`, 9],
    ['the end of our side', `${CONNECTED}s.shutdown(1)\ns.send(b"x")`, 32],
    ['nothing yet', `${CONNECTED}s.setblocking(False)\ns.recv(1)`, 11],
    ['nobody yet', `${SOCKET}s.bind(("", 80))\ns.listen(1)\ns.settimeout(0)\ns.accept()`, 11],
    ['on its way', `${SOCKET}s.setblocking(False)\ns.connect(("10.0.2.2", 7))`, 115],
    ['too late', `${CONNECTED}s.settimeout(0.5)\ns.recv(1)`, 110],
    ['too late to accept', `${SOCKET}s.bind(("", 80))\ns.listen(1)\ns.settimeout(2)\ns.accept()`, 110],
    ['reset', `${SOCKET}s.connect(("10.0.2.2", 10))\nimport time\ntime.sleep_ms(5)\ns.recv(1)`, 104],
    ['an option there is not', `${SOCKET}s.setsockopt(socket.SOL_SOCKET, 77, 1)`, 92],
    ['another family', 'import socket\nsocket.socket(10)', 97],
    ['a kind of socket there is not', 'import socket\nsocket.socket(socket.AF_INET, 3)', 22],
    ['listening on a datagram socket', 'import socket\nsocket.socket(2, 2).listen(1)', 95],
    ['a name that nobody knows', 'import socket\nsocket.getaddrinfo("no.such.name", 80)', -3],
  ])('%s: errno', async (_, body, errno) => {
    const { lan, run } = desk();
    lan.listen(7, silent);
    lan.listen(10, resetting);
    expect(await run(errnoOf(body))).toBe(`${errno}\n`);
  });

  test('without a cable a connection fails in the end; a timeout is kept to the millisecond', async () => {
    const here = desk();
    here.beforehand = () => {
      here.lan.connected = false;
    };
    expect(await here.run(errnoOf(`${SOCKET}s.connect(("10.0.2.2", 7))`))).toMatch(/^(110|113)\n$/);
    const { lan, machine, run } = desk();
    lan.listen(7, silent);
    machine.endNs = 60e9;
    const code = `${CONNECTED}import time
t = time.ticks_ms()
s.settimeout(20)
${errnoOf('s.recv(1)')}
print(time.ticks_diff(time.ticks_ms(), t))
`;
    expect(await run(code)).toBe('110\n20000\n');
    expect(machine.timeouts).toBe(0);
  });

  test('non-blocking reads and writes of streams give None, a send what it took', async () => {
    const { lan, run } = desk();
    lan.listen(7, silent);
    const code = `${CONNECTED}s.setblocking(False)
print(s.read(3), s.readinto(bytearray(3)), s.readline())
n = 0
while True:
    k = s.write(bytes(50000))
    if k is None: break
    n += k
print(n >= 262144)
${errnoOf('s.send(b"x")')}`;
    expect(await run(code)).toBe('None None None\nTrue\n11\n');
  });

  test('a closed end is the end of data', async () => {
    const { lan, run } = desk();
    lan.listen(7, closing);
    expect(await run(`${CONNECTED}print(s.recv(10), s.recv(10))`)).toBe("b'' b''\n");
  });
});

describe('UDP', () => {
  const UDP = 'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n';

  test('datagrams keep their bounds and their sender', async () => {
    const { lan, run } = desk();
    const sizes: number[] = [];
    lan.udp(7, (data) => {
      sizes.push(data.length);
      return data;
    });
    const code = `${UDP}
print(s.sendto(b'abc', ('10.0.2.2', 7)), s.sendto(b'', ('10.0.2.2', 7)), s.sendto(b'defgh', ('10.0.2.2', 7)))
print(s.recvfrom(10), s.recvfrom(10), s.recvfrom(3))
s.connect(('10.0.2.2', 7))
print(s.send(b'x'), s.recv(10), s.write(b'yz'), s.recv(10))
`;
    expect(await run(code)).toBe(
      [
        '3 0 5',
        "(b'abc', ('10.0.2.2', 7)) (b'', ('10.0.2.2', 7)) (b'def', ('10.0.2.2', 7))",
        "1 b'x' 2 b'yz'",
        '',
      ].join('\n'),
    );
    expect(sizes).toEqual([3, 0, 5, 1, 2]);
  });

  test.each([
    ['nothing in time', `s.settimeout(1)\ns.recvfrom(5)`, 110],
    ['nothing yet', `s.setblocking(False)\ns.recvfrom(5)`, 11],
    ['no destination', `s.send(b'x')`, 89],
    ['no destination a second time', `s.sendto(b'x', ('10.0.2.2', 7))\ns.send(b'x')`, 89],
    ['too long', `s.sendto(bytes(70000), ('10.0.2.2', 7))`, 90],
    ['nobody listens', `s.connect(('10.0.2.2', 99))\ns.send(b'x')\ns.recv(1)`, 111],
  ])('%s: errno', async (_, body, errno) => {
    const { run } = desk();
    expect(await run(UDP + errnoOf(body))).toBe(`${errno}\n`);
  });
});

describe('Ctrl-C', () => {
  test.each([
    ['recv', `${CONNECTED}s.recv(5)`],
    ['readline', `${CONNECTED}s.readline()`],
    ['accept', `${SOCKET}s.bind(("", 80))\ns.listen(1)\ns.accept()`],
    ['connect', `${SOCKET}s.connect(("10.0.2.2", 11))`],
    ['send', `${CONNECTED}s.sendall(bytes(2000000))`],
    ['recvfrom', `import socket\ns = socket.socket(2, 2)\ns.recvfrom(5)`],
    ['poll', `${CONNECTED}import select\np = select.poll()\np.register(s, 1)\np.poll()`],
    ['getaddrinfo', `import socket\nsocket.getaddrinfo("name.example", 80)`],
  ])('interrupts %s at once', async (_, code) => {
    const here = desk();
    here.lan.listen(7, silent);
    here.beforehand = () => {
      here.lan.connected = !/name|11/.test(code);
    };
    here.machine.endNs = 0.2e9;
    const shown = await here.run(code, { waiting: '\x03' }, 'print(6*7)\x04');
    expect(shown).toMatch(/^42\n$/);
    expect(here.machine.output).toMatch(/Traceback[\s\S]*KeyboardInterrupt: \r\n[\s\S]*42/);
  });
});

describe('what is open', () => {
  test('is closed by a soft reset, and the ports are free again', async () => {
    const { lan, run } = desk();
    lan.listen(7, silent);
    const code = `${CONNECTED}t = socket.socket()\nt.bind(("", 80))\nt.listen(1)\nk = [s, t]\n`;
    const states = () => [...lan.stack.connections].map(({ state }) => state);
    let before: string[] = [];
    const look = () => {
      before = states();
    };
    const again = `${SOCKET}s.bind(("", 80))\ns.listen(1)\nprint("again")\n`;
    expect(await run(code, look, '\x04', `${again}\x04`)).toBe('again\n');
    expect(before).toEqual(['ESTABLISHED']);
    expect(states()).not.toContain('ESTABLISHED');
  });

  test('is closed by the collector when nobody holds it', async () => {
    const { lan, run } = desk();
    lan.listen(7, silent);
    const code = `def f():\n    import socket\n    for i in range(20):\n        s = socket.socket()\n        s.connect(("10.0.2.2", 7))\nf()\n`;
    await run(code, 'x = [0] * 1000\x04', 'import gc; gc.collect(); gc.collect()\x04', '1\x04');
    const open = [...lan.stack.connections].filter(({ state }) => state === 'ESTABLISHED');
    expect(open.length).toBeLessThanOrEqual(1);
  });
});

test('addresses: numbers, dots, names of nothing', async () => {
  const { run } = desk();
  expect(parseIpv4('10.0.2.15')).toBe(CLIENT);
  const code = `import socket, lwip, usocket
print(socket.getaddrinfo('10.0.2.2', 80), socket.getaddrinfo('127.0.0.1', '8080', 0, socket.SOCK_DGRAM))
print(lwip.socket is socket.socket, usocket.AF_INET, socket.SOL_SOCKET, socket.IPPROTO_TCP)
s = socket.socket()
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
`;
  expect(await run(code)).toBe(
    "[(2, 1, 0, '', ('10.0.2.2', 80))] [(2, 2, 0, '', ('127.0.0.1', 8080))]\nTrue 2 4095 6\n",
  );
});
