/** Two boards under one system: everything from the block virtualiser up is the same, and so is the disk. */
import { expect, test } from './fixtures';
import { fsck, partition } from './images';
import type { Machine } from './machine';

const devices = async ({ page }: Machine) => (await page.locator('.graph .k-device .name').allTextContents()).sort();
const reboot = ({ page }: Machine, board: string) =>
  page.evaluate((name) => window.lionsos.reboot({ board: name }), board);
const generations = async (machine: Machine) => (await machine.list()).map(({ generation }) => generation);

const ON_QEMU = ['PL011', 'arch timer', 'virtio-blk', 'virtio-net'].sort();
/** One for each of 14 domains, the guest's spare, and the wire's other end. */
const WORKERS = 16;
const ON_MAAXBOARD = ['ENET', 'GPT', 'i.MX UART', 'uSDHC'].sort();

test('the selector starts the system on the other board, on the same disk, and back', async ({ machine }) => {
  const { page } = machine;
  await machine.run('f = open("kept.txt", "w"); f.write("from the first board"); f.close()');
  await expect.poll(() => devices(machine)).toEqual(ON_QEMU);
  await expect.poll(() => page.workers().length).toBe(WORKERS);

  await page.getByRole('combobox', { name: 'Board' }).selectOption('maaxboard');
  await machine.waitFor(/available phys memory regions: 1\n {2}\[40000000\.\.c0000000\][\s\S]*GICv3[\s\S]*>>> *$/);
  await machine.ready();
  await expect.poll(() => devices(machine)).toEqual(ON_MAAXBOARD);
  expect(new URL(page.url()).searchParams.get('board')).toBe('maaxboard');
  expect(await page.evaluate(() => window.lionsos.board)).toBe('maaxboard');
  expect(await machine.run('print(open("kept.txt").read()); open("second", "w").write("too")')).toBe(
    'from the first board\r\n',
  );
  expect(await machine.screen()).toContain('MaaXBoard with Cortex A53');

  await reboot(machine, 'qemu_virt_aarch64');
  await expect.poll(() => devices(machine)).toEqual(ON_QEMU);
  expect(await machine.run('import os; print(os.listdir("/"))')).toBe("['kept.txt', 'second']\r\n");
  expect(await generations(machine)).toEqual(Array(14).fill(1));
  // The spare of the guest comes when the prompt is there.
  await expect.poll(() => page.workers().length).toBe(WORKERS);
  expect(fsck(partition(await machine.export()))).toBe('');
});

test('ten switches leave no worker and no listener behind', async ({ machine }) => {
  test.setTimeout(240_000);
  const { page } = machine;
  const session = await page.context().newCDPSession(page);
  const listeners = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Memory.getDOMCounters')).jsEventListeners;
  };
  const round = async () => {
    await reboot(machine, 'maaxboard');
    await reboot(machine, 'qemu_virt_aarch64');
  };
  await round();
  const before = await listeners();
  for (let n = 0; n < 4; n++) await round();
  // Systems that stayed would keep three or four for each of their 15 workers, 400 in all.
  await expect.poll(async () => (await listeners()) - before).toBeLessThan(60);
  await expect.poll(() => page.workers().length).toBe(WORKERS);
});

test.describe('a disk in memory', () => {
  test.use({ parameters: { disk: 'memory', board: 'maaxboard' } });

  test('goes along to the other board', async ({ machine }) => {
    await machine.run('f = open("x", "w"); f.write("in memory"); f.close()');
    await reboot(machine, 'qemu_virt_aarch64');
    expect(await machine.run('print(open("x").read())')).toBe('in memory\r\n');
  });
});

test.describe('on maaxboard', () => {
  test.use({ parameters: { board: 'maaxboard' } });

  test('the FS VM is rebooted as on the other board, with the card in the middle of it', async ({ machine }) => {
    await machine.run('f = open("n", "wb")\nn = 0');
    await machine.send('while n < 2000: n += f.write(b"12345678")\r\r');
    for (let kill = 0; kill < 5; kill++) await machine.kill('linux_fs_vm');
    await machine.waitFor(/>>> *$/, 60_000);
    expect(await machine.run('f.close(); d = open("n", "rb").read(); print(len(d) == n, len(d) % 8)')).toBe(
      'True 0\r\n',
    );
    expect((await machine.list()).find(({ name }) => name === 'linux_fs_vm')!.generation).toBe(6);
  });

  test('a card that fails a write is EIO, and one that does not answer fails when the fault is cleared', async ({
    machine,
  }) => {
    const { page } = machine;
    const attempt =
      'try:\n    f = open("a", "w"); f.write("x"); f.close(); print("done")\nexcept OSError as e:\n    print(e.errno)';
    await page.evaluate(() => window.lionsos.fault.set({ on: 'disk', what: 'error', request: 'write' }));
    expect(await machine.run(attempt)).toBe('5\r\n');
    await page.evaluate(() => window.lionsos.fault.clear());
    await machine.kill('linux_fs_vm');
    expect(await machine.run(attempt)).toBe('done\r\n');
    await machine.settled();
    await page.evaluate(() => window.lionsos.fault.set({ on: 'disk', what: 'no answer', request: 'write' }));
    await machine.send('f = open("b", "w")\r');
    await page.waitForFunction(async () => (await window.lionsos.fault.list())[0]!.hits === 1);
    await page.evaluate(() => window.lionsos.fault.clear());
    // The guest's console is another way to the screen than Python's: its line may come after the prompt.
    await machine.waitFor(/OSError: \[Errno 5\] EIO\s+>>> *(FAT-fs \(vda\): error, [^\r\n]*\s*)?$/);
  });

  test('an idle system is idle', async ({ machine }) => {
    await machine.settled();
    const before = await machine.list();
    await machine.page.waitForTimeout(3000);
    expect(await machine.list()).toEqual(before);
  });
});

test('a board that does not exist is named in a sentence', async ({ machine }) => {
  await expect(reboot(machine, 'toaster')).rejects.toThrow(
    "There is no board 'toaster'. There is: qemu_virt_aarch64, maaxboard.",
  );
});
