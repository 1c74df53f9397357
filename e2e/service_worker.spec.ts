/** The page on a host that sends no headers: one reload and it runs, also without a network; and never a second reload. */
import type { BrowserContext, Page } from '@playwright/test';
import { BareHost } from './bare_host';
import { test as base, expect } from './fixtures';

const test = base.extend<{ host: BareHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of fixtures from the pattern
  host: async ({}, use) => {
    const host = await BareHost.start();
    await use(host);
    await host.stop();
  },
});

test.use({ serviceWorkers: 'allow' });

/** Loads the page and counts how often the document is loaded until `done` is fulfilled. */
async function visit(page: Page, go: () => Promise<unknown>, done: (page: Page) => Promise<unknown>): Promise<number> {
  let loads = 0;
  const count = () => loads++;
  page.on('domcontentloaded', count);
  await go().catch((error: Error) => {
    if (!/interrupted by another navigation|ERR_ABORTED/.test(error.message)) throw error;
  });
  await done(page);
  page.off('domcontentloaded', count);
  return loads;
}

async function atPrompt(page: Page): Promise<void> {
  await expect(async () => {
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true);
    await page.evaluate(() => window.lionsos.ready);
  }).toPass();
}

/** The explanation is there, and stays: the page does not reload itself any more. */
async function explained(page: Page): Promise<void> {
  await expect(page.getByText('crossOriginIsolated = false')).toBeVisible();
  await page.evaluate(async () => {
    for (let frame = 0; frame < 60; frame++) await new Promise(requestAnimationFrame);
  });
}

async function keptFiles(context: BrowserContext): Promise<void> {
  await expect(async () => {
    const [page] = context.pages();
    const kept = await page!.evaluate(async () => {
      const names = await caches.keys();
      return (await (await caches.open(names[0]!)).keys()).length;
    });
    expect(kept).toBeGreaterThan(10);
  }).toPass();
}

test('runs after one reload, later at once, and with the network gone', async ({ profile, host }) => {
  const page = profile.pages()[0]!;
  expect(await visit(page, () => page.goto(host.url), atPrompt)).toBe(2);
  expect(await visit(page, () => page.reload(), atPrompt)).toBe(1);
  await keptFiles(profile);
  await host.stop();
  expect(await visit(page, () => page.reload(), atPrompt)).toBe(1);
  expect(await page.evaluate(() => window.lionsos.run('print(6 * 7)'))).toBe('42\r\n');
});

test('its workers come through the service worker with the policy, and fetch nothing else', async ({
  profile,
  host,
}) => {
  const page = profile.pages()[0]!;
  await visit(page, () => page.goto(host.url), atPrompt);
  const headers = await page.evaluate(async () => {
    const worker = performance.getEntriesByType('resource').find(({ name }) => /blk_virt/.test(name))!;
    return Object.fromEntries((await fetch(worker.name)).headers);
  });
  expect(headers).toMatchObject({
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
});

test.describe('explains itself and does not go round in circles', () => {
  test('when the service worker does nothing', async ({ profile, host }) => {
    host.instead.set('service_worker.js', 'self.addEventListener("fetch", () => {});');
    const page = profile.pages()[0]!;
    expect(await visit(page, () => page.goto(host.url), explained)).toBe(2);
    expect(await visit(page, () => page.reload(), explained)).toBe(1);
  });

  test('when the service worker is broken', async ({ profile, host }) => {
    host.instead.set('service_worker.js', 'this is no program');
    const page = profile.pages()[0]!;
    expect(await visit(page, () => page.goto(host.url), explained)).toBe(1);
  });

  test('when the service worker cannot be installed', async ({ profile, host }) => {
    host.instead.set('service_worker.js', 'self.oninstall = (e) => e.waitUntil(Promise.reject(new Error("no")));');
    const page = profile.pages()[0]!;
    expect(await visit(page, () => page.goto(host.url), explained)).toBe(1);
  });
});

test.describe('without service workers', () => {
  test.use({ serviceWorkers: 'block' });

  test('explains itself at once', async ({ profile, host }) => {
    const page = profile.pages()[0]!;
    expect(await visit(page, () => page.goto(host.url), explained)).toBeLessThan(3);
  });
});
