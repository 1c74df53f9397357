import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import {
  isBufferOffset,
  NET_QUEUE_CAPACITY,
  NET_QUEUE_REGION_SIZE,
  NetQueue,
  netReceiver,
  netSender,
} from './net_queue';
import { region } from './region';
import { interleaved } from './testing/interleaved';
import { justBefore } from './testing/just_before';

/** Both ends of a ring whose indices start at `start`. */
function ends(start = 0, capacity = NET_QUEUE_CAPACITY) {
  const at = region('ring', NET_QUEUE_REGION_SIZE);
  const tail = (value: number) => at.view.setUint16(0, value, true);
  const head = (value: number) => at.view.setUint16(2, value, true);
  tail(start);
  head(start);
  const wants = () => at.view.getUint32(4, true) === 0;
  return {
    ...{ at, tail, head, wants },
    producer: new NetQueue(at, 'producer', capacity),
    consumer: new NetQueue(at, 'consumer', capacity),
  };
}

const buffer = (i: number) => ({ io_or_offset: 2048 * i, len: i & 0xffff });

test.each([0, 65_536 - 512, 65_535, 65_300])('indices from %d: full refuses and empty gives nothing', (start) => {
  const { producer, consumer } = ends(start);
  expect([consumer.empty, consumer.dequeue(), producer.full]).toEqual([true, undefined, false]);
  for (let i = 0; i < 512; i++) expect(producer.enqueue(buffer(i))).toBe(true);
  expect([producer.full, consumer.length, producer.enqueue(buffer(600))]).toEqual([true, 512, false]);
  expect([consumer.dequeue(), producer.full]).toEqual([buffer(0), false]);
  expect([producer.enqueue(buffer(512)), producer.enqueue(buffer(513))]).toEqual([true, false]);
  expect(Array.from({ length: 512 }, () => consumer.dequeue()?.len)).toEqual(
    Array.from({ length: 512 }, (_, i) => i + 1),
  );
  expect([consumer.empty, producer.length, producer.broken, consumer.broken]).toEqual([true, 0, false, false]);
});

test('everything arrives once and in order over three wraps of the indices', () => {
  const { at, producer, consumer } = ends();
  const random = new Random(7);
  let [sent, got] = [0, 0];
  while (got < 200_000) {
    for (let n = random.below(600); n > 0 && producer.enqueue(buffer(sent)); n--) sent++;
    if (producer.length !== sent - got) expect(producer.length).toBe(sent - got);
    for (let n = random.below(600); n > 0 && !consumer.empty; n--, got++) {
      const { io_or_offset, len } = consumer.dequeue()!;
      if (io_or_offset !== 2048 * got || len !== (got & 0xffff)) expect({ io_or_offset, len }).toEqual(buffer(got));
    }
  }
  expect([at.view.getUint16(0, true), at.view.getUint16(2, true)]).toEqual([sent & 0xffff, got & 0xffff]);
});

test.each([1, 513, 1024, 32_768, 65_535])('a consumer takes nothing from a producer that is %d off', (off) => {
  const { producer, consumer, tail } = ends(65_000);
  producer.enqueue(buffer(1));
  consumer.dequeue();
  tail(65_001 + off);
  const stale = off <= 512;
  expect([consumer.empty, consumer.broken]).toEqual([!stale, !stale]);
  if (stale) return;
  expect([consumer.dequeue(), consumer.length]).toEqual([undefined, 0]);
  tail(65_002);
  expect([consumer.empty, consumer.dequeue(), consumer.broken]).toEqual([true, undefined, true]);
});

test.each([513, 40_000, 65_535])('a producer gives nothing to a consumer that is %d off', (off) => {
  const { producer, head } = ends(3);
  producer.enqueue(buffer(1));
  head(4 + 65_536 - off);
  expect([producer.full, producer.enqueue(buffer(2)), producer.broken]).toEqual([true, false, true]);
  head(3);
  expect([producer.full, producer.length, producer.enqueue(buffer(2))]).toEqual([true, 512, false]);
});

test("an end's own index in shared memory is not read again: the other end cannot turn it back", () => {
  const { producer, consumer, tail, head } = ends();
  for (const i of [1, 2, 3]) producer.enqueue(buffer(i));
  consumer.dequeue();
  head(0);
  expect(consumer.dequeue()).toEqual(buffer(2));
  tail(1);
  producer.enqueue(buffer(4));
  expect([consumer.dequeue(), consumer.dequeue()]).toEqual([buffer(3), buffer(4)]);
});

test('an address that a number cannot hold reads as one that no region has, and can be written back', () => {
  const { at, producer, consumer } = ends();
  producer.enqueue(buffer(1));
  at.view.setBigUint64(8, 0xffff_ffff_ffff_f800n, true);
  const desc = consumer.dequeue()!;
  expect([desc, isBufferOffset(region('data', 0x10_0000), desc.io_or_offset)]).toEqual([
    { io_or_offset: 2 ** 53 - 1, len: 1 },
    false,
  ]);
  expect(producer.enqueue(desc)).toBe(true);
});

test('which offsets are buffers', () => {
  const data = region('data', 0x10_0000);
  const good = [0, 2048, 511 * 2048];
  expect(good.filter((offset) => isBufferOffset(data, offset))).toEqual(good);
  const bad = [-2048, 1, 2047, 2049, 512 * 2048, Number.NaN, 2 ** 53 - 2048];
  expect(bad.filter((offset) => isBufferOffset(data, offset))).toEqual([]);
  expect(isBufferOffset(region('large', 0x20_0000), 512 * 2048)).toBe(false);
  expect(isBufferOffset(region('small', 0x1000 + 100), 0x1000)).toBe(false);
});

test.each(['producer', 'consumer'] as const)(
  'buffers that its %s put there come first, then those returned',
  (role) => {
    const at = region('ring', NET_QUEUE_REGION_SIZE);
    const [producer, consumer] = [new NetQueue(at, 'producer'), new NetQueue(at, 'consumer')];
    const other = { producer, consumer }[role];
    expect([producer.full, consumer.empty]).toEqual([false, true]);
    other.fill(0x5fef_0000);
    expect([producer.full, consumer.length]).toEqual([true, 512]);
    for (const i of [0, 1, 2]) expect(consumer.dequeue()).toEqual({ io_or_offset: 0x5fef_0000 + 2048 * i, len: 0 });
    expect(producer.enqueue(buffer(1))).toBe(true);
    for (let i = 3; i < 512; i++) expect(consumer.dequeue()?.io_or_offset).toBe(0x5fef_0000 + 2048 * i);
    expect([consumer.dequeue(), consumer.dequeue()]).toEqual([buffer(1), undefined]);
  },
);

describe('signals', () => {
  test('a fresh ring wants one; the producer takes the request with what it enqueued, and not without', () => {
    const { producer, consumer, wants } = ends();
    expect([wants(), producer.requireSignal(), wants()]).toEqual([true, false, true]);
    producer.enqueue(buffer(1));
    producer.enqueue(buffer(2));
    expect([producer.requireSignal(), wants(), producer.requireSignal()]).toEqual([true, false, false]);
    consumer.requestSignal();
    expect([producer.requireSignal(), wants()]).toEqual([false, true]);
    producer.enqueue(buffer(3));
    consumer.cancelSignal();
    expect(producer.requireSignal()).toBe(false);
  });

  test('drain takes what is there, and asks for a signal', () => {
    const { producer, consumer, wants } = ends();
    for (const i of [1, 2, 3]) producer.enqueue(buffer(i));
    producer.requireSignal();
    const got: number[] = [];
    expect([consumer.drain(({ len }) => got.push(len)), got, wants()]).toEqual([false, [1, 2, 3], true]);
  });

  test('what came just before drain asked for a signal is not forgotten', () => {
    const { producer, consumer, wants } = ends();
    justBefore(consumer, () => {
      producer.enqueue(buffer(1));
      expect(producer.requireSignal()).toBe(false);
    });
    consumer.cancelSignal();
    const got: number[] = [];
    const each = ({ len }: { len: number }) => got.push(len);
    expect([consumer.drain(each), got, wants()]).toEqual([true, [], false]);
    expect([consumer.drain(each), got, wants()]).toEqual([false, [1], true]);
  });

  test('wherever the producer comes in between two accesses of the consumer, no frame is left without a signal', () => {
    for (let access = 0, done = false; !done; access++) {
      const { producer, consumer, wants } = ends();
      const got: number[] = [];
      let told = false;
      producer.enqueue(buffer(1));
      expect(producer.requireSignal()).toBe(true);
      const accesses = interleaved(access, () => {
        producer.enqueue(buffer(2));
        told = producer.requireSignal();
      });
      while (consumer.drain(({ len }) => got.push(len)));
      done = access >= accesses();
      expect([got.length === (done ? 1 : 2) || told, wants() || told], `access ${access}`).toEqual([true, true]);
      expect(access).toBeLessThan(50);
    }
  });

  test('wherever the consumer comes in between two accesses of the producer, likewise', () => {
    for (let access = 0, done = false; !done; access++) {
      const { producer, consumer, wants } = ends();
      consumer.cancelSignal();
      const got: number[] = [];
      const accesses = interleaved(access, () => {
        while (consumer.drain(({ len }) => got.push(len)));
      });
      producer.enqueue(buffer(1));
      const told = producer.requireSignal();
      done = access >= accesses();
      expect([done || got.length === 1 || told, done || wants() || told], `access ${access}`).toEqual([true, true]);
      expect(access).toBeLessThan(20);
    }
  });

  test('a producer that adds while it is drained does not hold the consumer', () => {
    const { producer, consumer, wants } = ends();
    producer.enqueue(buffer(1));
    let taken = 0;
    const more = consumer.drain(() => {
      taken++;
      producer.enqueue(buffer(2));
    });
    expect([more, taken, wants()]).toEqual([true, 1, false]);
  });

  test('a consumer that can do no more leaves the rest and is not woken for it', () => {
    const { producer, consumer, wants } = ends();
    for (const i of [1, 2, 3]) producer.enqueue(buffer(i));
    let room = 2;
    const drain = () =>
      consumer.drain(
        () => room--,
        () => room > 0,
      );
    expect([drain(), consumer.length, wants()]).toEqual([false, 1, false]);
    room = 1;
    expect([drain(), consumer.length, wants()]).toEqual([false, 0, true]);
  });
});

test('whatever the other end writes, at most 512 descriptors are taken at once and nothing is written outside the ring', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff });
  const write = fc.tuple(fc.integer({ min: 0, max: NET_QUEUE_REGION_SIZE / 4 - 1 }), word);
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(undefined), write, word), { maxLength: 40 }), (acts) => {
      const at = region('ring', NET_QUEUE_REGION_SIZE);
      const queue = new NetQueue(at, 'consumer');
      for (const act of acts) {
        if (act === undefined) {
          let taken = 0;
          queue.drain(({ io_or_offset }) => {
            taken++;
            expect(Number.isSafeInteger(io_or_offset)).toBe(true);
          });
          expect(taken).toBeLessThanOrEqual(512);
        } else if (typeof act === 'number') at.view.setUint32(0, act, true);
        else at.view.setUint32(act[0] * 4, act[1], true);
      }
    }),
  );
});

test('the two ends of a connection are each other’s counterparts; a region too small or a crooked capacity is refused', () => {
  const [free, active] = [region('free', NET_QUEUE_REGION_SIZE), region('active', NET_QUEUE_REGION_SIZE)];
  const [sender, receiver] = [netSender(free, active), netReceiver(free, active)];
  expect([sender.active.enqueue(buffer(1)), receiver.active.dequeue()]).toEqual([true, buffer(1)]);
  expect([receiver.free.enqueue(buffer(2)), sender.free.dequeue()]).toEqual([true, buffer(2)]);
  expect(() => new NetQueue(region('queue', 0x2000), 'producer')).toThrow('queue cannot hold 512 descriptors');
  expect(() => new NetQueue(free, 'producer', 500)).toThrow('free: capacity 500 is no power of two');
});
