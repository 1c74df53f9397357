/**
 * From navigation to the prompt, warm, against MicroPython alone in one worker, in the same browser and run: rounds alternate. Then what an
 * idle system costs, and what the tab occupies.
 */
import { test } from '../fixtures';
import { rendererMemory } from '../renderer_memory';
import { keep, Rounds } from './figures';
import { Processors } from './foreign_load';
import { PythonPeer } from './python_peer';

const ROUNDS = Number(process.env.VMFS_BENCH_ROUNDS ?? 9);
const IDLE_MS = 3000;

test('boot, idle, memory', async ({ machine, profile, profileFolder }) => {
  test.setTimeout(300_000);
  const { page } = machine;
  const rounds = new Rounds();
  await machine.settled();
  rounds.add('opfs', 'memory', rendererMemory(profileFolder) / 2 ** 20);
  const processors = new Processors(profileFolder);
  for (let round = 0; round < 3; round++) await idle();
  const peer = await PythonPeer.open(profile, page.url());
  processors.used();
  for (let round = 0; round <= ROUNDS; round++) {
    await peer.page.reload();
    const peerMs = await peer.promptMs();
    await machine.reload();
    const ms = await page.evaluate(() => performance.getEntriesByName('vmfs-prompt')[0]!.startTime);
    if (round === 0) continue; // warms the HTTP and code caches
    rounds.add('memfs', 'prompt', peerMs);
    rounds.add('opfs', 'prompt', ms);
  }
  keep(
    'boot',
    processors.used().foreign,
    rounds.figures((work) => UNITS[work]!),
  );

  /** Nobody does anything for a while: how often domains are notified, and what the browser uses. */
  async function idle(): Promise<void> {
    await machine.settled();
    const notified = async () => (await machine.list()).reduce((sum, { notifications }) => sum + notifications, 0);
    const before = await notified();
    processors.used();
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    rounds.add('opfs', 'idle_cores', processors.used().own);
    rounds.add('opfs', 'idle_notifications', (await notified()) - before);
  }
});

const UNITS: Readonly<Record<string, string>> = {
  ...{ prompt: 'ms', memory: 'MiB', idle_cores: 'cores', idle_notifications: `in ${IDLE_MS / 1000} s` },
};
