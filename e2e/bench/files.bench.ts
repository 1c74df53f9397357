/**
 * Files: Python in the machine, on a disk in memory and on one in OPFS, against peers and ceilings in the same browser and run. Rounds
 * alternate between all of them; the ratios of the medians are what counts.
 */
import { test } from '../fixtures';
import { mkfs } from '../images';
import { Machine } from '../machine';
import { keep, Rounds } from './figures';
import { Processors } from './foreign_load';
import { JS_PEERS, JsPeers } from './js_peers';
import { lookAway } from './looks';
import { PythonPeer } from './python_peer';
import { PYTHON_ROUND, printedRates } from './python_work';

const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 5);
const DISK_SECTORS = (192 << 20) / 512;
const COLD_MIB = 64;

const UNITS: Readonly<Record<string, string>> = {
  ...{ write64k: 'MiB/s', read64k: 'MiB/s', write8m: 'MiB/s', read32k: 'MiB/s', cold_read: 'MiB/s', read_all: 'MiB/s' },
  ...{ readline: 'lines/s', iterate: 'lines/s', import50: 'modules/s' },
};

const COLD_FILE = `
if 'cold.dat' not in os.listdir('/'): write('/cold.dat', large, ${COLD_MIB})
`;
const COLD_READ = `
started = time.ticks_us()
read('/cold.dat', chunk, ${COLD_MIB} * MIB // CHUNK)
print(${COLD_MIB} * 1e6 / time.ticks_diff(time.ticks_us(), started))
`;

test.use({ parameters: { disk: 'memory' } });

test('files', async ({ machine, profile, baseURL, profileFolder }) => {
  test.setTimeout(900_000);
  const onOpfs = new Machine(await profile.newPage(), new URL(baseURL!));
  await onOpfs.watch();
  await onOpfs.open();
  const machines = { memory: machine, opfs: onOpfs };
  for (const each of Object.values(machines)) {
    await each.import(mkfs(32, DISK_SECTORS));
    await lookAway(each);
    await each.run(PYTHON_ROUND + COLD_FILE);
  }
  const python = await PythonPeer.open(profile, machine.page.url());
  await python.promptMs();
  await python.run(PYTHON_ROUND);
  const peers = await JsPeers.open(profile, machine.page.url());
  const rounds = new Rounds();
  const add = (who: string, rates: Readonly<Record<string, number>>, counts: boolean) => {
    // The first round warms the code up.
    if (counts) for (const [work, value] of Object.entries(rates)) rounds.add(who, work, value);
  };
  const processors = new Processors(profileFolder);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [who, each] of Object.entries(machines)) {
      add(who, printedRates(await each.run('bench_round()')), round > 0);
      await each.kill('linux_fs_vm');
      add(who, { cold_read: Number(await each.run(COLD_READ)) }, round > 0);
    }
    add('memfs', printedRates(await python.run('bench_round()')), round > 0);
    for (const peer of JS_PEERS) {
      const rates = Object.entries(await peers.round(peer));
      for (const [name, value] of rates) {
        const [work, ceiling] = name.split(':').reverse() as [string, string | undefined];
        add(ceiling ?? (peer === 'opfs' ? 'opfs_handles' : peer), { [work]: value }, round > 0);
      }
    }
  }
  keep(
    'files',
    processors.used().foreign,
    rounds.figures((work) => UNITS[work] ?? '/s'),
  );
});
