/**
 * The `machine` fixture: the page in a browser profile of its own (a persistent one: the file system of private windows is far
 * slower), booted to the prompt. A test that uses it fails on any console error, policy violation or request to another origin.
 * Plain contexts are Playwright's own `page` and `browser`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, chromium, expect } from '@playwright/test';
import { Machine } from './machine';

interface MachineOptions {
  /** Search parameters of the page: `{ disk: 'memory' }`, `{ board: 'maaxboard' }`. */
  readonly parameters: Record<string, string>;
  /** Console errors that the test provokes on purpose. */
  readonly expectedErrors: readonly RegExp[];
  /** Violations of the content security policy that the test provokes on purpose. */
  readonly expectedViolations: readonly RegExp[];
}

interface Fixtures extends MachineOptions {
  /** Where the browser of the test keeps its profile; gone after the test. */
  readonly profileFolder: string;
  /** A browser with a profile on disk. */
  readonly profile: BrowserContext;
  readonly machine: Machine;
}

export const test = base.extend<Fixtures>({
  parameters: [{}, { option: true }],
  expectedErrors: [[], { option: true }],
  expectedViolations: [[], { option: true }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it.
  profileFolder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'vmfs-profile-'));
    await use(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  },

  profile: async ({ launchOptions, baseURL, serviceWorkers, viewport, profileFolder }, use) => {
    const context = await chromium.launchPersistentContext(profileFolder, {
      ...launchOptions,
      ...(baseURL === undefined ? {} : { baseURL }),
      serviceWorkers,
      viewport,
    });
    await use(context);
    await context.close();
  },

  machine: async ({ profile, baseURL, parameters, expectedErrors, expectedViolations }, use) => {
    const page = profile.pages()[0] ?? (await profile.newPage());
    const url = new URL(baseURL!);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const machine = new Machine(page, url);
    await machine.watch();
    await machine.open();
    await use(machine);
    expect(except(machine.errors, expectedErrors), 'errors on the console').toEqual([]);
    expect(except(await machine.violations(), expectedViolations), 'policy violations').toEqual([]);
    expect(await machine.faulted(), 'faulted domains').toEqual([]);
    expect(machine.foreignRequests, 'requests to other origins').toEqual([]);
  },
});

const except = (found: readonly string[], expected: readonly RegExp[]) =>
  found.filter((text) => !expected.some((pattern) => pattern.test(text)));

export { expect };
