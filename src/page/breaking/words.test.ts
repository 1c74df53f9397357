import { expect, test } from 'vitest';
import { BOARDS } from '../../boards';
import { vmfs } from '../../boards/vmfs';
import { type Fault, faultProblem } from '../../protocol/faults';
import { graphOf } from '../graph/model';
import { faultWords, goneWords, MENU, victimOf } from './menu';
import type { Patient } from './recovery';
import type { RecoveryState } from './recovery_watch';
import { recoverySentence, stepWords } from './recovery_words';

const items = MENU.flatMap((group) => group.items);
const faults = items.flatMap(({ act }): readonly Fault[] =>
  'set' in act ? act.set : 'damage' in act ? act.damage : [],
);

test.each(BOARDS)('everything that is offered can be done on $name, to a victim that the graph shows', (board) => {
  const description = vmfs(board, { disk: { store: 'memory', name: '' } });
  const nodes = graphOf(description).nodes.map(({ id }) => id);
  expect(items.filter(({ victim }) => !nodes.includes(victim))).toEqual([]);
  expect(faults.map(faultProblem).filter((problem) => problem)).toEqual([]);
  expect(faults.map(victimOf).filter((victim) => victim !== undefined && !nodes.includes(victim))).toEqual([]);
  const regions = description.regions.map(({ name }) => name);
  expect(faults.flatMap((fault) => (fault.on === 'memory' && !regions.includes(fault.region) ? [fault] : []))).toEqual(
    [],
  );
  const acts = items.flatMap(({ act }) => ('kill' in act ? act.kill : 'hang' in act ? act.hang : []));
  expect(acts.every((name) => description.domains.some((domain) => domain.name === name))).toBe(true);
});

test('names and keys are used once', () => {
  for (const all of [items.map(({ id }) => id), items.map(({ label }) => label), items.flatMap(({ key }) => key ?? [])])
    expect(new Set(all).size).toBe(all.length);
});

test('a fault as its chip says it', () => {
  expect(faultWords({ on: 'disk', what: 'error', request: 'read', sectors: { first: 88, count: 1 } })).toBe(
    'disk: error, read, sector 88',
  );
  expect(faultWords({ on: 'interrupt', what: 'delayed', domain: 'blk_driver' })).toBe(
    'blk_driver: interrupt delayed, 100 ms',
  );
  expect(faultWords({ on: 'wire', what: 'lost', direction: 'send' })).toBe('wire: frame lost, send');
  expect(faultWords({ on: 'hop', what: 'lost', domain: 'net_virt_rx' })).toBe('net_virt_rx: frame lost');
});

test('what is gone is said as upstream leaves it, what comes back is not', () => {
  const status = (state: 'killed' | 'hung' | 'waiting') => ({
    name: 'blk_virt',
    state,
    generation: 1,
    notifications: 0,
  });
  expect(goneWords(status('killed'), false)).toMatch(
    /^`blk_virt` was killed; nothing restarts it, as upstream\. Whoever/,
  );
  expect(goneWords(status('hung'), true)).toBe('`blk_virt` hangs. Kill it, and it comes back.');
  expect(goneWords(status('waiting'), false)).toBeUndefined();
});

const patient: Patient = {
  domain: 'linux_fs_vm',
  kind: 'guest',
  parent: 'fs_driver_vmm',
  clients: ['micropython'],
  cause: 'killed',
  generation: 1,
  atMs: 0,
};
const state = (change: Partial<RecoveryState>): RecoveryState => {
  return { patient, steps: [], flights: [], downMs: 62, asked: true, verdict: undefined, ...change };
};

test('nobody else missed a beat only where that was measured', () => {
  const others = ['blk_virt', 'micropython'];
  expect(recoverySentence(state({}))).toBe('`linux_fs_vm` was down for 0.06 s.');
  expect(recoverySentence(state({ verdict: { others, missed: [] } }))).toBe(
    '`linux_fs_vm` was down for 0.06 s. Nobody else missed a beat.',
  );
  expect(recoverySentence(state({ verdict: { others, missed: ['blk_virt'] } }))).toBe(
    '`linux_fs_vm` was down for 0.06 s. `blk_virt` missed a beat meanwhile.',
  );
  expect(recoverySentence(state({ downMs: undefined }))).toBe('`linux_fs_vm` is down.');
  expect(recoverySentence(state({ asked: false }))).toContain('when a file is asked for');
});

test('a step says what it is, and what it found', () => {
  expect(stepWords('noticed', state({}))).toBe('fs_driver_vmm noticed');
  expect(stepWords('decided', state({ steps: [{ name: 'decided', atMs: 1 }] }))).toBe('nothing was in flight');
  expect(stepWords('begun', state({ patient: { ...patient, cause: 'failed', why: 'it broke a protocol' } }))).toBe(
    'it broke a protocol',
  );
});
