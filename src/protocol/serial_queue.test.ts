import { expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { region } from './region';
import { SerialQueue } from './serial_queue';

function ends(capacity = 64, backlog?: number) {
  const queue = region('queue', 0x1000);
  const data = region('data', capacity);
  return { queue, data, producer: new SerialQueue(queue, data, backlog), consumer: new SerialQueue(queue, data) };
}
const bytesFrom = (start: number, length: number) => Uint8Array.from({ length }, (_, i) => start + i);

test('tail at 0, head at 4, producer_signalled at 8, bytes from 0 of their own region', () => {
  const { queue, data, producer, consumer } = ends();
  producer.write(Uint8Array.of(5, 6, 7));
  consumer.read(2);
  consumer.takeProducerSignal();
  expect([...queue.words.subarray(0, 4), ...data.bytes.subarray(0, 4)]).toEqual([3, 2, 1, 0, 5, 6, 7, 0]);
});

test('bytes arrive in order, also across the wrap of the indices', () => {
  const { queue, producer, consumer } = ends();
  queue.words.fill(-100, 0, 2);
  const random = new Random(2);
  let sent = 0;
  let got = 0;
  while (got < 10_000) {
    sent += producer.write(bytesFrom(sent, random.below(100)));
    expect([producer.length, producer.free]).toEqual([sent - got, 64 - (sent - got)]);
    const read = random.below(2) ? consumer.read(random.below(80)) : consumer.read();
    expect([...read]).toEqual([...bytesFrom(got, read.length)]);
    got += read.length;
  }
});

test('a backlog keeps most of the queue empty', () => {
  const { producer, consumer } = ends(64, 10);
  expect([producer.write(bytesFrom(0, 20)), producer.free, consumer.length]).toEqual([10, 0, 10]);
  consumer.read(3);
  expect(producer.free).toBe(3);
});

test('peeking takes nothing, and a nonsensical amount is none', () => {
  const { producer, consumer } = ends();
  producer.write(bytesFrom(0, 5));
  expect([consumer.peek(3).length, consumer.peek(-4).length, consumer.length]).toEqual([3, 0, 5]);
});

test('a new queue asks for a signal; the request is taken once', () => {
  const { producer, consumer } = ends();
  expect([consumer.takeProducerSignal(), consumer.takeProducerSignal()]).toEqual([true, false]);
  producer.requestProducerSignal();
  expect([consumer.takeProducerSignal(), consumer.takeProducerSignal()]).toEqual([true, false]);
});

test.each([65, 2 ** 31, -1])(
  'a tail %d ahead of the head is no length: nothing is read or written, nothing throws',
  (ahead) => {
    const { queue, producer, consumer } = ends();
    queue.words[0] = ahead;
    expect([consumer.length, consumer.read().length, producer.free, producer.write(bytesFrom(0, 9))]).toEqual([
      Number.NaN,
      0,
      0,
      0,
    ]);
    expect(queue.words[0]).toBe(ahead | 0);
  },
);
