/** The disk map: what it shows is what mtools and fsck.fat say of the same disk; it follows Python; keys reach all of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { DAMAGED } from '../src/page/gallery/damaged';
import { expect, test } from './fixtures';
import { fsck, mtoolsTree, partition } from './images';
import { mshowfat } from './mtools';

test.use({ viewport: { width: 1440, height: 900 } });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const map = (page: Page) => page.evaluate(() => window.lionsos.disk.map());
const row = (page: Page, name: string | RegExp) => page.getByRole('treeitem', { name });
const sentence = (page: Page) => page.locator('.disk-map-grid > svg').first().getAttribute('aria-label');

/** A file in pieces between those of another, in a directory of its own. */
const WRITES = `
import os
os.mkdir('/logs')
a = open('/logs/A long name.txt', 'w'); b = open('/other.txt', 'w')
for i in range(4):
    a.write('a' * 9000); a.flush(); b.write('b' * 5000); b.flush()
a.close(); b.close()
f = open('/gone.bin', 'w'); f.write('c' * 30000); f.close()
`;

test('what Python writes is shown as mtools has it, what it deletes is free, and nothing is done at idle', async ({
  machine,
}) => {
  const { page } = machine;
  await page.getByRole('tab', { name: 'Disk' }).click();
  await expect(page.getByText('No files yet')).toBeVisible();
  await machine.run(WRITES);
  // The map follows by itself: nothing asks for it.
  await expect(row(page, 'gone.bin 29 KiB')).toBeVisible();
  await expect(row(page, 'A long name.txt 35 KiB')).toBeVisible();

  const volume = partition(await machine.export());
  const mapped = (await map(page)).partitions[0]!.volume!;
  const files = mapped.files.filter(({ kind }) => kind !== 'deleted');
  expect(files.map(({ path }) => path).sort()).toEqual(
    mtoolsTree(volume)
      .map(({ path }) => path)
      .sort(),
  );
  for (const { path, chain } of files) expect([path, chain]).toEqual([path, mshowfat(volume, path)]);
  expect(mapped.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);

  const chain = mshowfat(volume, '/logs/A long name.txt');
  await row(page, 'A long name.txt').click();
  expect(await sentence(page)).toContain('/logs/A long name.txt: ');
  const chips = page.getByRole('region', { name: /^Chain of/ }).getByRole('button');
  await expect(chips).toHaveText(chain.map(String));
  // Its entry, byte for byte, with the cluster that the chain begins with.
  const first = page.getByRole('button', { name: /^DIR_FstClusLO/ });
  await expect(first).toContainText(`first cluster ${chain[0]}`);
  const [low, high] = [chain[0]! & 0xff, chain[0]! >> 8].map((byte) => byte.toString(16).padStart(2, '0'));
  await expect(page.locator('.block').last().locator('.numbers b.lit')).toHaveText([low!, high!]);
  await chips.nth(3).click();
  await expect(page.locator('.disk-map-words')).toContainText(
    `Cluster ${chain[3]}: /logs/A long name.txt, number 4 of`,
  );
  await expect(page.getByRole('button', { name: new RegExp(`^entry ${chain[3]} `) })).toHaveAttribute(
    'aria-pressed',
    'true',
  );

  const [gone] = mshowfat(volume, '/gone.bin');
  await machine.run("import os; os.remove('/gone.bin')");
  await expect(row(page, /^\?one\.bin 29 KiB ?, deleted$/)).toBeVisible();
  await page.getByLabel('Cluster', { exact: true }).fill(String(gone));
  await expect(page.locator('.disk-map-words')).toContainText(`Cluster ${gone}: free.`);
  expect((await map(page)).partitions[0]!.volume!.free).toBe(mapped.free + 8);

  await machine.settled();
  const work = () => page.evaluate(() => window.mapWork);
  await page.evaluate(() => {
    window.mapWork = 0;
    const { requestAnimationFrame: ask } = window;
    window.requestAnimationFrame = (callback) => {
      window.mapWork++;
      return ask(callback);
    };
    new MutationObserver((records) => {
      window.mapWork += records.length;
    }).observe(document.querySelector('.disk-map')!, { subtree: true, childList: true, attributes: true });
  });
  let before = -1;
  await expect.poll(async () => before === (before = await work()), { intervals: [1500] }).toBe(true);
  await page.waitForTimeout(2000);
  expect(await work()).toBe(before);
});

test('the damaged disk: lost and crossed clusters are those of fsck.fat, by keys alone, and axe finds nothing', async ({
  machine,
}) => {
  const { page } = machine;
  const image = Buffer.alloc(DAMAGED.size);
  for (const { offset, bytes } of DAMAGED.writes()) image.set(bytes, offset);
  await machine.import(image);
  await page.getByRole('tab', { name: 'Disk' }).click();
  await expect(row(page, 'crossed.txt')).toBeVisible();
  const { lost, crossed, findings } = (await map(page)).partitions[0]!.volume!;
  const said = fsck(image);
  expect(said).toContain(`Reclaimed ${lost.length} unused clusters`);
  expect(said).toMatch(/SHARED\.TXT {2}and\n\/CROSSED\.TXT\n {2}share clusters/);
  expect(crossed).toEqual(mshowfat(image, '/shared.txt').slice(1));
  expect(mshowfat(image, '/crossed.txt').slice(1)).toEqual(crossed);

  await page.getByRole('tab', { name: 'Map' }).focus();
  await page.keyboard.press('Tab');
  // Whatever lies between, the button comes.
  const button = page.getByRole('button', { name: 'Check disk' });
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  const list = page.getByRole('region', { name: 'What a check of the disk finds' });
  await expect(list.locator('li > span')).toHaveText(findings.map(({ text }) => text));
  await list.getByRole('button', { name: /belongs to no file/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.disk-map-words')).toContainText(`Cluster ${lost[0]}: lost, it belongs to no file.`);

  await row(page, 'readme.txt').focus();
  await page.keyboard.press('End');
  await expect(row(page, 'short.txt')).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(row(page, 'crossed.txt')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByText('from 6 on it is another file')).toBeVisible();

  await page.evaluate(AXE);
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator('.bottom-nav').getByText('Disk').click();
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.getByRole('tab', { name: 'Images' }).click();
  await expect(page.locator('h2.storage')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: string): Promise<AxeResults> } };
    const found = await axe.run('.disk-view');
    return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

declare global {
  interface Window {
    /** Kept by the tests above. */
    mapWork: number;
  }
}
