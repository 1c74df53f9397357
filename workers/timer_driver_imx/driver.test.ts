import { expect, test } from 'vitest';
import { ImxGpt } from '../../src/hw/imx_gpt';
import { Irq } from '../../src/libmicrokit/irq';
import { FakeKernel } from '../../src/libmicrokit/testing/fake_kernel';
import { TimerDriver } from './driver';

const IRQ = 0;
const GET_TIME = 0;
const SET_TIMEOUT = 1;
const CR = 0x00;
const SR = 0x08;
const IR = 0x0c;
const OCR1 = 0x10;
const CNT = 0x24;
/** One round of the counter: 2^32 ticks of 12 a microsecond. */
const ROUND_NS = Math.ceil((2 ** 32 * 1000) / 12);

function setup(clients = [1, 2]) {
  const kernel = new FakeKernel();
  const pending = { irq: false };
  const irq = new Irq('level', () => void (pending.irq = true));
  kernel.irqAck = (ch) => {
    kernel.acks.push(ch);
    irq.ack();
  };
  const timer = new ImxGpt(irq, () => kernel.nowNs);
  const written: [number, number][] = [];
  /** Hooks: what happens to be the case just before and just after the next access to a register. */
  const before = new Map<number, () => void>();
  const after = new Map<number, () => void>();
  const once = (hooks: Map<number, () => void>, offset: number) => {
    const hook = hooks.get(offset);
    hooks.delete(offset);
    hook?.();
  };
  const mmio = {
    read32(offset: number) {
      once(before, offset);
      const value = timer.read32(offset);
      once(after, offset);
      return value;
    },
    write32(offset: number, value: number) {
      written.push([offset, value]);
      once(before, offset);
      timer.write32(offset, value);
      once(after, offset);
    },
  };
  const driver = new TimerDriver(kernel, mmio, IRQ, clients);
  driver.init();
  const deliver = () => {
    for (; pending.irq; driver.notified(IRQ)) pending.irq = false;
  };
  /** Moves time to `ns`, stopping where the timer wants to be polled; who is notified on the way. */
  const at = (ns: number) => {
    deliver();
    for (let due = timer.deadlineNs; due !== undefined && due <= ns; due = timer.deadlineNs) {
      kernel.nowNs = Math.max(kernel.nowNs, due);
      timer.poll();
      deliver();
    }
    kernel.nowNs = ns;
    timer.poll();
    deliver();
    return kernel.taken();
  };
  const set = (ch: number, ns: number) => driver.protected(ch, { label: SET_TIMEOUT, words: [ns] });
  const now = () => driver.protected(1, { label: GET_TIME, words: [] }).words[0];
  return { kernel, timer, driver, written, before, after, at, set, now };
}

test('resets the timer and starts it free-running at 12 ticks a microsecond with the rollover interrupt', () => {
  const { written, timer } = setup();
  expect(written).toEqual([
    [CR, 0],
    [SR, 0x3f],
    [CR, 0x8000],
    [CR, 0x241],
    [IR, 0x20],
    [0x04, 1],
  ]);
  expect([CR, 0x04, IR].map((offset) => timer.read32(offset))).toEqual([0x241, 1, 0x20]);
});

test('tells the time in whole microseconds', () => {
  const { at, now, driver } = setup();
  const told = [0, 999, 1000, 1999, 1e9].map((ns) => {
    at(ns);
    return now();
  });
  expect(told).toEqual([0, 0, 1000, 1000, 1e9]);
  expect(driver.protected(1, { label: GET_TIME, words: [] }).label).toBe(0);
});

test('goes on telling the time when the counter has gone round, for days', () => {
  const { at, now } = setup();
  for (const ns of [ROUND_NS - 1, ROUND_NS, ROUND_NS + 1000, 2 * ROUND_NS, 3600e9, 10 * 24 * 3600e9]) {
    at(ns);
    expect(now()).toBe(Math.floor(ns / 1000) * 1000);
  }
});

test('a rollover that is not handled yet counts, before, between and after the reads', () => {
  for (const hook of ['before', 'after'] as const) {
    for (const register of [SR, CNT]) {
      const machine = setup();
      machine.kernel.nowNs = ROUND_NS - 1;
      machine[hook].set(register, () => void (machine.kernel.nowNs = ROUND_NS));
      const told = machine.now()!;
      expect([ROUND_NS - 1, ROUND_NS].map((ns) => Math.floor(ns / 1000) * 1000)).toContain(told);
      expect(machine.now()).toBe(Math.floor(ROUND_NS / 1000) * 1000);
    }
  }
});

test('a rollover while another interrupt is acknowledged is not acknowledged with it', () => {
  const { kernel, driver, after, now } = setup();
  kernel.nowNs = ROUND_NS - 1;
  after.set(SR, () => void (kernel.nowNs = ROUND_NS));
  driver.notified(IRQ);
  expect(now()).toBe(Math.floor(ROUND_NS / 1000) * 1000);
});

test('notifies when the time is over, not before, and once', () => {
  const { at, set, timer } = setup();
  at(1000);
  expect(set(1, 5000)).toEqual({ label: 0, words: [] });
  expect(timer.deadlineNs).toBe(6000);
  expect([at(5999), at(6000), at(9000), timer.read32(IR)]).toEqual([[], [1], [], 0x20]);
});

test('by the clock that it tells, a timeout is never early', () => {
  for (let start = 0; start < 2000; start += 83) {
    for (const ns of [1, 500, 999, 1000, 1001, 1500]) {
      const { at, set, now, timer } = setup();
      at(start);
      const asked = now()!;
      set(1, ns);
      expect(at(timer.deadlineNs!)).toEqual([1]);
      expect(now()! - asked).toBeGreaterThanOrEqual(ns);
    }
  }
});

test('each client has its own timeout, and the earliest is next', () => {
  const { at, set, timer } = setup();
  set(1, 8000);
  set(2, 3000);
  expect(timer.deadlineNs).toBe(3000);
  expect([at(3000), timer.deadlineNs, at(8000)]).toEqual([[2], 8000, [1]]);
  set(1, 1000);
  set(2, 1000);
  expect(at(9000)).toEqual([1, 2]);
});

test('a new timeout replaces the old one, later or earlier', () => {
  const { at, set } = setup();
  set(1, 2000);
  set(1, 8000);
  expect([at(2000), at(8000)]).toEqual([[], [1]]);
  set(1, 8000);
  set(1, 2000);
  expect([at(10_000), at(20_000)]).toEqual([[1], []]);
});

test('zero fires at once, inside the call', () => {
  const { kernel, set } = setup();
  set(2, 0);
  expect(kernel.taken()).toEqual([2]);
});

test.each([
  ['just before', -1000],
  ['exactly at', 334],
  ['just after', 2000],
  ['three rounds after', 3 * ROUND_NS],
])('a timeout that ends %s the rollover comes in time', (_, beyond) => {
  const { at, set } = setup();
  const start = ROUND_NS - 5_000_000;
  at(start);
  const due = Math.floor(start / 1000) * 1000 + Math.ceil((5_000_000 + beyond) / 1000) * 1000;
  set(1, due - start);
  expect([at(due - 1000), at(due + 1000), at(due + 4 * ROUND_NS)]).toEqual([[], [1], []]);
});

test('a timeout of this round and one of the next do not disturb each other', () => {
  const { at, set, timer } = setup();
  at(ROUND_NS - 9000);
  set(1, 20_000);
  expect(timer.read32(IR)).toBe(0x20);
  set(2, 3000);
  expect(timer.read32(IR)).toBe(0x21);
  expect([at(ROUND_NS - 5000), timer.read32(IR), at(ROUND_NS), timer.read32(IR), at(ROUND_NS + 12_000)]).toEqual([
    [2],
    0x20,
    [],
    0x21,
    [1],
  ]);
});

test('a deadline that passes before it is programmed is not missed', () => {
  const { kernel, before, set, timer } = setup();
  before.set(OCR1, () => void (kernel.nowNs = 5000));
  set(1, 5000);
  expect([kernel.taken(), timer.read32(IR)]).toEqual([[1], 0x20]);
});

test('a deadline that passes before it is programmed leaves the later one programmed', () => {
  const { kernel, before, set, at } = setup();
  set(2, 9000);
  before.set(OCR1, () => void (kernel.nowNs = 6000));
  set(1, 5000);
  expect([kernel.taken(), at(8999), at(9000)]).toEqual([[1], [], [2]]);
});

test('a deadline of the next round is not missed when that round begins and ends it while the timer is programmed', () => {
  const { kernel, before, at, set } = setup();
  at(ROUND_NS - 2000);
  before.set(IR, () => void (kernel.nowNs = ROUND_NS + 3000));
  set(1, 4000);
  expect([kernel.taken(), at(3 * ROUND_NS)]).toEqual([[1], []]);
});

test('one that passes right after it was programmed is notified once, and its interrupt finds nothing to do', () => {
  const { kernel, after, at, set } = setup();
  after.set(OCR1, () => void (kernel.nowNs = 5000));
  set(1, 5000);
  expect([kernel.taken(), at(6000), at(2 * ROUND_NS)]).toEqual([[1], [], []]);
});

test('a timeout that no clock reaches does not come, and replaces the one before', () => {
  const { at, set, timer } = setup();
  for (const ns of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, Number.MAX_SAFE_INTEGER]) {
    set(1, 2000);
    set(1, ns);
    expect([at(timer.deadlineNs! + 1e12), timer.read32(IR)]).toEqual([[], 0x20]);
  }
});

test('a call from a channel that is no client of it sets nothing', () => {
  const { at, set, timer } = setup();
  for (const ch of [0, 3, 6, 27, -1]) set(ch, 100);
  expect([timer.read32(IR), at(1000)]).toEqual([0x20, []]);
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
  set(1, 2000);
  driver.notified(IRQ);
  driver.notified(2);
  expect([kernel.taken(), kernel.acks]).toEqual([[], [IRQ]]);
  expect(at(2000)).toEqual([1]);
});
