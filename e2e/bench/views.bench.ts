/**
 * What looking on costs: the file benchmark with nothing recorded, with the flight recorders on and nothing to be seen, and with each view
 * open. Rounds take turns, so that what else the machine does meets all of them; the ratio is between medians of the same run.
 */

import { test } from '../fixtures';
import type { Machine } from '../machine';

test.use({ viewport: { width: 1440, height: 900 } });

const ROUNDS = 9;

/** Shape of the original's bench.py: 64 KiB at a time, written and then read back. Prints microseconds. */
const PROGRAM = [
  'import time',
  'b = bytes(65536)',
  't = time.ticks_us()',
  'f = open("bench.dat", "wb")',
  'for i in range(32): n = f.write(b)',
  'f.close()',
  'for k in range(4):',
  ' f = open("bench.dat", "rb")',
  ' while f.read(65536): pass',
  ' f.close()',
  'print(time.ticks_diff(time.ticks_us(), t))',
].join('\n');

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

test('what recording and looking on cost the file benchmark', async ({ machine }) => {
  test.setTimeout(600_000);
  const found = LOOKS.map((look) => ({ ...look, us: [] as number[], frames: [] as number[] }));
  await machine.run(PROGRAM);
  for (let round = 0; round < ROUNDS; round++) {
    for (const look of round % 2 === 0 ? found : found.toReversed()) {
      const { us, frames } = await measured(machine, look);
      look.us.push(us);
      look.frames.push(frames);
    }
  }
  const [bare, recorded] = [median(found[0]!.us), median(found[1]!.us)];
  for (const { name, us, frames } of found) {
    const against = name === LOOKS[0]!.name ? bare : name === LOOKS[1]!.name ? bare : recorded;
    const ratio = (median(us) / against).toFixed(3);
    console.log(
      `${name}: ${(median(us) / 1000).toFixed(1)} ms, ratio ${ratio}, ${median(frames).toFixed(0)} frames a second`,
    );
  }
});

async function measured({ page }: Machine, { shows, records }: Look): Promise<{ us: number; frames: number }> {
  await page.evaluate((hash) => {
    history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, shows);
  return page.evaluate(
    async ([program, on]) => {
      await window.lionsos.trace.record(on);
      // A view that has just been opened loads and draws itself first.
      await window.lionsos.run('import time; time.sleep_ms(300)');
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

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
