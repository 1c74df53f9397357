/** Finds a Chrome or Chromium for the browser tests: an installed one, else Debian's package, else Playwright's download. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { aptGet, fail, find, isMain, runBin } from './run.mjs';

const NAMES = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
];

/** What the browser says it is; undefined when it does not start (Ubuntu's package is a stub that asks for snap). */
function version(path) {
  if (process.platform === 'win32') return 'Chrome';
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 && /chrom/i.test(stdout) ? stdout.trim() : undefined;
}

function playwrightsOwn() {
  try {
    return createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
  } catch {
    return undefined; // node_modules is absent: nothing was downloaded either
  }
}

/** The browser to use, or undefined; VMFS_CHROMIUM names one in another place. */
export function chromiumPath() {
  const candidates = [process.env.VMFS_CHROMIUM, ...NAMES.map(find), ...PLACES, playwrightsOwn()];
  return candidates.find((path) => path && existsSync(path) && version(path));
}

function isDebian() {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

/** As chromiumPath, and gets one when there is none; says which it is. */
export async function ensureChromium() {
  const sources = [
    ['installed', () => {}],
    ["Debian's package", () => isDebian() && aptGet('chromium')],
    ["Playwright's download", () => runBin('@playwright/test/cli.js', ['install', 'chromium'])],
  ];
  for (const [source, obtain] of sources) {
    await obtain();
    const path = chromiumPath();
    if (!path) continue;
    console.log(`Browser: ${version(path)}, ${path} (${source})`);
    return path;
  }
  fail('There is no Chrome or Chromium, and none could be installed. Install one, or set VMFS_CHROMIUM to its path.');
}

if (isMain(import.meta.url)) await ensureChromium();
