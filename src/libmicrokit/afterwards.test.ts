/** Whoever looks on is called after everything a domain or its device does, and nothing is lost on the way. */
import { expect, test } from 'vitest';
import { afterPolls, afterwards } from './afterwards';
import type { ProtectionDomain } from './pd';

test('a look follows init, every notification and every protected call', () => {
  const done: string[] = [];
  const look = () => void done.push('look');
  const control = {};
  const faults = { set() {}, hits: () => ({}) };
  const domain: ProtectionDomain = {
    init: () => void done.push('init'),
    notified: (ch) => void done.push(`notified ${ch}`),
    protected: (ch, { label }) => ({ label: label + ch, words: [7] }),
    control,
    faults,
  };
  const looked = afterwards(domain, look);
  looked.init!();
  looked.notified(3);
  expect(looked.protected!(2, { label: 40, words: [] })).toEqual({ label: 42, words: [7] });
  expect(done).toEqual(['init', 'look', 'notified 3', 'look', 'look']);
  expect(looked.control).toBe(control);
  expect(looked.faults).toBe(faults);
});

test('a domain that serves no calls does not begin to', () => {
  const looked = afterwards({ notified() {} }, () => {});
  expect('protected' in looked).toBe(false);
  looked.init!();
});

test('a look follows every poll of a device, whose deadline moves on', () => {
  let looks = 0;
  const device = { polls: 0, deadlineNs: 5 as number | undefined, poll: () => void device.polls++ };
  const looked = afterPolls(device, () => looks++);
  looked.poll();
  expect([device.polls, looks, looked.deadlineNs]).toEqual([1, 1, 5]);
  device.deadlineNs = undefined;
  expect(looked.deadlineNs).toBeUndefined();
});
