import { expect, test } from 'vitest';
import { region } from '../protocol/region';
import { readTrace, switchTrace, TRACE, TRACE_SIZE, TraceWriter } from '../protocol/trace';
import { Recorder } from './recorder';

function recorder() {
  const at = region('trace', TRACE_SIZE);
  const clock = { ms: 100, looks: 0 };
  const made = new Recorder(new TraceWriter(at), () => {
    clock.looks++;
    return clock.ms;
  });
  return {
    at,
    clock,
    made,
    records: () => readTrace(at).map(({ time, kind, channel, a }) => [time, kind, channel, a]),
  };
}

test('what happens in one stretch of work has the time of its wake-up; the sleep after it has its own, and how long it was', () => {
  const { clock, made, records } = recorder();
  clock.ms = 250;
  made.wakes();
  clock.ms = 251;
  made.record(TRACE.NOTIFY, 3, 0, 0, 0);
  clock.ms = 252.5;
  made.rests();
  expect(records()).toEqual([
    [250, TRACE.NOTIFY, 3, 0],
    [252.5, TRACE.RAN, 0, 2_500_000],
  ]);
});

test('every notification that a wait took is told; the bits of the kernel are not', () => {
  const { made, records } = recorder();
  made.taken((1 << 0) | (1 << 5) | (1 << 27) | (1 << 29));
  expect(records().map(([, kind, channel]) => [kind, channel])).toEqual([
    [TRACE.NOTIFIED, 0],
    [TRACE.NOTIFIED, 5],
    [TRACE.NOTIFIED, 27],
  ]);
});

test('a stretch of hours is told as the longest that fits', () => {
  const { clock, made, records } = recorder();
  clock.ms = 1e7;
  made.rests();
  expect(records()[0]![3]).toBe(2 ** 32 - 1);
});

test('switched off, it writes nothing and reads no clock when it sleeps', () => {
  const { at, clock, made, records } = recorder();
  switchTrace(at, false);
  const { looks } = clock;
  made.rests();
  expect([records(), clock.looks]).toEqual([[], looks]);
});
