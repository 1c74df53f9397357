/**
 * Every view for everybody: axe-core finds no violation of WCAG 2.2 A and AA in either theme, nothing
 * is cut off at 360 pixels, which is also what 400 % of a desktop's width is.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { expect, test } from './fixtures';

/** Evaluated by the debugger: the page's policy lets no script be injected. */
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** By the fragment of the address; each with something that is there when the view is. */
const SHOWN: readonly (readonly [fragment: string, ready: string])[] = [
  ['', '.in-words'],
  ['view=disk', '.disk-map-legend'],
  ['view=disk&tab=cut', '.power-cut'],
  ['view=disk&tab=images', '#stage-panel h2.storage'],
  ['view=files', '.files [role="grid"]'],
  ['view=web', '.web-foot'],
  ['view=packets', '#stage-panel .packets'],
  ['view=help', '.keys'],
  ['node=blk_virt', '.node-panel'],
  ['slot=break', '.break-panel'],
  ['drawer=1', '.time-drawer'],
  ['node=linux_fs_vm', '.node-panel'],
  ['node=linux_fs_vm&tab=queues', '.inspect-slot'],
  ['node=fs_driver_vmm&tab=memory', '#memory-hex'],
  ['node=blk_driver&tab=registers', '.inspect-table'],
];

/** Without a reload: the address alone says what is seen. */
async function show(page: Page, fragment: string, ready: string): Promise<void> {
  await page.evaluate((hash) => {
    history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, fragment && `#v1&${fragment}`);
  await page.locator(ready).first().waitFor({ state: 'attached' });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(context: object, options: object): Promise<AxeResults> } };
    const found = await axe.run(
      // xterm.js's own rows: their text is checked by the tests of the terminal.
      { exclude: ['.xterm'] },
      { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
    );
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`,
      ),
    );
  });
}

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds nothing in any view, ${scheme}`, async ({ machine }) => {
    const { page } = machine;
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.evaluate(AXE);
    for (const [fragment, ready] of SHOWN) {
      await show(page, fragment, ready);
      expect.soft(await violations(page), fragment).toEqual([]);
    }
  });
}

test('at 360 pixels every view is there, nothing is wider than the page, and axe finds nothing', async ({
  machine,
}) => {
  const { page } = machine;
  await page.setViewportSize({ width: 360, height: 640 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(AXE);
  for (const [fragment, ready] of SHOWN.slice(1)) {
    await show(page, fragment, ready);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect.soft(overflow, `${fragment} is too wide by`).toBeLessThanOrEqual(0);
    expect.soft(await violations(page), fragment).toEqual([]);
  }
});
