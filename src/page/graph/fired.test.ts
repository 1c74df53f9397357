import { expect, test } from 'vitest';
import { qemuVirtAarch64 } from '../../boards/qemu_virt_aarch64';
import { vmfs } from '../../boards/vmfs';
import { Region } from '../../protocol/region';
import { TRACE, TRACE_RECORDS, TRACE_SIZE, TraceWriter } from '../../protocol/trace';
import { TraceFollower } from './fired';
import { graphOf } from './model';

const description = vmfs(qemuVirtAarch64, { disk: { store: 'memory', name: 'test' } });

function system() {
  const traces = new Map(description.domains.map(({ name }) => [name, new SharedArrayBuffer(TRACE_SIZE)]));
  const writers = new Map([...traces].map(([name, buffer]) => [name, new TraceWriter(new Region('trace', buffer))]));
  const follower = new TraceFollower(graphOf(description));
  const record = (domain: string, kind: number, channel: number) =>
    writers.get(domain)!.record(0, kind, channel, 0, 0, 0);
  return { traces, follower, record, next: () => follower.next(traces) };
}

test('who notified whom, and which way that runs', () => {
  const { record, next } = system();
  next();
  record('fs_driver_vmm', TRACE.NOTIFY, 3);
  record('fs_driver_vmm', TRACE.NOTIFY, 3);
  record('blk_virt', TRACE.NOTIFY, 0);
  record('micropython', TRACE.PPC_CALL, 2);
  expect(next()).toEqual([
    { edge: 'blk_virt.0-blk_driver.1', forward: true, count: 1 },
    { edge: 'blk_virt.1-fs_driver_vmm.3', forward: false, count: 2 },
    { edge: 'micropython.2-timer_driver.1', forward: true, count: 1 },
  ]);
  expect(next()).toEqual([]);
});

test('an interrupt runs from the device; a notification by a neighbour is its own', () => {
  const { record, next } = system();
  next();
  record('blk_driver', TRACE.NOTIFIED, 0);
  record('blk_driver', TRACE.NOTIFIED, 1);
  expect(next()).toEqual([{ edge: 'blk_driver.device', forward: true, count: 1 }]);
});

test('a key comes in over the serial line, print goes out', () => {
  const { record, next } = system();
  next();
  record('uart_driver', TRACE.NOTIFIED, 0);
  record('uart_driver', TRACE.NOTIFIED, 2);
  expect(next()).toEqual([
    { edge: 'uart_driver.device', forward: true, count: 1 },
    { edge: 'line', forward: false, count: 1 },
    { edge: 'line', forward: true, count: 1 },
  ]);
});

test('what was before the first look, or in another system, does not run now', () => {
  const { follower, record, traces, next } = system();
  record('blk_virt', TRACE.NOTIFY, 0);
  expect(next()).toEqual([]);
  const other = new Map(traces);
  record('blk_virt', TRACE.NOTIFY, 0);
  expect(follower.next(other)).toEqual([]);
  record('blk_virt', TRACE.NOTIFY, 0);
  expect(follower.next(other)).toHaveLength(1);
  expect(follower.next(undefined)).toEqual([]);
});

test('more than is read is counted all the same, and channels that do not exist run nowhere', () => {
  const { record, next } = system();
  next();
  for (let i = 0; i < TRACE_RECORDS * 2; i++) record('blk_virt', TRACE.NOTIFY, 0);
  expect(next()).toEqual([{ edge: 'blk_virt.0-blk_driver.1', forward: true, count: TRACE_RECORDS * 2 }]);
  record('blk_virt', TRACE.NOTIFY, 26);
  record('blk_virt', 999, 0);
  expect(next()).toEqual([]);
});
