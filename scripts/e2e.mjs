/** Builds and runs the browser tests; arguments go to Playwright: `npm run e2e -- session` or `-- --headed`. */
import { ensureChromium } from './browser.mjs';
import { fail, runBin } from './run.mjs';
import { setup } from './setup.mjs';
import { ensureTools } from './tools.mjs';

await setup();
await ensureChromium();
await ensureTools();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
process.exit(await runBin('@playwright/test/cli.js', ['test', '--project=e2e', ...process.argv.slice(2)]));
