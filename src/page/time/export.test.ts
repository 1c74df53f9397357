/** Files as others would read them: the Perfetto one is decoded by protoc from a schema of its own, where that is installed. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TRACE } from '../../protocol/trace';
import { exported } from './export';
import { exportModel } from './export_model';
import { Message } from './protobuf';
import { recordedSystem } from './testing/system';

/** One request of block 1 goes from fs_driver_vmm through blk_virt to blk_driver, and back. */
function recorded() {
  const { recording, runs, writer } = recordedSystem();
  runs('fs_driver_vmm', 10, 10.2, [TRACE.REQUEST, 3, 7], [TRACE.NOTIFY, 3]);
  runs('blk_virt', 10.25, 10.4, [TRACE.NOTIFIED, 1], [TRACE.REQUEST, 0, 7], [TRACE.NOTIFY, 0]);
  runs('blk_driver', 10.45, 10.6, [TRACE.NOTIFIED, 1], [TRACE.REQUEST, 1, 7]);
  runs('blk_driver', 11, 11.1, [TRACE.NOTIFIED, 0], [TRACE.RESPONSE, 1, 7], [TRACE.NOTIFY, 1]);
  runs('blk_virt', 11.1, 11.15, [TRACE.NOTIFIED, 0], [TRACE.RESPONSE, 1, 7]);
  // Runs still.
  writer('micropython').record(11.2, TRACE.NOTIFY, 5, 0, 0, 0);
  recording.read();
  return recording;
}

interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly id?: number;
  readonly bp?: string;
  readonly cat?: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const chrome = () => JSON.parse(text(exported('chrome', recorded()))) as { traceEvents: ChromeEvent[] };

/** What the Trace Event Format asks of each phase, besides pid, tid and ts. */
const FIELDS: Readonly<Record<string, (event: ChromeEvent) => boolean>> = {
  M: ({ name, args }) => ['process_name', 'thread_name', 'thread_sort_index'].includes(name) && args !== undefined,
  X: ({ dur, name, cat }) => dur !== undefined && dur >= 0 && name !== '' && cat !== undefined,
  C: ({ args }) => Object.values(args ?? {}).every((value) => typeof value === 'number') && args !== undefined,
  s: ({ id, cat }) => id !== undefined && cat !== undefined,
  t: ({ id, cat }) => id !== undefined && cat !== undefined,
  f: ({ id, cat, bp }) => id !== undefined && cat !== undefined && bp === 'e',
};

test('Chrome: every event has what its phase needs', () => {
  const { traceEvents } = chrome();
  for (const event of traceEvents) {
    expect([event.pid, Number.isInteger(event.tid), Number.isFinite(event.ts)], JSON.stringify(event)).toEqual([
      1,
      true,
      true,
    ]);
    expect(FIELDS[event.ph]?.(event), JSON.stringify(event)).toBe(true);
  }
  const named = traceEvents.filter(({ name }) => name === 'thread_name').map(({ args }) => args!.name);
  expect(named.slice(0, 2)).toEqual(['micropython (1)', 'linux_fs_vm (0)']);
  expect(named.length).toBe(14);
});

test('Chrome: slices do not overlap within a lane, and flows begin, go through and end within slices', () => {
  const { traceEvents } = chrome();
  const slices = traceEvents.filter(({ ph }) => ph === 'X');
  for (const tid of new Set(slices.map((slice) => slice.tid))) {
    const own = slices.filter((slice) => slice.tid === tid).sort((a, b) => a.ts - b.ts);
    for (const [i, slice] of own.entries())
      if (i > 0) expect(slice.ts).toBeGreaterThanOrEqual(own[i - 1]!.ts + own[i - 1]!.dur! - 1e-9);
  }
  const flows = traceEvents.filter(({ id }) => id !== undefined);
  for (const { tid, ts } of flows)
    expect(slices.some((slice) => slice.tid === tid && slice.ts <= ts && ts <= slice.ts + slice.dur!)).toBe(true);
  const request = flows.filter(({ id }) => id === 7);
  expect(request.map(({ ph }) => ph).join('')).toBe('stttf');
  expect(request.map(({ ts }) => ts)).toEqual([10_000, 10_250, 10_450, 11_000, 11_100]);
});

test('Chrome: counters tell how many requests wait in a domain', () => {
  const counted = chrome().traceEvents.filter(({ name }) => name === 'requests in blk_driver');
  expect(counted.map(({ ts, args }) => [ts, args!.waiting])).toEqual([
    [10_450, 1],
    [11_000, 0],
  ]);
});

test('a domain that still runs has a slice up to the newest that is known', () => {
  const track = exportModel(recorded()).tracks[0]!;
  expect(track.slices.map(({ start, end }) => [start, end])).toEqual([[11_200_000, 11_200_000]]);
});

test('varints, fixed 64 bits, strings and messages as the encoding guide has them', () => {
  const hex = (message: Message) => [...message.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  expect(hex(new Message().number(1, 150))).toBe('08 96 01');
  expect(hex(new Message().string(2, 'testing'))).toBe('12 07 74 65 73 74 69 6e 67');
  expect(hex(new Message().message(3, new Message().number(1, 150)))).toBe('1a 03 08 96 01');
  expect(hex(new Message().number(60, 0))).toBe('e0 03 00');
  expect(hex(new Message().fixed64(1, 2 ** 32 + 5))).toBe('09 05 00 00 00 01 00 00 00');
  expect(hex(new Message().number(1, 2 ** 53 - 1))).toBe('08 ff ff ff ff ff ff ff 0f');
});

const SCHEMA = fileURLToPath(new URL('./testing/perfetto_subset.proto', import.meta.url));
const hasProtoc = spawnSync('protoc', ['--version']).status === 0;

test.skipIf(!hasProtoc)('Perfetto: protoc decodes it with the published field numbers, and nothing is unknown', () => {
  const folder = fileURLToPath(new URL('./testing/', import.meta.url));
  const { stdout, stderr, status } = spawnSync('protoc', [`-I${folder}`, '--decode=perfetto.protos.Trace', SCHEMA], {
    input: exported('perfetto', recorded()),
    encoding: 'utf8',
  });
  expect([stderr, status]).toEqual(['', 0]);
  // A field that the schema lacks is printed by its number.
  expect(stdout).not.toMatch(/^\s*\d+[:{ ]/m);
  const packets = stdout.split(/^packet \{$/m).slice(1);
  expect(packets.every((packet) => packet.includes('trusted_packet_sequence_id: 1'))).toBe(true);
  expect(packets[0]).toMatch(/sequence_flags: 1/);
  expect(packets.filter((packet) => packet.includes('thread_name: ')).length).toBe(14);
  const track = /uuid: (\d+)\n[^}]*thread \{[^}]*thread_name: "blk_driver \(110\)"/.exec(stdout)![1];
  const own = packets.filter((packet) => packet.includes(`track_uuid: ${track}\n`));
  expect(own.map((packet) => /timestamp: (\d+)/.exec(packet)![1])).toEqual([
    '10450000',
    '10600000',
    '11000000',
    '11100000',
  ]);
  expect(own.map((packet) => /type: (\w+)/.exec(packet)![1])).toEqual([
    'TYPE_SLICE_BEGIN',
    'TYPE_SLICE_END',
    'TYPE_SLICE_BEGIN',
    'TYPE_SLICE_END',
  ]);
  expect(own.filter((packet) => packet.includes('flow_ids: 7\n')).length).toBe(2);
  expect(stdout.match(/counter_value: \d/g)).toEqual(expect.arrayContaining(['counter_value: 1', 'counter_value: 0']));
});

test('text: one line for each time that a domain ran, in order', () => {
  const lines = text(exported('text', recorded())).trimEnd().split('\n');
  expect(lines[0]).toBe('# qemu_virt_aarch64, 6 times that a domain ran; 0 older records were overwritten unread');
  expect(lines.slice(1).map((line) => line.split(/ +/)[3])).toEqual([
    'fs_driver_vmm',
    'blk_virt',
    'blk_driver',
    'blk_driver',
    'blk_virt',
    'micropython',
  ]);
  expect(lines[2]).toMatch(/^ {5}10\.2500 ms {2}blk_virt +150\.0 us {2}was notified by fs_driver_vmm; /);
});
