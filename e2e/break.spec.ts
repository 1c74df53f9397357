/**
 * Break it: faults out of the panel, what the recovery says of them, and heartbeats as the control pages hold them. What Python and the
 * disk make of each fault is in faults.spec.ts and reboot.spec.ts.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const heartbeats = ({ page }: Machine) => page.evaluate(() => window.lionsos.heartbeats());
const recovery = ({ page }: Machine) => page.evaluate(() => window.lionsos.recovery());
const stateOf = async (machine: Machine, domain: string) =>
  (await machine.list()).find(({ name }) => name === domain)!.state;
const panel = ({ page }: Machine) => page.getByRole('region', { name: 'Break it' });
const component = (machine: Machine, name: string) =>
  panel(machine).locator('.component', { has: machine.page.getByText(name, { exact: true }) });

async function openPanel(machine: Machine): Promise<void> {
  await machine.page.getByRole('button', { name: 'Break it' }).click();
  await expect(panel(machine)).toBeVisible();
}

/** Until every domain, but for those, has answered a probe that was sent from now on. */
async function everybodyBeats(machine: Machine, but: readonly string[] = []): Promise<void> {
  const before = new Map((await heartbeats(machine)).map(({ name, probe }) => [name, probe]));
  await expect
    .poll(async () => {
      const alive = (await heartbeats(machine)).filter(({ name }) => !but.includes(name));
      return alive.filter(({ name, beat }) => beat <= before.get(name)!).map(({ name }) => name);
    })
    .toEqual([]);
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } };
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await axe.run({ exclude: ['.xterm'] }, { runOnly });
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

test.use({ viewport: { width: 1440, height: 900 } });

test('the VM is killed by a key while Python writes: the clock stops, all steps are done, nobody else missed a beat', async ({
  machine,
}) => {
  const { page } = machine;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await machine.run('import os');
  const quiet = await heartbeats(machine);
  await machine.send('f = open("numbers", "wb"); n = 0\r');
  await machine.send('while True: n += f.write(b"%07d\\n" % (n // 8))\r\r');
  await page.getByRole('tab', { name: 'System' }).focus();
  await page.keyboard.press('b');
  await expect(panel(machine).getByRole('button', { name: 'Kill it' })).toBeFocused();
  await expect(page.locator('.graph .node.lit-up')).toHaveAttribute('data-node', 'linux_fs_vm');
  await everybodyBeats(machine);
  const before = await heartbeats(machine);
  expect(before.map(({ probe }, i) => probe > quiet[i]!.probe)).not.toContain(false);
  await page.keyboard.press('k');

  await expect(page.getByRole('region', { name: 'Recovery' })).toBeVisible();
  await expect.poll(async () => (await recovery(machine))?.steps.filter(({ atMs }) => atMs === undefined)).toEqual([]);
  // It is said when everybody has been heard of since.
  await expect.poll(async () => (await recovery(machine))?.missed).toBeDefined();
  const { domain, cause, steps, downMs, flights, missed } = (await recovery(machine))!;
  expect([domain, cause, missed]).toEqual(['linux_fs_vm', 'killed', []]);
  expect(steps.map(({ name }) => name)).toEqual(['begun', 'noticed', 'built', 'up', 'mounted', 'decided', 'answered']);
  expect(downMs).toBeGreaterThan(0);
  expect(downMs).toBe(steps.at(-1)!.atMs);
  expect(flights.map(({ client, fate }) => [client, fate])).toEqual([['micropython', 'answered']]);
  await expect(page.locator('.recovery-figure')).toHaveText(`${(downMs! / 1000).toFixed(2)} s`);
  await expect(page.locator('.recovery-sentence')).toContainText('Nobody else missed a beat.');
  await expect(page.locator('.lane.victim')).toHaveAttribute('data-lane', 'linux_fs_vm');

  // Every other domain answered in its own control page, before and after, and none was another one meanwhile.
  const after = await heartbeats(machine);
  for (const { name, beat, missed: misses } of after.filter((lane) => lane.name !== 'linux_fs_vm')) {
    expect(beat, name).toBeGreaterThan(before.find((lane) => lane.name === name)!.beat);
    expect(misses, name).toBe(0);
  }
  expect((await machine.list()).filter(({ generation }) => generation !== 1).map(({ name }) => name)).toEqual([
    'linux_fs_vm',
  ]);
  expect(await violations(page)).toEqual([]);

  // What is read stays, and nothing moves any more: no frame is asked for, and nobody is felt for.
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);
  await page.evaluate(() => {
    const ask = window.requestAnimationFrame;
    const counted = window as unknown as { frames: number };
    counted.frames = 0;
    window.requestAnimationFrame = (look) => {
      counted.frames++;
      return ask(look);
    };
  });
  const frames = () => page.evaluate(() => (window as unknown as { frames: number }).frames);
  await expect
    .poll(async () => {
      const before = await frames();
      await page.waitForTimeout(1000);
      return (await frames()) - before;
    })
    .toBe(0);
  await page.keyboard.press('Escape');
  // The last write may have been done without Python having heard of it.
  const check =
    'f.close(); d = open("numbers", "rb").read(); m = len(d)\nprint(n > 0, m in (n, n + 8), d == b"".join(b"%07d\\n" % i for i in range(m // 8)))';
  expect(await machine.run(check)).toBe('True True True\r\n');

  // Nobody looks any more, so nobody is asked, and nobody wakes.
  await machine.settled();
  const still = await heartbeats(machine);
  await page.waitForTimeout(2000);
  expect(await heartbeats(machine)).toEqual(still);
});

test('a component that is killed is dead for good, what does not need it goes on, and one button brings all back', async ({
  machine,
}) => {
  const { page } = machine;
  await machine.run('f = open("kept", "w"); f.write("kept"); f.close()');
  await openPanel(machine);
  await component(machine, 'net_virt_tx').getByRole('button', { name: 'Kill' }).click();
  await expect.poll(() => stateOf(machine, 'net_virt_tx')).toBe('killed');
  await expect(page.locator('[data-node="net_virt_tx"]')).toHaveAttribute('data-state', 'killed');
  await expect(panel(machine)).toContainText('net_virt_tx was killed; nothing restarts it, as upstream.');
  expect(await machine.run('print(open("kept").read())')).toBe('kept\r\n');
  await expect(page.evaluate(() => window.lionsos.pd.restart('net_virt_tx'))).rejects.toThrow(
    'cannot be restarted alone',
  );
  expect(await violations(page)).toEqual([]);

  await component(machine, 'blk_virt').getByRole('button', { name: 'Hang' }).click();
  await expect.poll(async () => (await heartbeats(machine)).find(({ name }) => name === 'blk_virt')!.missed).toBe(1);
  await everybodyBeats(machine, ['net_virt_tx', 'blk_virt']);
  expect(await stateOf(machine, 'blk_virt')).toBe('hung');
  expect(await machine.run('print(6 * 7)')).toBe('42\r\n');
  await machine.send('g = open("new", "w")\r');
  await expect.poll(() => machine.screen()).toMatch(/g = open\("new", "w"\)\s*$/);
  await machine.send('\x03');
  await machine.waitFor(/KeyboardInterrupt:?\s*\n>>> *$/);

  await panel(machine).getByRole('button', { name: 'Start the system again' }).click();
  await expect.poll(async () => (await machine.list()).filter(({ state }) => /killed|hung/.test(state))).toEqual([]);
  await machine.ready();
  expect(await machine.run('print(open("kept").read())')).toBe('kept\r\n');
  await everybodyBeats(machine);
});

test('a fault of the disk out of the panel gives its errno, is counted, and is mended', async ({ machine }) => {
  const { page } = machine;
  const write =
    'try:\n    f = open("file", "w"); f.write("x" * 5000); f.close()\n    print("done")\nexcept OSError as e:\n    print(e.errno)';
  await openPanel(machine);
  await panel(machine).getByRole('button', { name: 'Write error' }).hover();
  await expect(page.locator('.graph .node.lit-up')).toHaveAttribute('data-node', 'blk_driver.device');
  await panel(machine).getByRole('button', { name: 'Write error' }).click();
  await expect(panel(machine).locator('.fault-chip')).toContainText('disk: error, write');
  expect(await machine.run(write)).toBe('5\r\n');
  await expect(panel(machine).locator('.fault-chip')).toContainText('hit once');
  await panel(machine).getByRole('button', { name: 'Mend' }).click();
  await expect(page.locator('.fault-chip')).toHaveCount(0);
  expect(await page.evaluate(() => window.lionsos.fault.list())).toEqual([]);
  await expect
    .poll(async () => (await machine.list()).find(({ name }) => name === 'linux_fs_vm'))
    .toMatchObject({
      generation: 2,
    });
  expect(await machine.run(write)).toBe('done\r\n');

  // A bad sector: it is really under that file, and what is cached does not hide it.
  await panel(machine).getByRole('button', { name: 'Bad sector' }).click();
  await expect
    .poll(async () => (await machine.list()).find(({ name }) => name === 'linux_fs_vm'))
    .toMatchObject({
      generation: 3,
    });
  const read = 'try:\n    print(len(open("file").read()))\nexcept OSError as e:\n    print(e.errno)';
  expect(await machine.run(read)).toBe('5\r\n');
  const [fault] = await page.evaluate(() => window.lionsos.fault.list());
  expect(fault!.hits).toBeGreaterThan(0);
  await page.evaluate(() => window.lionsos.fault.clear());
  expect(await machine.run(read)).toBe('5000\r\n');
});
