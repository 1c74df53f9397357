/** When segments go out: acknowledgments, small segments, retransmissions, windows. RFC 9293 3.8, RFC 5681, RFC 6298, RFC 6582. */
import { describe, expect, test } from 'vitest';
import { TCP_FLAG } from '../specs/tcp';
import { RttEstimator } from './tcp_rtt';
import { Bench, tcpFrame } from './testing/frames';
import { bytes, connected, ip, Network } from './testing/network';
import { TcpPeer } from './testing/tcp_peer';

/** A peer without the MSS option takes this. */
const MSS = 536;
const NEVER = Number.POSITIVE_INFINITY;
const { ACK, FIN, SYN } = TCP_FLAG;
const data = (length: number) => [...bytes(length)];

describe('acknowledgments', () => {
  test('of a single segment after 40 ms, of every second at once', () => {
    const peer = new TcpPeer();
    peer.send({ data: data(MSS) });
    expect([peer.take(), peer.bench.pass(39), peer.take()]).toEqual([[], 1, []]);
    peer.bench.pass(1);
    expect(peer.takeSegments()).toMatchObject([{ acknowledgment: 1001 + MSS, length: 0 }]);
    peer.sequence += MSS;
    peer.send({ data: data(MSS) });
    peer.sequence += MSS;
    peer.send({ data: data(MSS) });
    expect(peer.takeSegments()).toMatchObject([{ acknowledgment: 1001 + 3 * MSS }]);
    expect(peer.bench.pass(0)).toBe(NEVER);
  });

  test('with data that goes the other way, none of their own', () => {
    const peer = new TcpPeer();
    peer.send({ data: data(10) });
    peer.socket.send(bytes(20));
    expect(peer.takeSegments()).toMatchObject([{ acknowledgment: 1011, length: 20 }]);
    peer.send({ sequence: 1011, ack: 20 });
    expect([peer.bench.pass(100), peer.take()]).toEqual([NEVER, []]);
  });

  test('at once of what leaves a gap, fills one, or comes again', () => {
    const peer = new TcpPeer();
    peer.send({ sequence: 1101, data: data(100) });
    peer.send({ sequence: 1001, data: data(100) });
    peer.send({ sequence: 1001, data: data(100) });
    expect(peer.takeSegments().map(({ acknowledgment }) => acknowledgment)).toEqual([1001, 1201, 1201]);
  });
});

describe('small segments', () => {
  test('wait for what is on its way (Nagle), unless told not to', () => {
    const peer = new TcpPeer();
    for (let i = 0; i < 3; i++) peer.socket.send(bytes(10));
    expect(peer.take()).toEqual([[0, 10]]);
    peer.send({ ack: 10 });
    expect(peer.take()).toEqual([[10, 20]]);
    peer.socket.setNoDelay(true);
    peer.socket.send(bytes(5));
    expect(peer.take()).toEqual([[30, 5]]);
  });

  test('do not hold back full ones, nor the end', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(10));
    peer.socket.send(bytes(MSS));
    expect(peer.take()).toEqual([
      [0, 10],
      [10, MSS],
    ]);
    peer.socket.send(bytes(3));
    expect(peer.take()).toEqual([]);
    peer.socket.shutdown('write');
    expect(peer.takeSegments()).toMatchObject([{ length: 3, flags: FIN | TCP_FLAG.PSH | ACK }]);
  });

  test('a sliver of window is not used at once (silly window)', () => {
    const peer = new TcpPeer(new Bench(), 1000);
    peer.socket.send(bytes(5000));
    expect(peer.take()).toEqual([[0, MSS]]);
    peer.send({ ack: MSS, window: 100 });
    expect(peer.take()).toEqual([]);
    expect(peer.bench.pass(0)).toBeLessThanOrEqual(1000);
    peer.bench.pass(1000);
    expect(peer.take()).toEqual([[MSS, 100]]);
  });
});

describe('the window', () => {
  test('of the peer is kept to; closed, it is probed at times that double, as long as the peer answers', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(4824));
    peer.take();
    peer.send({ ack: 4824, window: 0 });
    peer.socket.send(bytes(100));
    expect(peer.take()).toEqual([]);
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const wait = peer.bench.pass(0);
      waits.push(wait);
      peer.bench.pass(wait);
      expect(peer.take()).toEqual([[4824, 1]]);
      peer.send({ ack: 4824, window: 0 });
    }
    expect(waits.slice(0, 4)).toEqual([200, 400, 800, 1600]);
    expect(waits.at(-1)).toBe(60_000);
    peer.send({ ack: 4824, window: 20_000 });
    expect(peer.take()).toEqual([[4824, 100]]);
    peer.send({ ack: 4924 });
    expect(peer.bench.pass(0)).toBe(NEVER);
  });

  test('a probe whose byte is taken counts', () => {
    const peer = new TcpPeer();
    peer.send({ window: 0 });
    peer.socket.send(bytes(100));
    peer.bench.pass(1000);
    expect(peer.take()).toEqual([[0, 1]]);
    peer.send({ ack: 1, window: 20_000 });
    expect(peer.take()).toEqual([[1, 99]]);
  });

  test('a closed window that nobody waits for any more is given up', () => {
    const peer = new TcpPeer();
    peer.send({ window: 0 });
    peer.socket.send(bytes(100));
    peer.socket.close();
    for (let i = 0; i < 20 && peer.state !== 'CLOSED'; i++) {
      peer.bench.pass(60_000);
      if (peer.state !== 'CLOSED') peer.send({ window: 0 });
    }
    expect(peer.state).toBe('CLOSED');
    expect(peer.takeSegments().at(-1)!.flags & TCP_FLAG.RST).toBe(TCP_FLAG.RST);
  });

  test('our own closes when nobody receives, and opens with a segment of its own', () => {
    const peer = new TcpPeer();
    let given = 0;
    for (; given < 400_000; given += MSS) {
      peer.send({ sequence: 1001 + given, data: data(MSS) });
      const window = peer.takeSegments().at(-1)?.window;
      if (window !== undefined && window < MSS) break;
    }
    expect(given).toBeGreaterThan(65_535 - 2 * MSS);
    expect(peer.socket.recv(new Uint8Array(100_000))).toBeGreaterThan(65_535 - 2 * MSS);
    expect(peer.takeSegments().map(({ window }) => window)).toEqual([65_535]);
  });

  test('closed on our side, acknowledgments are heard all the same, and data is not taken', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(100));
    const { receiver } = peer.socket.connection!;
    let window = 1;
    for (let i = 0; i < 300 && window > 0; i++) {
      peer.send({ data: data(1400) });
      peer.sequence = receiver.nxt;
      window = peer.takeSegments().at(-1)!.window;
    }
    expect(window).toBe(0);
    expect(peer.socket.connection!.sender.inFlight).toBe(100);
    const { nxt } = receiver;
    peer.send({ data: data(1), ack: 100 });
    expect([peer.socket.connection!.sender.inFlight, receiver.nxt]).toEqual([0, nxt]);
    expect(peer.takeSegments()).toMatchObject([{ acknowledgment: nxt, window: 0 }]);
    // A little room is not told, a segment's is.
    for (const [bytesRead, room] of [
      [100, false],
      [2000, true],
    ] as const) {
      peer.socket.recv(new Uint8Array(bytesRead));
      peer.send({ data: data(1), ack: 100 });
      expect(peer.takeSegments()[0]!.window > 0).toBe(room);
    }
  });

  test('is scaled when both ends say so: far more than 64 KiB in flight', () => {
    const network = new Network(1, { delayMs: 50 });
    const client = network.add(2);
    const [near, far] = connected(network, client, network.add(3));
    near.send(bytes(200_000));
    network.pass(1000);
    expect(far.recv(new Uint8Array(300_000))).toBe(200_000);
    const { sender } = near.connection!;
    expect(sender.widest).toBeGreaterThan(250_000);
    expect(sender.widest).toBeLessThanOrEqual(256 * 1024);
    expect(sender.windowScale).toBe(3);
  });

  test('a peer that scales nothing gets unscaled windows', () => {
    const { connection } = new TcpPeer().socket;
    expect([connection!.sender.windowScale, connection!.receiver.windowScale]).toEqual([0, 0]);
  });
});

describe('retransmission', () => {
  test('the timeout follows the round trip, RFC 6298 by hand', () => {
    const rtt = new RttEstimator();
    expect(rtt.rto).toBe(1000);
    rtt.sample(400);
    expect([rtt.srtt, rtt.rto]).toEqual([400, 1200]);
    rtt.sample(800);
    // RTTVAR = 3/4 * 200 + 1/4 * 400 = 250; SRTT = 7/8 * 400 + 1/8 * 800 = 450.
    expect([rtt.srtt, rtt.rto]).toEqual([450, 1450]);
    for (let i = 0; i < 100; i++) rtt.sample(10);
    expect(rtt.rto).toBe(200);
    for (let i = 0; i < 20; i++) rtt.backOff();
    expect(rtt.rto).toBe(60_000);
  });

  test('is measured on the wire, and a segment that was sent again is not (Karn)', () => {
    const network = new Network(1, { delayMs: 150 });
    const [near] = connected(network, network.add(2), network.add(3));
    for (let i = 0; i < 30; i++) {
      near.send(bytes(3000));
      network.pass(1000);
    }
    const { rtt } = near.connection!.sender;
    expect(rtt.srtt).toBeGreaterThan(295);
    expect(rtt.srtt).toBeLessThan(345);
    const before = rtt.srtt;
    network.tap = () => false;
    near.send(bytes(100));
    network.pass(200);
    network.tap = () => true;
    network.pass(5000);
    expect(near.connection!.sender.inFlight).toBe(0);
    expect(rtt.srtt).toBe(before);
  });

  test('the third duplicate acknowledgment sends the lost segment again at once; the first two send new ones', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(60_000));
    const sent = peer.take();
    expect(sent.length).toBe(10);
    const last = sent.at(-1)![0] + MSS;
    peer.send({});
    expect(peer.take()).toEqual([[last, MSS]]);
    peer.send({});
    expect(peer.take()).toEqual([[last + MSS, MSS]]);
    peer.send({});
    expect(peer.take()).toEqual([[0, MSS]]);
    // Recovery is over with the acknowledgment of all that was sent; a partial one sends the next hole (RFC 6582).
    peer.send({ ack: 3 * MSS });
    expect(peer.take()[0]).toEqual([3 * MSS, MSS]);
    const { congestion } = peer.socket.connection!.sender;
    peer.send({ ack: 12 * MSS });
    expect(congestion.cwnd).toBeLessThanOrEqual(6 * MSS);
    expect(congestion.ssthresh).toBe((12 * MSS) / 2);
  });

  test('acknowledgments that only change the window are no duplicates', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(60_000));
    peer.take();
    for (let i = 1; i < 6; i++) peer.send({ window: 20_000 - i });
    expect(peer.take()).toEqual([]);
  });

  test('after a time of silence it begins slowly again', () => {
    const peer = new TcpPeer(new Bench(), 65_535);
    const { congestion } = peer.socket.connection!.sender;
    peer.socket.send(bytes(60_000));
    for (let i = 0; i < 200; i++)
      for (const [at, length] of peer.take()) peer.send({ ack: at + length, window: 65_535 });
    expect(congestion.cwnd).toBeGreaterThan(50 * MSS);
    peer.bench.pass(10_000);
    peer.socket.send(bytes(60_000));
    expect(peer.take()).toHaveLength(10);
  });

  test('after a timeout one segment goes, then two: slow start, up to half of what was in flight', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(60_000));
    peer.take();
    peer.bench.pass(200);
    expect(peer.take()).toEqual([[0, MSS]]);
    peer.send({ ack: MSS });
    expect(peer.take()).toEqual([
      [MSS, MSS],
      [2 * MSS, MSS],
    ]);
    expect(peer.socket.connection!.sender.congestion.ssthresh).toBe(5 * MSS);
  });

  test('the wait doubles with each timeout, until new data is acknowledged: the next loss waits as long as a first one', () => {
    const peer = new TcpPeer();
    peer.socket.send(bytes(3 * MSS));
    peer.take();
    for (const wait of [200, 400, 800]) {
      peer.bench.pass(wait - 1);
      expect(peer.take()).toEqual([]);
      peer.bench.pass(1);
      expect(peer.take()).toEqual([[0, MSS]]);
    }
    peer.send({ ack: MSS });
    expect(peer.take()).toEqual([
      [MSS, MSS],
      [2 * MSS, MSS],
    ]);
    peer.bench.pass(199);
    expect(peer.take()).toEqual([]);
    peer.bench.pass(1);
    expect(peer.take()).toEqual([[MSS, MSS]]);
  });

  test('slow start doubles each round trip, avoidance adds a segment', () => {
    const peer = new TcpPeer(new Bench(), 65_535);
    const { congestion } = peer.socket.connection!.sender;
    const round = () => {
      peer.socket.send(bytes(60_000));
      for (const [at, length] of peer.take()) peer.send({ ack: at + length, window: 65_535 });
    };
    expect(congestion.cwnd).toBe(10 * MSS);
    round();
    expect(congestion.cwnd).toBeGreaterThanOrEqual(20 * MSS);
    congestion.ssthresh = congestion.cwnd;
    const before = congestion.cwnd;
    round();
    expect(congestion.cwnd - before).toBeGreaterThanOrEqual(MSS);
    expect(congestion.cwnd - before).toBeLessThanOrEqual(3 * MSS);
  });

  test('one loss in a long transfer is mended without a timeout', () => {
    const network = new Network(1, { delayMs: 10 });
    const client = network.add(2);
    const [near, far] = connected(network, client, network.add(3));
    let frames = 0;
    network.tap = (frame, from) => from !== client || frame.length < 1000 || ++frames !== 20;
    near.send(bytes(100_000));
    network.pass(190);
    expect(client.counters.retransmitted).toBe(1);
    expect(far.recv(new Uint8Array(200_000))).toBe(100_000);
  });
});

test('segments are no longer than the peer takes, and never tiny', () => {
  for (const [mss, expected] of [
    [1000, 1000],
    [9000, 1460],
    [1, 64],
  ] as const) {
    const bench = new Bench();
    const socket = bench.stack.tcp();
    socket.connect(ip('10.0.0.9'), 80);
    const [syn] = bench.takeSegments();
    expect(syn).toMatchObject({ flags: SYN, mss: 1460, windowScale: 3, window: 65_535 });
    const answer = tcpFrame({
      sourcePort: 80,
      destinationPort: syn!.sourcePort,
      sequence: 1,
      acknowledgment: syn!.sequence + 1,
      flags: SYN | ACK,
      options: [2, 4, mss >> 8, mss & 0xff],
    });
    bench.give(answer);
    bench.take();
    socket.send(bytes(20_000));
    expect(bench.takeSegments()[0]!.length).toBe(expected);
  }
});
