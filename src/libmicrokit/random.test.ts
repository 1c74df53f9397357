import { expect, test } from 'vitest';
import { Random } from './random';

test('a seed gives one sequence, another seed another, and zero is a seed like any other', () => {
  const draw = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.next());
  };
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
  expect(new Set(draw(0)).size).toBe(20);
});

test('below stays below, and reaches everything', () => {
  const random = new Random(9);
  const seen = Array.from({ length: 5000 }, () => random.below(7));
  expect(new Set(seen)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
});
