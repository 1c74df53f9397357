/**
 * File names: which of them FAT can hold, when two are the same, and how a second one of a name is called. [FATGEN103] "Long Directory
 * Entries"; the file system in the VM has the last word, this says it before anything is written, and what to change.
 */
import { LONG_NAME_MAX_UNITS } from '../../specs/fat';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what FAT refuses
const FORBIDDEN = /[\u0000-\u001f"*/:<>?\\|]/;
const CONTROL_END = '\u0020';
const LONE_SURROGATE = /\p{Surrogate}/u;
/** What an upload is called until all of it is there. */
const UNFINISHED = /^~upload-\d+\.tmp$/;

/** One sentence on what to change, or nothing where the name will do. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'A name needs at least one character.';
  if (/^\.+$/.test(name)) return 'A name needs more than dots.';
  const bad = FORBIDDEN.exec(name)?.[0];
  if (bad !== undefined)
    return bad < CONTROL_END
      ? 'FAT has no control characters in names: take the invisible ones out.'
      : `FAT has no ${bad} in names: take it out, or put - in its place.`;
  if (LONE_SURROGATE.test(name)) return 'This name has half a character in it: type it anew.';
  if (name.endsWith('.') || name.endsWith(' '))
    return `FAT drops a ${name.endsWith('.') ? 'dot' : 'space'} at the end of a name: take it off.`;
  const units = name.length;
  return units > LONG_NAME_MAX_UNITS
    ? `This name has ${units} characters, and FAT has room for ${LONG_NAME_MAX_UNITS}: shorten it.`
    : undefined;
}

/** One form for names that look alike: what a Mac sends decomposed and everybody else composed. */
export function composed(name: string): string {
  return name.normalize('NFC');
}

/** What a name is found by: FAT takes `A.txt` and `a.txt` for one. By UTF-16 unit, so no letter becomes two. */
export function folded(name: string): string {
  let result = '';
  for (const unit of name.split('')) {
    const upper = unit.toUpperCase();
    result += upper.length === 1 ? upper : unit;
  }
  return result;
}

/** `name (2).ext`, or the next number that nobody has. */
export function besides(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf('.');
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 2; ; n++) {
    const tail = ` (${n})${extension}`;
    const candidate = whole(base.slice(0, LONG_NAME_MAX_UNITS - tail.length)) + tail;
    if (!isTaken(candidate)) return candidate;
  }
}

/** Cutting may have left half a character at the end. */
function whole(text: string): string {
  return text.replace(/[\ud800-\udbff]$/, '');
}

export function unfinishedName(number: number): string {
  return `~upload-${number}.tmp`;
}

/** An upload that was under way, or was cut short when a page was left. */
export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}
