/** Opening, closing and breaking connections, between two stacks: RFC 9293 sections 3.5, 3.6 and 3.10. */
import { describe, expect, test } from 'vitest';
import { TCP_FLAG } from '../specs/tcp';
import type { TcpSocket } from './tcp_socket';
import { bytes, connected, ip, Network, ok, states } from './testing/network';

const NEVER = Number.POSITIVE_INFINITY;
const SECOND = 1000;

function pair(port = 80) {
  const network = new Network();
  const client = network.add(2);
  const server = network.add(3);
  const [near, far, listener] = connected(network, client, server, port);
  return { network, client, server, near, far, listener };
}

const receive = (socket: TcpSocket) => {
  const into = new Uint8Array(1000);
  const n = socket.recv(into);
  return typeof n === 'string' ? n : Buffer.from(into.subarray(0, n)).toString();
};
const say = (socket: TcpSocket, text: string) => socket.send(Buffer.from(text));

test('an open connection that is idle needs no timer; both ends know each other', () => {
  const { network, near, far } = pair();
  network.pass(SECOND);
  expect(network.idleMs).toBe(NEVER);
  expect([near.localAddress, near.remoteAddress, near.remotePort]).toEqual([ip('10.0.0.2'), ip('10.0.0.3'), 80]);
  expect([far.localPort, far.remoteAddress, far.remotePort]).toEqual([80, ip('10.0.0.2'), near.localPort]);
  expect([near.readable, near.writable, near.hup, near.error]).toEqual([false, true, false, undefined]);
});

describe('closing', () => {
  test('the one that closes first waits a minute, the other is gone at once', () => {
    const { network, client, server, near, far } = pair();
    say(near, 'last words');
    near.close();
    network.pass(10);
    expect([states(client), states(server)].map(([state]) => state!.split(' ')[0])).toEqual([
      'FIN_WAIT_2',
      'CLOSE_WAIT',
    ]);
    expect([receive(far), receive(far), receive(far)]).toEqual(['last words', '', '']);
    far.close();
    network.pass(10);
    expect([states(client)[0]!.split(' ')[0], states(server)]).toEqual(['TIME_WAIT', []]);
    network.pass(59 * SECOND);
    expect(states(client)).toHaveLength(1);
    network.pass(SECOND);
    expect(states(client)).toEqual([]);
    expect(network.idleMs).toBe(NEVER);
  });

  test('half: the other side goes on sending', () => {
    const { network, near, far } = pair();
    expect(near.shutdown('write')).toBeUndefined();
    expect(say(near, 'x')).toBe('EPIPE');
    network.pass(10);
    expect([far.readable, receive(far), far.writable, far.hup]).toEqual([true, '', true, false]);
    say(far, 'still here');
    network.pass(10);
    expect(receive(near)).toBe('still here');
    far.shutdown('write');
    network.pass(10);
    expect([receive(near), near.hup]).toEqual(['', true]);
  });

  test('both at once', () => {
    const { network, client, server, near, far } = pair();
    near.close();
    far.close();
    network.pass(10);
    expect([...states(client), ...states(server)].map((state) => state.split(' ')[0])).toEqual([
      'TIME_WAIT',
      'TIME_WAIT',
    ]);
    network.pass(60 * SECOND);
    expect([...states(client), ...states(server)]).toEqual([]);
  });

  test('with data that was not received, it is reset', () => {
    const { network, client, near, far } = pair();
    say(near, 'unread');
    network.pass(10);
    far.close();
    network.pass(10);
    expect(receive(near)).toBe('ECONNRESET');
    expect(states(client)).toEqual([]);
  });

  test('data for a socket that was closed is answered by a reset', () => {
    const { network, server, near, far } = pair();
    far.close();
    network.pass(10);
    say(near, 'too late');
    network.pass(10);
    expect([say(near, 'x'), say(near, 'x')]).toEqual(['ECONNRESET', 'EPIPE']);
    expect(states(server)).toEqual([]);
  });

  test('a peer that never closes its side is left after a minute', () => {
    for (const shutsFirst of [false, true]) {
      const { network, client, near } = pair();
      if (shutsFirst) near.shutdown('write');
      network.pass(shutsFirst ? 600 * SECOND : 0);
      near.close();
      network.pass(10);
      expect(states(client)[0]).toContain('FIN_WAIT_2');
      network.pass(60 * SECOND);
      expect(states(client)).toEqual([]);
    }
  });

  test('shut for reading, a socket gives what is there and then the end', () => {
    const { network, near, far } = pair();
    say(far, 'before');
    network.pass(10);
    near.shutdown('read');
    expect([receive(near), receive(near), near.readable]).toEqual(['before', '', true]);
    expect(say(near, 'x')).toBe(1);
  });

  test('many in TIME_WAIT: at most 64, the oldest makes room', () => {
    const network = new Network();
    const client = network.add(2);
    const server = network.add(3);
    const listener = server.tcp();
    listener.bind(0, 80);
    listener.listen(8);
    for (let i = 0; i < 200; i++) {
      const socket = client.tcp();
      socket.connect(server.config.address, 80);
      network.pass(10);
      socket.close();
      ok(listener.accept()).close();
      network.pass(10);
      expect(states(client).length).toBeLessThanOrEqual(64);
    }
    expect(states(client).length).toBe(64);
  });
});

describe('breaking', () => {
  test('what came before a reset is received before the error, and that once', () => {
    const { network, near, far } = pair();
    say(far, 'hello');
    network.pass(10);
    far.abort();
    network.pass(10);
    expect([near.readable, near.writable, near.error, near.hup]).toEqual([true, true, 'ECONNRESET', true]);
    expect([receive(near), receive(near), receive(near), say(near, 'x')]).toEqual(['hello', 'ECONNRESET', '', 'EPIPE']);
  });

  test('a peer that vanishes: retransmissions double, and after some minutes ETIMEDOUT', () => {
    const { network, client, near } = pair();
    const times: number[] = [];
    network.pass(1000);
    const start = network.now;
    network.tap = (frame) => {
      if (frame[13] === 0) times.push(network.now - start);
      return false;
    };
    say(near, 'anyone?');
    network.run(() => near.error !== undefined);
    expect(near.error).toBe('ETIMEDOUT');
    expect(network.now - start).toBeGreaterThan(100 * SECOND);
    expect(times.slice(0, 6)).toEqual([0, 200, 600, 1400, 3000, 6200]);
    expect(Math.max(...times.slice(1).map((at, i) => at - times[i]!))).toBe(60 * SECOND);
    // The reset asks for the neighbour once more.
    network.pass(4 * SECOND);
    expect([states(client), network.idleMs]).toEqual([[], NEVER]);
  });

  test('keep-alive finds out that a peer has vanished, and that one has not', () => {
    const { network, near, far } = pair();
    near.setKeepAlive(true, { idleMs: 10_000, intervalMs: 1000, count: 3 });
    far.setKeepAlive(false);
    network.pass(100_000);
    expect([near.error, near.writable]).toEqual([undefined, true]);
    network.tap = () => false;
    network.pass(2_900);
    expect(near.error).toBeUndefined();
    network.run(() => near.error !== undefined);
    expect(near.error).toBe('ETIMEDOUT');
    expect(network.now).toBeLessThan(100_000 + 14_000);
  });
});

describe('opening', () => {
  test('a closed port refuses; the socket may try again', () => {
    const { network, client, server } = pair();
    const socket = client.tcp();
    expect([socket.hup, socket.connect(server.config.address, 81)]).toEqual([true, 'EINPROGRESS']);
    expect([socket.connect(server.config.address, 81), say(socket, 'x'), socket.writable]).toEqual([
      'EALREADY',
      'EAGAIN',
      false,
    ]);
    network.pass(10);
    expect([socket.writable, socket.readable, socket.error]).toEqual([true, true, 'ECONNREFUSED']);
    expect(socket.connect(server.config.address, 80)).toBe('ECONNREFUSED');
    expect(socket.connect(server.config.address, 80)).toBe('EINPROGRESS');
    network.pass(10);
    expect(socket.connect(server.config.address, 80)).toBe('EISCONN');
  });

  test('nobody at the address: EHOSTUNREACH after three seconds; behind a silent router: ETIMEDOUT', () => {
    const { network, client } = pair();
    const socket = client.tcp();
    socket.connect(ip('10.0.0.99'), 80);
    network.run(() => socket.error !== undefined);
    expect([socket.error, Math.round(network.now / SECOND)]).toEqual(['EHOSTUNREACH', 3]);
    network.add(1, { accepts: (address) => address === ip('192.0.2.1') });
    network.tap = (frame) => frame[13] === 6;
    const far = client.tcp();
    far.connect(ip('192.0.2.1'), 80);
    const start = network.now;
    network.run(() => far.error !== undefined);
    expect([far.error, Math.round((network.now - start) / SECOND)]).toEqual(['ETIMEDOUT', 123]);
  });

  test('a SYN that is lost is sent again after a second', () => {
    const network = new Network();
    const client = network.add(2);
    const server = network.add(3);
    let syns = 0;
    network.tap = (frame) => frame[23] !== 6 || frame[47] !== TCP_FLAG.SYN || ++syns > 1;
    const [near] = connected(network, client, server);
    expect(near.connection!.sender.rtt.rto).toBe(3000);
    expect(network.now).toBeGreaterThan(1000);
    expect(network.now).toBeLessThan(1010);
  });

  test('both ends at once make one connection', () => {
    const network = new Network();
    const [a, b] = [network.add(2), network.add(3)];
    a.ping(b.config.address);
    network.pass(10);
    const [near, far] = [a.tcp(), b.tcp()];
    near.bind(0, 1000);
    far.bind(0, 2000);
    near.connect(b.config.address, 2000);
    far.connect(a.config.address, 1000);
    network.pass(2000);
    expect([...states(a), ...states(b)]).toEqual(['ESTABLISHED 10.0.0.3:2000', 'ESTABLISHED 10.0.0.2:1000']);
    say(near, 'one');
    say(far, 'two');
    network.pass(100);
    expect([receive(near), receive(far)]).toEqual(['two', 'one']);
  });

  test('to ourselves', () => {
    const network = new Network();
    const only = network.add(2);
    const listener = only.tcp();
    listener.bind(0, 80);
    listener.listen(1);
    const socket = only.tcp();
    socket.connect(ip('127.0.0.1'), 80);
    network.pass(0);
    const far = ok(listener.accept());
    say(socket, 'echo');
    network.pass(0);
    expect(receive(far)).toBe('echo');
    expect(far.remoteAddress).toBe(ip('127.0.0.1'));
  });

  test('a full backlog is silent; there is room again once one is accepted', () => {
    const network = new Network();
    const client = network.add(2);
    const server = network.add(3);
    const listener = server.tcp();
    listener.bind(0, 80);
    listener.listen(2);
    const sockets = [client.tcp(), client.tcp(), client.tcp()];
    for (const socket of sockets) socket.connect(server.config.address, 80);
    network.pass(500);
    expect(sockets.map(({ writable }) => writable)).toEqual([true, true, false]);
    expect(listener.readable).toBe(true);
    ok(listener.accept());
    network.pass(1000);
    expect(sockets.map(({ writable }) => writable)).toEqual([true, true, true]);
    listener.close();
    network.pass(10);
    expect(sockets.map(({ error }) => error)).toEqual([undefined, 'ECONNRESET', 'ECONNRESET']);
    expect([listener.accept(), listener.listen(1)]).toEqual(['EBADF', 'EBADF']);
  });

  test('the connections of a stack have a limit', () => {
    const network = new Network();
    const client = network.add(2);
    network.tap = () => false;
    const results = Array.from({ length: 300 }, () => client.tcp().connect(ip('10.0.0.3'), 80));
    expect(results.filter((result) => result === 'EINPROGRESS')).toHaveLength(256);
    expect(results.at(-1)).toBe('ENOBUFS');
  });

  test('calls in the wrong order', () => {
    const { client, near, listener, server } = pair();
    const socket = client.tcp();
    const into = new Uint8Array(1);
    expect([socket.send(into), socket.recv(into), socket.shutdown('both')]).toEqual(Array(3).fill('ENOTCONN'));
    expect([socket.accept(), near.listen(1), near.bind(0, 5)]).toEqual(['EINVAL', 'EINVAL', 'EINVAL']);
    expect([listener.connect(ip('10.0.0.2'), 5), listener.send(into)]).toEqual(['EOPNOTSUPP', 'ENOTCONN']);
    expect([socket.connect(ip('10.0.0.3'), 0), socket.connect(ip('10.0.0.255'), 5)]).toEqual(['EINVAL', 'EACCES']);
    expect(server.tcp().bind(0, 80)).toBe('EADDRINUSE');
    expect(server.tcp().bind(ip('10.0.0.9'), 8080)).toBe('EADDRNOTAVAIL');
    near.close();
    expect([near.recv(into), near.send(into), near.connect(ip('10.0.0.3'), 80), near.bind(0, 1)]).toEqual(
      Array(4).fill('EBADF'),
    );
  });

  test('a new connection between the same ports ends the wait of the old one', () => {
    const { network, client, server, near, far, listener } = pair();
    const { localPort } = near;
    far.close();
    network.pass(10);
    near.close();
    network.pass(10);
    expect(states(server)[0]).toContain('TIME_WAIT');
    let tries = 0;
    // A random initial number is beyond the old ones half the time.
    for (; tries < 20; tries++) {
      const again = client.tcp();
      again.bind(0, localPort);
      again.connect(server.config.address, 80);
      network.pass(20);
      if (again.writable && !again.error) break;
      again.abort();
      network.pass(20);
    }
    expect(tries).toBeLessThan(20);
    expect(states(server)).toEqual([`ESTABLISHED 10.0.0.2:${localPort}`]);
    ok(listener.accept());
  });
});

test('the buffers are full at their size, and readiness says when there is room', () => {
  const { network, near, far } = pair();
  const size = 256 * 1024;
  let sent = 0;
  for (;;) {
    const n = near.send(bytes(65_536));
    network.pass(100);
    if (n === 'EAGAIN') break;
    sent += ok<number>(n);
  }
  expect(sent).toBeGreaterThanOrEqual(2 * size - 8);
  expect(sent).toBeLessThanOrEqual(2 * size);
  expect(near.writable).toBe(false);
  far.recv(new Uint8Array(size));
  network.pass(100);
  expect(near.writable).toBe(true);
});
