/**
 * What takes too long for every change: every cut state of the file system, the guest killed between any two notifications, a thousand kills
 * in real workers with the memory they leave behind.
 */
import { ensureChromium } from './browser.mjs';
import { fail, runBin } from './run.mjs';
import { setup } from './setup.mjs';
import { ensureTools } from './tools.mjs';

process.env.NIGHTLY = '1';
await setup();
await ensureChromium();
await ensureTools();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
const codes = [
  await runBin('vitest/vitest.mjs', ['run', 'workers/linux_fs_vm', 'e2e/sim/reboot.test.ts']),
  await runBin('@playwright/test/cli.js', [
    'test',
    '--project=e2e',
    'kill_storm',
    'disk.spec',
    'files.spec',
    'network_faults',
  ]),
];
process.exit(Math.max(...codes));
