import { expect, test } from 'vitest';
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
