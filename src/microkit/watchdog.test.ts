import { expect, test } from 'vitest';
import { Watchdog } from './watchdog';

// Digits from src/protocol/boot.ts, on purpose typed again.
const [STATE, NOTIFICATIONS, WAKEUPS, COMPLAINTS, BREACH] = [4, 5, 6, 1, 3];
const [WAITING, RUNNING] = [2, 3];

const never = () => {
  throw new Error('it broke no protocol');
};

/** A guest that does `meanwhile` between the two looks; how often it was found to hang. */
async function look(state: number, meanwhile: (words: Int32Array) => void, same = true): Promise<number> {
  const guest = new Int32Array(new SharedArrayBuffer(16));
  const pages = [new Int32Array(new SharedArrayBuffer(64)), new Int32Array(new SharedArrayBuffer(64))];
  for (const page of pages) page[STATE] = state;
  let current = 0;
  let hangs = 0;
  const pause = async () => {
    meanwhile(pages[0]!);
    if (!same) current = 1;
    dog.stop();
  };
  const dog = new Watchdog(guest, { words: () => pages[current]!, hangs: () => hangs++, brokeProtocol: never }, pause);
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

test.each([
  [1, 1],
  [2, 0],
])(
  'a complaint about protocol counts for the generation that runs: number %i, said of the first',
  async (generation, found) => {
    const guest = new Int32Array(new SharedArrayBuffer(16));
    const page = new Int32Array(new SharedArrayBuffer(64));
    let broke = 0;
    let looked = () => {};
    const look = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const brokeProtocol = () => {
      broke++;
      looked();
    };
    const dog = new Watchdog(guest, { words: () => page, hangs: never, brokeProtocol }, async () => looked());
    const ended = dog.run();
    guest[0] = generation - 1;
    guest[BREACH] = 1;
    Atomics.add(guest, COMPLAINTS, 1);
    Atomics.notify(guest, COMPLAINTS);
    await look;
    dog.stop();
    await ended;
    expect(broke).toBe(found);
  },
);
