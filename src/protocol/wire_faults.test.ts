import { expect, test } from 'vitest';
import { type Fault, faultProblem, type WireFault } from './faults';
import { WireFaults } from './wire_faults';

const wire = (fault: Omit<WireFault, 'on'>): WireFault => ({ on: 'wire', ...fault });

function faults(...list: Fault[]): WireFaults {
  const set = new WireFaults();
  set.set(list.map((fault, id) => ({ id, fault })));
  return set;
}

/** What befalls ten frames, sent and received in turn. */
const outcome = (set: WireFaults) =>
  Array.from({ length: 10 }, (_, i) => set.next(i % 2 === 0 ? 'send' : 'receive')?.what[0] ?? '.').join('');

test.each<[string, WireFault[]]>([
  ['l.........', [wire({ what: 'lost' })]],
  ['.l.l......', [wire({ what: 'lost', direction: 'receive', times: 2 })]],
  ['....d.....', [wire({ what: 'duplicated', direction: 'send', at: 3 })]],
  ['..cccccccc', [wire({ what: 'corrupted', at: 3, times: Number.POSITIVE_INFINITY })]],
  ['dl........', [wire({ what: 'delayed' }), wire({ what: 'lost', times: 2 })]],
])('%s', (expected, list) => {
  expect(outcome(faults(...list))).toBe(expected);
});

test('a delay is in nanoseconds for the card, 100 ms when nothing is said', () => {
  const set = faults(wire({ what: 'delayed' }), wire({ what: 'delayed', ms: 3, at: 2 }));
  expect([set.next('send'), set.next('send')]).toEqual([
    { what: 'delayed', ns: 100_000_000 },
    { what: 'delayed', ns: 3_000_000 },
  ]);
});

test('corrupted bits differ, and are the same in every run', () => {
  const bits = () => {
    const set = faults(wire({ what: 'corrupted', times: 100 }));
    return Array.from({ length: 100 }, () => set.next('send'));
  };
  expect(bits()).toEqual(bits());
  expect(new Set(bits().map((mishap) => JSON.stringify(mishap))).size).toBe(100);
});

test('faults of others are none of the wire; hits are counted by id', () => {
  const set = faults({ on: 'disk', what: 'error' }, wire({ what: 'lost', times: 3 }));
  outcome(set);
  expect(set.hits()).toEqual({ 1: 3 });
});

test('what cannot be set is said in one sentence', () => {
  expect(faultProblem(wire({ what: 'lost' }))).toBeUndefined();
  expect(faultProblem({ on: 'wire', what: 'eaten' } as unknown as Fault)).toMatch(
    /lost, duplicated, corrupted, delayed/,
  );
  expect(faultProblem(wire({ what: 'lost', at: 0 }))).toBe('at counts from 1.');
});
