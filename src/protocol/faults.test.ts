import { describe, expect, test } from 'vitest';
import { type DiskFault, DiskFaults, type Fault, faultProblem, type HopFault } from './faults';
import { HopFaults } from './hop_faults';

const disk = (fault: Omit<DiskFault, 'on'>): DiskFault => ({ on: 'disk', ...fault });

/** Which of ten requests of each kind in turn go wrong, and how. */
function outcome(...faults: DiskFault[]): string {
  const set = new DiskFaults();
  set.set(faults.map((fault, id) => ({ id, fault })));
  const kinds = ['read', 'write', 'flush'] as const;
  return Array.from({ length: 9 }, (_, i) => set.next(kinds[i % 3]!)?.[0] ?? '.').join('');
}

test.each<[string, DiskFault[]]>([
  ['e........', [disk({ what: 'error' })]],
  ['....e....', [disk({ what: 'error', request: 'write', at: 2 })]],
  ['..ee.....', [disk({ what: 'error', at: 3, times: 2 })]],
  ['.t.......', [disk({ what: 'torn write' })]],
  ['.f..f..f.', [disk({ what: 'full' })]],
  ['.r..r..r.', [disk({ what: 'read-only' })]],
  ['..eeeeeee', [disk({ what: 'eject', at: 3 })]],
  ['bb.......', [disk({ what: 'bit flip', times: 2 })]],
  ['.e...e...', [disk({ what: 'error', at: 2, every: 4, times: 2 })]],
  ['...e...e.', [disk({ what: 'error', request: 'read', at: 2, every: 1 }), disk({ what: 'error', at: 8, every: 3 })]],
  // Both count every request; the first in the list that hits is the one that happens.
  ['en.......', [disk({ what: 'error' }), disk({ what: 'no answer', times: 2 })]],
])('%s', (expected, faults) => {
  expect(outcome(...faults)).toBe(expected);
});

test('a fault that stays keeps its count when others come and go', () => {
  const set = new DiskFaults();
  const first = { id: 1, fault: disk({ what: 'error', at: 3 }) };
  set.set([first]);
  set.next('read');
  set.set([first, { id: 2, fault: disk({ what: 'full' }) }]);
  set.next('read');
  expect(set.next('read')).toBe('error');
  expect(set.hits()).toEqual({ 1: 1, 2: 0 });
  set.set([]);
  expect(set.next('write')).toBe(undefined);
});

test('only a fault without answers makes the disk silent', () => {
  const set = new DiskFaults();
  set.set([{ id: 1, fault: disk({ what: 'no answer' }) }]);
  expect(set.silences).toBe(true);
  set.set([{ id: 1, fault: disk({ what: 'eject' }) }]);
  expect(set.silences).toBe(false);
});

test('a bad place hits and counts only the requests that touch it', () => {
  const set = new DiskFaults();
  const fault = disk({ what: 'error', sectors: { first: 100, count: 2 }, times: Number.POSITIVE_INFINITY });
  set.set([{ id: 1, fault }]);
  const asked = [
    [92, 8],
    [93, 8],
    [100, 1],
    [101, 1],
    [102, 8],
    [0, 4096],
  ] as const;
  expect(asked.map(([first, count]) => set.next('read', first, count) !== undefined)).toEqual([
    false,
    true,
    true,
    true,
    false,
    true,
  ]);
  expect(set.next('flush')).toBeUndefined();
  expect(set.hits()).toEqual({ 1: 4 });
  expect(faultProblem({ ...fault, sectors: { first: -1, count: 1 } })).toContain('sectors are counted from 0');
  expect(faultProblem({ ...fault, sectors: { first: 0, count: 0 } })).toContain('sectors are counted from 0');
});

test('the faults of a hop are those with its name', () => {
  const faults = new HopFaults('net_virt_rx');
  const lost = (domain: string): HopFault => ({ on: 'hop', what: 'lost', domain });
  faults.set([lost('net_virt_tx'), disk({ what: 'error' }), lost('net_virt_rx')].map((fault, id) => ({ id, fault })));
  expect([faults.lost(), faults.lost(), faults.hits()]).toEqual([true, false, { 2: 1 }]);
});

describe('what cannot be set is refused with a sentence', () => {
  test.each([
    [{ on: 'disk', what: 'melts' }, 'A disk fault is one of'],
    [{ on: 'disk', what: 'torn write', request: 'read' }, 'happens to write only'],
    [{ on: 'disk', what: 'error', at: 0 }, 'counts from 1'],
    [{ on: 'disk', what: 'error', at: 1.5 }, 'counts from 1'],
    [{ on: 'disk', what: 'error', times: 0 }, 'at least 1'],
    [{ on: 'disk', what: 'error', times: Number.NaN }, 'at least 1'],
    [{ on: 'interrupt', domain: 'x', what: 'bent' }, 'lost, duplicated or delayed'],
    [{ on: 'memory', region: 'x', offset: 2, bits: 1 }, 'multiple of 4'],
    [{ on: 'memory', region: 'x', offset: -4, bits: 1 }, 'multiple of 4'],
    [{ on: 'memory', region: 'x', offset: 0, bits: 0 }, 'other than 0'],
    [{ on: 'hop', domain: 'x', what: 'delayed' }, 'can only be lost'],
    [{ on: 'hop', domain: 'x', what: 'lost', every: 0 }, 'every must be'],
    [{ on: 'disk', what: 'error', every: 1.5 }, 'every must be'],
    [{ on: 'elsewhere' }, "'disk', 'interrupt', 'wire', 'hop' or 'memory'"],
  ])('%o', (fault, why) => {
    expect(faultProblem(fault as Fault)).toContain(why);
  });

  test.each<Fault>([
    { on: 'disk', what: 'bit flip', request: 'write', at: 3, times: Number.POSITIVE_INFINITY },
    { on: 'interrupt', domain: 'blk_driver', what: 'delayed', ms: 5 },
    { on: 'hop', domain: 'net_virt_rx', what: 'lost', every: 20, times: Number.POSITIVE_INFINITY },
    { on: 'memory', region: 'guest_ram_linux_fs_vm', offset: 4096, bits: -1 },
  ])('and what can is not: %o', (fault) => {
    expect(faultProblem(fault)).toBe(undefined);
  });
});
