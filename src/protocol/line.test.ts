import { expect, test } from 'vitest';
import { Random } from '../libmicrokit/random';
import { Line } from './line';
import { region } from './region';

const pair = (size = 16 + 64) => {
  const at = region('line', size);
  return { at, writer: new Line(at), reader: new Line(at) };
};
const bytesFrom = (start: number, length: number) => Uint8Array.from({ length }, (_, i) => start + i);

test('bytes arrive in order through a small ring, also across the wrap of the indices', () => {
  const { at, writer, reader } = pair();
  at.words.fill(-30, 1, 3);
  const random = new Random(1);
  let sent = 0;
  let got = 0;
  while (got < 10_000) {
    const n = random.below(100);
    const written = writer.write(bytesFrom(sent, n));
    expect(written).toBe(Math.min(n, 64 - (sent - got)));
    sent += written;
    const read = reader.read(random.below(80));
    expect([...read]).toEqual([...bytesFrom(got, read.length)]);
    got += read.length;
    expect([writer.length, writer.free]).toEqual([sent - got, 64 - (sent - got)]);
  }
});

test('header: lock, head, tail, writer waits; then the bytes', () => {
  const { at, writer } = pair();
  writer.write(Uint8Array.of(1, 2, 3));
  expect([...at.words.subarray(0, 4), ...at.bytes.subarray(16, 20)]).toEqual([0, 0, 3, 0, 1, 2, 3, 0]);
});

test('a request for room is seen once', () => {
  const { writer, reader } = pair();
  expect(reader.takeRoomRequest()).toBe(false);
  writer.requestRoom();
  expect([reader.takeRoomRequest(), reader.takeRoomRequest()]).toEqual([true, false]);
});

test('a writer that died with the lock does not hold up the others for ever', () => {
  const { at, writer, reader } = pair();
  at.words[0] = 1;
  expect(writer.write(Uint8Array.of(7))).toBe(1);
  expect([at.words[0], ...reader.read(9)]).toEqual([0, 7]);
});

test('a capacity that is no power of two would jump at the wrap, and is refused', () => {
  expect(() => pair(16 + 60)).toThrow(RangeError);
});
