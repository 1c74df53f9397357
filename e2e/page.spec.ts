/** The page as a whole: boot log, idleness, weight, origins, the serial console of the guest. */
import { gzipSync } from 'node:zlib';
import { expect, test } from './fixtures';

const BOOT_LOG = [
  'LDR|INFO: jumping to kernel',
  'Booting all finished, dropped to user space',
  'MON|INFO: Microkit Bootstrap',
  'fs_driver_vmm|INFO: starting "fs_driver_vmm"',
  'fs_driver_vmm|INFO: initialised virtual GICv2 driver',
  'Begin input',
  "'micropython' is client 0",
  "'fs_driver_vmm' is client 1",
  'MP|INFO: initialising!',
  'UIO(FS): *** Starting up',
  'UIO(FS): Block device: /dev/vda',
  'UIO(FS): Found dev @ /dev/uio4',
  'UIO(FS): *** All initialisation successful!',
  'MicroPython v1.27.0 on 2025-12-10; QEMU virt AArch64 with Cortex A53',
];

test('the boot log has the lines of the original in their order', async ({ machine }) => {
  const screen = await machine.screen();
  const at = BOOT_LOG.map((line) => screen.indexOf(line));
  expect(at).not.toContain(-1);
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(screen).toContain("MON|INFO: PD 'timer_driver' is now passive!");
});

test('an idle system is idle: no notification in ten seconds', async ({ machine }) => {
  const count = async () => (await machine.list()).map(({ name, notifications }) => `${name} ${notifications}`);
  await machine.run('print(1)');
  await machine.waitFor(/>>> *$/);
  await machine.settled();
  const before = await count();
  // The claim is about time passing, so this is the one place where time has to pass.
  await machine.page.waitForTimeout(10_000);
  expect(await count()).toEqual(before);
});

test('little JavaScript before the prompt, all of it from here', async ({ machine }) => {
  expect(machine.foreignRequests).toEqual([]);
  const scripts = machine.responses.filter(
    ({ url }) => /\.m?js(\?|$)/.test(url) && !/micropython\/micropython|micropython-[\w-]+\.mjs/.test(url),
  );
  const bytes = scripts.reduce((sum, { body }) => sum + gzipSync(body).length, 0);
  console.log(`JavaScript before the prompt: ${(bytes / 1024).toFixed(1)} KB gzip in ${scripts.length} files`);
  expect(scripts.length).toBeGreaterThan(8);
  // 250 KB before the network came, with its five domains, the wire's other end and two TCP/IP stacks; 337 before write log, register pages
  // and request numbers; the last half came with writes that go together.
  expect(bytes).toBeLessThan(356 * 1024);
});

test('the content security policy forbids inline scripts and eval', async ({ machine }) => {
  const policy = machine.responses.find(({ url }) => url === machine.page.url().split('#')[0])!.headers[
    'content-security-policy'
  ]!;
  const scripts = policy.split(';').find((part) => part.trim().startsWith('script-src'))!;
  expect(scripts).not.toMatch(/'unsafe-inline'|'unsafe-eval'/);
  expect(policy).toMatch(/default-src 'none'/);
});

test("Ctrl-\\ 1 Enter talks to the guest's shell, Ctrl-\\ 0 Enter comes back", async ({ machine }) => {
  await machine.run('open("seen.txt", "w").write("by both")');
  await machine.send('\x1c1\r');
  await machine.waitFor('switching to client 1');
  await machine.send('\r');
  await machine.send('cat /mnt/seen.txt\r');
  await machine.waitFor('by both');
  await machine.send('mount\r');
  await machine.waitFor(/\/dev\/vda on \/mnt type vfat/);
  await machine.send('\x1c0\r');
  await machine.waitFor('switching to client 0');
  expect(await machine.run('print(6 * 7)')).toBe('42\r\n');
});

test('every protection domain is up, in its own worker', async ({ machine }) => {
  const list = await machine.list();
  expect(list.map(({ name }) => name).sort()).toEqual([
    'blk_driver',
    'blk_virt',
    'ethernet_driver',
    'files',
    'fs_driver_vmm',
    'linux_fs_vm',
    'micropython',
    'micropython_net_copier',
    'net_virt_rx',
    'net_virt_tx',
    'serial_virt_rx',
    'serial_virt_tx',
    'timer_driver',
    'uart_driver',
  ]);
  // And two more: the guest's program for its next generation, and what is at the other end of the wire.
  await expect.poll(() => machine.page.workers().length).toBe(list.length + 2);
  expect(list.every(({ generation }) => generation === 1)).toBe(true);
});

test('a second tab is told that the first one has the disk, and works in memory', async ({ machine, profile }) => {
  await machine.run('open("mine", "w").close()');
  const second = await profile.newPage();
  await second.goto(machine.url.href);
  await second.waitForFunction(() => window.lionsos);
  await second.evaluate(() => window.lionsos.ready);
  await expect(second.getByText(/Another tab has this disk/).first()).toBeVisible();
  expect(await second.evaluate(() => window.lionsos.run('import os; print(os.listdir())'))).toBe('[]\r\n');
  await second.close();
  expect(await machine.run('import os; print(os.listdir())')).toBe("['mine']\r\n");
});

test('lines typed before a reload come back with the up arrow', async ({ machine }) => {
  const { page } = machine;
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('print("remember me")');
  await page.keyboard.press('Enter');
  await machine.waitFor(/remember me\s+>>> *$/);
  await machine.reload();
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.press('ArrowUp');
  await machine.waitFor(/>>> print\("remember me"\)/);
});
