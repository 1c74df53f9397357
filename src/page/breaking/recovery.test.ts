/** Steps, what was in flight and for how long a domain was away: from moments of the monitor and records of the recorders. */
import { expect, test } from 'vitest';
import { FS_CMD, FS_STATUS } from '../../protocol/fs';
import { TRACE, type TraceRecord } from '../../protocol/trace';
import { type Patient, Recovery } from './recovery';

const VM: Patient = {
  domain: 'linux_fs_vm',
  kind: 'guest',
  parent: 'fs_driver_vmm',
  clients: ['micropython', 'files'],
  cause: 'killed',
  generation: 1,
  atMs: 10_000,
};
/** The recorders count from the system's start, the page from its own: 9000 ms later here. */
const at = (ms: number) => 1000 + ms;

const record = (ms: number, kind: number, request = 0, a = 0, channel = 3): TraceRecord => {
  return { time: at(ms), kind, channel, request, a, b: 0, sequence: 0 };
};
const sent = (ms: number, request: number, command: keyof typeof FS_CMD) =>
  record(ms, TRACE.REQUEST, request, FS_CMD[command]);
const answered = (ms: number, request: number, status: keyof typeof FS_STATUS = 'SUCCESS') =>
  record(ms, TRACE.RESPONSE, request, FS_STATUS[status]);

function recovery(patient: Partial<Patient> = {}) {
  const made = new Recovery({ ...VM, ...patient }, (ms) => ms + 9000);
  const moment = (what: 'ended' | 'built' | 'up', ms: number) =>
    made.moment({ what, domain: 'linux_fs_vm', generation: 1, atMs: 10_000 + ms });
  const steps = () => Object.fromEntries(made.steps.map(({ name, atMs }) => [name, atMs]));
  const fates = () => made.flights.map(({ client, command, fate }) => `${client} ${command} ${fate}`);
  return { made, moment, steps, fates };
}

/** A VM is killed while Python writes: in the order in which it is recorded. */
const COMING_BACK = [sent(8, 20, 'INITIALISE'), answered(30, 20), sent(30, 21, 'FILE_OPEN'), answered(31, 21)];

test('killed while Python writes: every step at its time, what was in flight is sent again, down until the first answer', () => {
  const { made, moment, steps, fates } = recovery();
  made.records('micropython', [sent(-90, 9, 'INITIALISE'), answered(-88, 9)]);
  made.records('micropython', [sent(-50, 10, 'STAT'), answered(-49, 10), sent(-1, 11, 'FILE_WRITE')]);
  expect(fates()).toEqual([]);
  moment('ended', 0);
  expect(fates()).toEqual(['micropython FILE_WRITE waits']);
  made.records('fs_driver_vmm', [record(3, TRACE.NOTIFIED, 0, 0, 2), record(4, TRACE.NOTIFIED, 0, 0, 27)]);
  moment('built', 6);
  made.records('linux_fs_vm', [record(25, TRACE.RAN)]);
  moment('up', 33);
  made.records('micropython', COMING_BACK);
  expect(made.downMs).toBeUndefined();
  made.records('micropython', [sent(31, 11, 'FILE_WRITE')]);
  expect(fates()).toEqual(['micropython FILE_WRITE again']);
  made.records('micropython', [answered(35, 11), sent(35, 22, 'FILE_WRITE'), answered(36, 22)]);
  expect(fates()).toEqual(['micropython FILE_WRITE answered']);
  expect(steps()).toEqual({ begun: 0, noticed: 4, built: 6, up: 25, mounted: 30, decided: 31, answered: 35 });
  expect([made.downMs, made.asked, made.complete]).toEqual([35, true, true]);
});

test('what may not be done twice ends with its error; an open file whose name is gone with another', () => {
  const { made, moment, fates, steps } = recovery();
  made.records('micropython', [sent(-3, 11, 'RENAME'), sent(-2, 12, 'FILE_READ'), sent(-1, 13, 'DIR_READ')]);
  moment('ended', 0);
  made.records('micropython', [...COMING_BACK, answered(32, 11, 'IO_ERROR'), answered(32, 12, 'STALE')]);
  expect(fates()).toEqual(['micropython RENAME EIO', 'micropython FILE_READ ESTALE', 'micropython DIR_READ waits']);
  expect(steps().decided).toBeUndefined();
  made.records('micropython', [answered(34, 13, 'IO_ERROR')]);
  expect(steps()).toMatchObject({ decided: 34, answered: 32 });
});

test('a kill that nobody noticed: back when it is up; the rest comes when a file is asked for', () => {
  const { made, moment, steps } = recovery();
  made.records('micropython', [sent(-50, 10, 'STAT'), answered(-49, 10)]);
  moment('ended', 0);
  moment('built', 6);
  moment('up', 21);
  expect([made.downMs, made.asked, made.complete]).toEqual([21, false, false]);
  made.records('micropython', [sent(9000, 20, 'INITIALISE'), answered(9003, 20), sent(9003, 19, 'FILE_OPEN')]);
  expect(steps().answered).toBeUndefined();
  made.records('micropython', [answered(9004, 19)]);
  expect(steps()).toMatchObject({ up: 21, mounted: 9003, decided: 9003, answered: 9004 });
  expect(made.downMs).toBe(21);
});

test('asked for while it was down, with nothing in flight: down until that is answered', () => {
  const { made, moment } = recovery();
  moment('ended', 0);
  made.records('micropython', [...COMING_BACK.slice(0, 1)]);
  moment('up', 20);
  expect(made.downMs).toBeUndefined();
  made.records('micropython', [...COMING_BACK.slice(1), sent(31, 19, 'FILE_OPEN'), answered(33, 19)]);
  expect(made.downMs).toBe(33);
});

test('two clients: mounted by the first, decided for both', () => {
  const { made, moment, steps } = recovery();
  made.records('micropython', [sent(-1, 11, 'FILE_WRITE')]);
  made.records('files', [sent(-1, 5, 'FILE_READ')]);
  moment('ended', 0);
  made.records('micropython', [...COMING_BACK, sent(32, 11, 'FILE_WRITE'), answered(33, 11)]);
  expect(steps()).toMatchObject({ mounted: 30, answered: 33, decided: undefined });
  made.records('files', [sent(40, 6, 'INITIALISE'), answered(41, 6), sent(42, 5, 'FILE_READ')]);
  expect(steps().decided).toBe(42);
});

test('a guest that hangs: the time runs from the hang on, and what was sent to it since is in flight', () => {
  const { made, moment, steps, fates } = recovery({ cause: 'hung' });
  made.records('micropython', [sent(500, 11, 'FILE_READ')]);
  expect(fates()).toEqual([]);
  moment('ended', 2500);
  expect(fates()).toEqual(['micropython FILE_READ waits']);
  expect(steps()).toMatchObject({ begun: 0, found: 2500, noticed: undefined });
});

test('another reboot notice, long before, is not of this one', () => {
  const { made, moment, steps } = recovery();
  moment('ended', 0);
  made.records('fs_driver_vmm', [record(-500, TRACE.NOTIFIED, 0, 0, 27)]);
  expect(steps().noticed).toBeUndefined();
});

test('a client: dead, up, at its prompt, not at the prompt that was there before', () => {
  const { made, moment, steps } = recovery({ domain: 'micropython', kind: 'client', parent: undefined, clients: [] });
  made.prompted(10_001);
  moment('built', 2010);
  moment('up', 2050);
  expect(made.downMs).toBeUndefined();
  made.prompted(12_120);
  expect(steps()).toEqual({ begun: 0, built: 2010, up: 2050, prompt: 2120 });
  expect([made.downMs, made.complete]).toEqual([2120, true]);
});
