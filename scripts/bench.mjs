/** Builds and runs the benchmarks in e2e/bench; each prints its figures as ratios to a peer of the same run. */
import { ensureChromium } from './browser.mjs';
import { fail, runBin } from './run.mjs';
import { setup } from './setup.mjs';

process.env.VMFS_BENCH = '1';
await setup();
await ensureChromium();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
process.exit(await runBin('@playwright/test/cli.js', ['test', '--project=bench', ...process.argv.slice(2)]));
