/**
 * The FS VM is killed at random times while Python writes: 50 times, 1,000 in a nightly run. No other worker restarts, every byte that Python
 * was told of is in the file, memory does not grow, and the disk is whole.
 */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import { fsck, partition } from './images';
import { rendererMemory } from './renderer_memory';

// What this project exists for holds the first time.
test.describe.configure({ retries: 0 });

const NIGHTLY = Boolean(process.env.NIGHTLY);
const KILLS = NIGHTLY ? 1000 : 50;
/** Memory is compared after so many kills, when every set of the guest's has been in use and the heaps have found their size. */
const WARM_UP = NIGHTLY ? 200 : 25;
const GROWTH = 5 * 2 ** 20;
/** One file per so many rounds: enough appends for every kill, and a file that still fits the disk. */
const PROGRAM = `import os
n = failed = rounds = 0
f = open("numbers", "wb")
while True:
    try:
        n += f.write(b"%07d\\n" % (n // 8)) // 8 * 8
        if n == 80000:
            f.close(); assert os.stat("numbers")[6] == n
            rounds += 1; n = 0; f = open("numbers", "wb")
    except OSError: failed += 1
`;

// Every collection of garbage takes all of it: otherwise what nobody holds any more counts, until a worker's heap finds its size.
test.use({
  launchOptions: async ({ launchOptions }, use) =>
    use({ ...launchOptions, args: [...(launchOptions.args ?? []), '--js-flags=--gc-global'] }),
});

test(`${KILLS} kills at random times: nothing that was acknowledged is lost, nobody else restarts, memory stays`, async ({
  machine,
  profileFolder,
}, { annotations }) => {
  test.setTimeout(NIGHTLY ? 1_800_000 : 240_000);
  const { page } = machine;
  // Defined first, so that the endless part is one line.
  await machine.run(`source = ${JSON.stringify(PROGRAM)}`);
  await machine.send('exec(source)\r');
  const storm = (kills: number, seed: number) => page.evaluate(killAtRandom, [kills, seed] as const);
  await storm(WARM_UP, 1);
  const before = await settled(page, profileFolder);
  await storm(KILLS - WARM_UP, 2);
  const after = await settled(page, profileFolder);
  const growth = after.memory - before.memory;
  annotations.push({
    type: 'memory',
    description: `${(growth / 2 ** 20).toFixed(1)} MiB over ${KILLS - WARM_UP} kills`,
  });
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  const check = `f.close()
d = open("numbers", "rb").read()
print(len(d) - n in (0, 8), d[:n] == b"".join(b"%07d\\n" % i for i in range(n // 8)), n + rounds > 0)`;
  expect(await machine.run(check)).toBe('True True True\r\n');
  const generations = Object.fromEntries((await machine.list()).map(({ name, generation }) => [name, generation]));
  expect(generations).toMatchObject({ linux_fs_vm: KILLS + 1 });
  expect(Object.values({ ...generations, linux_fs_vm: 1 })).toEqual(Array(14).fill(1));
  // Each worker has four, and keeps its memory as long as they are there. The browser is slow to let go of the last few.
  expect(after.listeners - before.listeners).toBeLessThan(2 * (KILLS - WARM_UP));
  // A page that has just started still settles by as much.
  if (NIGHTLY) expect(growth).toBeLessThan(GROWTH);
  await machine.settled();
  expect(fsck(partition(await machine.export()))).toBe('');
});

/** In the page: waits up to 60 ms before each kill, as drawn from the seed. */
async function killAtRandom([kills, seed]: readonly [number, number]): Promise<void> {
  let state = seed;
  for (let kill = 0; kill < kills; kill++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const pause = (state / 2 ** 32) * 60;
    await new Promise((resolve) => setTimeout(resolve, pause));
    await window.lionsos.pd.kill('linux_fs_vm');
  }
}

/** After a collection of garbage on the page: the least of several looks, since workers collect theirs when they like. */
async function settled(page: Page, profileFolder: string): Promise<{ memory: number; listeners: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { jsEventListeners: listeners } = await session.send('Memory.getDOMCounters');
  await session.detach();
  const looks: number[] = [];
  for (let look = 0; look < 5; look++) {
    looks.push(rendererMemory(profileFolder));
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  }
  return { memory: Math.min(...looks), listeners };
}
