import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Scale } from './scale';

function scaleOf(most: number, ...busy: readonly (readonly [number, number])[]): Scale {
  const scale = new Scale(most);
  for (const [start, end] of busy) scale.add(start, end);
  return scale;
}

test('a long pause is drawn short, what lies on both sides as long as it was', () => {
  const scale = scaleOf(2, [10, 11], [11.5, 12], [1000, 1003]);
  expect(scale.pauses).toEqual([{ from: 12, to: 1000, at: 12 }]);
  expect([10, 12, 506, 1000, 1003].map((time) => scale.placeOf(time))).toEqual([10, 12, 13, 14, 17]);
  expect([10, 12, 13, 14, 17].map((place) => scale.timeAt(place))).toEqual([10, 12, 506, 1000, 1003]);
});

test('spans of several lanes that overlap leave no pause, in whatever order they come', () => {
  expect(scaleOf(1, [0, 5], [6, 20], [4, 8]).pauses).toEqual([]);
  expect(scaleOf(1, [100, 101], [0, 1], [50, 51]).pauses.map(({ from, to }) => [from, to])).toEqual([
    [1, 50],
    [51, 100],
  ]);
});

test('without anything time is place', () => {
  expect([scaleOf(1).placeOf(7), scaleOf(1).timeAt(7)]).toEqual([7, 7]);
});

test('places ascend with time, lead back to it, and no stretch without a pause changes its length', () => {
  const spans = fc.array(fc.tuple(fc.nat(100_000), fc.nat(50)), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(spans, fc.array(fc.nat(100_100), { minLength: 2 }), (busy, times) => {
      const scale = scaleOf(20, ...busy.map(([start, length]) => [start, start + length] as const));
      const places = times.sort((a, b) => a - b).map((time) => scale.placeOf(time));
      for (const [i, place] of places.entries()) {
        expect(scale.timeAt(place)).toBeCloseTo(times[i]!, 6);
        if (i > 0) expect(place).toBeGreaterThanOrEqual(places[i - 1]!);
      }
      for (const [start, length] of busy)
        expect(scale.placeOf(start + length) - scale.placeOf(start)).toBeCloseTo(length, 6);
      for (const { from, to } of scale.pauses) expect(scale.placeOf(to) - scale.placeOf(from)).toBeCloseTo(20, 6);
    }),
  );
});
