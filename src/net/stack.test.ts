/** ARP, IPv4, ICMP and UDP by their frames: what is answered, what is dropped, and when there is nothing to wake up for. */
import { describe, expect, test } from 'vitest';
import { arpFrame, Bench, ipFrame, OWN, PEER, PEER_MAC, udpFrame } from './testing/frames';
import { bytes, ip, Network, ok } from './testing/network';

const NEVER = Number.POSITIVE_INFINITY;
const ECHO = [8, 0, 0, 0, 0x12, 0x34, 0, 1, 1, 2, 3];

test('a new stack has nothing to do, and says nothing', () => {
  const bench = new Bench();
  expect(bench.pass(0)).toBe(NEVER);
  expect(bench.pass(86_400_000)).toBe(NEVER);
  expect(bench.take()).toEqual([]);
});

describe('ARP', () => {
  test('is answered for our own address only', () => {
    const bench = new Bench();
    bench.give(arpFrame(1, PEER, OWN), arpFrame(1, PEER, ip('10.0.0.3')), arpFrame(2, PEER, OWN));
    expect(bench.take()).toEqual(['arp reply 10.0.0.2']);
  });

  test('64 packets wait, the latest; three requests a second apart, then the neighbour is unreachable', () => {
    const bench = new Bench();
    const pings = Array.from({ length: 64 }, () => bench.stack.ping(ip('10.0.0.7')));
    const socket = bench.stack.udp();
    if (typeof socket === 'string') throw new Error(socket);
    socket.sendTo(bytes(1), ip('10.0.0.7'), 9);
    expect(bench.pass(0)).toBe(1000);
    expect([bench.pass(1000), bench.pass(1000), bench.pass(999)]).toEqual([1000, 1000, 1]);
    expect(bench.take()).toEqual(Array(3).fill('arp request 10.0.0.7'));
    expect(pings.every(({ result }) => result === undefined)).toBe(true);
    expect(bench.pass(1)).toBe(NEVER);
    expect(pings.every(({ result }) => result === 'EHOSTUNREACH')).toBe(true);
    expect(bench.stack.counters.overflowed).toBe(1);
  });

  test('the packets that waited go out with the answer', () => {
    const bench = new Bench();
    for (let i = 0; i < 50; i++) bench.stack.ping(ip('10.0.0.7'));
    bench.give(arpFrame(2, ip('10.0.0.7'), OWN));
    expect(bench.take()).toEqual(['arp request 10.0.0.7', ...Array(50).fill('icmp 8/0 10.0.0.7')]);
    expect(bench.pass(0)).toBe(NEVER);
  });

  test('what is beyond the subnet goes by the gateway', () => {
    const bench = new Bench();
    bench.stack.ping(ip('192.0.2.1'));
    expect(bench.take()).toEqual(['arp request 10.0.0.1']);
  });

  test('an entry is asked about again after a minute of use, and forgotten after five without an answer', () => {
    const bench = new Bench();
    const ping = () => {
      bench.stack.ping(PEER);
      return bench.take();
    };
    bench.pass(60_000);
    expect(ping()).toEqual(['icmp 8/0 10.0.0.9']);
    bench.pass(1);
    expect(ping()).toEqual(['icmp 8/0 10.0.0.9', 'arp request 10.0.0.9']);
    expect(ping()).toEqual(['icmp 8/0 10.0.0.9']);
    bench.pass(240_000);
    expect(ping()).toEqual(['arp request 10.0.0.9']);
  });

  test('a neighbour that moves is followed; group addresses and our own are not learned', () => {
    const bench = new Bench();
    const moved = Uint8Array.of(2, 0, 0, 0, 0, 1);
    bench.give(arpFrame(2, PEER, PEER, moved));
    bench.give(arpFrame(2, PEER, OWN, Uint8Array.of(3, 0, 0, 0, 0, 1)), arpFrame(2, OWN, OWN, PEER_MAC));
    bench.stack.ping(PEER);
    expect([...bench.sent[0]!.subarray(0, 6)]).toEqual([...moved]);
  });

  test('what strangers say to each other is not learned', () => {
    const bench = new Bench();
    bench.give(arpFrame(1, ip('10.0.0.7'), ip('10.0.0.8')));
    bench.stack.ping(ip('10.0.0.7'));
    expect(bench.take()).toEqual(['arp request 10.0.0.7']);
  });

  test('a thousand neighbours do not fill memory: the one unused longest is asked for again', () => {
    const bench = new Bench();
    for (let i = 1; i <= 1000; i++) bench.give(arpFrame(1, ip('10.0.1.0') + i, OWN));
    bench.take();
    bench.stack.configure({ ...bench.stack.config, mask: ip('255.0.0.0') });
    for (const i of [1000, 873, 872]) bench.stack.ping(ip('10.0.1.0') + i);
    expect(bench.take()).toEqual(['icmp 8/0 10.0.4.232', 'icmp 8/0 10.0.4.105', 'arp request 10.0.4.104']);
  });
});

describe('IPv4', () => {
  const changed = (at: number, value: number) => {
    const frame = ipFrame(1, ECHO, 2);
    frame[at] = value;
    return frame;
  };

  test.each([
    ['a damaged header', 'badChecksum', changed(22, 63)],
    ['a damaged payload', 'badChecksum', changed(44, 99)],
    ['version 6', 'malformed', changed(14, 0x65)],
    ['a header of four words', 'malformed', changed(14, 0x44)],
    ['a length beyond the frame', 'malformed', changed(17, 32)],
    ['no whole header', 'malformed', ipFrame(1, []).subarray(0, 33)],
    ['no whole Ethernet header', 'malformed', ipFrame(1, []).subarray(0, 13)],
    ['more than Ethernet carries', 'malformed', new Uint8Array(1523)],
    ['a group as its source', 'malformed', ipFrame(1, ECHO, 2, { from: ip('224.0.0.1') })],
    ['everyone as its source', 'malformed', ipFrame(1, ECHO, 2, { from: ip('10.0.0.255') })],
    ['loopback as its source', 'malformed', ipFrame(1, ECHO, 2, { from: ip('127.0.0.1') })],
    ['loopback as its destination', 'malformed', ipFrame(1, ECHO, 2, { to: ip('127.0.0.1') })],
    ['a neighbour as its destination', 'notOurs', ipFrame(1, ECHO, 2, { to: ip('10.0.0.3') })],
    ['a neighbour as its station', 'notOurs', changed(5, 2)],
    ['a group of stations', 'notOurs', changed(0, 1)],
    ['another EtherType', 'notOurs', changed(12, 9)],
  ] as const)('%s is counted, and nothing answers', (_, counter, frame) => {
    const bench = new Bench();
    const before = bench.stack.counters[counter];
    bench.give(frame);
    expect(bench.stack.counters[counter]).toBe(before + 1);
    expect(bench.take()).toEqual([]);
  });

  test('a fragment is dropped and counted, the first and the last', () => {
    const bench = new Bench();
    for (const [flags, offset] of [
      [0x20, 0],
      [0, 1],
    ] as const) {
      const frame = ipFrame(1, ECHO, 2);
      frame.set([flags, offset], 20);
      frame[24] = 0;
      frame[25] = 0;
      let sum = 0;
      for (let at = 14; at < 34; at += 2) sum += (frame[at]! << 8) | frame[at + 1]!;
      const check = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
      frame.set([check >> 8, check & 0xff], 24);
      bench.give(frame);
    }
    expect(bench.stack.counters.fragments).toBe(2);
    expect(bench.take()).toEqual([]);
  });

  test('padding after the packet does not matter', () => {
    const bench = new Bench();
    bench.give(Uint8Array.of(...ipFrame(1, ECHO, 2), 9, 9, 9, 9));
    expect(bench.take()).toEqual(['icmp 0/0 10.0.0.9']);
  });

  test('there is no way without an address, nor beyond the subnet without a gateway', () => {
    const network = new Network();
    const bare = network.add(0);
    expect(bare.ping(PEER).result).toBe('ENETUNREACH');
    bare.configure({ address: OWN, mask: ip('255.255.255.0'), gateway: 0, dns: [] });
    expect(bare.ping(ip('192.0.2.1')).result).toBe('ENETUNREACH');
    expect(bare.ping(ip('224.0.0.1')).result).toBe('ENETUNREACH');
    expect(bare.ping(PEER).result).toBeUndefined();
  });

  test('frames are short no more than Ethernet allows', () => {
    const bench = new Bench();
    bench.give(ipFrame(1, ECHO, 2));
    expect(bench.sent[0]!.length).toBe(60);
    expect([...bench.sent[0]!.subarray(45)].every((byte) => byte === 0)).toBe(true);
  });

  test('a frame in memory that changes afterwards was copied', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    socket.bind(0, 9);
    const shared = new Uint8Array(new SharedArrayBuffer(64)).subarray(0, 45);
    shared.set(udpFrame(9, [1, 2, 3]));
    bench.give(shared);
    shared.fill(0xff);
    expect([...ok(socket.recvFrom()).data]).toEqual([1, 2, 3]);
  });
});

describe('ICMP', () => {
  test('an echo comes back with its data', () => {
    const bench = new Bench();
    bench.give(ipFrame(1, ECHO, 2));
    expect([...bench.sent[0]!.subarray(38, 45)]).toEqual(ECHO.slice(4));
    expect(bench.take()).toEqual(['icmp 0/0 10.0.0.9']);
    bench.give(ipFrame(1, ECHO, 2, { to: ip('10.0.0.255') }));
    expect(bench.take()).toEqual([]);
  });

  test('a ping of any size that fits has its time; a longer one is refused', () => {
    const network = new Network(1, { delayMs: 5 });
    const [a, b] = [network.add(2), network.add(3)];
    a.ping(b.config.address);
    network.pass(100);
    for (const size of [0, 1, 1472]) {
      const ping = a.ping(b.config.address, size);
      network.pass(20);
      expect(ping.result).toBe(10);
    }
    expect(a.ping(b.config.address, 1473).result).toBe('EMSGSIZE');
  });

  test('a closed port and an unknown protocol are reported, fifty times a second at most; not to everyone', () => {
    const bench = new Bench();
    bench.give(udpFrame(9, [1]), ipFrame(99, [1, 2, 3]));
    expect(bench.take()).toEqual(['icmp 3/3 10.0.0.9', 'icmp 3/2 10.0.0.9']);
    bench.give(udpFrame(9, [1], { to: ip('10.0.0.255') }), udpFrame(9, [1], { to: 0xffff_ffff }));
    expect(bench.take()).toEqual([]);
    for (let i = 0; i < 100; i++) bench.give(udpFrame(9, [1]));
    expect(bench.take()).toHaveLength(48);
    bench.pass(1000);
    bench.give(udpFrame(9, [1]));
    expect(bench.take()).toHaveLength(1);
  });
});

describe('UDP', () => {
  function pair() {
    const network = new Network();
    const [a, b] = [network.add(2), network.add(3)];
    return { network, a, b, near: ok(a.udp()), far: ok(b.udp()) };
  }

  test('datagrams keep their bounds, also empty and the longest', () => {
    const { network, b, near, far } = pair();
    expect(far.bind(0, 53)).toBeUndefined();
    for (const size of [0, 1, 512, 1472]) {
      expect(near.sendTo(bytes(size, size), b.config.address, 53)).toBe(size);
      network.pass(10);
      const got = ok(far.recvFrom());
      expect(Buffer.compare(got.data, bytes(size, size))).toBe(0);
      expect([got.address, got.port, got.to]).toEqual([ip('10.0.0.2'), near.localPort, ip('10.0.0.3')]);
    }
    expect(near.sendTo(new Uint8Array(1473), b.config.address, 53)).toBe('EMSGSIZE');
    expect(far.recvFrom()).toBe('EAGAIN');
  });

  test('a connected socket hears of a closed port and takes nobody else', () => {
    const { network, a, b, near, far } = pair();
    far.bind(0, 53);
    near.connect(b.config.address, 54);
    near.send(bytes(4));
    network.pass(10);
    expect([near.readable, near.error]).toEqual([true, 'ECONNREFUSED']);
    expect([near.recvFrom(), near.recvFrom()]).toEqual(['ECONNREFUSED', 'EAGAIN']);
    far.sendTo(bytes(4), a.config.address, near.localPort);
    network.pass(10);
    expect(near.recvFrom()).toBe('EAGAIN');
  });

  test('a queue holds 64 datagrams; what is more is counted', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    socket.bind(0, 9);
    for (let i = 0; i < 70; i++) bench.give(udpFrame(9, [i]));
    expect(bench.stack.counters.overflowed).toBe(6);
    expect(ok(socket.recvFrom()).data[0]).toBe(0);
  });

  test('ports: taken, free for another address, chosen, given back', () => {
    const bench = new Bench((address) => address === ip('10.0.0.53'));
    const open = () => ok(bench.stack.udp());
    const [one, two, three, four] = [open(), open(), open(), open()];
    expect(one.bind(OWN, 53)).toBeUndefined();
    expect([two.bind(OWN, 53), two.bind(0, 53)]).toEqual(['EADDRINUSE', 'EADDRINUSE']);
    expect(two.bind(ip('10.0.0.53'), 53)).toBeUndefined();
    expect([three.bind(PEER, 53), three.bind(0, 65_536), three.bind(0, 1.5)]).toEqual([
      'EADDRNOTAVAIL',
      'EINVAL',
      'EINVAL',
    ]);
    expect(three.bind(0, 0)).toBeUndefined();
    expect(three.localPort).toBeGreaterThanOrEqual(49_152);
    expect(three.bind(0, 1)).toBe('EINVAL');
    one.close();
    expect(four.bind(OWN, 53)).toBeUndefined();
    expect(one.sendTo(bytes(1), PEER, 1)).toBe('EBADF');
    expect(four.send(bytes(1))).toBe('EDESTADDRREQ');
  });

  test('a gateway answers for every address it accepts, from that address', () => {
    const bench = new Bench((address) => address !== PEER);
    const socket = ok(bench.stack.udp());
    socket.bind(0, 53);
    bench.give(arpFrame(1, PEER, ip('10.0.0.3')), udpFrame(53, [1], { to: ip('192.0.2.7') }));
    expect(bench.take()).toEqual(['arp reply 10.0.0.3']);
    expect(ok(socket.recvFrom()).to).toBe(ip('192.0.2.7'));
    const bound = ok(bench.stack.udp());
    bound.bind(ip('10.0.0.3'), 54);
    bound.sendTo(bytes(1), PEER, 4000);
    expect(bench.sent[0]!.subarray(26, 30)).toEqual(Uint8Array.of(10, 0, 0, 3));
    bench.give(arpFrame(1, PEER, PEER));
    expect(bench.take()).toEqual(['udp 54 to 10.0.0.9:4000, 1 bytes']);
  });

  test('to ourselves, by name of the host or by our address, without the wire', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    socket.bind(0, 9);
    for (const to of [ip('127.0.0.1'), OWN]) {
      socket.sendTo(bytes(3), to, 9);
      expect(bench.pass(0)).toBe(NEVER);
      expect(ok(socket.recvFrom())).toMatchObject({ address: to, to, port: 9 });
    }
    expect(bench.take()).toEqual([]);
  });

  test('no more than 256 packets to ourselves wait for the next poll', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    for (let i = 0; i < 300; i++) socket.sendTo(bytes(1), OWN, 9);
    expect(bench.stack.counters.overflowed).toBe(44);
  });

  test('to the port of DHCP, what is for another address comes in only while there is none', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    socket.bind(0, 68);
    const offer = udpFrame(68, [1], { to: ip('10.0.0.77') });
    bench.give(offer);
    expect(socket.recvFrom()).toBe('EAGAIN');
    bench.stack.configure(undefined);
    bench.give(offer, udpFrame(69, [1], { to: ip('10.0.0.77') }));
    expect([socket.readable, bench.stack.counters.notOurs]).toEqual([true, 2]);
  });

  test('a checksum of 0 is none; a wrong one is counted', () => {
    const bench = new Bench();
    const socket = ok(bench.stack.udp());
    socket.bind(0, 9);
    const frame = udpFrame(9, [1]);
    frame.set([0, 0], 40);
    bench.give(frame);
    expect([...ok(socket.recvFrom()).data]).toEqual([1]);
    frame.set([1, 1], 40);
    bench.give(frame);
    expect(bench.stack.counters.badChecksum).toBe(1);
  });
});
