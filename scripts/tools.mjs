/** Programs that judge our disks and our network in tests, which nobody here wrote. */
import { existsSync } from 'node:fs';
import { aptGet, find, isMain } from './run.mjs';

/** What they are for; of each, its Debian package and a program or file of it. */
const TOOLS = {
  Disk: [
    ['dosfstools', 'fsck.fat'],
    ['mtools', 'mdir'],
    ['fdisk', 'sfdisk'],
  ],
  Trace: [['protobuf-compiler', 'protoc']],
  Network: [
    ['gcc', 'gcc'],
    ['libc6-dev', '/usr/include/stdio.h'],
    ['pkg-config', 'pkg-config'],
    ['libglib2.0-dev', '/usr/include/glib-2.0/glib.h'],
    ['libslirp-dev', '/usr/include/slirp/libslirp.h'],
    ['liblwip-dev', '/usr/include/lwip/lwip/api.h'],
    ['tshark', 'tshark'],
  ],
};

const isThere = (name) => (name.startsWith('/') ? existsSync(name) : find(name));
const missing = (tools) => tools.filter(([, name]) => !isThere(name)).map(([name]) => name);

/** Installs what is missing where that needs no password; otherwise says what the tests go without. */
export async function ensureTools() {
  let complete = true;
  for (const [kind, tools] of Object.entries(TOOLS)) {
    if (missing(tools).length > 0) await aptGet(...missing(tools));
    const still = missing(tools);
    complete &&= still.length === 0;
    console.log(
      still.length === 0
        ? `${kind} tools: ${tools.map(([name]) => name).join(', ')}`
        : `${kind} tools: ${still.join(', ')} missing: tests that need them are skipped or fail. Install with: apt-get install ${still.join(' ')}`,
    );
  }
  return complete;
}

if (isMain(import.meta.url)) await ensureTools();
