/** The programs that judge our disks in tests: dosfstools, mtools and fdisk, which nobody here wrote. */
import { aptGet, find, isMain } from './run.mjs';

/** Debian package, and a program of it. */
const TOOLS = [
  ['dosfstools', 'fsck.fat'],
  ['mtools', 'mdir'],
  ['fdisk', 'sfdisk'],
];

const missing = () => TOOLS.filter(([, program]) => !find(program)).map(([name]) => name);

/** Installs what is missing where that needs no password; otherwise says what the tests go without. */
export async function ensureTools() {
  if (missing().length > 0) await aptGet(...missing());
  const still = missing();
  console.log(
    still.length === 0
      ? 'Disk tools: dosfstools, mtools, fdisk'
      : `Disk tools: ${still.join(', ')} missing: tests that need them are skipped or fail. Install with: apt-get install ${still.join(' ')}`,
  );
  return still.length === 0;
}

if (isMain(import.meta.url)) await ensureTools();
