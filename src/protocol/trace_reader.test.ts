import { expect, test } from 'vitest';
import { region } from './region';
import { TRACE_SIZE, TraceWriter } from './trace';
import { TraceReader } from './trace_reader';

function make() {
  const at = region('trace', TRACE_SIZE);
  const writer = new TraceWriter(at);
  const write = (count: number) => {
    for (let i = 0; i < count; i++) writer.record(0, 1, 0, 0, 0, 0);
  };
  return { write, reader: new TraceReader(at) };
}

test('each record is read once, in order', () => {
  const { write, reader } = make();
  const read: number[] = [];
  for (const count of [3, 0, 100, 1, 4000]) {
    write(count);
    read.push(...reader.next().map(({ sequence }) => sequence));
  }
  expect(read).toEqual(Array.from({ length: 4104 }, (_, i) => i));
  expect(reader.lost).toBe(0);
});

test('what was overwritten before it was read is counted, before the first look and after', () => {
  const { write, reader } = make();
  write(5000);
  expect(reader.next()).toHaveLength(4095);
  expect(reader.lost).toBe(905);
  write(10_000);
  expect(reader.next().at(-1)?.sequence).toBe(14_999);
  expect(reader.lost).toBe(905 + 10_000 - 4095);
});
