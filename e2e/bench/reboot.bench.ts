/** From killing the file system VM to the first answered command, as Python sees it; beside it the VM's first boot in the same page. */
import { test } from '../fixtures';
import { keep } from './figures';
import { Processors } from './foreign_load';
import { lookAway } from './looks';
import { rebootMs } from './reboot_time';

const KILLS = 8 * Number(process.env.VMFS_BENCH_ROUNDS ?? 5);

test('reboot of the file system VM', async ({ machine, profileFolder }) => {
  test.setTimeout(300_000);
  const processors = new Processors(profileFolder);
  const coldMs = (await machine.list()).find(({ name }) => name === 'linux_fs_vm')!.bootMs!;
  await machine.run('f = open("kept", "w"); f.write("x")');
  await machine.settled();
  await lookAway(machine);
  const clean: number[] = [];
  const inUse: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    // Every second kill meets a volume that is marked as in use and has to be recovered.
    const recovery = kill % 2 === 1;
    if (recovery) await machine.run('f.write("x")');
    else await machine.settled();
    const ms = await rebootMs(machine, 'kept');
    (recovery ? inUse : clean).push(ms);
  }
  const unit = 'ms';
  keep('reboot', processors.used().foreign, [
    { work: 'reboot_clean', who: 'opfs', unit, values: clean },
    { work: 'reboot_recovery', who: 'opfs', unit, values: inUse },
    { work: 'first_boot', who: 'opfs', unit, values: [coldMs] },
  ]);
});
