/** The quick loop: types, lint and format, unit and architecture tests. All run, whichever fails. */
import { runBin } from './run.mjs';
import { setup } from './setup.mjs';
import { types } from './types.mjs';

await setup();
const steps = [
  ['types', types],
  ['lint and format', () => runBin('@biomejs/biome/bin/biome', ['check', '.'])],
  ['unit and architecture tests', () => runBin('vitest/vitest.mjs', ['run'])],
];
const failed = [];
for (const [name, step] of steps) if ((await step()) !== 0) failed.push(name);
if (failed.length > 0) console.error(`Failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
