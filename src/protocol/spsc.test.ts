import { expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { region } from './region';
import { Ring, type RingLayout, ringSize } from './spsc';
import { struct, u32, u64 } from './struct';

const SLOT = struct('slot', 16, { id: u32(0), value: u64(8) });
const layout = (indexBits: 32 | 64): RingLayout<typeof SLOT.fields> => ({
  name: 'ring',
  head: 0,
  tail: indexBits / 8,
  indexBits,
  slots: 64,
  slot: SLOT,
});

/** Both ends of a ring whose indices start at `start`. */
function ends(indexBits: 32 | 64, capacity: number, start = 0n) {
  const at = region('ring', ringSize(layout(indexBits), capacity));
  const write = (offset: number, value: bigint) => {
    if (indexBits === 32) at.view.setUint32(offset, Number(BigInt.asUintN(32, value)), true);
    else at.view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  };
  write(0, start);
  write(indexBits / 8, start);
  const end = (role: 'producer' | 'consumer') => new Ring(at, capacity, layout(indexBits), role);
  return { at, write, producer: end('producer'), consumer: end('consumer'), end };
}

const cases = [
  { indexBits: 32, capacity: 128, start: 0n },
  { indexBits: 32, capacity: 128, start: 2n ** 32n - 5n },
  { indexBits: 64, capacity: 511, start: 0n },
  { indexBits: 64, capacity: 511, start: 2n ** 32n - 300n },
  { indexBits: 64, capacity: 511, start: 2n ** 53n - 7n },
  { indexBits: 64, capacity: 7, start: 2n ** 63n - 9n },
] as const;

test.each(cases)(
  '$indexBits-bit indices from $start, capacity $capacity: everything arrives once and in order',
  ({ indexBits, capacity, start }) => {
    const { producer, consumer } = ends(indexBits, capacity, start);
    const random = new Random(capacity);
    let sent = 0;
    let got = 0;
    while (got < 5 * capacity + 100) {
      for (let n = random.below(capacity + 2); n > 0; n--) if (producer.enqueue({ id: sent, value: sent * 3 })) sent++;
      expect(producer.length).toBe(sent - got);
      for (let n = random.below(capacity + 2); n > 0; n--) {
        const message = consumer.dequeue();
        if (!message) break;
        expect(message).toEqual({ id: got, value: got * 3 });
        got++;
      }
    }
  },
);

test.each(cases)(
  '$indexBits-bit indices from $start, capacity $capacity: full refuses, empty gives nothing',
  ({ indexBits, capacity, start }) => {
    const { producer, consumer } = ends(indexBits, capacity, start);
    expect([consumer.dequeue(), producer.free, consumer.available]).toEqual([undefined, capacity, 0]);
    for (let i = 0; i < capacity; i++) expect(producer.enqueue({ id: i })).toBe(true);
    expect([producer.enqueue({ id: 999 }), producer.free, consumer.available]).toEqual([false, 0, capacity]);
    expect(consumer.dequeue()?.id).toBe(0);
    expect([producer.enqueue({ id: 1000 }), producer.enqueue({ id: 1001 })]).toEqual([true, false]);
    const rest = Array.from({ length: capacity }, () => consumer.dequeue()?.id);
    expect([rest.at(0), rest.at(-1), consumer.dequeue()]).toEqual([capacity > 1 ? 1 : 1000, 1000, undefined]);
  },
);

test('a batch is invisible until it is published, at once', () => {
  const { producer, consumer } = ends(64, 511);
  for (let i = 0; i < 5; i++) producer.put(i, { id: i });
  expect(consumer.available).toBe(0);
  producer.publish(5);
  expect([consumer.available, consumer.peek(4).id, consumer.available]).toEqual([5, 4, 5]);
  consumer.consume(4);
  expect([consumer.dequeue()?.id, producer.free]).toEqual([4, 511]);
});

test('an end that comes later goes on where the indices are, also past 2^32 with a capacity that does not divide it', () => {
  const { producer, consumer, end } = ends(64, 511, 2n ** 32n - 2n);
  for (let i = 0; i < 4; i++) producer.enqueue({ id: i });
  consumer.dequeue();
  const late = end('consumer');
  expect([late.dequeue()?.id, late.dequeue()?.id, late.dequeue()?.id]).toEqual([1, 2, 3]);
  expect(end('producer').enqueue({ id: 4 })).toBe(true);
  expect(late.dequeue()?.id).toBe(4);
});

test.each([
  [32, 129n],
  [32, -1n],
  [32, 2n ** 31n],
  [64, 512n],
  [64, -1n],
  [64, 2n ** 32n],
  [64, 2n ** 63n],
] as const)(
  '%d-bit: a producer whose index is %d ahead has broken the ring: nothing is read, nothing throws',
  (indexBits, ahead) => {
    const capacity = indexBits === 32 ? 128 : 511;
    const { write, consumer } = ends(indexBits, capacity, 1000n);
    write(indexBits / 8, 1000n + ahead);
    expect([consumer.length, consumer.broken, consumer.available, consumer.dequeue()]).toEqual([
      Number.NaN,
      true,
      0,
      undefined,
    ]);
    write(indexBits / 8, 1001n);
    expect([consumer.broken, consumer.available]).toEqual([false, 1]);
  },
);

test.each([
  [32, 1n],
  [32, -129n],
  [64, 1n],
  [64, -512n],
  [64, 2n ** 40n],
] as const)(
  '%d-bit: a consumer whose index is %d ahead has broken the ring: nothing is written',
  (indexBits, ahead) => {
    const capacity = indexBits === 32 ? 128 : 511;
    const { at, write, producer } = ends(indexBits, capacity, 1000n);
    write(0, 1000n + ahead);
    const before = at.bytes.slice();
    expect([producer.broken, producer.free, producer.enqueue({ id: 1 })]).toEqual([true, 0, false]);
    expect([...at.bytes]).toEqual([...before]);
  },
);

test('the other side cannot move an own index', () => {
  const { write, producer, consumer } = ends(32, 128);
  producer.enqueue({ id: 1 });
  write(4, 77n);
  producer.enqueue({ id: 2 });
  expect([consumer.dequeue()?.id, consumer.dequeue()?.id]).toEqual([1, 2]);
});

test('a region that is too small is refused', () => {
  expect(() => new Ring(region('small', 64 + 127 * 16), 128, layout(32), 'producer')).toThrow(RangeError);
});
