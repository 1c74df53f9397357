/** The file system VM may die at any instant: it is rebooted, nothing else notices, and nothing acknowledged is lost. */
import { expect, test } from './fixtures';
import { fsck, partition } from './images';

// What this project exists for holds the first time.
test.describe.configure({ retries: 0 });

test('a killed FS VM comes back: files, open handles and the prompt are as before', async ({ machine }) => {
  await machine.run('f = open("log.txt", "w+")\nf.write("before ")');
  const before = await machine.list();
  await machine.kill('linux_fs_vm');
  expect(await machine.run('f.write("after")\nf.seek(0)\nprint(f.read())')).toBe('before after\r\n');
  const after = await machine.list();
  const generations = (list: typeof before) =>
    Object.fromEntries(list.map(({ name, generation }) => [name, generation]));
  expect(generations(after)).toEqual({ ...generations(before), linux_fs_vm: 2 });
  expect(await machine.run('f.close()\nprint(open("log.txt").read())')).toBe('before after\r\n');
  expect(await machine.mount()).toMatchObject({ state: 'mounted', type: 'FAT12' });
});

test('a file that was removed or replaced under an open handle is ESTALE after a reboot, never another file', async ({
  machine,
}) => {
  await machine.run(
    'import os\nf = open("a", "w+"); f.write("old"); f.flush()\nos.remove("a")\nopen("a", "w").write("new")',
  );
  await machine.kill('linux_fs_vm');
  const program = 'f.seek(0)\ntry:\n    print(f.read())\nexcept OSError as e:\n    print(e.errno)';
  expect(await machine.run(program)).toBe('116\r\n');
  expect(await machine.run('print(open("a").read())')).toBe('new\r\n');
});

test('a program that appends in a loop goes on through 20 kills, and every byte it was told of is in the file', async ({
  machine,
}) => {
  test.setTimeout(240_000);
  await machine.send('n = 0; failed = 0; f = open("numbers", "wb")\r');
  await machine.send(
    'while n < 4000:\r    try: n += f.write(b"%07d\\n" % (n // 8)) // 8 * 8\r    except OSError: failed += 1\r\r',
  );
  for (let kill = 0; kill < 20; kill++) await machine.kill('linux_fs_vm');
  await machine.waitFor(/>>> *$/, 120_000);
  const check = `f.close()
d = open("numbers", "rb").read()
print(len(d), n, d == b"".join(b"%07d\\n" % i for i in range(n // 8)))`.replaceAll('\\\\', '\\');
  expect(await machine.run(check)).toBe('4000 4000 True\r\n');
  const others = (await machine.list()).filter(({ name }) => name !== 'linux_fs_vm');
  expect(others.every(({ generation }) => generation === 1)).toBe(true);
  expect(fsck(partition(await machine.export()))).toBe('');
});

test('kills that are asked for all at once follow one another, each with a generation of its own', async ({
  machine,
}) => {
  await machine.run('open("kept", "w").write("x")');
  await machine.page.evaluate(() => Promise.all([1, 2, 3, 4, 5, 6].map(() => window.lionsos.pd.kill('linux_fs_vm'))));
  expect((await machine.list()).find(({ name }) => name === 'linux_fs_vm')?.generation).toBe(7);
  await expect.poll(() => machine.page.workers().length).toBe(16);
  expect(await machine.run('print(open("kept").read())')).toBe('x\r\n');
});

test('an FS VM in an endless loop is noticed and rebooted while Python waits for it', async ({ machine }) => {
  await machine.run('f = open("x", "w+")\nf.write("kept ")');
  await machine.page.evaluate(() => window.lionsos.pd.hang('linux_fs_vm'));
  expect(await machine.run('f.write("too")\nf.seek(0)\nprint(f.read())')).toBe('kept too\r\n');
  expect(await machine.screen()).toContain(
    "MON|ERROR: virtual machine 'linux_fs_vm' failed: it does not answer: rebooting it",
  );
  expect((await machine.list()).find(({ name }) => name === 'linux_fs_vm')?.generation).toBe(2);
});

test("Python in an endless loop is nobody's fault: no reboot", async ({ machine }) => {
  await machine.send('f = open("x", "w"); f.write("y")\rwhile True: pass\r\r');
  // Longer than two looks of the watchdog: that nothing happens can only be seen by letting time pass.
  await machine.page.waitForTimeout(3000);
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  expect((await machine.list()).map(({ generation }) => generation)).toEqual(Array(14).fill(1));
});
