/** Requests put together from records that were written by nobody in particular: in flight, overwritten, out of order, hostile. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boardNamed } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { FS_CMD } from '../../protocol/fs';
import { Region } from '../../protocol/region';
import { TRACE, TRACE_SIZE, TraceWriter } from '../../protocol/trace';
import { packBlocks, packDisk, WHY } from '../../protocol/trace_words';
import { graphOf } from '../graph/model';
import { Entries } from './entries';
import { rowsOf } from './follow';
import { followed, merged, pathOf } from './followed';
import { domainsOf, rolesOf } from './roles';
import { statementsOf } from './statements';

const description = vmfs(boardNamed('qemu_virt_aarch64')!, { disk: { store: 'memory', name: '' } });
const roles = rolesOf(description)!;

function setup() {
  const trace = new Map(domainsOf(roles).map((name) => [name, new SharedArrayBuffer(TRACE_SIZE)]));
  const writers = new Map([...trace].map(([name, buffer]) => [name, new TraceWriter(new Region('trace', buffer))]));
  const record = (domain: string, time: number, kind: number, request: number, a: number, b: number) =>
    writers.get(domain)!.record(time, kind, 0, request, a, b);
  const entries = new Entries(roles, { trace });
  const told = () => {
    entries.read();
    return statementsOf(entries, () => false).map((statement) => followed(statement, entries));
  };
  return { record, entries, told };
}

const [CLIENT, GUEST, MONITOR, VIRT, DRIVER] = [
  'micropython',
  'linux_fs_vm',
  'fs_driver_vmm',
  'blk_virt',
  'blk_driver',
];
const READ = { asked: 1, ahead: 2, slot: 5, why: WHY.FILE };

/** A read of 3 blocks from 218 on, by command 9 of statement 1, down to the driver. */
function readOnItsWay(record: ReturnType<typeof setup>['record']): void {
  record(CLIENT!, 1, TRACE.STATEMENT, 0, 1, 0);
  record(CLIENT!, 1, TRACE.REQUEST, 9, FS_CMD.FILE_READ, 100);
  record(CLIENT!, 1.5, TRACE.RAN, 0, 500_000, 0);
  record(GUEST!, 0.5, TRACE.REQUEST, 9, FS_CMD.FILE_READ, 4096);
  record(GUEST!, 0.5, TRACE.CLUSTERS, 9, 212, 1);
  record(GUEST!, 0.5, TRACE.DISK_READ, 9, 218 * 8, packDisk(READ));
  record(GUEST!, 2, TRACE.RAN, 0, 1_500_000, 0);
  record(MONITOR!, 2.1, TRACE.REQUEST, 9, 218, packBlocks({ count: 3, id: 7, code: 0 }));
  record(VIRT!, 2.2, TRACE.REQUEST, 9, 474, packBlocks({ count: 3, id: 8, code: 0 }));
  record(DRIVER!, 2.3, TRACE.REQUEST, 9, 474, packBlocks({ count: 3, id: 0, code: 0 }));
}

test('a request on its way: as far as it has come, nothing before its cause', () => {
  const { record, told } = setup();
  readOnItsWay(record);
  const [one] = told();
  expect(one!.commands[0]!.hops).toEqual([
    { who: CLIENT, words: 'queues FILE_READ, 100 bytes at 4096', time: 1, ms: 0.5 },
    { who: GUEST, words: 'takes FILE_READ, then vfat: cluster 212', time: 1 },
    { who: GUEST, words: "reads the file's contents, 3 pages: descriptor 5 of its queue", time: 1, ms: 1.5 },
    { who: MONITOR, words: 'virtIO queue, then READ blocks 218 to 220, id 7', time: 2.1 },
    { who: VIRT, words: '218 + 256 = device block 474, id 8', time: 2.2 },
    { who: DRIVER, words: 'descriptor 0, QueueNotify', time: 2.3 },
  ]);
  expect(one!.statement.end).toBeUndefined();
  expect([one!.read, one!.clusters, one!.work]).toEqual([
    [{ first: 3792, count: 24 }],
    [{ first: 212, count: 1 }],
    '1 disk read',
  ]);
  expect(one!.slots).toEqual({ guest: [5], monitor: [7], driver: [0] });
  expect(one!.reasons[0]!.words).toBe(
    "Read sectors 3792 to 3815: the file's contents. 1 page needed, 2 pages of read-ahead behind.",
  );
});

test('a device that answers later has the time in between; one that fails says so', () => {
  const { record, told } = setup();
  readOnItsWay(record);
  record(DRIVER!, 2.5, TRACE.RAN, 0, 200_000, 0);
  record(DRIVER!, 3, TRACE.RESPONSE, 9, 3, packBlocks({ count: 3, id: 0, code: 0 }));
  expect(told()[0]!.commands[0]!.hops.at(-1)).toEqual({
    who: 'virtio-blk',
    words: 'failed: ERR_IO',
    time: 2.5,
    ms: 0.5,
  });
});

test('a path goes as far down as the request', () => {
  const { record, told } = setup();
  const graph = graphOf(description);
  record(CLIENT!, 1, TRACE.STATEMENT, 0, 1, 0);
  record(CLIENT!, 1, TRACE.REQUEST, 8, FS_CMD.STAT, 0);
  expect([...pathOf(told()[0]!, roles, graph)]).not.toContain(VIRT);
  readOnItsWay(record);
  const path = pathOf(told().at(-1)!, roles, graph);
  for (const id of [CLIENT, GUEST, MONITOR, VIRT, DRIVER, 'blk_driver.device']) expect(path.has(id!)).toBe(true);
  expect(path.has('linux_fs_vm.0-micropython.5')).toBe(true);
  expect([...path].filter((id) => /timer|uart|net|files/.test(id))).toEqual([]);
});

test('the other client has numbers of its own, and its commands in one go are one statement', () => {
  const { record, told } = setup();
  record(CLIENT!, 1, TRACE.REQUEST, 3, FS_CMD.STAT, 0);
  record('files', 1, TRACE.REQUEST, 3, FS_CMD.FILE_OPEN, 0);
  record('files', 1, TRACE.RESPONSE, 3, 0, 5);
  record('files', 2, TRACE.REQUEST, 4, FS_CMD.FILE_CLOSE, 0);
  record('files', 2, TRACE.RESPONSE, 4, 0, 0);
  record('files', 500, TRACE.REQUEST, 5, FS_CMD.STAT, 0);
  record(GUEST!, 1, TRACE.REQUEST, 2 ** 28 + 3, FS_CMD.FILE_OPEN, 0);
  const all = told().map(({ statement, commands }) => [statement.domain, commands.map(({ name }) => name)]);
  expect(all).toEqual([
    [CLIENT, ['STAT']],
    ['files', ['FILE_OPEN', 'FILE_CLOSE']],
    ['files', ['STAT']],
  ]);
  const [, first] = told();
  expect(first!.commands[0]!.hops.map(({ words }) => words)).toContain('takes FILE_OPEN');
});

describe('what is gone', () => {
  test('is counted, and what is left is still told', () => {
    const { record, told, entries } = setup();
    for (let i = 0; i < 6000; i++) record(MONITOR!, 0, TRACE.NOTIFY, 0, 0, 0);
    record(VIRT!, 2.2, TRACE.REQUEST, 9, 474, packBlocks({ count: 3, id: 8, code: 0 }));
    record(CLIENT!, 1, TRACE.REQUEST, 9, FS_CMD.FILE_READ, 100);
    record(GUEST!, 1, TRACE.DISK_READ, 9, 218 * 8, packDisk(READ));
    const [one] = told();
    expect(entries.lost).toBe(6000 - 4095);
    expect(one!.reasons[0]!.words).toMatch(/^Read sectors 1744 to 1767 of the partition/);
  });

  test('goes with the oldest when much is kept', () => {
    const { record, entries } = setup();
    for (let i = 0; i < 20_000; i += 4000) {
      for (let n = 0; n < 4000; n++) record(CLIENT!, i + n, TRACE.REQUEST, 1, 0, 0);
      entries.read();
    }
    expect(entries.of(CLIENT!).length).toBeLessThanOrEqual(16_384);
    expect(entries.lost + entries.of(CLIENT!).length).toBe(20_000);
  });
});

test('whatever the recorders hold, telling it ends and throws nothing', () => {
  const word = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 0xffff_ffff }));
  const any = fc.record({
    domain: fc.constantFrom(CLIENT!, 'files', GUEST!, MONITOR!, VIRT!, DRIVER!),
    kind: fc.nat({ max: 17 }),
    request: fc.oneof(fc.nat({ max: 3 }), word),
    a: word,
    b: word,
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 120 }), (records) => {
      const { record, entries, told } = setup();
      for (const [i, { domain, kind, request, a, b }] of records.entries()) record(domain, i, kind, request, a, b);
      for (const { commands, read } of told()) {
        for (const { hops } of commands) expect(hops.every(({ time }) => Number.isFinite(time))).toBe(true);
        expect(read.every(({ count }) => count >= 0)).toBe(true);
      }
      rowsOf(entries, { get: () => undefined });
    }),
    { numRuns: 60 },
  );
});

test('runs that touch are one', () => {
  expect(
    merged([
      { first: 8, count: 8 },
      { first: 0, count: 8 },
      { first: 2, count: 2 },
      { first: 24, count: 8 },
    ]),
  ).toEqual([
    { first: 0, count: 16 },
    { first: 24, count: 8 },
  ]);
});
