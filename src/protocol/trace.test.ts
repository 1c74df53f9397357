import { expect, test } from 'vitest';
import { region } from './region';
import { readTrace, switchTrace, TRACE_RECORDS, TRACE_SIZE, TraceWriter } from './trace';

const make = () => {
  const at = region('trace', TRACE_SIZE);
  return { at, writer: new TraceWriter(at) };
};

test('32 bytes of header and 4096 records of 32', () => {
  const { at, writer } = make();
  expect([TRACE_SIZE, TRACE_RECORDS]).toEqual([32 + 4096 * 32, 4096]);
  writer.record(1, 0, 0, 0, 0, 0);
  writer.record(2.5, 3, 4, 5, 6, 7);
  const u32 = (offset: number) => at.view.getUint32(offset, true);
  expect([u32(0), at.view.getFloat64(64, true), u32(72), u32(76), u32(80), u32(84), u32(88), u32(92)]).toEqual([
    2, 2.5, 3, 4, 5, 6, 7, 1,
  ]);
});

test('a reader gets the newest records, oldest first', () => {
  const { at, writer } = make();
  for (let i = 0; i < 5000; i++) writer.record(i, 1, 2, i, 0, 0);
  expect(readTrace(at, 3).map(({ request }) => request)).toEqual([4997, 4998, 4999]);
  const all = readTrace(at);
  expect([all.length, all[0]?.sequence, all.at(-1)?.sequence]).toEqual([4095, 905, 4999]);
});

test('a record that is being overwritten is left out, whether it still bears its old number or not', () => {
  const { at, writer } = make();
  for (let i = 0; i < 4096; i++) writer.record(i, 1, 2, i, 0, 0);
  // The writer is in the middle of record 4096, in the slot of record 0: half of it is new.
  at.view.setFloat64(32, 4096, true);
  expect(readTrace(at).some(({ sequence }) => sequence === 0)).toBe(false);
  // A reader that was slow: the writer has gone on since it looked at the count.
  at.view.setUint32(32 + 10 * 32 + 28, 4106, true);
  expect(readTrace(at).map(({ sequence }) => sequence)).not.toContain(10);
});

test('records that the writer reaches while they are read are left out', () => {
  const { at, writer } = make();
  for (let i = 0; i < 4096; i++) writer.record(i, 1, 2, i, 0, 0);
  let looks = 0;
  const busy = new Proxy(at, {
    get(region, name) {
      if (name !== 'words') return region[name as keyof typeof region];
      // By the second look at the count, the writer has begun to fill slots again.
      if (++looks === 2) region.words[0] = 4196;
      return region.words;
    },
  });
  expect(readTrace(busy).at(0)?.sequence).toBe(101);
});

test('a writer that starts again goes on with the numbers', () => {
  const { at, writer } = make();
  writer.record(0, 1, 2, 3, 4, 5);
  new TraceWriter(at).record(1, 1, 2, 3, 4, 5);
  expect(readTrace(at).map(({ sequence }) => sequence)).toEqual([0, 1]);
});

test('while it is switched off nothing is recorded; what was there stays', () => {
  const { at, writer } = make();
  writer.record(1, 1, 2, 3, 4, 5);
  switchTrace(at, false);
  writer.record(2, 1, 2, 3, 4, 5);
  expect([writer.off, at.view.getUint32(4, true)]).toEqual([true, 1]);
  switchTrace(at, true);
  writer.record(3, 1, 2, 3, 4, 5);
  expect(readTrace(at).map(({ time }) => time)).toEqual([1, 3]);
});
