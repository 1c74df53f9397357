import { expect, test } from 'vitest';
import { Backoff } from './backoff';

test('three failures are forgiven, then each waits twice as long as the last, up to eight seconds', () => {
  const backoff = new Backoff();
  const delays = Array.from({ length: 11 }, (_, i) => backoff.next(1000 * i));
  expect(delays).toEqual([0, 0, 0, 250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test('half a minute without a failure forgives all', () => {
  const backoff = new Backoff();
  for (let i = 0; i < 6; i++) backoff.next(i);
  expect(backoff.next(5 + 30_000)).toBe(2000);
  expect(backoff.next(6 + 60_000)).toBe(0);
});
