/** Sets up, builds, serves the page with the isolation headers, prints its URL. Ctrl-C ends it. */
import { fail, ROOT, runBin } from './run.mjs';
import { setup } from './setup.mjs';

await setup();
if ((await runBin('vite/bin/vite.js', ['build', '--logLevel', 'warn'])) !== 0) fail('The build failed.');
const { preview } = await import('vite');
const server = await preview({ root: ROOT, logLevel: 'warn', preview: { port: 4173, strictPort: false } });
const [url] = server.resolvedUrls.local;
console.log(`\n  LionsOS's Virtualised Filesystem is at  ${url}\n\n  Ctrl-C ends it.\n`);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
