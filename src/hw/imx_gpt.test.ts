import { expect, test } from 'vitest';
import { ImxGpt } from './imx_gpt';

// Typed from the manual a second time, not imported.
const CR = 0x00;
const PR = 0x04;
const SR = 0x08;
const IR = 0x0c;
const OCR1 = 0x10;
const OCR2 = 0x14;
const OCR3 = 0x18;
const CNT = 0x24;
const ON = 0x241;
const OF1 = 0x01;
const OF2 = 0x02;
const ROV = 0x20;
const ROUND = 2 ** 32;

/** A timer that counts 12 a microsecond from time 0, unless `control` says otherwise. */
function setup(control = ON) {
  const time = { ns: 0 };
  const levels = [false];
  const timer = new ImxGpt({ level: (high) => void (levels.at(-1) !== high && levels.push(high)) }, () => time.ns);
  timer.write32(PR, 1);
  timer.write32(CR, control);
  /** Moves time to the first nanosecond in which `ticks` have passed. */
  const at = (ticks: number) => {
    time.ns = Math.ceil((ticks * 1000) / 12);
    timer.poll();
  };
  const read = (...offsets: number[]) => offsets.map((offset) => timer.read32(offset));
  return { timer, time, levels, at, read, high: () => levels.at(-1) };
}

test('after reset it stands still, with the compare registers full', () => {
  const time = { ns: 5e9 };
  const timer = new ImxGpt({ level() {} }, () => time.ns);
  time.ns = 9e9;
  const all = [CR, PR, SR, IR, OCR1, OCR2, OCR3, 0x1c, 0x20, CNT].map((at) => timer.read32(at));
  expect([all, timer.deadlineNs]).toEqual([[0, 0, 0, 0, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 0], undefined]);
});

test('counts 24 MHz divided by the prescaler plus one, exactly, from when it was enabled', () => {
  const time = { ns: 1e9 };
  const timer = new ImxGpt({ level() {} }, () => time.ns);
  timer.write32(CR, ON);
  const after = (ns: number) => {
    time.ns = 1e9 + ns;
    return timer.read32(CNT);
  };
  expect([41, 42, 1000, 1e9].map(after)).toEqual([0, 1, 24, 24_000_000]);
  timer.write32(PR, 1);
  expect([1e9 + 83, 1e9 + 84, 2e9].map(after)).toEqual([24_000_000, 24_000_001, 36_000_000]);
  timer.write32(PR, 0xfff);
  expect(after(12e9)).toBe(36_000_000 + Math.floor(240_000_000 / 4096));
});

test('polled often or seldom, it counts the same', () => {
  const often = setup();
  const seldom = setup();
  for (let ns = 0; ns < 10_000; ns += 7) {
    often.time.ns = ns;
    often.timer.poll();
  }
  often.time.ns = seldom.time.ns = 10_000;
  expect([...often.read(CNT), ...seldom.read(CNT)]).toEqual([120, 120]);
});

test('registers keep the bits that they have; the counter and the capture registers cannot be written', () => {
  const { timer } = setup(0);
  const kept = [PR, IR, OCR1, OCR2, OCR3, 0x1c, 0x20, CNT, 0x28, 0x1000, 2].map((at) => {
    timer.write32(at, 0xffff_ffff);
    return timer.read32(at);
  });
  expect(kept).toEqual([0xfff, 0x3f, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0, 0, 0, 0, 0, 0]);
  timer.write32(CR, 0xffff_7fff);
  expect(timer.read32(CR)).toBe(0x1fff_07ff);
});

test('software reset clears itself and everything but five bits of control', () => {
  const { timer, at, read, high } = setup();
  timer.write32(OCR1, 5);
  timer.write32(IR, OF1);
  at(10);
  expect(high()).toBe(true);
  timer.write32(CR, 0x8000 | 0x1fff_07ff);
  expect([...read(CR, PR, SR, IR, OCR1, CNT), high()]).toEqual([0x2f, 0, 0, 0, 0xffff_ffff, 0, false]);
});

test('disabled it keeps its count; enabled again it goes on, or from zero with ENMOD', () => {
  const { timer, at, read } = setup();
  at(100);
  timer.write32(CR, 0x240);
  at(200);
  expect(read(CNT)).toEqual([100]);
  timer.write32(CR, ON);
  at(250);
  expect(read(CNT)).toEqual([150]);
  timer.write32(CR, 0x242);
  expect(read(CNT)).toEqual([150]);
  timer.write32(CR, 0x243);
  at(260);
  expect(read(CNT)).toEqual([10]);
});

test.each([0, 2, 3, 4, 5])('clock source %d is not there: it stands still', (source) => {
  const { timer, at, read } = setup(0x201 | (source << 6));
  timer.write32(IR, 0x3f);
  at(100);
  expect([...read(CNT), timer.deadlineNs]).toEqual([0, undefined]);
});

test('a compare flag is set when the count arrives, enabled or not, and raises the line only if enabled', () => {
  const { timer, at, read, high } = setup();
  timer.write32(OCR1, 100);
  timer.write32(OCR2, 50);
  timer.write32(IR, OF1);
  at(49);
  expect(read(SR)).toEqual([0]);
  at(50);
  expect([...read(SR), high()]).toEqual([OF2, false]);
  at(99);
  expect(high()).toBe(false);
  at(100);
  expect([...read(SR), high()]).toEqual([OF1 | OF2, true]);
  timer.write32(SR, OF2);
  expect([...read(SR), high()]).toEqual([OF1, true]);
  timer.write32(SR, OF1);
  expect([...read(SR), high()]).toEqual([0, false]);
  at(200);
  expect(read(SR)).toEqual([0]);
});

test.each([0, 1])('a value written when the count is %d beyond it is met one round later', (late) => {
  const { timer, at, read } = setup();
  at(100 + late);
  timer.write32(OCR1, 100);
  timer.write32(IR, OF1);
  at(ROUND + 99);
  expect(read(SR)).toEqual([ROV | 6]);
  expect(timer.deadlineNs).toBe(Math.ceil(((ROUND + 100) * 1000) / 12));
  at(ROUND + 100);
  expect(read(SR)).toEqual([ROV | 7]);
});

test('goes round after 2^32, which is reported once however often it happened', () => {
  const { timer, at, read, high } = setup();
  timer.write32(IR, ROV);
  at(ROUND - 1);
  expect([...read(CNT, SR), high()]).toEqual([0xffff_ffff, 7, false]);
  at(ROUND);
  expect([...read(CNT, SR), high()]).toEqual([0, ROV | 7, true]);
  timer.write32(SR, 0x3f);
  at(4 * ROUND + 5);
  expect(read(CNT, SR)).toEqual([5, ROV | 7]);
});

test('says when an enabled flag will be set, and nothing while the line is high', () => {
  const { timer, time, at, high } = setup();
  expect(timer.deadlineNs).toBeUndefined();
  timer.write32(IR, ROV);
  expect(timer.deadlineNs).toBe(357_913_941_334);
  timer.write32(OCR1, 100);
  timer.write32(IR, ROV | OF1);
  expect(timer.deadlineNs).toBe(8334);
  time.ns = 9999;
  expect([timer.deadlineNs, high()]).toEqual([8334, false]);
  timer.poll();
  expect([timer.deadlineNs, high()]).toEqual([undefined, true]);
  timer.write32(SR, OF1);
  expect(timer.deadlineNs).toBe(357_913_941_334);
  at(ROUND);
  timer.write32(SR, 0x3f);
  expect(timer.deadlineNs).toBe(Math.ceil(((ROUND + 100) * 1000) / 12));
});

test('the deadline is the first nanosecond at which the flag is there, also with a divided phase', () => {
  const { timer, time, read } = setup();
  time.ns = 10_050;
  timer.write32(OCR1, 12_345);
  timer.write32(IR, OF1);
  const due = timer.deadlineNs!;
  time.ns = due - 1;
  expect(read(SR)).toEqual([0]);
  time.ns = due;
  expect(read(SR, CNT)).toEqual([OF1, 12_345]);
});

test('in restart mode the count starts again after OCR1, and writing OCR1 starts it, too', () => {
  const { timer, at, read } = setup(0x041);
  at(1000);
  timer.write32(OCR1, 9);
  expect(read(CNT)).toEqual([0]);
  timer.write32(OCR2, 20);
  timer.write32(IR, OF2);
  expect(timer.deadlineNs).toBeUndefined();
  at(1009);
  expect(read(CNT, SR)).toEqual([9, OF1]);
  at(1010);
  expect(read(CNT)).toEqual([0]);
  at(1e6);
  expect(read(CNT, SR)).toEqual([0, OF1]);
});

test('restart mode chosen with the count beyond OCR1: it runs on to the rollover first', () => {
  const { timer, at, read } = setup();
  timer.write32(OCR1, 9);
  at(1000);
  timer.write32(SR, OF1);
  timer.write32(CR, 0x041);
  at(ROUND + 27);
  expect(read(CNT, SR)).toEqual([7, ROV | 7]);
});
