/** Domains with the real kernel in threads answer probes: asleep, in a wait inside a handler, at work; and nothing else notices. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import { CONTROL, PD_STATE } from '../protocol/boot';
import { probe } from '../protocol/notification';
import { bundle, Threads } from './testing/threads';

let program: string;
const running: Threads[] = [];

beforeAll(async () => {
  program = await bundle();
});

afterEach(async () => {
  for (const threads of running.splice(0)) await threads.end();
});

function threads(names: readonly string[], links: ConstructorParameters<typeof Threads>[2] = []): Threads {
  const system = new Threads(program, names, links);
  running.push(system);
  return system;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function asleep(words: Int32Array): Promise<void> {
  while (Atomics.load(words, CONTROL.STATE) !== PD_STATE.WAITING) await turn();
}

/** Feels for the pulse as the page does: again in every turn, until it is there. */
async function beats(words: Int32Array, number: number): Promise<void> {
  while (Atomics.load(words, CONTROL.BEAT) !== number) {
    probe(words, number);
    await turn();
  }
}

const counted = (words: Int32Array) =>
  [CONTROL.NOTIFICATIONS, CONTROL.WAKEUPS, CONTROL.BITS, CONTROL.STATE].map((at) => Atomics.load(words, at));

test('where the words of the pulse are', () => {
  expect([CONTROL.PROBE, CONTROL.BEAT]).toEqual([9, 10]);
});

test('a domain asleep answers and sleeps on: nothing was counted or recorded, and it stays at rest', async () => {
  const system = threads(['pd']);
  system.start('pd', 'nested');
  const words = system.words('pd');
  await asleep(words);
  const recorded = new Uint32Array(system.boot('pd').trace, 0, 1);
  const before = [...counted(words), Atomics.load(recorded, 0)];
  for (let number = 1; number <= 200; number++) {
    await beats(words, number);
    // The page may feel for it again before it sees the answer.
    probe(words, number);
  }
  expect([...counted(words), Atomics.load(recorded, 0)]).toEqual(before);
});

test('a domain that waits inside a handler answers, and its deadline comes when it was due', async () => {
  const system = threads(['pd']);
  system.start('pd', 'patient', 400e6);
  const words = system.words('pd');
  await asleep(words);
  system.signal('pd', 1 << 0);
  let number = 0;
  // For longer than the deadline, less than it apart.
  while (Atomics.load(system.counters, 0) === 0) await beats(words, ++number);
  expect(number).toBeGreaterThan(3);
  expect(system.counters[1]).toBe(0);
});

test('no notification is lost among probes, and a domain that is always busy answers too', async () => {
  const channels = [0, 1, 2];
  const system = threads(
    ['ann', 'bob'],
    channels.map((ch) => ({ a: ['ann', ch], b: ['bob', ch] })),
  );
  system.start('ann', 'pingPong', 20_000);
  system.start('bob', 'pingPong', 20_000);
  for (const ch of channels) system.signal('ann', 1 << ch);
  let number = 0;
  while (channels.some((ch) => Atomics.load(system.counters, ch) < 20_001)) {
    number++;
    await Promise.all(['ann', 'bob'].map((name) => beats(system.words(name), number)));
  }
  expect(number).toBeGreaterThan(20);
  expect(channels.map((ch) => system.counters[ch])).toEqual([20_001, 20_001, 20_001]);
});
