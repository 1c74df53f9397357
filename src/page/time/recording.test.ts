import { expect, test } from 'vitest';
import { TRACE } from '../../protocol/trace';
import { leaves } from './arrows';
import { lanesOf } from './lanes';
import { recordedSystem as system } from './testing/system';

test('a domain ran from each wake-up to the next sleep, with what it did then', () => {
  const { recording, runs } = system();
  runs('blk_virt', 10, 10.5, [TRACE.NOTIFIED, 1], [TRACE.NOTIFY, 0]);
  runs('blk_virt', 11, 11.25);
  expect(recording.read()).toBe(true);
  const spans = recording.spansOf('blk_virt');
  expect(spans.map(({ start, end, records }) => [start, end, records.length])).toEqual([
    [10, 10.5, 2],
    [11, 11.25, 0],
  ]);
  expect([recording.records, recording.lost, recording.end]).toEqual([2, 0, 11.25]);
  expect(recording.read()).toBe(false);
});

test('a domain that runs has an open span, which ends when the domain sleeps', () => {
  const { recording, writer } = system();
  writer('micropython').record(5, TRACE.NOTIFY, 5, 0, 0, 0);
  recording.read();
  expect(recording.spansOf('micropython')[0]!.end).toBeUndefined();
  writer('micropython').record(9, TRACE.RAN, 0, 0, 4e6, 0);
  recording.read();
  expect(recording.spansOf('micropython').map(({ start, end }) => [start, end])).toEqual([[5, 9]]);
});

test('spans of a domain do not overlap, whatever the clock says', () => {
  const { recording, runs } = system();
  runs('blk_virt', 10, 12, [TRACE.NOTIFIED, 1]);
  runs('blk_virt', 11.9, 12.1, [TRACE.NOTIFIED, 1]);
  runs('blk_virt', 12.05, 12, [TRACE.NOTIFIED, 1]);
  recording.read();
  const spans = recording.spansOf('blk_virt');
  for (const [i, { start, end }] of spans.entries()) {
    expect(end).toBeGreaterThanOrEqual(start);
    if (i > 0) expect(start).toBeGreaterThanOrEqual(spans[i - 1]!.end!);
  }
});

test('an arrow leads from the sender to whom it woke; many notifications before that are one', () => {
  const { recording, runs } = system();
  // blk_virt's channel 0 is blk_driver's 1.
  runs('blk_virt', 10, 10.5, [TRACE.NOTIFY, 0], [TRACE.NOTIFY, 0]);
  runs('blk_driver', 10.25, 10.75, [TRACE.NOTIFIED, 1]);
  runs('blk_virt', 11, 11.1, [TRACE.NOTIFY, 0]);
  runs('blk_driver', 11.5, 11.75, [TRACE.NOTIFIED, 1]);
  recording.read();
  expect(recording.arrows.map(({ from, to, call }) => [from.domain, from.start, to.domain, to.start, call])).toEqual([
    ['blk_virt', 10, 'blk_driver', 10.25, false],
    ['blk_virt', 11, 'blk_driver', 11.5, false],
  ]);
  expect(recording.arrows.map(leaves)).toEqual([10.25, 11.1]);
});

test('a receiver that was awake already is told by what came while it ran, and nobody by what came later', () => {
  const { recording, runs } = system();
  runs('blk_driver', 10, 12, [TRACE.NOTIFIED, 1]);
  runs('blk_virt', 11, 11.5, [TRACE.NOTIFY, 0]);
  runs('blk_driver', 13, 13.1, [TRACE.NOTIFIED, 1]);
  runs('blk_virt', 14, 14.5, [TRACE.NOTIFY, 0]);
  recording.read();
  expect(recording.arrows.map(({ from, to }) => [from.start, to.start])).toEqual([[11, 10]]);
});

test("a call is an arrow of its own kind; the sender's record may be read after the receiver's", () => {
  const { recording, runs, writer } = system();
  runs('timer_driver', 10, 10.1, [TRACE.PPC_SERVED, 1]);
  recording.read();
  expect(recording.arrows).toEqual([]);
  writer('micropython').record(9.9, TRACE.PPC_CALL, 2, 0, 0, 0);
  recording.read();
  expect(recording.arrows.map(({ from, to, call }) => [from.domain, to.domain, call])).toEqual([
    ['micropython', 'timer_driver', true],
  ]);
});

test('what was overwritten before it was read is counted', () => {
  const { recording, writer } = system();
  const to = writer('net_virt_rx');
  for (let i = 0; i < 10_000; i++) to.record(i, TRACE.NOTIFIED, 0, 0, 0, 0);
  recording.read();
  expect(recording.lost).toBe(10_000 - 4095);
});

test('what becomes too much is let go of from its beginning, and counted', () => {
  const { recording, runs } = system();
  for (let i = 0; i < 21_000; i++) {
    runs('blk_virt', i, i + 0.5, [TRACE.NOTIFY, 0]);
    if (i % 1000 === 0) recording.read();
  }
  recording.read();
  const spans = recording.spansOf('blk_virt');
  expect(spans.length).toBeLessThan(20_000);
  expect(spans.at(-1)!.start).toBe(20_999);
  expect(recording.lost).toBe(21_000 - recording.records);
});

test('cleared, it begins with what comes then', () => {
  const { recording, runs } = system();
  runs('blk_virt', 1, 2, [TRACE.NOTIFY, 0]);
  recording.read();
  recording.clear();
  runs('blk_virt', 3, 4, [TRACE.NOTIFY, 0]);
  recording.read();
  expect(recording.spansOf('blk_virt').map(({ start }) => start)).toEqual([3]);
});

test('lanes begin with the way from the client to the disk', () => {
  const lanes = lanesOf(system().memory.description);
  expect(lanes.slice(0, 5).map(({ name }) => name)).toEqual([
    'micropython',
    'linux_fs_vm',
    'fs_driver_vmm',
    'blk_virt',
    'blk_driver',
  ]);
  expect(lanes.length).toBe(14);
  expect(lanes.find(({ guest }) => guest)).toEqual({ name: 'linux_fs_vm', kind: 'vm', priority: 0, guest: true });
});
