/** The system graph: what it shows is what runs, it moves when that does, and everything is there for keys and readers, too. */
import type { Page } from '@playwright/test';
import { boardNamed } from '../src/boards';
import { vmfs } from '../src/boards/vmfs';
import { expect, test } from './fixtures';

test.use({ viewport: { width: 1440, height: 900 } });

const description = vmfs(boardNamed('qemu_virt_aarch64')!, { disk: { store: 'memory', name: '' } });
const domain = (name: string) => description.domains.find((found) => found.name === name)!;

const node = (page: Page, id: string) => page.locator(`.graph [data-node="${id}"]`);
const fired = (page: Page, edge: string) =>
  page.locator(`[data-edge="${edge}"]`).evaluate((element) => Number((element as SVGElement).dataset.fired));

/** From a client's command to the sector and back. */
const FILE_PATH = [
  'linux_fs_vm.0-micropython.5',
  'linux_fs_vm.2-fs_driver_vmm.6',
  'blk_virt.1-fs_driver_vmm.3',
  'blk_virt.0-blk_driver.1',
  'blk_driver.device',
];
const NETWORK = ['ethernet_driver.2-net_virt_tx.0', 'net_virt_tx.1-micropython.4'];

test('a node for every domain and device, an edge for every channel, and each name in its node', async ({
  machine,
}) => {
  const { page } = machine;
  await expect(page.locator('.graph [data-node]:not(.k-device)')).toHaveCount(14);
  await expect(page.locator('.graph .k-device')).toHaveCount(4);
  const ids = description.channels.map(({ a, b }) => `${a.domain}.${a.id}-${b.domain}.${b.id}`);
  for (const id of ids) await expect(page.locator(`[data-edge="${id}"]`)).toHaveCount(1);
  await expect(page.locator('.rails')).toHaveCount(0);
  // It is not among what the prompt has to wait for.
  expect(machine.responses.filter(({ url }) => url.includes('graph_view'))).toEqual([]);
  const tooWide = await page.locator('.graph [data-node]').evaluateAll((nodes) =>
    nodes.flatMap((element) => {
      const right = element.querySelector('.box')!.getBoundingClientRect().right;
      const texts = [...element.querySelectorAll('text')];
      return texts.filter((text) => text.getBoundingClientRect().right > right).map((text) => text.textContent);
    }),
  );
  expect(tooWide).toEqual([]);
});

test('writing a file lights the way to the disk, and nothing of the network', async ({ machine }) => {
  const { page } = machine;
  await node(page, 'blk_virt').waitFor();
  await machine.settled();
  // The graph has drawn what was before: it is asleep.
  await expect(page.locator('.token')).toHaveCount(0);
  const before = await Promise.all([...FILE_PATH, ...NETWORK].map((edge) => fired(page, edge)));
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type("f = open('lit.txt', 'w'); n = f.write('gold'); f.close()");
  await page.keyboard.press('Enter');
  for (const [i, edge] of FILE_PATH.entries())
    await expect.poll(() => fired(page, edge), { message: edge }).toBeGreaterThan(before[i]!);
  await machine.settled();
  const network = await Promise.all(NETWORK.map((edge) => fired(page, edge)));
  expect(network).toEqual(before.slice(FILE_PATH.length));
});

test('a killed guest is shown rebooting, then waiting, by the buttons of its panel', async ({ machine }) => {
  const { page } = machine;
  const guest = node(page, 'linux_fs_vm');
  await expect(guest).toHaveAttribute('data-state', 'waiting');
  await guest.click();
  const panel = page.getByRole('region', { name: 'linux_fs_vm, in detail' });
  await panel.getByRole('button', { name: 'Kill' }).click();
  await expect(guest).toHaveAttribute('data-state', 'rebooting');
  await expect(guest).toHaveAttribute('data-state', 'waiting');
  await expect(panel.locator('dd').nth(2)).toHaveText('2');
  expect((await machine.list()).find(({ name }) => name === 'linux_fs_vm')!.generation).toBe(2);
  await node(page, 'blk_driver').click();
  const other = page.getByRole('region', { name: 'blk_driver, in detail' });
  await expect(other).toBeVisible();
  await expect(other.getByRole('button', { name: /Kill|Hang/ })).toHaveCount(0);
});

test("a node's panel lists what the description says, and what the domain recorded and printed", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.run("open('a', 'w').close()");
  for (const name of ['blk_virt', 'fs_driver_vmm', 'micropython']) {
    await node(page, name).click({ position: { x: 12, y: 12 } });
    const panel = page.getByRole('region', { name: `${name}, in detail` });
    await expect(panel.locator('.region')).toHaveText(domain(name).maps.map(({ region }) => region));
    await expect(panel.locator('.node-events li').first()).toContainText(
      /notified|answered|command|request|called|slept|sleep/,
    );
    await expect(panel).toContainText(`workers/${domain(name).image}/`);
  }
  await node(page, 'fs_driver_vmm').click({ position: { x: 12, y: 12 } });
  await expect(page.locator('.node-log')).toContainText('fs_driver_vmm|INFO: starting "fs_driver_vmm"');
});

test('everything by keyboard: into the graph, along it, into a node and back', async ({ machine }) => {
  const { page } = machine;
  await expect(page.getByRole('button', { name: 'blk_virt virtualiser waiting priority 101' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Break it' }).focus();
  await page.keyboard.press('Tab');
  await expect(page.locator('.graph [data-node]:focus')).toHaveCount(1);
  await node(page, 'uart_driver').focus();
  await page.keyboard.press('ArrowDown');
  await expect(node(page, 'blk_driver')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(node(page, 'blk_virt')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'blk_virt' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('.node-panel')).toHaveCount(0);
  await expect(node(page, 'blk_virt')).toBeFocused();
});

test('the same as a table, which sorts and opens the same panels', async ({ machine }) => {
  const { page } = machine;
  await page.getByRole('button', { name: 'As a table' }).click();
  const rows = page.locator('.graph-table tbody tr');
  await expect(rows).toHaveCount(18);
  const priority = page.getByRole('columnheader', { name: 'Priority' });
  await priority.getByRole('button').click();
  await expect(priority).toHaveAttribute('aria-sort', 'ascending');
  await priority.getByRole('button').click();
  await expect(priority).toHaveAttribute('aria-sort', 'descending');
  await expect(rows.first().locator('th')).toHaveText('timer_driver');
  await page.locator('.graph-table [data-node="blk_virt"]').click();
  await expect(page.getByRole('region', { name: 'blk_virt, in detail' })).toBeVisible();
  await page.getByRole('button', { name: 'As a drawing' }).click();
  await expect(node(page, 'blk_virt')).toHaveAttribute('aria-expanded', 'true');
});

test('an idle graph draws nothing', async ({ machine }) => {
  const { page } = machine;
  await node(page, 'blk_virt').waitFor();
  await node(page, 'blk_virt').click();
  await machine.run('print(1)');
  await machine.settled();
  await page.evaluate(() => {
    const { requestAnimationFrame: ask } = window;
    window.framesAsked = 0;
    window.requestAnimationFrame = (callback) => {
      window.framesAsked++;
      return ask(callback);
    };
  });
  const frames = () => page.evaluate(() => window.framesAsked);
  await machine.send('1\r');
  await expect.poll(frames).toBeGreaterThan(0);
  let before = -1;
  // Settled: two looks in a row see the same number. Then time has to pass for the claim.
  await expect.poll(async () => before === (before = await frames()), { intervals: [1500] }).toBe(true);
  await page.waitForTimeout(3000);
  expect(await frames()).toBe(before);
});

test('reduced motion: edges turn gold and nothing runs along them', async ({ machine }) => {
  const { page } = machine;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await node(page, 'blk_virt').waitFor();
  await page.evaluate(() => {
    window.tokensSeen = 0;
    new MutationObserver((records) => {
      for (const { addedNodes } of records)
        for (const added of addedNodes) if ((added as Element).matches?.('.token')) window.tokensSeen++;
    }).observe(document.querySelector('.graph')!, { childList: true, subtree: true });
  });
  const before = await fired(page, FILE_PATH[0]!);
  await machine.run("open('a', 'w').close()");
  await expect.poll(() => fired(page, FILE_PATH[0]!)).toBeGreaterThan(before);
  expect(await page.evaluate(() => window.tokensSeen)).toBe(0);
});

test('where the stage is narrow the rails stand in, and the graph comes back with the room', async ({ machine }) => {
  const { page } = machine;
  await node(page, 'blk_virt').waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.locator('.rail li').first()).toBeAttached();
  await expect(page.locator('.graph')).toHaveCount(0);
  await page.setViewportSize({ width: 1024, height: 768 });
  await expect(page.locator('.graph')).toHaveAttribute('data-drawing', 'compact');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1024);
  // No room for a drawing and a panel: the panel's neighbours in one row, then.
  await node(page, 'blk_virt').click();
  const strip = page.getByRole('navigation', { name: 'What blk_virt is connected to' });
  await expect(strip.getByRole('button')).toHaveText([/blk_driver/, /fs_driver_vmm/]);
  await expect(page.getByRole('region', { name: 'blk_virt, in detail' })).toBeInViewport();
  await strip.getByRole('button', { name: /blk_driver/ }).click();
  await page.keyboard.press('Escape');
  await expect(node(page, 'blk_driver')).toBeFocused();
});

declare global {
  interface Window {
    /** Kept by the tests above. */
    framesAsked: number;
    tokensSeen: number;
  }
}
