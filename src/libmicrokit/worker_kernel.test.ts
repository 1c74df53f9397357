import { afterEach, beforeAll, expect, test } from 'vitest';
import { Gate } from '../microkit/gate';
import { GateOrder } from '../microkit/gate_order';
import { CONTROL, CONTROL_BIT, PD_STATE } from '../protocol/boot';
import { Line } from '../protocol/line';
import { Region } from '../protocol/region';
import { readTrace, TRACE } from '../protocol/trace';
import { Random } from './random';
import { bundle, Threads } from './testing/threads';

const DEVICE = 1 << 28;
const PPC = 1 << 29;
const DIE = 1 << 30;
const CONTROL_MESSAGES = 1 << 31;

let program: string;
const running: Threads[] = [];

beforeAll(async () => {
  program = await bundle();
});

afterEach(async () => {
  for (const threads of running.splice(0)) await threads.end();
});

function threads(
  ...[names, links, counters, irqs]: ConstructorParameters<typeof Threads> extends [string, ...infer R] ? R : never
) {
  const system = new Threads(program, names, links, counters, irqs);
  running.push(system);
  return system;
}

const gateOf = ({ gate, control }: Threads) => new Gate({ gate, control, guests: new Map() });

/** Fulfilled when the domain has gone to sleep with nothing to do, at the gate, or for ever. */
async function state(system: Threads, name: string, wanted: number): Promise<void> {
  const words = system.words(name);
  while (Atomics.load(words, 4) !== wanted) await new Promise((resolve) => setImmediate(resolve));
}

const asleep = (system: Threads, name: string) => state(system, name, 2);
const paused = (system: Threads, name: string) => state(system, name, 5);
const dead = (system: Threads, name: string) => state(system, name, 4);

test('the kernel bits are above the channels', () => {
  expect(CONTROL_BIT).toEqual({ DEVICE, PPC, DIE, CONTROL: CONTROL_MESSAGES });
  expect([CONTROL.BITS, CONTROL.SLEEPING, CONTROL.SENT, CONTROL.GRANT, CONTROL.STATE]).toEqual([0, 1, 2, 3, 4]);
  expect(PD_STATE).toEqual({ DOWN: 0, STARTING: 1, WAITING: 2, RUNNING: 3, DEAD: 4, PAUSED: 5 });
});

test('two threads, five tokens, 150,000 notifications, random work in between: none is lost', async () => {
  const channels = [0, 1, 2, 5, 27];
  const system = threads(
    ['ann', 'bob'],
    channels.map((ch) => ({ a: ['ann', ch], b: ['bob', ch] })),
    28,
  );
  system.start('ann', 'pingPong', 30_000);
  system.start('bob', 'pingPong', 30_000);
  for (const ch of channels) system.signal('ann', 1 << ch);
  for (const ch of channels) await system.reaches(ch, 30_001);
  const dispatched = ['ann', 'bob'].map((name) => Atomics.load(system.words(name), 5));
  expect(dispatched[0]! + dispatched[1]!).toBe(channels.length * 30_001);
  await asleep(system, 'ann');
});

test('a protected call carries label and words both ways, wakes a sleeping callee, and blocks the caller', async () => {
  const system = threads(['client', 'server'], [{ a: ['client', 1], b: ['server', 4], ppc: true }]);
  system.start('server', 'callee');
  system.start('client', 'caller');
  for (let n = 1; n <= 500; n++) {
    system.signal('client', 1);
    await system.reaches(0, n);
  }
  await asleep(system, 'client');
  expect(system.counters[1]).toBe(500);
});

test('a wait inside a handler takes only what it asked for; the rest is dispatched afterwards', async () => {
  const system = threads(['pd'], []);
  system.start('pd', 'nested');
  system.signal('pd', 1 << 0);
  await system.reaches(0, 1);
  system.signal('pd', 1 << 2);
  system.signal('pd', CONTROL_MESSAGES);
  await asleep(system, 'pd');
  expect([system.counters[2], system.counters[15]]).toEqual([0, 0]);
  system.signal('pd', 1 << 1);
  await system.reaches(15, 1);
  expect([...system.counters.subarray(0, 3), system.counters[8]]).toEqual([1, 0, 1, 1 << 1]);
});

test('dying unwinds a wait inside a handler', async () => {
  const system = threads(['pd'], []);
  system.start('pd', 'nested');
  system.signal('pd', 1 << 0);
  await system.reaches(0, 1);
  system.urgent('pd', DIE);
  await dead(system, 'pd');
  expect(system.counters[8]).toBe(0);
});

test('a deadline of a device fires, not too early, also when the domain is never asleep', async () => {
  const system = threads(['pd', 'peer'], [{ a: ['pd', 0], b: ['peer', 0] }], 16, [
    { id: 3, symbol: 'irq', intid: 30, trigger: 'level' },
  ]);
  system.start('pd', 'ticking', 30e6);
  system.start('peer', 'ticking', 1e15);
  system.signal('pd', 1);
  await system.reaches(0, 1);
  expect(system.counters[1]).toBe(1);
});

test('debug output of several domains is complete, in order within each, with CR LF, through a ring that is too small', async () => {
  const names = ['a', 'k', 'A'];
  const system = threads(names, []);
  const line = new Line(new Region('debug', system.debug));
  for (const name of names) {
    system.start(name, 'printer', 3000);
    system.signal(name, 1);
  }
  let text = '';
  while (text.split('\n').length < 9001) {
    text += new TextDecoder().decode(line.read(5000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const counted = Array.from({ length: 3000 }, (_, i) => `${i}`).join('');
  for (const name of names) {
    const digits = [...text].map((letter) => letter.charCodeAt(0) - name.charCodeAt(0)).filter((d) => d >= 0 && d < 10);
    expect(digits.join('')).toBe(counted);
  }
  expect(text.split('\r').length).toBe(9001);
});

test('the flight recorder has what was dispatched and sent', async () => {
  const system = threads(['ann', 'bob'], [{ a: ['ann', 3], b: ['bob', 4] }]);
  system.start('ann', 'pingPong', 0);
  system.signal('ann', 1 << 3);
  await system.reaches(3, 1);
  const records = readTrace(new Region('trace', system.boot('ann').trace)).filter(({ kind }) => kind !== TRACE.RAN);
  expect(records.map(({ kind, channel }) => [kind, channel])).toEqual([[TRACE.NOTIFIED, 3]]);
});

test('the flight recorder has how long a domain ran each time, and those times do not overlap', async () => {
  const system = threads(['ann', 'bob'], [{ a: ['ann', 3], b: ['bob', 4] }]);
  system.start('ann', 'pingPong', 50);
  system.start('bob', 'pingPong', 50);
  system.signal('ann', 1 << 3);
  await system.reaches(3, 25);
  await asleep(system, 'ann');
  const records = readTrace(new Region('trace', system.boot('ann').trace));
  const ran = records.filter(({ kind }) => kind === TRACE.RAN).map(({ time, a }) => [time - a / 1e6, time] as const);
  expect(ran.length).toBeGreaterThan(10);
  for (const [i, [start, end]] of ran.entries()) {
    expect(end).toBeGreaterThanOrEqual(start);
    if (i > 0) expect(start).toBeGreaterThanOrEqual(ran[i - 1]![1] - 1e-6);
  }
  // What it did lies in the times that it ran.
  const done = records.filter(({ kind }) => kind === TRACE.NOTIFY).map(({ time }) => time);
  expect(done.every((at) => ran.some(([start, end]) => start - 1e-6 <= at && at <= end))).toBe(true);
});

test('what a wait inside a handler takes is recorded, too', async () => {
  const system = threads(['pd'], []);
  system.start('pd', 'nested');
  system.signal('pd', 1 << 0);
  await system.reaches(0, 1);
  system.signal('pd', 1 << 1);
  while (Atomics.load(system.words('pd'), 0) !== 0) await new Promise((resolve) => setImmediate(resolve));
  await asleep(system, 'pd');
  const records = readTrace(new Region('trace', system.boot('pd').trace)).filter(({ kind }) => kind !== TRACE.RAN);
  expect(records.map(({ kind, channel }) => [kind, channel])).toEqual([
    [TRACE.NOTIFIED, 0],
    [TRACE.NOTIFIED, 1],
  ]);
});

test('a paused domain takes only what it is granted', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'nested');
  await paused(system, 'pd');
  system.signal('pd', (1 << 2) | (1 << 3));
  expect(gate.runnable()).toEqual([
    { domain: 'pd', id: 2 },
    { domain: 'pd', id: 3 },
  ]);
  await gate.grant({ domain: 'pd', id: 3 });
  expect([...system.counters.subarray(2, 4)]).toEqual([0, 1]);
  expect(gate.runnable()).toEqual([{ domain: 'pd', id: 2 }]);
  gate.resume();
  await system.reaches(2, 1);
  expect(system.counters[3]).toBe(1);
});

test('while paused, a wait inside a handler is offered what it waits for and nothing else', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'nested');
  await paused(system, 'pd');
  system.signal('pd', (1 << 0) | (1 << 2));
  await gate.grant({ domain: 'pd', id: 0 });
  expect(gate.runnable()).toEqual([]);
  system.signal('pd', 1 << 1);
  expect(gate.runnable()).toEqual([{ domain: 'pd', id: 1 }]);
  await gate.grant({ domain: 'pd', id: 1 });
  expect(system.counters[8]).toBe(1 << 1);
  expect(gate.runnable()).toEqual([{ domain: 'pd', id: 2 }]);
});

test('control messages and death pass the gate, whenever they come', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'nested');
  await paused(system, 'pd');
  for (let n = 1; n <= 300; n++) {
    system.urgent('pd', CONTROL_MESSAGES);
    await system.reaches(15, n);
  }
  await paused(system, 'pd');
  // None of it was a step.
  expect(new Int32Array(system.gate)[1]).toBe(0);
  system.urgent('pd', DIE);
  await dead(system, 'pd');
});

test("what a wait had left aside before the pause is the stepper's to grant", async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  system.start('pd', 'nested');
  system.signal('pd', 1 << 0);
  await system.reaches(0, 1);
  system.signal('pd', 1 << 2);
  while (Atomics.load(system.words('pd'), 0) !== 0) await new Promise((resolve) => setImmediate(resolve));
  await asleep(system, 'pd');
  await gate.pause();
  system.signal('pd', 1 << 1);
  await paused(system, 'pd');
  expect(gate.runnable()).toEqual([{ domain: 'pd', id: 1 }]);
  await gate.grant({ domain: 'pd', id: 1 });
  expect([gate.runnable(), system.counters[2]]).toEqual([[{ domain: 'pd', id: 2 }], 0]);
});

test('a deadline that passes while paused is offered, and its interrupt after it', async () => {
  const system = threads(['pd'], [], 16, [{ id: 3, symbol: 'irq', intid: 30, trigger: 'level' }]);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'ticking', 5e6);
  while (gate.runnable().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect([gate.runnable(), system.counters[0]]).toEqual([[{ domain: 'pd', id: 28 }], 0]);
  await gate.grant({ domain: 'pd', id: 28 });
  expect([gate.runnable(), system.counters[0]]).toEqual([[{ domain: 'pd', id: 3 }], 0]);
  await gate.grant({ domain: 'pd', id: 3 });
  expect(system.counters[0]).toBe(1);
});

test('a time-out that passes while paused ends the wait only when it is granted', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'patient', 3e6);
  await paused(system, 'pd');
  system.signal('pd', 1);
  await gate.grant({ domain: 'pd', id: 0 });
  while (gate.runnable().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(system.counters[0]).toBe(0);
  await gate.grant({ domain: 'pd', id: 28 });
  expect([system.counters[0], system.counters[1]]).toEqual([1, 0]);
});

test('a time-out that passed while paused is forgotten when the wait ends otherwise', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  await gate.pause();
  system.start('pd', 'patient', 3e6);
  await paused(system, 'pd');
  system.signal('pd', 1);
  await gate.grant({ domain: 'pd', id: 0 });
  while (gate.runnable().length === 0) await new Promise((resolve) => setImmediate(resolve));
  system.signal('pd', 1 << 1);
  await gate.grant({ domain: 'pd', id: 1 });
  expect([gate.runnable(), system.counters[1]]).toEqual([[], 2]);
});

test('a wait with a time-out ends by itself, or with what it waits for', async () => {
  const system = threads(['pd'], []);
  system.start('pd', 'patient', 20e6);
  system.signal('pd', 1);
  await system.reaches(0, 1);
  expect(system.counters[1]).toBe(0);
  system.signal('pd', 1 | 2);
  await system.reaches(0, 2);
  expect(system.counters[1]).toBe(2);
});

test('a granted caller gets its answer: the protected call is part of its step', async () => {
  const system = threads(['client', 'server'], [{ a: ['client', 1], b: ['server', 4], ppc: true }]);
  const gate = gateOf(system);
  await gate.pause();
  system.start('server', 'callee');
  system.start('client', 'caller');
  await paused(system, 'server');
  await paused(system, 'client');
  for (let n = 1; n <= 300; n++) {
    system.signal('client', 1);
    await gate.grant({ domain: 'client', id: 0 });
    expect(system.counters[1]).toBe(n);
  }
});

test('pausing stops a program that only polls, one turn at a time, and resuming lets it go', async () => {
  const system = threads(['pd'], []);
  const gate = gateOf(system);
  system.start('pd', 'poller');
  system.signal('pd', 1 << 4);
  await system.reaches(0, 0);
  while (system.counters[0]! < 1000) await new Promise((resolve) => setImmediate(resolve));
  await gate.pause();
  const turns = system.counters[0]!;
  expect(gate.runnable()).toEqual([{ domain: 'pd', id: 28 }]);
  await gate.grant(gate.runnable()[0]!);
  await gate.grant(gate.runnable()[0]!);
  expect(system.counters[0]).toBe(turns + 2);
  gate.resume();
  system.signal('pd', 1 << 0);
  await system.reaches(1, 1);
});

test('stepping with one seed gives one order, with another seed another', async () => {
  const order = async (seed: number) => {
    const names = ['x', 'y', 'z'];
    const system = threads(
      names,
      names.map((name, i) => ({ a: [name, 2], b: [names[(i + 1) % 3]!, 0] })),
      64,
    );
    const gate = gateOf(system);
    await gate.pause();
    for (const [i, name] of names.entries()) system.start(name, 'relay', i + 1);
    for (const name of names) await paused(system, name);
    for (const name of names) system.signal(name, (1 << 0) | (1 << 1));
    const order = new GateOrder({ domains: [] }, seed);
    for (let next = order.next(gate.runnable()); next; next = order.next(gate.runnable())) {
      await gate.grant(next);
      order.taken();
    }
    await system.end();
    return [...system.counters.subarray(1)];
  };
  const first = await order(7);
  expect(first.filter((entry) => entry !== 0).length).toBeGreaterThan(50);
  expect(await order(7)).toEqual(first);
  expect(await order(8)).not.toEqual(first);
});

test('pausing and resuming in the middle of traffic loses nothing', async () => {
  const channels = [0, 1, 2];
  const system = threads(
    ['ann', 'bob'],
    channels.map((ch) => ({ a: ['ann', ch], b: ['bob', ch] })),
  );
  const gate = gateOf(system);
  system.start('ann', 'pingPong', 20_000);
  system.start('bob', 'pingPong', 20_000);
  for (const ch of channels) system.signal('ann', 1 << ch);
  const random = new Random(3);
  for (let round = 0; round < 200; round++) {
    await gate.pause();
    for (let steps = random.below(4); steps > 0; steps--) {
      const could = gate.runnable();
      if (could.length > 0) await gate.grant(could[random.below(could.length)]!);
    }
    gate.resume();
    for (let turns = random.below(3); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const ch of channels) await system.reaches(ch, 20_001);
  expect(channels.map((ch) => system.counters[ch])).toEqual([20_001, 20_001, 20_001]);
});
