/** What grows with the size of a directory or of a file, or with a second client: Python in the machine, on a disk in memory. */
import { test } from '../fixtures';
import { mkfs } from '../images';
import type { Machine } from '../machine';
import { keep, Rounds } from './figures';
import { Processors } from './foreign_load';
import { lookAway } from './looks';
import { PYTHON_ROUND, printedRates } from './python_work';

const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 5);
const DISK_SECTORS = (256 << 20) / 512;
const ENTRIES = [1, 1000, 20_000];
const FILE_MIB = [1, 16, 160];

const PREPARED = `
ENTRIES, FILES = ${JSON.stringify(ENTRIES)}, ${JSON.stringify(FILE_MIB)}
def touch(path): open(path, 'w').close()
for n in ENTRIES:
    os.mkdir('/d%d' % n)
    for i in range(n): touch('/d%d/f%d' % (n, i))
for mib in FILES: write('/file%d' % mib, large, mib)
def directories():
    for n in ENTRIES:
        say('dir_create_%d' % n, once(200, lambda i: touch('/d%d/x%d' % (n, i))))
        say('dir_remove_%d' % n, once(200, lambda i: os.remove('/d%d/x%d' % (n, i))))
        at = 0
        def look():
            nonlocal at
            at = (at + 7919) % n
            os.stat('/d%d/f%d' % (n, at))
        say('dir_stat_%d' % n, rate(look))
def files():
    global state
    for mib in FILES:
        with open('/file%d' % mib, 'rb') as f:
            def one():
                global state
                state = (state * 69069 + 12345) & 0x7fffffff
                f.seek(state // 2 % (mib << 8) * PAGE)
                f.readinto(page)
            say('file_random_read_%d' % mib, rate(one))
def beside(clients):
    with open('/file1', 'rb') as f:
        def one():
            f.seek(0)
            f.readinto(page)
        say('read_%d' % clients, rate(one))
    say('stat_%d' % clients, rate(lambda: os.stat('/file1')))
`;

/** Python's rates alone, and while the page's own client reads another file over and over. */
async function besides(machine: Machine): Promise<Record<string, number>> {
  const alone = printedRates(await machine.run('beside(1)'));
  const reader = await machine.page.evaluateHandle(() => {
    const state = { stopped: false };
    const readOn = async () => {
      while (!state.stopped) await window.lionsos.files.read('/file16');
    };
    return { state, ended: readOn() };
  });
  const together = printedRates(await machine.run('beside(2)'));
  await reader.evaluate(async ({ state, ended }) => {
    state.stopped = true;
    await ended;
  });
  return { ...alone, ...together };
}

test.use({ parameters: { disk: 'memory' } });

test('growth', async ({ machine, profileFolder }) => {
  test.setTimeout(600_000);
  await machine.import(mkfs(32, DISK_SECTORS));
  await lookAway(machine);
  await machine.run(PYTHON_ROUND + PREPARED);
  const processors = new Processors(profileFolder);
  const rounds = new Rounds();
  for (let round = 0; round <= ROUNDS; round++) {
    const rates = {
      ...printedRates(await machine.run('directories()')),
      ...printedRates(await machine.run('files()')),
      ...(await besides(machine)),
    };
    // The first round warms the code up.
    if (round > 0) for (const [work, value] of Object.entries(rates)) rounds.add('memory', work, value);
  }
  keep(
    'growth',
    processors.used().foreign,
    rounds.figures(() => '/s'),
  );
});
