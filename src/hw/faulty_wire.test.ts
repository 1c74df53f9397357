import { expect, test } from 'vitest';
import { FaultyWire, type WireMishap } from './faulty_wire';
import { FakeWire, frameOf } from './testing/fake_wire';

function faulty(mishaps: Record<'send' | 'receive', (WireMishap | undefined)[]>) {
  const wire = new FakeWire();
  const clock = { ns: 1000 };
  const subject = new FaultyWire(
    wire,
    (direction) => mishaps[direction].shift(),
    () => clock.ns,
  );
  const receiveAll = () => {
    const frames: Uint8Array[] = [];
    for (let frame = subject.receive(); frame; frame = subject.receive()) frames.push(frame);
    return frames;
  };
  return { wire, clock, subject, receiveAll };
}

const [a, b, c] = [frameOf(1, 60), frameOf(2, 61), frameOf(3, 62)];

test('without mishaps it is a wire', () => {
  const { wire, subject, receiveAll } = faulty({ send: [], receive: [] });
  subject.send(a);
  wire.arriving.push(b, c);
  expect([wire.sent, receiveAll(), subject.deadlineNs]).toEqual([[a], [b, c], undefined]);
});

test('a dropped frame is gone, a duplicated one comes twice in a row, in either direction', () => {
  const list = (): WireMishap[] => [{ what: 'lost' }, { what: 'duplicated' }];
  const { wire, subject, receiveAll } = faulty({ send: list(), receive: list() });
  for (const frame of [a, b, c]) subject.send(frame);
  wire.arriving.push(a, b, c);
  expect([wire.sent, receiveAll()]).toEqual([
    [b, b, c],
    [b, b, c],
  ]);
});

test('a corrupted frame differs in the one bit that was asked for; its sender keeps it as it was', () => {
  const { wire, subject } = faulty({ send: [{ what: 'corrupted', bit: 8 * 60 + 13 }], receive: [] });
  const frame = a.slice();
  subject.send(frame);
  expect(frame).toEqual(a);
  expect(wire.sent[0]![1]).toBe(a[1]! ^ 32);
  wire.sent[0]![1]! ^= 32;
  expect(wire.sent).toEqual([a]);
});

test('a delayed frame is overtaken, and passes when it is due', () => {
  const { wire, clock, subject, receiveAll } = faulty({
    send: [{ what: 'delayed', ns: 500 }],
    receive: [{ what: 'delayed', ns: 700 }],
  });
  const frame = a.slice();
  subject.send(frame);
  frame.fill(0);
  subject.send(b);
  wire.arriving.push(a, c);
  expect([wire.sent, receiveAll(), subject.deadlineNs]).toEqual([[b], [c], 1500]);
  clock.ns = 1500;
  subject.poll();
  expect([wire.sent, receiveAll(), subject.deadlineNs]).toEqual([[b, a], [], 1700]);
  clock.ns = 1700;
  expect([receiveAll(), subject.deadlineNs]).toEqual([[a], undefined]);
});
