import { expect, test } from 'vitest';
import { ArmTimer } from './arm_timer';

// (op0, op1, CRn, CRm, op2) as MRS encodes them in bits 20..5 less the top one; typed from the manual a second time.
const encoding = (op0: number, op1: number, crn: number, crm: number, op2: number) =>
  Number.parseInt(
    [op0, op1, crn, crm, op2].map((n, i) => n.toString(2).padStart([2, 3, 4, 4, 3][i]!, '0')).join(''),
    2,
  );
const FRQ = encoding(3, 3, 14, 0, 0);
const PCT = encoding(3, 3, 14, 0, 1);
const TVAL = encoding(3, 3, 14, 2, 0);
const CTL = encoding(3, 3, 14, 2, 1);
const CVAL = encoding(3, 3, 14, 2, 2);

function setup() {
  const time = { ns: 0 };
  const levels = [false];
  const timer = new ArmTimer({ level: (high) => void (levels.at(-1) !== high && levels.push(high)) }, () => time.ns);
  const at = (ns: number) => {
    time.ns = ns;
    timer.poll();
  };
  return { timer, time, levels, at, high: () => levels.at(-1) };
}

test('counts at 62.5 MHz: 16 ns a tick', () => {
  const { timer, at } = setup();
  const count = (ns: number) => {
    at(ns);
    return timer.mrs(PCT);
  };
  expect(timer.mrs(FRQ)).toBe(62_500_000n);
  expect([0, 15, 16, 31, 32, 1e9, 1e15 + 0.7].map(count)).toEqual([
    0n,
    0n,
    1n,
    1n,
    2n,
    62_500_000n,
    62_500_000_000_000n,
  ]);
});

test('the output is high while enabled, unmasked and the count has reached the compare value', () => {
  const { timer, at, high } = setup();
  timer.msr(CVAL, 100n);
  timer.msr(CTL, 1n);
  at(1599);
  expect([high(), timer.mrs(CTL)]).toEqual([false, 1n]);
  at(1600);
  expect([high(), timer.mrs(CTL)]).toEqual([true, 5n]);
  timer.msr(CTL, 3n);
  expect([high(), timer.mrs(CTL)]).toEqual([false, 7n]);
  timer.msr(CTL, 1n);
  expect(high()).toBe(true);
  timer.msr(CTL, 0n);
  expect([high(), timer.mrs(CTL)]).toEqual([false, 0n]);
  timer.msr(CTL, 0xffff_ffff_ffff_fffdn);
  timer.msr(CVAL, 101n);
  expect([high(), timer.mrs(CTL)]).toEqual([false, 1n]);
});

test('says when the output will rise, and nothing while it is high, masked, off or for ever away', () => {
  const { timer, at } = setup();
  timer.msr(CVAL, 100n);
  expect(timer.deadlineNs).toBeUndefined();
  timer.msr(CTL, 1n);
  expect(timer.deadlineNs).toBe(1600);
  timer.msr(CTL, 3n);
  expect(timer.deadlineNs).toBeUndefined();
  timer.msr(CTL, 1n);
  at(1600);
  expect(timer.deadlineNs).toBeUndefined();
  timer.msr(CVAL, 2n ** 64n - 1n);
  expect(timer.deadlineNs).toBeUndefined();
});

test('a deadline that has passed stands until the device has been polled', () => {
  const { timer, time, high } = setup();
  timer.msr(CVAL, 100n);
  timer.msr(CTL, 1n);
  time.ns = 5000;
  expect([timer.deadlineNs, high()]).toEqual([1600, false]);
  timer.poll();
  expect([timer.deadlineNs, high()]).toEqual([undefined, true]);
});

test('TVAL is a signed 32-bit view of the distance', () => {
  const { timer, at, high } = setup();
  timer.msr(CTL, 1n);
  at(1600);
  timer.msr(TVAL, 10n);
  expect([timer.mrs(CVAL), timer.mrs(TVAL)]).toEqual([110n, 10n]);
  at(3200);
  expect([timer.mrs(TVAL), high()]).toEqual([0xffff_ffa6n, true]);
  timer.msr(TVAL, 0xffff_ffffn);
  expect(timer.mrs(CVAL)).toBe(199n);
});

test('unknown registers read zero, and the counter cannot be written', () => {
  const { timer, at } = setup();
  at(1600);
  timer.msr(PCT, 5n);
  timer.msr(FRQ, 5n);
  timer.msr(0, 5n);
  expect([timer.mrs(PCT), timer.mrs(FRQ), timer.mrs(0), timer.mrs(CVAL)]).toEqual([100n, 62_500_000n, 0n, 0n]);
});
