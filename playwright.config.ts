/** Browser tests: the built page under the preview server, in an installed Chromium (scripts/browser.mjs says which). */
import { createServer } from 'node:net';
import { defineConfig } from '@playwright/test';
import { chromiumPath } from './scripts/browser.mjs';

/** The runner's processes each read this file; the first chooses the port and the others inherit it. */
process.env.VMFS_PORT ??= String(await freePort());
const baseURL = `http://127.0.0.1:${process.env.VMFS_PORT}/`;
const root = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  projects: [
    { name: 'e2e', testMatch: '**/*.spec.ts' },
    { name: 'bench', testMatch: '**/*.bench.ts' },
    { name: 'shots', testMatch: '**/*.shot.ts' },
  ],
  // Each test has a browser and a disk of its own, and asserts no times. Benchmarks want the machine for themselves.
  workers: process.env.VMFS_BENCH ? 1 : 2,
  fullyParallel: true,
  // Two browsers with sixteen threads each share two processors: what did not get its turn in time is tried once more, and named.
  // The tests of reboots and faults are not: see there.
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    baseURL,
    // What is tested comes from the server, not from a service worker's cache.
    serviceWorkers: 'block',
    launchOptions: {
      executablePath: chromiumPath(),
      args: [
        ...(root ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `"${process.execPath}" node_modules/vite/bin/vite.js preview --host 127.0.0.1 --strictPort --port ${process.env.VMFS_PORT}`,
    url: baseURL,
    reuseExistingServer: false,
    timeout: 60_000,
  },
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
