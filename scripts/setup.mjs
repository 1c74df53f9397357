/** Makes a fresh clone ready to build: packages as locked, and the patched MicroPython. At once when all is there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, isMain, npm, ROOT } from './run.mjs';

const NODE = [20, 19];

/** Each locked package is installed in the locked version; optional ones are other platforms'. */
function installed() {
  const record = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = packages(record);
  return Object.entries(packages(join(ROOT, 'package-lock.json'))).every(([path, { version, optional, peer }]) => {
    const there = have[path];
    return path === '' || there?.version === version || (there === undefined && Boolean(optional || peer));
  });
}

export async function setup() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE[0] || (major === NODE[0] && minor < NODE[1])) {
    fail(`This needs Node ${NODE.join('.')} or newer; here is ${process.versions.node}.`);
  }
  if (!installed()) {
    console.log('Installing packages (npm ci)');
    if ((await npm('ci', '--no-audit', '--no-fund')) !== 0) fail('npm ci failed.');
  }
  const { patchMicroPython } = await import('./patch_micropython.mjs');
  await patchMicroPython();
}

if (isMain(import.meta.url)) await setup();
