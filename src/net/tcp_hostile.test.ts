/** Segments that a peer should not send, or that somebody else sends in its name: RFC 5961, RFC 9293 section 3.10.7.4, and limits. */
import { describe, expect, test } from 'vitest';
import { TCP_FLAG } from '../specs/tcp';
import { Bench, ipFrame, PEER, tcpFrame } from './testing/frames';
import { bytes, ip } from './testing/network';
import { TcpPeer } from './testing/tcp_peer';

const { ACK, FIN, RST, SYN } = TCP_FLAG;
const CHALLENGE = { flags: ACK, length: 0, acknowledgment: 1001 };

describe('a reset', () => {
  test('at the very next number ends the connection', () => {
    const peer = new TcpPeer();
    peer.send({ flags: RST });
    expect([peer.state, peer.socket.recv(new Uint8Array(1))]).toEqual(['CLOSED', 'ECONNRESET']);
    expect(peer.takeSegments()).toEqual([]);
  });

  test('elsewhere in the window is challenged; outside it, ignored', () => {
    const peer = new TcpPeer();
    peer.send({ flags: RST, sequence: 1002 });
    expect(peer.takeSegments()).toMatchObject([CHALLENGE]);
    peer.send({ flags: RST, sequence: 1000 });
    peer.send({ flags: RST, sequence: 1001 + 0x10_0000 });
    expect([peer.takeSegments(), peer.state]).toEqual([[], 'ESTABLISHED']);
  });

  test('of somebody who knows no number does nothing to a connection that opens', () => {
    const bench = new Bench();
    const socket = bench.stack.tcp();
    socket.connect(PEER, 80);
    const [syn] = bench.takeSegments();
    const ends = { sourcePort: 80, destinationPort: syn!.sourcePort, sequence: 0 };
    bench.give(tcpFrame({ ...ends, flags: RST }), tcpFrame({ ...ends, flags: RST | ACK, acknowledgment: 12 }));
    expect([socket.error, bench.takeSegments()]).toEqual([undefined, []]);
    bench.give(tcpFrame({ ...ends, flags: RST | ACK, acknowledgment: syn!.sequence + 1 }));
    expect(socket.error).toBe('ECONNREFUSED');
  });

  test('in TIME_WAIT is ignored (RFC 1337)', () => {
    const peer = new TcpPeer();
    peer.socket.close();
    peer.send({ flags: FIN | ACK, ack: 1 });
    expect(peer.state).toBe('TIME_WAIT');
    peer.send({ flags: RST, sequence: 1002, ack: 1 });
    expect(peer.state).toBe('TIME_WAIT');
  });
});

test('the end again in TIME_WAIT is acknowledged, and the wait begins anew', () => {
  const peer = new TcpPeer();
  peer.socket.close();
  peer.send({ flags: FIN | ACK, ack: 1 });
  peer.bench.pass(50_000);
  peer.take();
  peer.send({ flags: FIN | ACK, ack: 1 });
  expect(peer.takeSegments()).toMatchObject([{ flags: ACK, acknowledgment: 1002 }]);
  peer.bench.pass(59_000);
  expect(peer.state).toBe('TIME_WAIT');
  peer.bench.pass(1000);
  expect(peer.state).toBe('CLOSED');
});

test('a SYN within a connection is challenged, wherever it is; ten challenges in five seconds', () => {
  const peer = new TcpPeer();
  for (let i = 0; i < 15; i++) peer.send({ flags: SYN, sequence: 1001 + i });
  expect(peer.takeSegments()).toHaveLength(10);
  peer.bench.pass(5000);
  peer.send({ flags: SYN });
  expect(peer.takeSegments()).toMatchObject([CHALLENGE]);
  expect(peer.bench.stack.counters.challenged).toBe(16);
  expect(peer.state).toBe('ESTABLISHED');
});

describe('an acknowledgment', () => {
  test('of what was never sent, or that is older than any window, is challenged; its data is not taken', () => {
    const peer = new TcpPeer();
    for (const ack of [1, -20_001]) peer.send({ ack, data: [1, 2, 3] });
    expect(peer.takeSegments()).toMatchObject([CHALLENGE, CHALLENGE]);
    expect(peer.socket.recv(new Uint8Array(9))).toBe('EAGAIN');
    peer.send({ ack: -1, data: [1, 2, 3] });
    expect(peer.socket.recv(new Uint8Array(9))).toBe(3);
  });

  test('missing, makes a segment nothing', () => {
    const peer = new TcpPeer();
    peer.send({ flags: 0, data: [1, 2, 3] });
    expect([peer.takeSegments(), peer.socket.recv(new Uint8Array(9))]).toEqual([[], 'EAGAIN']);
  });

  test('of a SYN that answers something else is refused', () => {
    const bench = new Bench();
    const socket = bench.stack.tcp();
    socket.connect(PEER, 80);
    const [syn] = bench.takeSegments();
    bench.give(
      tcpFrame({ sourcePort: 80, destinationPort: syn!.sourcePort, sequence: 7, acknowledgment: 99, flags: SYN | ACK }),
    );
    expect(bench.takeSegments()).toMatchObject([{ flags: RST, sequence: 99 }]);
    expect(socket.connection!.state).toBe('SYN_SENT');
  });
});

describe('data', () => {
  const received = (peer: TcpPeer) => {
    const into = new Uint8Array(70_000);
    const n = peer.socket.recv(into);
    return typeof n === 'string' ? n : Buffer.from(into.subarray(0, n)).toString('latin1');
  };
  const text = (letters: string) => [...Buffer.from(letters)];

  test('that overlaps what is there is taken once, whichever way the pieces lie', () => {
    const peer = new TcpPeer();
    for (const [at, letters] of [
      [8, 'ijkl'],
      [2, 'cd'],
      [1, 'bcdef'],
      [7, 'hijklm'],
      [3, 'de'],
    ] as const)
      peer.send({ sequence: 1001 + at, data: text(letters) });
    expect(received(peer)).toBe('EAGAIN');
    peer.send({ data: text('abc') });
    expect(received(peer)).toBe('abcdef');
    peer.send({ sequence: 1001, data: text('abcdefgh') });
    expect(received(peer)).toBe('ghijklm');
    expect(peer.takeSegments().at(-1)!.acknowledgment).toBe(1014);
    peer.send({ sequence: 1016, data: text('pq') });
    peer.send({ sequence: 1014, data: text('nopqrst') });
    expect(received(peer)).toBe('nopqrst');
  });

  test('beyond the window is cut off, with the end that follows it', () => {
    const peer = new TcpPeer();
    peer.send({ sequence: 1001 + 65_530, data: text('0123456789'), flags: FIN | ACK });
    for (let at = 0; at < 65_530; at += 1310)
      peer.send({ sequence: 1001 + at, data: [...bytes(Math.min(1310, 65_530 - at))] });
    expect(received(peer).slice(65_530)).toBe('01234');
    expect(peer.state).toBe('ESTABLISHED');
  });

  test('before the end that came early is waited for; what claims to follow the end is not taken', () => {
    const peer = new TcpPeer();
    peer.send({ sequence: 1004, flags: FIN | ACK });
    expect(peer.state).toBe('ESTABLISHED');
    peer.send({ data: text('abc') });
    expect([peer.state, received(peer), received(peer)]).toEqual(['CLOSE_WAIT', 'abc', '']);
    peer.send({ sequence: 1005, data: text('more') });
    expect(received(peer)).toBe('');
  });

  test('in a thousand pieces with gaps takes bounded memory, and is whole once it has all come', () => {
    const peer = new TcpPeer();
    for (let at = 1; at < 2000; at += 2) peer.send({ sequence: 1001 + at, data: [65 + (at % 26)] });
    for (let at = 0; at < 2000; at += 2) peer.send({ sequence: 1001 + at, data: [65 + (at % 26)] });
    // 256 of them were kept.
    expect(peer.takeSegments().at(-1)!.acknowledgment).toBe(1001 + 513);
    for (let at = 0; at < 2000; at++) peer.send({ sequence: 1001 + at, data: [65 + (at % 26)] });
    expect(received(peer)).toBe(Array.from({ length: 2000 }, (_, at) => String.fromCharCode(65 + (at % 26))).join(''));
  });

  test('across the wrap of sequence numbers is in order', () => {
    const bench = new Bench();
    const listener = bench.stack.tcp();
    listener.bind(0, 80);
    listener.listen(1);
    const start = 0xffff_fff0;
    bench.give(tcpFrame({ sequence: start, flags: SYN }));
    const [answer] = bench.takeSegments();
    const acknowledgment = answer!.sequence + 1;
    const send = (at: number, letters: string) =>
      bench.give(tcpFrame({ sequence: (start + 1 + at) >>> 0, acknowledgment, flags: ACK, data: text(letters) }));
    send(20, 'uvwxyz');
    send(0, 'abcdefghij');
    send(10, 'klmnopqrst');
    const socket = listener.accept();
    const into = new Uint8Array(40);
    expect(typeof socket !== 'string' && socket.recv(into)).toBe(26);
    expect(Buffer.from(into.subarray(0, 26)).toString()).toBe('abcdefghijklmnopqrstuvwxyz');
  });
});

describe('segments of no connection', () => {
  const bench = () => new Bench();
  test.each([
    ['a SYN', { flags: SYN, sequence: 5 }, [{ flags: RST | ACK, sequence: 0, acknowledgment: 6 }]],
    ['data', { flags: ACK, sequence: 5, acknowledgment: 9, data: [1] }, [{ flags: RST, sequence: 9 }]],
    [
      'data without acknowledgment',
      { flags: FIN, sequence: 5, data: [1, 2] },
      [{ flags: RST | ACK, acknowledgment: 8 }],
    ],
    ['a reset', { flags: RST, sequence: 5 }, []],
    ['a SYN to everyone', { flags: SYN, sequence: 5, to: ip('10.0.0.255') }, []],
  ])('%s', (_, fields, answer) => {
    const one = bench();
    one.give(tcpFrame(fields));
    expect(one.takeSegments()).toMatchObject(answer);
  });

  test('a flood of SYNs fills the backlog and nothing else', () => {
    const one = bench();
    const listener = one.stack.tcp();
    listener.bind(0, 80);
    listener.listen(10_000);
    for (let port = 1; port <= 5000; port++) one.give(tcpFrame({ sourcePort: port, sequence: port, flags: SYN }));
    expect(one.stack.connections.size).toBe(128);
    for (let minute = 0; minute < 3; minute++) one.pass(60_000);
    for (let wait = one.pass(0); wait < Number.POSITIVE_INFINITY; wait = one.pass(wait));
    expect(one.stack.connections.size).toBe(0);
  });

  test('a SYN that comes again is answered again', () => {
    const one = bench();
    const listener = one.stack.tcp();
    listener.bind(0, 80);
    listener.listen(1);
    const syn = tcpFrame({ sequence: 5, flags: SYN });
    one.give(syn, syn);
    const [first, second] = one.takeSegments();
    expect(first).toMatchObject({ flags: SYN | ACK, acknowledgment: 6, mss: 1460 });
    expect(second).toEqual(first);
  });

  test('a damaged one is counted and not looked at', () => {
    const peer = new TcpPeer();
    const frame = tcpFrame({ sequence: 1001, flags: RST, acknowledgment: peer.first });
    frame[51]! ^= 1;
    peer.bench.give(frame);
    expect([peer.state, peer.bench.stack.counters.badChecksum]).toEqual(['ESTABLISHED', 1]);
  });
});

test('an unreachable port ends a connection that opens, if it quotes its SYN; later it does not', () => {
  const bench = new Bench();
  const socket = bench.stack.tcp();
  socket.connect(PEER, 80);
  const syn = bench.sent.at(-1)!;
  const quote = (frame: Uint8Array) => [3, 3, 0, 0, 0, 0, 0, 0, ...frame.subarray(14, 42)];
  const lie = syn.slice();
  lie[41]! ^= 1;
  bench.give(ipFrame(1, quote(lie), 2));
  expect(socket.error).toBeUndefined();
  bench.give(ipFrame(1, quote(syn), 2));
  expect(socket.error).toBe('ECONNREFUSED');
  const peer = new TcpPeer();
  peer.socket.send(bytes(10));
  peer.bench.give(ipFrame(1, quote(peer.bench.sent.at(-1)!), 2));
  expect(peer.state).toBe('ESTABLISHED');
});
