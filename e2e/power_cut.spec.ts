/** The disk as it would be after a power cut: each moment judged by fsck.fat, mounted, and told in the view "Power cut". */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { test as base, expect } from './fixtures';
import { fsckVerdict } from './fsck_verdict';
import { ImageHost } from './image_host';
import { mkfs, mtoolsTree, partition } from './images';
import type { Machine } from './machine';

const test = base.extend<{ host: ImageHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  host: async ({}, use) => {
    const host = await ImageHost.start();
    await use(host);
    await host.stop();
  },
});

test.use({ viewport: { width: 1440, height: 900 } });

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WORDS = { clean: 'clean', lost: 'lost clusters', errors: 'errors' } as const;

const moments = ({ page }: Machine) => page.evaluate(() => window.lionsos.disk.moments());
const slider = (page: Page) => page.getByRole('slider', { name: 'Moment of the power cut' });
const outcome = (page: Page) => page.locator('.pc-outcome');

/** The disk at the moments from `first` to `last`, by their numbers; `now` is what it is at the last. Only blocks that differ travel. */
async function disks({ page }: Machine, now: Buffer, first: number, last: number): Promise<Map<number, Buffer>> {
  const changes = await page.evaluate(
    async ([first, last]) => {
      const changed: [moment: number, at: number, block: string][] = [];
      const words = ({ buffer }: Uint8Array<ArrayBuffer>) => new Uint32Array(buffer);
      let after = await window.lionsos.disk.at(last);
      for (let moment = last - 1; moment >= first; moment--) {
        const then = await window.lionsos.disk.at(moment);
        const [old, fresh] = [words(then), words(after)];
        for (let word = 0; word < old.length; word++) {
          if (old[word] === fresh[word]) continue;
          const at = word * 4 - ((word * 4) % 4096);
          changed.push([moment, at, String.fromCharCode(...then.subarray(at, at + 4096))]);
          word = (at + 4096) / 4 - 1;
        }
        after = then;
      }
      return changed;
    },
    [first, last] as const,
  );
  const found = new Map([[last, Buffer.from(now)]]);
  for (let moment = last - 1; moment >= first; moment--) {
    const image = Buffer.from(found.get(moment + 1)!);
    for (const [of, at, block] of changes) if (of === moment) image.set(Buffer.from(block, 'latin1'), at);
    found.set(moment, image);
  }
  return found;
}

async function openView({ page }: Machine): Promise<void> {
  await page.locator('#tab-disk').click();
  await page.getByRole('tab', { name: 'Power cut' }).click();
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: string, options: object): Promise<AxeResults> } };
    const found = await axe.run('.power-cut', {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  });
}

test('every moment of some Python: what fsck.fat says, what can be mounted, and the same in the view', async ({
  machine,
}) => {
  const { page } = machine;
  await openView(machine);
  await expect(page.locator('.power-cut')).toContainText('Nothing has been written since the system started.');
  await machine.run("f = open('before.txt', 'w'); f.write('before' * 900); f.close()");
  await machine.settled();
  const before = await machine.export();
  const start = (await moments(machine)).at(-1)!.moment;
  await machine.run(
    "f = open('during.txt', 'w'); f.write('during' * 900); f.close()\nimport os; os.remove('before.txt')",
  );
  await machine.settled();
  const all = await moments(machine);
  const [first, last] = [all[0]!.moment, all.at(-1)!.moment];
  expect([first, last - start > 8, all.length]).toEqual([0, true, last + 1]);
  expect(all.slice(1).every(({ write }) => write!.request > 0 && write!.sectors > 0)).toBe(true);
  expect(all.filter(({ flushed }) => flushed).length).toBeGreaterThan(3);

  const now = await machine.export();
  const newest = (await moments(machine)).at(-1)!.moment;
  const images = await disks(machine, now, start, newest);
  expect(Buffer.compare(images.get(start)!, before), 'before the first write').toBe(0);

  await expect(page.locator('.pc-strip')).not.toHaveAttribute('aria-label', /not checked yet/);
  await slider(page).focus();
  await page.keyboard.press('End');
  const seen = new Set<string>();
  for (let moment = newest; moment >= start; moment--) {
    const verdict = fsckVerdict(partition(images.get(moment)!));
    await expect(slider(page)).toHaveAttribute('aria-valuetext', new RegExp(`: ${WORDS[verdict]}$`));
    await expect(slider(page)).toHaveValue(String(moment));
    seen.add(verdict);
    await page.keyboard.press('ArrowLeft');
  }
  expect([...seen].sort()).toEqual(['clean', 'errors', 'lost']);

  const lost = page.locator('.pc-strip [data-verdict="lost"]').first();
  await expect(lost).toHaveCount(1);
  await page.getByRole('button', { name: 'Next that is not clean' }).click();
  await expect(page.locator('.pc-said')).toContainText(/fsck would say: \d+ (error|lost)/);
  await expect(page.locator('.pc-written')).toContainText('It is part of FILE_');
  await expect(page.locator('.pc-rows .after b').first()).toBeVisible();
  expect(await violations(page), 'light').toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  expect(await violations(page), 'dark').toEqual([]);

  // Nothing is done while nothing happens: nothing is drawn, and the driver is not asked.
  await machine.settled();
  const idle = await page.evaluate(async () => {
    let drawn = 0;
    const observer = new MutationObserver((records) => (drawn += records.length));
    observer.observe(document.querySelector('.power-cut')!, { subtree: true, childList: true, attributes: true });
    const asked = async () => (await window.lionsos.pd.list()).find(({ name }) => name === 'blk_driver')!.notifications;
    const before = await asked();
    for (let frame = 0; frame < 60; frame++) await new Promise(requestAnimationFrame);
    return [drawn, (await asked()) - before];
  });
  expect(idle).toEqual([0, 0]);

  // In the middle: the first file has not been removed yet, the second one is there.
  const middle = Number(await slider(page).inputValue());
  const names = mtoolsTree(partition(images.get(middle)!)).map(({ path }) => path.slice(1));
  await page.getByRole('button', { name: 'Mount a copy of that moment' }).click();
  await expect(outcome(page)).toContainText(`The system runs on a copy of the disk after write ${middle} now.`);
  await machine.ready();
  expect((await machine.run("import os\nprint('|'.join(sorted(os.listdir())))")).trim()).toBe(names.sort().join('|'));
  await outcome(page).getByRole('button', { name: 'Undo' }).click();
  await expect(outcome(page)).toContainText('The old disk is back.');
  await machine.ready();
  expect((await machine.run("import os\nprint('|'.join(sorted(os.listdir())))")).trim()).toContain('during.txt');
});

test('the log keeps the newest 8 MiB, counts the rest, and a damaged one is told', async ({ machine }) => {
  const { page } = machine;
  await machine.run("f = open('big', 'w')\nfor i in range(76): f.write(bytes([i]) * 65536)\nf.close()");
  await machine.settled();
  const all = await moments(machine);
  const bytes = all.slice(1).reduce((sum, { write }) => sum + 2 * 512 * write!.sectors, 0);
  expect([all[0]!.moment > 10, bytes > 7 << 20, bytes <= 8 << 20]).toEqual([true, true, true]);
  expect(all.at(-1)!.moment - all[0]!.moment).toBe(all.length - 1);
  const gone = page.evaluate((moment) => window.lionsos.disk.at(moment), all[0]!.moment - 1);
  await expect(gone).rejects.toThrow('cannot be had any more');

  await page.evaluate(() => window.lionsos.reboot({ board: 'maaxboard' }));
  await machine.run("f = open('sd.txt', 'w'); f.write('card' * 900); f.close()");
  await machine.settled();
  const disk = await machine.export();
  const onCard = await moments(machine);
  expect(onCard.length).toBeGreaterThan(4);
  const [first, last] = [onCard[0]!.moment, onCard.at(-1)!.moment];
  const cards = await disks(machine, disk, first, last);
  expect([...cards.values()].map((image) => fsckVerdict(partition(image)))).toContain('lost');
  expect(fsckVerdict(partition(cards.get(first)!))).toBe('clean');

  // The kind of the first record.
  await page.evaluate(() =>
    window.lionsos.fault.set({ on: 'memory', region: 'blk_driver_write_log', offset: 0x1000 + 28, bits: 0xff }),
  );
  expect((await moments(machine)).map(({ moment }) => moment)).toEqual([last]);
  await openView(machine);
  await expect(page.locator('.power-cut')).toContainText('The write log held what no driver writes');
  await machine.run("f = open('sd.txt', 'w'); f.write('more'); f.close()");
  await expect(slider(page)).toBeVisible();
});

test.describe('a disk that began as an image on the server', () => {
  const IMAGE = 'images/class.img';
  test.use({ parameters: { disk: IMAGE }, baseURL: async ({ host }, use) => use(host.url) });
  test.beforeEach(({ host }) => void host.images.set(IMAGE, { bytes: mkfs(16, 65_536), etag: '"1"' }));

  test('is that image again at its first moment, without having been fetched for the log', async ({
    machine,
    host,
  }) => {
    const fill = 'f = open("new.bin", "wb")\nfor i in range(64): f.write(bytes([i + 1]) * 16384)\nf.close()';
    await machine.run(fill);
    await machine.settled();
    const { bytes } = host.images.get(IMAGE)!;
    expect(host.fetched(IMAGE)).toBeLessThan(bytes.length / 8);
    const last = (await moments(machine)).at(-1)!.moment;
    expect([(await moments(machine))[0]!.moment, last > 20]).toEqual([0, true]);
    const digest = await machine.page.evaluate(async () => {
      const hash = await crypto.subtle.digest('SHA-256', await window.lionsos.disk.at(0));
      return [...new Uint8Array(hash)];
    });
    expect(digest).toEqual([...createHash('sha256').update(bytes).digest()]);
  });
});
