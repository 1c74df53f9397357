import { expect, test } from 'vitest';
import type { InterruptFault } from '../protocol/faults';
import { Irq } from './irq';

const make = (trigger: 'edge' | 'level') => {
  const seen = { count: 0 };
  return { seen, irq: new Irq(trigger, () => void seen.count++) };
};

test('a level line fires once until the ack, and again after it while it is high', () => {
  const { seen, irq } = make('level');
  irq.level(true);
  irq.level(false);
  irq.level(true);
  expect(seen.count).toBe(1);
  irq.ack();
  expect(seen.count).toBe(2);
  irq.level(false);
  irq.ack();
  expect(seen.count).toBe(2);
  irq.level(true);
  expect(seen.count).toBe(3);
});

test('an edge fires once; holding the line high does not fire it again', () => {
  const { seen, irq } = make('edge');
  irq.level(true);
  irq.ack();
  irq.level(true);
  irq.ack();
  expect(seen.count).toBe(1);
});

test('edges that arrive before the ack are latched once', () => {
  const { seen, irq } = make('edge');
  irq.level(true);
  for (let i = 0; i < 3; i++) {
    irq.level(false);
    irq.level(true);
  }
  expect(seen.count).toBe(1);
  irq.ack();
  expect(seen.count).toBe(2);
  irq.ack();
  expect(seen.count).toBe(2);
});

test('an ack that nobody waits for is harmless', () => {
  const { seen, irq } = make('level');
  irq.ack();
  irq.level(true);
  expect(seen.count).toBe(1);
});

test('a handler that lowers the line inside its delivery is not called for it again', () => {
  const calls: string[] = [];
  const irq: Irq = new Irq('level', () => {
    calls.push('fired');
    irq.level(false);
  });
  irq.level(true);
  irq.ack();
  expect(calls).toEqual(['fired']);
});

/** A line whose first delivery goes wrong. */
function mishap(trigger: 'edge' | 'level', what: InterruptFault['what']) {
  const seen = { count: 0 };
  const faults: InterruptFault[] = [{ on: 'interrupt', domain: 'd', what, ms: 7 }];
  const late: { ms: number; deliver: () => void }[] = [];
  const mishaps = {
    next: () => faults.shift(),
    later: (ms: number, deliver: () => void) => void late.push({ ms, deliver }),
  };
  return { seen, late, irq: new Irq(trigger, () => void seen.count++, mishaps) };
}

test.each(['edge', 'level'] as const)('a lost interrupt (%s) is never seen, and the next one is', (trigger) => {
  const { seen, irq } = mishap(trigger, 'lost');
  irq.level(true);
  expect(seen.count).toBe(0);
  irq.level(false);
  irq.level(true);
  expect(seen.count).toBe(1);
});

test('a duplicated interrupt comes once more after the ack, and no third time', () => {
  const { seen, irq } = mishap('edge', 'duplicated');
  irq.level(true);
  expect(seen.count).toBe(1);
  irq.ack();
  expect(seen.count).toBe(2);
  irq.ack();
  expect(seen.count).toBe(2);
});

test('a delayed interrupt comes when its time is over; edges meanwhile come after it', () => {
  const { seen, late, irq } = mishap('edge', 'delayed');
  irq.level(true);
  irq.level(false);
  irq.level(true);
  expect([seen.count, late.map(({ ms }) => ms)]).toEqual([0, [7]]);
  late[0]!.deliver();
  expect(seen.count).toBe(1);
  irq.ack();
  expect(seen.count).toBe(2);
});
