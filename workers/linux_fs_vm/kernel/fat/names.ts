/**
 * File names: which are allowed, when two are the same, and which short name stands beside a long one.
 * [FATGEN103] "FAT Long Directory Entries", "Name Limits and Character Sets"; the rules of refusal are Linux's vfat.
 */
import { LONG_NAME_MAX_UNITS, NTRES_LOWER_BASE, NTRES_LOWER_EXT } from '../../../../src/specs/fat';
import { fail } from '../errno';

/** The eleven bytes of DIR_Name and the two lower-case flags of DIR_NTRes. */
export interface ShortName {
  readonly bytes: Uint8Array;
  readonly flags: number;
}
export interface NewName {
  readonly short: ShortName;
  /** Absent when the short name with its case flags says everything. */
  readonly long: string | undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const FORBIDDEN = /[\u0000-\u001f"*/:<>?\\|]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ASCII = /^[\u0020-\u007e]*$/;
const SHORT_PART = /^[A-Z0-9!#$%&'()\-@^_`{}~]*$/;
const NOT_SHORT = /[^A-Z0-9!#$%&'()\-@^_`{}~]/g;
const TAIL_TRIES = 9;
const HASHED_TRIES = 65536;

/** What a name is looked up by: without trailing dots, upper-cased character by character. */
export function foldName(name: string): string {
  const stripped = stripDots(name);
  if (ASCII.test(stripped)) return stripped.toUpperCase();
  let folded = '';
  for (let i = 0; i < stripped.length; i++) {
    // By UTF-16 unit, so nothing beyond the BMP changes, and no letter becomes two: as Windows' and Linux's tables do.
    const upper = stripped[i]!.toUpperCase();
    folded += upper.length === 1 ? upper : stripped[i];
  }
  return folded;
}

/** The name as it will be stored. Throws EINVAL or ENAMETOOLONG. */
export function checkNewName(name: string): string {
  const stored = stripDots(name);
  if (stored === '' || FORBIDDEN.test(stored) || LONE_SURROGATE.test(stored))
    fail('EINVAL', 'a name that FAT cannot hold');
  if (stored.length > LONG_NAME_MAX_UNITS) fail('ENAMETOOLONG');
  return stored;
}

/** Whether a long name found on the disk can be shown: it must be one component of a path. */
export function isUsableLongName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !FORBIDDEN.test(name) && !name.includes('\u007f');
}

function stripDots(name: string): string {
  return name.replace(/\.+$/, '');
}

/** Short and long name for a new entry; `taken` tells whether a folded name is in use in the directory. */
export function chooseNames(name: string, taken: (folded: string) => boolean): NewName {
  const plain = asPlainShortName(name);
  if (plain !== undefined) return { short: plain, long: undefined };
  const [base, extension, lossless] = basisName(name);
  if (lossless && !taken(join(base, extension))) return { short: shortName(base, extension), long: name };
  for (let n = 1; n <= TAIL_TRIES; n++) {
    const candidate = withTail(base, `~${n}`);
    if (!taken(join(candidate, extension))) return { short: shortName(candidate, extension), long: name };
  }
  // Many alike: four digits of a hash spread them, so that the thousandth does not try a thousand tails.
  for (let i = 0, hash = hashOf(name); i < HASHED_TRIES; i++, hash = (hash + 1) & 0xffff) {
    const digits = hash.toString(16).toUpperCase().padStart(4, '0');
    const candidate = withTail(base.slice(0, 2) + digits, '~1');
    if (!taken(join(candidate, extension))) return { short: shortName(candidate, extension), long: name };
  }
  return fail('ENOSPC', 'no short name is left');
}

/** An 8.3 name whose parts are each of one case needs no long entries: Windows NT's two flags say which case. */
function asPlainShortName(name: string): ShortName | undefined {
  const dot = name.lastIndexOf('.');
  const [base, extension] = dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1)];
  if (base === '' || base.length > 8 || extension.length > 3 || (dot >= 0 && extension === '')) return undefined;
  let flags = 0;
  for (const [part, flag] of [
    [base, NTRES_LOWER_BASE],
    [extension, NTRES_LOWER_EXT],
  ] as const) {
    if (!ASCII.test(part) || !SHORT_PART.test(part.toUpperCase())) return undefined;
    if (part === part.toUpperCase()) continue;
    if (part !== part.toLowerCase()) return undefined;
    flags |= flag;
  }
  return shortName(base.toUpperCase(), extension.toUpperCase(), flags);
}

/** "Basis-Name Generation Algorithm": upper case, no spaces or dots, `_` for what a short name cannot hold. */
function basisName(name: string): [base: string, extension: string, lossless: boolean] {
  const upper = foldName(name);
  const squeezed = upper.replace(/ /g, '').replace(/^\.+/, '');
  const dot = squeezed.lastIndexOf('.');
  const rawBase = (dot < 0 ? squeezed : squeezed.slice(0, dot)).replace(/\./g, '');
  const rawExtension = dot < 0 ? '' : squeezed.slice(dot + 1);
  const base = rawBase.replace(NOT_SHORT, '_').slice(0, 8);
  const extension = rawExtension.replace(NOT_SHORT, '_').slice(0, 3);
  return [base === '' ? '_' : base, extension, join(base, extension) === upper];
}

function withTail(base: string, tail: string): string {
  return base.slice(0, 8 - tail.length) + tail;
}

function join(base: string, extension: string): string {
  return extension === '' ? base : `${base}.${extension}`;
}

function shortName(base: string, extension: string, flags = 0): ShortName {
  const text = base.padEnd(8) + extension.padEnd(3);
  return { bytes: Uint8Array.from(text, (character) => character.charCodeAt(0)), flags };
}

/** FNV-1a over UTF-16 units, folded to 16 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return (hash ^ (hash >>> 16)) & 0xffff;
}
