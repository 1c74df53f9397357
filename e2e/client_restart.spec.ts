/** A MicroPython that Ctrl-C does not reach is restarted alone: files, the server and everything else stay. */
import { expect, test } from './fixtures';
import { fsck, partition } from './images';
import type { Machine } from './machine';

// What this project exists for holds the first time.
test.describe.configure({ retries: 0 });

/** One step of the interpreter each, longer than any test: no hook of it runs meanwhile. */
const ENDLESS: Readonly<Record<string, string>> = {
  'a sum over a range': 'sum(range(10**9))',
  'a regular expression that explodes': 'import re; re.match("(a+)+b", "a" * 40)',
};

async function stopByHand({ page }: Machine): Promise<void> {
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Restart MicroPython' }).click();
}

const generations = async (machine: Machine) =>
  Object.fromEntries((await machine.list()).map(({ name, generation }) => [name, generation]));

for (const [what, line] of Object.entries(ENDLESS)) {
  test(`${what}: Stop offers to restart MicroPython, alone`, async ({ machine }) => {
    await machine.run('f = open("log.txt", "w"); f.write("kept"); f.flush(); x = 1');
    const before = await generations(machine);
    await machine.send(`${line}\r`);
    await stopByHand(machine);
    await machine.waitFor(/starting generation 2[\s\S]*MicroPython v1[\s\S]*>>> *$/);
    expect(await generations(machine)).toEqual({ ...before, micropython: 2 });
    await expect(machine.page.getByRole('button', { name: 'Restart MicroPython' })).toHaveCount(0);
    await machine.send('x\r');
    await machine.waitFor("NameError: name 'x' isn't defined");
    expect(await machine.run('print(open("log.txt").read())')).toBe('kept\r\n');
  });
}

test('the server forgets the descriptors of a client that was ended, again and again', async ({ machine }) => {
  test.setTimeout(240_000);
  // The server has room for so many open files and no more: one client that leaves all of them open would lock out the next.
  const hold =
    'held = []\ntry:\n    while True: held.append(open("f", "w"))\nexcept OSError as e:\n    print(len(held), e.errno)';
  const first = await machine.run(hold);
  expect(Number.parseInt(first, 10)).toBeGreaterThan(8);
  for (let round = 0; round < 5; round++) {
    await machine.kill('micropython');
    expect(await machine.run(hold)).toBe(first);
  }
  await machine.kill('micropython');
  expect(await machine.run('import os\nprint(os.listdir("/"))')).toContain("'f'");
  expect(fsck(partition(await machine.export()))).toBe('');
});

test('a script that was running is told, and the next one runs', async ({ machine }) => {
  const ended = machine.run('sum(range(10**9))').then(
    () => 'done',
    (error) => String(error),
  );
  await machine.page.waitForFunction(async () =>
    (await window.lionsos.pd.list()).some(({ name, state }) => name === 'micropython' && state === 'running'),
  );
  await machine.kill('micropython');
  expect(await ended).toContain('MicroPython was restarted');
  expect(await machine.run('print(6 * 7)')).toBe('42\r\n');
});

test('what it had written when it was ended in mid-loop is there, and both may be ended at once', async ({
  machine,
}) => {
  const interrupts = async () => (await machine.list()).find(({ name }) => name === 'blk_driver')!.notifications;
  const before = await interrupts();
  await machine.send('f = open("n", "wb"); i = 0\rwhile True: i += f.write(b"12345678")\r\r');
  // Booting alone takes the disk some hundred: what the loop wrote has gone there after as many again.
  await expect.poll(interrupts).toBeGreaterThan(before + 200);
  await machine.page.evaluate(() =>
    Promise.all([window.lionsos.pd.kill('micropython'), window.lionsos.pd.kill('linux_fs_vm')]),
  );
  const check = 'd = open("n", "rb").read()\nprint(len(d) > 0, len(d) % 8, d == b"12345678" * (len(d) // 8))';
  expect(await machine.run(check)).toBe('True 0 True\r\n');
  expect(await generations(machine)).toMatchObject({ micropython: 2, linux_fs_vm: 2, fs_driver_vmm: 1, blk_virt: 1 });
});

test('Python that answers Ctrl-C is offered no restart', async ({ machine }) => {
  await machine.send('while True: pass\r\r');
  await machine.page.getByRole('button', { name: 'Stop' }).click();
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  // Longer than the page's patience: that nothing appears can only be seen by letting time pass.
  await machine.page.waitForTimeout(1500);
  await expect(machine.page.getByRole('button', { name: 'Restart MicroPython' })).toHaveCount(0);
});

test('a loop with the heap locked ends by Ctrl-C; what is left is a prompt without memory, and kill ends that', async ({
  machine,
}) => {
  await machine.send("exec('import micropython\\nmicropython.heap_lock()\\nwhile True: pass')\r");
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  await machine.send('1 + 1\r');
  await machine.waitFor('MemoryError');
  await machine.kill('micropython');
  await machine.send('40 + 2\r');
  await machine.waitFor(/42\s+>>> *$/);
});
