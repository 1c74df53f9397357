/**
 * Builds and runs the benchmarks in e2e/bench; each prints its figures beside those of its peers. All of them together, when nothing on the command
 * line chooses some, write docs/benchmarks.md and docs/benchmarks.json.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeReport } from './bench_report.mjs';
import { ensureChromium } from './browser.mjs';
import { fail, ROOT, runBin } from './run.mjs';
import { setup } from './setup.mjs';

const chosen = process.argv.slice(2);
process.env.VMFS_BENCH = '1';
await setup();
await ensureChromium();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
if (chosen.length === 0) rmSync(join(ROOT, 'test-results/bench'), { recursive: true, force: true });
const code = await runBin('@playwright/test/cli.js', ['test', '--project=bench', ...chosen]);
if (code === 0 && chosen.length === 0) writeReport();
process.exit(code);
