import { expect, test } from 'vitest';
import { Watchdog } from './watchdog';

// Digits from src/protocol/boot.ts, on purpose typed again.
const [STATE, NOTIFICATIONS, WAKEUPS, COMPLAINTS] = [4, 5, 6, 1];
const [WAITING, RUNNING] = [2, 3];

/** A guest that does `meanwhile` between the two looks; how often it was found to hang. */
async function look(state: number, meanwhile: (words: Int32Array) => void, same = true): Promise<number> {
  const guest = new Int32Array(new SharedArrayBuffer(8));
  const pages = [new Int32Array(new SharedArrayBuffer(64)), new Int32Array(new SharedArrayBuffer(64))];
  for (const page of pages) page[STATE] = state;
  let current = 0;
  let hangs = 0;
  const pause = async () => {
    meanwhile(pages[0]!);
    if (!same) current = 1;
    dog.stop();
  };
  const dog = new Watchdog(guest, { words: () => pages[current]!, hangs: () => hangs++ }, pause);
  const ended = dog.run();
  Atomics.add(guest, COMPLAINTS, 1);
  Atomics.notify(guest, COMPLAINTS);
  await ended;
  return hangs;
}

test('a guest that runs without ever sleeping hangs', async () => {
  expect(await look(RUNNING, () => {})).toBe(1);
});

test.each<[string, number, (words: Int32Array) => void, boolean]>([
  ['woke meanwhile', RUNNING, (words) => words[WAKEUPS]!++, true],
  ['was notified meanwhile', RUNNING, (words) => words[NOTIFICATIONS]!++, true],
  ['sleeps, waiting for its disk', WAITING, () => {}, true],
  ['fell asleep meanwhile', RUNNING, (words) => (words[STATE] = WAITING), true],
  ['is another one by now', RUNNING, () => {}, false],
])('a guest that %s does not', async (_, state, meanwhile, same) => {
  expect(await look(state, meanwhile, same)).toBe(0);
});
