import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { region } from './region';
import { WIRE_SIZE, WireReceiver, WireSender, wireCounters } from './wire';

function pair(capacity = 8192) {
  const at = region('wire_tx', 64 + capacity);
  let pokes = 0;
  const sender = new WireSender(at, () => pokes++);
  return { at, sender, receiver: new WireReceiver(at), pokes: () => pokes };
}
const frameOf = (n: number, length: number) => Uint8Array.from({ length }, (_, i) => (n + 31 * i) & 255);
const drain = (receiver: WireReceiver) => {
  const frames: Uint8Array[] = [];
  for (let frame = receiver.receive(); frame; frame = receiver.receive()) frames.push(frame);
  return frames;
};

describe('frames', () => {
  test.each([1, 2, 3])(
    'come out as they went in, in order, across many wraps of ring and indices (seed %d)',
    (seed) => {
      const at = region('wire_tx', 64 + 8192);
      at.words.fill(-4000, 0, 2);
      const [sender, receiver] = [new WireSender(at), new WireReceiver(at)];
      const random = new Random(seed);
      const sent: Uint8Array[] = [];
      let dropped = 0;
      let bytes = 0;
      for (let n = 0; n < 5000; n++) {
        const frame = frameOf(n, 14 + random.below(1505));
        const used = sent.reduce((sum, { length }) => sum + 4 + Math.ceil(length / 4) * 4, 0);
        const fits = used + 4 + Math.ceil(frame.length / 4) * 4 <= 8192;
        expect(sender.send(frame)).toBe(fits);
        if (fits) sent.push(frame);
        else dropped++;
        bytes += fits ? frame.length : 0;
        for (let take = random.below(3); take > 0 && sent.length > 0; take--) {
          expect(Buffer.compare(receiver.receive()!, sent.shift()!)).toBe(0);
        }
      }
      expect(Buffer.compare(Buffer.concat(drain(receiver)), Buffer.concat(sent))).toBe(0);
      expect(sender.counters).toEqual({ frames: 5000 - dropped, bytes, drops: dropped });
      expect([dropped > 100, receiver.takeViolation()]).toEqual([true, undefined]);
    },
  );

  test('header: head, tail, awake, wake, frames, bytes, drops; then length and bytes', () => {
    const { at, sender, receiver } = pair();
    sender.send(frameOf(1, 15));
    sender.send(new Uint8Array(13));
    expect([...at.words.subarray(0, 10)]).toEqual([0, 20, 1, 1, 1, 0, 15, 0, 1, 0]);
    expect([at.words[16], ...at.bytes.subarray(68, 83)]).toEqual([15, ...frameOf(1, 15)]);
    expect(wireCounters(at)).toEqual({ frames: 1, bytes: 15, drops: 1 });
    receiver.receive();
    expect([...at.words.subarray(0, 3)]).toEqual([20, 20, 1]);
    receiver.receive();
    expect(at.words[2]).toBe(0);
  });

  test.each([
    [13, false],
    [14, true],
    [1514, true],
    [1518, true],
    [1519, false],
    [0, false],
  ])('of %d bytes: %s', (length, carried) => {
    const { sender, receiver } = pair();
    expect(sender.send(new Uint8Array(length))).toBe(carried);
    expect(drain(receiver).map((frame) => frame.length)).toEqual(carried ? [length] : []);
  });

  test('are private copies', () => {
    const { at, sender, receiver } = pair();
    sender.send(frameOf(0, 20));
    const frame = receiver.receive()!;
    at.bytes.fill(0xee, 64);
    expect(frame).toEqual(frameOf(0, 20));
  });

  test('a ring of the real size holds all frames of a TCP window of 256 KiB, and as many again', () => {
    const at = region('wire_rx', WIRE_SIZE);
    const sender = new WireSender(at);
    expect(Array.from({ length: 400 }, () => sender.send(new Uint8Array(1514))).filter(Boolean).length).toBe(344);
  });

  test('a capacity that is no power of two is refused', () => {
    expect(() => new WireSender(region('wire_tx', 64 + 5000))).toThrow(/wire_tx/);
    expect(() => new WireReceiver(region('wire_tx', 64))).toThrow(RangeError);
  });
});

describe('waking', () => {
  test('the first frame wakes; while the receiver is awake none does; once it has found nothing the next one does', () => {
    const { sender, receiver, pokes } = pair();
    const send = () => sender.send(new Uint8Array(60));
    send();
    send();
    expect(pokes()).toBe(1);
    receiver.receive();
    send();
    expect(pokes()).toBe(1);
    drain(receiver);
    send();
    send();
    expect(pokes()).toBe(2);
  });

  test('the sleep word changes with every wake-up, so that a sleeper who read it before looking does not oversleep', () => {
    const { at, sender, receiver } = pair();
    const { words, index, seen } = receiver.sleep;
    expect([words, index]).toEqual([at.words, 3]);
    drain(receiver);
    expect(Atomics.load(words, index)).toBe(seen);
    sender.send(new Uint8Array(60));
    expect(Atomics.load(words, index)).not.toBe(seen);
  });

  test('a frame that comes while the receiver lies down is taken, and wakes nobody later', () => {
    const { at, sender, receiver, pokes } = pair();
    sender.send(new Uint8Array(60));
    drain(receiver);
    expect(pokes()).toBe(1);
    const real = Atomics.store;
    let raced = false;
    Atomics.store = ((...args: Parameters<typeof real>) => {
      if (!raced && args[1] === 2 && Number(args[2]) === 0) {
        raced = true;
        // The sender took the flag from an earlier sleep: it wakes nobody.
        Atomics.exchange(at.words, 2, 1);
        sender.send(frameOf(9, 60));
      }
      return real(...args);
    }) as typeof real;
    try {
      expect(receiver.receive()).toEqual(frameOf(9, 60));
    } finally {
      Atomics.store = real;
    }
    expect(pokes()).toBe(1);
    sender.send(new Uint8Array(60));
    expect(pokes(), 'it is awake').toBe(1);
  });

  test('who takes over from a receiver that was ended awake is woken', () => {
    const { at, sender, pokes } = pair();
    sender.send(new Uint8Array(60));
    const next = new WireReceiver(at);
    sender.send(new Uint8Array(60));
    expect(pokes()).toBe(2);
    expect(drain(next)).toHaveLength(2);
  });
});

describe('an end that breaks the rules', () => {
  test.each<[string, (words: Int32Array) => void]>([
    ['a tail beyond the capacity', (words) => (words[1] = 8196)],
    ['a tail behind the head', (words) => (words[1] = -4)],
    ['a tail between words', (words) => (words[1] = 66)],
    ['a frame of no length', (words) => (words[16] = 0)],
    ['a frame longer than any', (words) => (words[16] = 1519)],
    ['a length of 2^32 - 1', (words) => (words[16] = -1)],
    ['a frame longer than what is there', (words) => (words[16] = 65)],
  ])('%s: said, counted, and the next frames pass', (_, act) => {
    const { at, sender, receiver } = pair();
    sender.send(frameOf(1, 60));
    act(at.words);
    expect(drain(receiver)).toEqual([]);
    expect(receiver.takeViolation()).toMatch(/^wire_tx is broken: /);
    expect(receiver.takeViolation()).toBeUndefined();
    expect(receiver.counters.drops).toBeGreaterThan(0);
    const again = new WireSender(at);
    again.send(frameOf(2, 60));
    expect(drain(receiver).at(-1)).toEqual(frameOf(2, 60));
  });

  test('a head that is impossible drops frames, and nothing is written over', () => {
    const { at, sender } = pair();
    sender.send(frameOf(1, 60));
    const before = at.bytes.slice(64);
    at.words[0] = 4000;
    expect(sender.send(frameOf(2, 60))).toBe(false);
    expect([...at.bytes.subarray(64)]).toEqual([...before]);
    at.words[0] = 64;
    expect(sender.send(frameOf(3, 60))).toBe(true);
  });

  test.each([1, 2, 3, 4])(
    'any words at all: every receive ends, and its frames have a possible length (seed %d)',
    (seed) => {
      const { at, sender, receiver } = pair();
      const random = new Random(seed);
      for (let round = 0; round < 3000; round++) {
        const word = [0, 1, 2, 3, 16 + random.below(2048)][random.below(5)]!;
        at.words[word] = random.below(3) === 0 ? random.next() : random.below(9000);
        if (random.below(2) === 0) sender.send(frameOf(round, 14 + random.below(1505)));
        for (let i = 0; i < 300; i++) {
          const frame = receiver.receive();
          if (!frame) break;
          expect(frame.length >= 14 && frame.length <= 1518).toBe(true);
        }
      }
      expect(receiver.takeViolation()).toBeDefined();
    },
  );
});
