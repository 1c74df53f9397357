import { expect, test } from 'vitest';
import type { Heartbeats } from './heartbeats';
import { verdictOf } from './verdict';

/** By domain: whether it missed a beat, and when the last probe was sent that it answered. */
function hearts(of: Record<string, readonly [missed: boolean | undefined, heardMs: number]>) {
  return {
    missed: (name: string) => of[name]![0],
    heardSince: (name: string, ms: number) => of[name]![1] >= ms,
  } as unknown as Heartbeats;
}

test('known when everybody has answered a probe of after the end', () => {
  expect(verdictOf(hearts({ a: [false, 160], b: [false, 159] }), ['a', 'b'], 100, 160)).toBeUndefined();
  expect(verdictOf(hearts({ a: [false, 160], b: [false, 200] }), ['a', 'b'], 100, 160)).toEqual({
    others: ['a', 'b'],
    missed: [],
  });
});

test('who is silent is not waited for, and named', () => {
  expect(verdictOf(hearts({ a: [true, 0], b: [false, 200] }), ['a', 'b'], 100, 160)).toEqual({
    others: ['a', 'b'],
    missed: ['a'],
  });
});

test('who was not asked keeps it open', () => {
  expect(verdictOf(hearts({ a: [undefined, 0] }), ['a'], 100, 160)).toBeUndefined();
});
