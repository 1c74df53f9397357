/** Random and mutated frames: no exception, no stall, no growth without bound; and a connection that is not meant lives on. */
import { expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { checksumOf, onesSum, pseudoHeaderSum } from '../specs/ipv4';
import { TCP_FLAG } from '../specs/tcp';
import type { Stack } from './stack';
import { arpFrame, ipFrame, MAC, OWN, PEER, tcpFrame, udpFrame } from './testing/frames';
import { bytes, connected, FAIR, ip, Network, ok, states, Talker } from './testing/network';

const FRAMES = 100_000;

/** Puts right the checksums of a frame that says it is IPv4, so that what is behind them is reached. */
function mend(frame: Uint8Array): void {
  const { length } = frame;
  const even = new Uint8Array(length + (length & 1));
  even.set(frame);
  const view = new DataView(even.buffer);
  const halves = new Uint16Array(even.buffer);
  const header = (even[14]! & 0xf) * 4;
  const total = length >= 34 ? view.getUint16(16) : 0;
  if (view.getUint16(12) !== 0x0800 || header < 20 || total < header || 14 + total > length) return;
  view.setUint16(24, 0);
  view.setUint16(24, checksumOf(onesSum(halves, 14, header)));
  const protocol = even[23]!;
  const at = 14 + header;
  const size = total - header;
  const place = { 1: 2, 6: 16, 17: 6 }[protocol];
  if (place !== undefined && size >= place + 2 && header % 2 === 0) {
    const pseudo = protocol === 1 ? 0 : pseudoHeaderSum(view.getUint32(26), view.getUint32(30), protocol, size);
    view.setUint16(at + place, 0);
    view.setUint16(at + place, checksumOf(onesSum(halves, at, size) + pseudo));
  }
  frame.set(even.subarray(0, length));
}

/** A network whose wire keeps what passes, and changes it now and then. */
function hostileNetwork(seed: number) {
  const network = new Network(seed);
  const seen: Uint8Array[] = [];
  network.tap = (frame) => {
    if (seen.length < 500) seen.push(frame.slice());
    else seen[network.random.below(500)] = frame.slice();
    return true;
  };
  return { network, seen };
}

function mutated(random: Random, frame: Uint8Array): Uint8Array {
  const copy = frame.slice(0, random.below(8) === 0 ? random.below(frame.length + 1) : frame.length);
  for (let i = random.below(6); i > 0 && copy.length > 14; i--)
    copy[14 + random.below(Math.min(copy.length - 14, 60))] = random.next();
  if (random.below(4) > 0 && copy.length >= 34) mend(copy);
  return copy;
}

/** What a stack has room for, in numbers that must stay small. */
function expectBounded(stack: Stack): void {
  const connections = [...stack.connections];
  expect(connections.length).toBeLessThanOrEqual(256);
  for (const { sender, receiver } of connections) {
    expect(sender.buffer.length).toBeLessThanOrEqual(sender.buffer.limit);
    expect(receiver.buffer.length).toBeLessThanOrEqual(receiver.buffer.limit);
    expect(sender.inFlight).toBeLessThanOrEqual(sender.buffer.limit + 1);
  }
}

test(`${FRAMES} frames of noise, and of noise with a right beginning`, () => {
  const network = new Network(3);
  const stack = network.add(2, { mac: MAC });
  const listener = stack.tcp();
  listener.bind(0, 80);
  listener.listen(8);
  const socket = ok(stack.udp());
  socket.bind(0, 53);
  stack.startDhcp();
  stack.configure({ address: OWN, mask: ip('255.255.255.0'), gateway: PEER, dns: [PEER] });
  stack.resolve('name');
  const random = new Random(99);
  const noise = (length: number) => Array.from({ length }, () => random.below(256));
  const kinds = [
    () => Uint8Array.from(noise(random.below(200))),
    () => ipFrame(random.below(20), noise(22 + random.below(60)), random.below(3) ? random.below(10) * 2 : undefined),
    () =>
      tcpFrame({
        sequence: random.next(),
        acknowledgment: random.next(),
        flags: random.below(64),
        sourcePort: random.below(50),
        options: noise(4 * random.below(10)),
        data: noise(random.below(50)),
      }),
    () => udpFrame([53, 67, 68, 9][random.below(4)]!, noise(random.below(400))),
    () => arpFrame(random.below(4), random.next() >>> 0, random.below(2) ? OWN : random.next() >>> 0),
  ];
  for (let i = 0; i < FRAMES; i++) {
    stack.input(kinds[random.below(kinds.length)]!());
    if (i % 50 === 0) stack.poll((network.now += random.below(1000)));
    if (i % 5000 === 0) expectBounded(stack);
    if (random.below(20) === 0) {
      socket.recvFrom();
      const accepted = listener.accept();
      if (typeof accepted !== 'string') accepted.close();
    }
  }
  listener.close();
  stack.dhcp.stop();
  network.pass(1_000_000);
  expect(states(stack)).toEqual([]);
  expect(network.idleMs).toBe(Number.POSITIVE_INFINITY);
  const ping = stack.ping(OWN);
  network.pass(10);
  expect(ping.result).toBe(0);
});

test(`${FRAMES} frames that were real, in both directions, changed here and there`, () => {
  const { network, seen } = hostileNetwork(5);
  const [a, b] = [network.add(2), network.add(3)];
  const random = new Random(7);
  let count = 0;
  for (let round = 0; count < FRAMES; round++) {
    const listener = b.tcp();
    listener.bind(0, 80);
    listener.listen(8);
    const client = a.tcp();
    client.connect(b.config.address, 80);
    for (let i = 0; i < 1000; i++, count++) {
      network.pass(random.below(5));
      const accepted = listener.accept();
      if (typeof accepted !== 'string') random.below(2) ? accepted.send(bytes(3000)) : accepted.close();
      if (random.below(10) === 0) client.send(bytes(random.below(3000)));
      if (random.below(50) === 0) client.recv(new Uint8Array(random.below(5000)));
      const frame = seen[random.below(seen.length)];
      if (frame) (random.below(2) ? a : b).input(mutated(random, frame));
    }
    expectBounded(a);
    expectBounded(b);
    random.below(2) ? client.abort() : client.close();
    listener.close();
    if (round % 10 === 0) network.pass(random.below(100_000));
  }
  network.tap = () => true;
  network.pass(1_000_000);
  expect(states(a)).toEqual([]);
  network.weather = FAIR;
  const [near, far] = connected(network, a, b, 81);
  const data = bytes(300_000);
  const talkers = [new Talker(near, data, data.length), new Talker(far, data, data.length)];
  network.run(() => {
    for (const talker of talkers) talker.step();
    return talkers.every(({ isDone }) => isDone);
  });
  for (const { received } of talkers) expect(Buffer.compare(received, data)).toBe(0);
});

test('a stranger who does not know the numbers cannot harm a transfer', () => {
  const network = new Network(8);
  const [a, b] = [network.add(2), network.add(3)];
  const [near, far] = connected(network, a, b);
  const random = new Random(1);
  const data = bytes(1_000_000);
  const talkers = [new Talker(near, data, data.length), new Talker(far, data, data.length)];
  const ends = { from: b.config.address, to: a.config.address, sourcePort: 80, destinationPort: near.localPort };
  // Of 2^32 numbers the window is a sixteen-thousandth part: none of these is likely to be exactly right.
  network.run(() => {
    for (const talker of talkers) talker.step();
    for (let i = 0; i < 20; i++) {
      const flags = [TCP_FLAG.RST, TCP_FLAG.SYN, TCP_FLAG.ACK | TCP_FLAG.FIN, TCP_FLAG.RST | TCP_FLAG.ACK][
        random.below(4)
      ]!;
      const frame = tcpFrame({
        ...ends,
        sequence: random.next(),
        acknowledgment: random.next(),
        flags,
        data: [1, 2, 3],
      });
      frame.set([0x52, 0x54, 1, 0, 0, 2]);
      a.input(frame);
    }
    return talkers.every(({ isDone, failure }) => isDone || failure !== undefined);
  });
  for (const { received, failure } of talkers)
    expect([failure, Buffer.compare(received, data)]).toEqual([undefined, 0]);
});
