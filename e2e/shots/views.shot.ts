/** The pictures in docs/screenshots: one for each view, of a system that has just done something. `npm run screenshots` takes them. */
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures';
import type { Machine } from '../machine';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');

interface Shot {
  readonly name: string;
  /** Fragment of the address. */
  readonly shows?: string;
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  /** What a person did before. */
  readonly after?: (machine: Machine) => Promise<void>;
}

const LINES = [
  "f = open('/notes.txt', 'a')",
  "f.write('hello, sel4\\n')",
  'f.close()',
  "open('/notes.txt').read()",
] as const;

const typed = async (machine: Machine) => {
  for (const line of LINES) {
    await machine.page.evaluate((text) => window.lionsos.send(`${text}\r`), line);
    await machine.page.evaluate(() => window.lionsos.waitFor(/>>> $/));
  }
};

const SHOTS: readonly Shot[] = [
  { name: 'system', after: typed },
  { name: 'inspector', shows: 'node=blk_virt&tab=queues', scheme: 'dark', after: typed },
  { name: 'registers', shows: 'node=blk_driver.device&tab=registers' },
  { name: 'timeline', shows: 'drawer=1', after: typed },
  { name: 'break', shows: 'slot=break' },
  {
    name: 'recovery',
    scheme: 'dark',
    after: async (machine) => {
      await typed(machine);
      await machine.page.evaluate(() => window.lionsos.pd.kill('linux_fs_vm'));
      await machine.run("open('/notes.txt').read()");
    },
  },
  { name: 'disk', shows: 'view=disk', after: typed },
  { name: 'power-cut', shows: 'view=disk&tab=cut', scheme: 'dark', after: typed },
  { name: 'files', shows: 'view=files', scheme: 'dark', after: typed },
  {
    name: 'packets',
    shows: 'view=packets',
    after: async (machine) => void (await machine.run('import requests; requests.get("http://10.0.2.2/").text')),
  },
  { name: 'phone-python', width: 390, height: 844, after: typed },
  { name: 'phone-system', shows: 'view=system', width: 390, height: 844, scheme: 'dark' },
  { name: 'projector', width: 1024, height: 768, after: typed },
];

for (const { name, shows, scheme = 'light', width = 1440, height = 900, after } of SHOTS) {
  test(name, async ({ machine }) => {
    const { page } = machine;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme });
    await show(page, shows);
    await after?.(machine);
    await settled(page);
    const picture = await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    expect(picture.length, 'bytes: a page that shows something').toBeGreaterThan(20_000);
  });
}

async function show(page: Page, fragment: string | undefined): Promise<void> {
  if (fragment === undefined) return;
  await page.evaluate((hash) => {
    history.replaceState(null, '', `${location.pathname}${location.search}#v1&${hash}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, fragment);
}

/** Nothing moves any more: neither tokens nor panels, which begin to with the next frame. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  // The cursor blinks for ever.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => {
      return playState !== 'running' || effect?.getTiming().iterations === Number.POSITIVE_INFINITY;
    }),
  );
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}
