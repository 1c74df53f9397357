import { expect, test } from 'vitest';
import { lanePaths, spanAround } from './lane_paths';

const SIZE = { width: 120, height: 20 };
const SPAN = { from: 1000, to: 2200 };
const lane = (beats: number[], silences: { from: number; to: number | undefined }[] = []) => ({
  name: 'blk_virt',
  beats,
  silences,
});

/** The highest point of each beat. */
const peaks = (line: string) => [...line.matchAll(/L([\d.]+) 3\.0/g)].map(([, x]) => Number(x));

test('a beat stands where it was, and the line goes on to the end', () => {
  const { line, silent, wordsAt } = lanePaths(lane([900, 1100, 1700]), SPAN, SIZE);
  expect(peaks(line)).toEqual([10.5, 70.5]);
  expect(line.startsWith('M0.0 11')).toBe(true);
  expect(line.endsWith('L120.0 11')).toBe(true);
  expect([silent, wordsAt]).toEqual(['', undefined]);
});

test('the line begins with the first beat that was felt: before, nobody asked', () => {
  expect(lanePaths(lane([1600]), SPAN, SIZE).line.startsWith('M60.0 11')).toBe(true);
  expect(lanePaths(lane([]), SPAN, SIZE).line).toBe('');
});

test('a silence is a bar from its begin to its end, or to now; words where they have room', () => {
  const done = lanePaths(lane([], [{ from: 1100, to: 1200 }]), SPAN, SIZE);
  expect([done.silent, done.wordsAt]).toEqual(['M10.0 2H20.0V18H10.0Z', undefined]);
  const goesOn = lanePaths(lane([], [{ from: 1500, to: undefined }]), SPAN, SIZE);
  expect([goesOn.silent, goesOn.wordsAt]).toEqual(['M50.0 2H120.0V18H50.0Z', 85]);
  expect(lanePaths(lane([], [{ from: 0, to: 900 }]), SPAN, SIZE).silent).toBe('');
});

test('what has not happened yet is empty', () => {
  const { line, silent } = lanePaths(lane([1100], [{ from: 1500, to: undefined }]), { ...SPAN, now: 1600 }, SIZE);
  expect(line.endsWith('L60.0 11')).toBe(true);
  expect(silent).toBe('M50.0 2H60.0V18H50.0Z');
});

test('one that lasted less than a pixel is seen', () => {
  expect(lanePaths(lane([], [{ from: 1500, to: 1501 }]), SPAN, SIZE).silent).toBe('M50.0 2H52.0V18H50.0Z');
});

test('around a recovery there is time before and after it', () => {
  const short = spanAround(10_000, 60);
  expect(short.to - short.from).toBe(1200);
  expect(short.from).toBeLessThan(9_700);
  expect(short.to).toBeGreaterThan(10_700);
  const long = spanAround(10_000, 3000);
  expect(long.from).toBeLessThan(9_500);
  expect(long.to).toBeGreaterThan(13_500);
});
