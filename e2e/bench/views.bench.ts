/**
 * What looking on costs: the file benchmark with nothing recorded, with the flight recorders on and nothing to be seen, and with each view
 * open. Rounds take turns, so that what else the machine does meets all of them; the ratio is between medians of the same run.
 */

import { test } from '../fixtures';
import type { Machine } from '../machine';
import { keep } from './figures';
import { Processors } from './foreign_load';
import { show } from './looks';

test.use({ viewport: { width: 1440, height: 900 } });

const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 9);

/** Shape of the original's bench.py: 64 KiB at a time, written and then read back, again and again. Prints microseconds. */
const PROGRAM = `
import time
b = bytes(65536)
t = time.ticks_us()
for i in range(12):
    with open("bench.dat", "wb") as f:
        for k in range(32): f.write(b)
    for k in range(4):
        with open("bench.dat", "rb") as f:
            while f.read(65536): pass
print(time.ticks_diff(time.ticks_us(), t))
`;

interface Look {
  readonly name: string;
  /** Fragment of the address. */
  readonly shows: string;
  readonly records: boolean;
}

const LOOKS: readonly Look[] = [
  { name: 'nothing recorded, nothing to be seen', shows: '#v1&view=help', records: false },
  { name: 'recorded, nothing to be seen', shows: '#v1&view=help', records: true },
  { name: 'graph and words', shows: '', records: true },
  { name: 'inspector, queues', shows: '#v1&node=blk_virt&tab=queues', records: true },
  { name: 'disk map', shows: '#v1&view=disk', records: true },
  { name: 'timeline', shows: '#v1&drawer=1', records: true },
];

test('what recording and looking on cost the file benchmark', async ({ machine, profileFolder }) => {
  test.setTimeout(900_000);
  const processors = new Processors(profileFolder);
  const found = LOOKS.map((look) => ({ ...look, us: [] as number[], frames: [] as number[] }));
  await machine.run(PROGRAM);
  for (let round = 0; round < ROUNDS; round++) {
    for (const look of round % 2 === 0 ? found : found.toReversed()) {
      const { us, frames } = await measured(machine, look);
      look.us.push(us);
      look.frames.push(frames);
    }
  }
  keep(
    'views',
    processors.used().foreign,
    found.flatMap(({ name, us, frames }) => [
      { work: 'looking_on', who: name, unit: 'ms', values: us.map((each) => each / 1000) },
      { work: 'frames', who: name, unit: '/s', values: frames },
    ]),
  );
});

async function measured(machine: Machine, { shows, records }: Look): Promise<{ us: number; frames: number }> {
  await show(machine, shows);
  return machine.page.evaluate(
    async ([program, on]) => {
      await window.lionsos.trace.record(on);
      // What a view does when it is opened (it loads, it reads the recorders or the disk) is not what looking on costs.
      await window.lionsos.run('import time; time.sleep_ms(1500)');
      let frames = 0;
      let running = true;
      const count = () => {
        frames++;
        if (running) requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
      const since = performance.now();
      const us = Number(await window.lionsos.run(program));
      const ms = performance.now() - since;
      running = false;
      return { us, frames: (frames * 1000) / ms };
    },
    [PROGRAM, records] as const,
  );
}
