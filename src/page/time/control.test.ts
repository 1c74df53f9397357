/** The hand on time, over real threads and the real gate; no browser. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { bundle, Threads } from '../../libmicrokit/testing/threads';
import type { SystemMemory } from '../../microkit/layout';
import { CONTROL, PD_STATE } from '../../protocol/boot';
import { TimeControl } from './control';
import { FULL } from './speeds';

let program: string;
const running: Threads[] = [];

beforeAll(async () => {
  program = await bundle();
});

afterEach(async () => {
  for (const threads of running.splice(0)) await threads.end();
});

/** `low` and `high` pass a token round and round, each counting on its own channel. */
async function system() {
  const threads = new Threads(program, ['low', 'high'], [{ a: ['low', 0], b: ['high', 0] }]);
  running.push(threads);
  const domain = (name: string, priority: number) => ({ name, priority, kind: 'driver', maps: [], irqs: [] });
  const channel = { a: { domain: 'low', id: 0, symbol: 'up' }, b: { domain: 'high', id: 0, symbol: 'down' } };
  const memory = {
    gate: threads.gate,
    control: threads.control,
    guests: new Map(),
    description: { board: 'test', regions: [], domains: [domain('low', 1), domain('high', 9)], channels: [channel] },
  } as unknown as SystemMemory;
  const host = { memory: memory as SystemMemory | undefined, ready: true, prompted: false };
  const listeners = new Set<() => void>();
  const control = new TimeControl({
    memory: () => host.memory,
    ready: () => host.ready,
    prompted: () => host.prompted,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  for (const name of ['low', 'high']) threads.start(name, 'pingPong', 1e9);
  const asleep = (name: string) => Atomics.load(threads.words(name), CONTROL.STATE) === PD_STATE.WAITING;
  await until(() => asleep('low') && asleep('high'));
  const changed = () => {
    for (const listener of listeners) listener();
  };
  return { threads, control, host, memory, changed, count: () => Atomics.load(threads.counters, 0) };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test('pause holds what runs, step moves one, resume lets it go', async () => {
  const { threads, control, count } = await system();
  threads.signal('low', 1);
  await until(() => count() > 1000);
  await control.pause();
  const held = count();
  expect([control.state.mode, control.state.busy]).toEqual(['paused', []]);
  const { next } = control.state;
  expect(await control.step()).toEqual(next);
  expect(count()).toBe(held + 1);
  expect(control.state.steps).toBe(1);
  await control.resume();
  expect(control.state.mode).toBe('running');
  await until(() => count() > held + 1000);
});

test('a step of a system that runs pauses it, and many steps at once come one after the other', async () => {
  const { threads, control, count } = await system();
  threads.signal('low', 1);
  await until(() => count() > 100);
  await Promise.all(Array.from({ length: 5 }, () => control.step()));
  expect(control.state.mode).toBe('paused');
  const held = count();
  await control.step();
  expect(count()).toBe(held + 1);
});

test('the higher priority goes first, and when there is nothing to do, nobody goes', async () => {
  const { threads, control, count } = await system();
  await control.pause();
  expect([control.state.next, await control.step()]).toEqual([undefined, undefined]);
  threads.signal('low', 1);
  threads.signal('high', 1);
  expect(await control.step()).toMatchObject({ domain: 'high', over: { domain: 'low', priority: 1 } });
  expect(count()).toBe(1);
});

test('slowly, it goes by single grants until it is told otherwise', async () => {
  const { threads, control, count } = await system();
  threads.signal('low', 1);
  await control.setSpeed(200);
  await until(() => count() > 3);
  expect([control.state.mode, control.state.speed]).toEqual(['stepping', 200]);
  await control.setSpeed(0);
  expect(control.state.mode).toBe('paused');
  const held = count();
  const going = control.resume();
  await until(() => count() > held + 2);
  expect(control.state.speed).toBe(200);
  await control.setSpeed(FULL);
  await going;
  await until(() => control.state.mode === 'running');
  await expect(control.setSpeed(Number.NaN)).rejects.toThrow(/A speed is a number/);
});

test('a breakpoint stops it each time, and going on passes it', async () => {
  const { threads, control, count } = await system();
  threads.signal('low', 1);
  await until(() => count() > 100);
  const id = control.breakAt({ on: 'domain', domain: 'high' });
  await until(() => control.state.mode === 'paused');
  expect(control.state.stop).toMatchObject({ id, words: 'high is about to take a notification.' });
  expect(control.state.next?.domain).toBe('high');
  const held = count();
  await control.resume();
  // High took it, low took one, and high is about to again.
  expect([control.state.mode, count()]).toEqual(['paused', held + 2]);
  control.clear(id);
  expect(control.state.breaks).toEqual([]);
  await control.resume();
  expect(control.state.mode).toBe('running');
});

test('clearing the last breakpoint of a system that runs lets it run freely', async () => {
  const { threads, control, count } = await system();
  threads.signal('low', 1);
  control.breakAt({ on: 'fault' });
  await until(() => control.state.mode === 'stepping' && count() > 20);
  control.clear();
  await until(() => control.state.mode === 'running');
});

test('a statement is over when the prompt is there and nobody has anything to do', async () => {
  const { threads, control, host, count } = await system();
  await control.pause();
  const stepped = control.stepStatement();
  await until(() => control.state.statement);
  threads.signal('low', 1);
  await until(() => count() > 5);
  expect(control.state.mode).toBe('stepping');
  await control.pause();
  await stepped;
  expect([control.state.mode, control.state.statement, host.prompted]).toEqual(['paused', false, false]);
});

test('another system runs freely, and starts without being held up', async () => {
  const { threads, control, host, memory, changed, count } = await system();
  threads.signal('low', 1);
  await control.pause();
  host.memory = undefined;
  changed();
  expect(control.state.mode).toBe('starting');
  expect(() => control.breakAt({ on: 'fault' })).toThrow(/when the prompt is there/);
  await expect(control.step()).rejects.toThrow(/when the prompt is there/);
  host.ready = false;
  host.memory = { ...memory };
  changed();
  expect(control.state.mode).toBe('starting');
  host.ready = true;
  changed();
  await until(() => control.state.mode === 'running');
  const held = count();
  await until(() => count() > held + 100);
});
