/**
 * All of it, from a fresh clone: sets up, then types, lint, unit tests, build and browser tests. The last line sums the runners; a
 * step or a runner that broke counts as one failure, so the line never claims more than was seen to pass.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './browser.mjs';
import { ROOT, runBin } from './run.mjs';
import { setup } from './setup.mjs';
import { ensureTools } from './tools.mjs';
import { types } from './types.mjs';

const RESULTS = join(ROOT, 'test-results');
const VITEST = join(RESULTS, 'vitest.json');
const PLAYWRIGHT = join(RESULTS, 'playwright.json');

const total = { passed: 0, failed: 0, skipped: 0, again: 0 };
const broken = [];

async function step(name, action) {
  console.log(`\n=== ${name}`);
  if ((await action()) === 0) return true;
  broken.push(name);
  total.failed++;
  return false;
}

/** Runs a test runner and adds its counts: what it wrote, and one failure more when its exit code says worse. */
async function runner(name, report, action, counts) {
  console.log(`\n=== ${name}`);
  rmSync(report, { force: true });
  const code = await action();
  try {
    const { passed, failed, skipped, again = 0 } = counts(JSON.parse(readFileSync(report, 'utf8')));
    if (passed + failed + skipped === 0) throw new Error('it ran no test');
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    total.again += again;
    if (failed > 0) broken.push(name);
    else if (code !== 0) throw new Error(`it ended with code ${code}`);
  } catch (error) {
    console.error(`${name} broke: ${error.message}`);
    broken.push(name);
    total.failed++;
  }
}

const vitestCounts = ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) => {
  // A file that does not load, or whose hooks throw, may have no test that failed.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests + numTodoTests };
};

const playwrightCounts = ({ stats, errors }) => ({
  passed: stats.expected + stats.flaky,
  failed: stats.unexpected + errors.length,
  skipped: stats.skipped,
  again: stats.flaky,
});

await setup();
await ensureChromium();
await ensureTools();
mkdirSync(RESULTS, { recursive: true });

await step('Types', types);
await step('Lint and format', () => runBin('@biomejs/biome/bin/biome', ['check', '.']));
await runner(
  'Unit, system and architecture tests',
  VITEST,
  () => runBin('vitest/vitest.mjs', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST}`]),
  vitestCounts,
);
const built = await step('Build', () => runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn']));
if (built) {
  await runner(
    'Browser tests',
    PLAYWRIGHT,
    () =>
      runBin('@playwright/test/cli.js', ['test', '--project=e2e', '--reporter=list,json'], {
        PLAYWRIGHT_JSON_OUTPUT_FILE: PLAYWRIGHT,
      }),
    playwrightCounts,
  );
}

const { passed, failed, skipped, again } = total;
if (again > 0)
  console.log(`\n${again} of the browser tests passed at the second try only; they are listed above as flaky.`);
console.log(broken.length === 0 ? '\nAll is well.' : `\nFailed: ${broken.join(', ')}`);
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
