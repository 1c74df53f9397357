/** From killing the file system VM to the first answered command, as Python sees it, against the VM's first boot in the same page. */
import { test } from '../fixtures';

const KILLS = 40;

const quantile = (values: number[], q: number) =>
  [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))]!;

test('reboot of the file system VM', async ({ machine }) => {
  test.setTimeout(300_000);
  const coldMs = (await machine.list()).find(({ name }) => name === 'linux_fs_vm')!.bootMs!;
  await machine.run('f = open("kept", "w"); f.write("x")');
  await machine.settled();
  const clean: number[] = [];
  const inUse: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // Every second kill meets a volume that is marked as in use and has to be recovered.
    const recovery = kill % 2 === 1;
    if (recovery) await machine.run('f.write("x")');
    else await machine.settled();
    const ms = await machine.page.evaluate(async () => {
      const started = performance.now();
      const killed = window.lionsos.pd.kill('linux_fs_vm');
      await window.lionsos.run('import os; os.stat("kept")');
      const answered = performance.now() - started;
      await killed;
      const exchange = performance.now();
      await window.lionsos.run('import os; os.stat("kept")');
      // What running a program over the serial line costs is not the reboot's.
      return answered - (performance.now() - exchange);
    });
    (recovery ? inUse : clean).push(ms);
  }
  for (const [what, times] of Object.entries({ clean, 'with recovery': inUse })) {
    const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
    const ratio = (p50 / coldMs).toFixed(2);
    console.log(
      `kill to first answer, ${what}: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, ${ratio} of its cold boot (${coldMs.toFixed(0)} ms)`,
    );
  }
});
