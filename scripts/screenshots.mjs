/** Builds the page and takes the pictures of docs/screenshots anew. */
import { ensureChromium } from './browser.mjs';
import { fail, runBin } from './run.mjs';
import { setup } from './setup.mjs';

await setup();
await ensureChromium();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
process.exit(await runBin('@playwright/test/cli.js', ['test', '--project=shots', ...process.argv.slice(2)]));
