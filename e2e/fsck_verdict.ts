/** What Debian's fsck.fat makes of a volume, in one word. */
import { fsck } from './images';

/** Not about the files: the mark of a mounted volume, a count that is only a hint, and what it says of itself. */
const NOTES = [
  /^0x[0-9a-f]+: Dirty bit is set/i,
  /^Dirty bit is set/,
  /^ ?Automatically removing dirty bit/,
  /^Free cluster summary/,
  /^ +Auto-correcting/,
  /^Leaving filesystem unchanged/,
  /^\(exit code not 0\)$/,
];

export function fsckVerdict(volume: Buffer): 'clean' | 'lost' | 'errors' {
  const said = fsck(volume)
    .split('\n')
    .filter((line) => line !== '' && !NOTES.some((note) => note.test(line)));
  if (said.length === 0) return 'clean';
  return said.every((line) => /^Reclaimed \d+ unused clusters?/.test(line)) ? 'lost' : 'errors';
}
