/** Frames of every kind of nonsense: the lan throws nothing, sends nothing endless, and works afterwards. */
import { expect, test } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { latin1, Neighbour, ok, text } from './testing/neighbour';

/** Frames that a client in good order sends. */
function recorded(): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const here = new Neighbour();
  const input = here.lan.input.bind(here.lan);
  here.lan.input = (frame) => {
    frames.push(frame.slice());
    input(frame);
  };
  here.client.startDhcp();
  here.settle();
  here.client.resolve('gateway');
  here.client.ping(0x0a000202);
  here.settle();
  const socket = here.connect(80);
  here.exchange(socket, latin1('GET /big?size=10 HTTP/1.1\r\nHost: h\r\n\r\n'));
  socket.close();
  here.exchange(here.connect(7), latin1('hello'));
  const udp = ok(here.client.udp());
  udp.sendTo(new Uint8Array(48).fill(0x23, 0, 1), 0x0a000202, 123);
  here.settle();
  return frames;
}

test.each([1, 2, 3, 4])('20,000 frames, seed %i', (seed) => {
  const random = new Random(seed);
  const frames = recorded();
  const here = Neighbour.attached({ seed });
  let sent = 0;
  for (let i = 0; i < 20_000; i++) {
    const frame = frames[random.below(frames.length)]!.slice(0, random.below(8) === 0 ? 14 + random.below(100) : 2000);
    // From the IP header on, so that the frame arrives; the checksums mostly do not hold, and then they are mended.
    for (let n = random.below(4); n > 0; n--) frame[14 + random.below(frame.length - 14)] = random.below(256);
    mend(frame);
    here.heard.length = 0;
    here.lan.begin((here.nowMs += random.below(50)));
    here.lan.input(frame);
    here.lan.turn();
    sent = Math.max(sent, here.heard.length);
  }
  expect(sent).toBeLessThan(100);
  here.pass(600_000);
  expect(here.lan.status().connections).toBe(0);
  expect(text(here.exchange(here.connect(7), latin1('still here')))).toBe('still here');
});

/** Puts the checksums of IPv4, and of UDP by leaving it out, right where the frame has them. */
function mend(frame: Uint8Array): void {
  if (frame.length < 42 || frame[12] !== 8 || frame[13] !== 0 || frame[14] !== 0x45) return;
  frame.set([0, 0], 24);
  const check = sumOf(frame.subarray(14, 34));
  frame.set([check >> 8, check & 255], 24);
  if (frame[23] === 17) frame.set([0, 0], 40);
  const length = (frame[16]! << 8) | frame[17]!;
  if (frame[23] !== 6 || length < 40 || 14 + length > frame.length) return;
  frame.set([0, 0], 50);
  const pseudo = Uint8Array.of(...frame.subarray(26, 34), 0, 6, (length - 20) >> 8, (length - 20) & 255);
  const tcp = sumOf(Uint8Array.of(...pseudo, ...frame.subarray(34, 14 + length)));
  frame.set([tcp >> 8, tcp & 255], 50);
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
