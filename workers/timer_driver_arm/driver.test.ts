import { expect, test } from 'vitest';
import { ArmTimer } from '../../src/hw/arm_timer';
import { Irq } from '../../src/libmicrokit/irq';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { TimerDriver } from './driver';

const IRQ = 0;
const GET_TIME = 0;
const SET_TIMEOUT = 1;

function setup(clients = [1, 2]) {
  const kernel = new FakeKernel();
  const pending = { irq: false };
  const irq = new Irq('level', () => void (pending.irq = true));
  kernel.irqAck = (ch) => {
    kernel.acks.push(ch);
    irq.ack();
  };
  const timer = new ArmTimer(irq, () => kernel.nowNs);
  const driver = new TimerDriver(kernel, timer, IRQ, clients);
  driver.init();
  /** Moves time to `ns`; who is notified on the way. */
  const at = (ns: number) => {
    kernel.nowNs = ns;
    timer.poll();
    for (; pending.irq; driver.notified(IRQ)) pending.irq = false;
    return kernel.taken();
  };
  const set = (ch: number, ns: number) => driver.protected(ch, { label: SET_TIMEOUT, words: [ns] });
  return { kernel, timer, driver, at, set };
}

test('tells the time in nanoseconds since boot, exactly, for longer than four days', () => {
  const { kernel, driver } = setup();
  const ask = (ns: number) => {
    kernel.nowNs = ns;
    return driver.protected(1, { label: GET_TIME, words: [] });
  };
  expect(ask(1600)).toEqual({ label: 0, words: [1600] });
  const month = 30 * 24 * 3600 * 1e9 + 16;
  expect(ask(month).words).toEqual([month]);
});

test('notifies when the time is over, not before, and once', () => {
  const { at, set, timer } = setup();
  at(1000);
  expect(set(1, 5000)).toEqual({ label: 0, words: [] });
  expect(timer.deadlineNs).toBe(6000);
  expect([at(5999), at(6000), at(9000), timer.deadlineNs]).toEqual([[], [1], [], undefined]);
});

test('is never early, also when the time is no whole number of ticks', () => {
  const { at, set } = setup();
  set(1, 1001);
  expect([at(1000), at(1001), at(1008)]).toEqual([[], [], [1]]);
});

test('each client has its own timeout, and the earliest is next', () => {
  const { at, set, timer } = setup();
  set(1, 8000);
  set(2, 3200);
  expect(timer.deadlineNs).toBe(3200);
  expect([at(3200), timer.deadlineNs, at(8000)]).toEqual([[2], 8000, [1]]);
  set(1, 16);
  set(2, 16);
  expect(at(9000)).toEqual([1, 2]);
});

test('a new timeout replaces the old one, later or earlier', () => {
  const { at, set } = setup();
  set(1, 1600);
  set(1, 8000);
  expect([at(1600), at(8000)]).toEqual([[], [1]]);
  set(1, 8000);
  set(1, 1600);
  expect([at(9600), at(16_000)]).toEqual([[1], []]);
});

test('zero fires at once, inside the call', () => {
  const { kernel, set } = setup();
  set(2, 0);
  expect(kernel.taken()).toEqual([2]);
});

test('a timeout that no clock reaches does not come, and replaces the one before', () => {
  const { at, set, timer } = setup();
  for (const ns of [Number.NaN, Number.MAX_SAFE_INTEGER]) {
    set(1, 1600);
    set(1, ns);
    expect(at(1e15)).toEqual([]);
  }
  set(1, 1600);
  expect([at(1e15 + 1600), timer.deadlineNs]).toEqual([[1], undefined]);
});

test('a call from a channel that is no client of it sets nothing', () => {
  const { at, set, timer } = setup();
  for (const ch of [0, 3, 6, 27, -1]) set(ch, 100);
  expect([timer.deadlineNs, at(1000)]).toEqual([undefined, []]);
});

test('an unknown request is logged and answered', () => {
  const { kernel, driver } = setup();
  expect(driver.protected(2, { label: 7, words: [1, 2, 3] })).toEqual({ label: 0, words: [] });
  expect(kernel.printed).toBe('TIMER DRIVER|LOG: Unknown request 7 to timer from channel 2\n');
});

test('a call without words is answered', () => {
  const { kernel, driver } = setup();
  expect(driver.protected(1, { label: SET_TIMEOUT, words: [] })).toEqual({ label: 0, words: [] });
  expect(kernel.taken()).toEqual([1]);
});

test('an interrupt that nobody raised, or another channel, notifies nobody and disturbs no timeout', () => {
  const { kernel, driver, at, set } = setup();
  set(1, 1600);
  driver.notified(IRQ);
  driver.notified(2);
  expect([kernel.taken(), at(1600)]).toEqual([[], [1]]);
});
