/** The entries of one directory. [FATGEN103] "FAT Directory Structure", "FAT Long Directory Entries". */
import {
  ATTR_DIRECTORY,
  ATTR_LONG_NAME,
  ATTR_LONG_NAME_MASK,
  ATTR_VOLUME_ID,
  DIR,
  DIR_END,
  DIR_ENTRY_SIZE,
  DIR_FREE,
  DIR_KANJI_E5,
  LAST_LONG_ENTRY,
  LDIR,
  LDIR_UNIT_OFFSETS,
  NTRES_LOWER_BASE,
  NTRES_LOWER_EXT,
  readField,
  shortNameChecksum,
} from '../../specs/fat';
import { fromCodePage437 } from './code_page';

export interface DirectoryEntry {
  readonly kind: 'file' | 'directory' | 'label' | 'deleted';
  /** The long one where there is one; of a deleted one, `?` stands for the first letter. What cannot be shown is a dot. */
  readonly name: string;
  readonly shortName: string;
  /** Number of its short entry in the directory. */
  readonly slot: number;
  /** How many long entries stand before it. */
  readonly longSlots: number;
  readonly attributes: number;
  readonly first: number;
  readonly size: number;
  /** As on the disk, `2026-11-24 04:10:32`; undefined where no day is noted. */
  readonly created: string | undefined;
  readonly modified: string | undefined;
  readonly accessed: string | undefined;
}

export interface Directory {
  readonly entries: readonly DirectoryEntry[];
  /** First clusters that `.` and `..` name, where they stand in front. */
  readonly dot: number | undefined;
  readonly dotDot: number | undefined;
  /** Long entries that belong to no short one. */
  readonly orphans: number;
}

const LAST_ORDER = 0x3f;

/** Reads up to the end mark. */
export function readDirectory(bytes: Uint8Array): Directory {
  const entries: DirectoryEntry[] = [];
  const dots = new Map<string, number>();
  let long = new LongName();
  let orphans = 0;
  const slots = Math.floor(bytes.length / DIR_ENTRY_SIZE);
  for (let slot = 0; slot < slots; slot++) {
    const entry = bytes.subarray(slot * DIR_ENTRY_SIZE, (slot + 1) * DIR_ENTRY_SIZE);
    if (entry[0] === DIR_END) break;
    if (isLong(entry)) {
      orphans += long.add(entry);
      continue;
    }
    if (isDeletedLong(entry)) continue;
    const isDot = entry[0] === DOT && readAttributes(entry) & ATTR_DIRECTORY;
    if (isDot) dots.set(shortNameOf(entry), firstOf(entry));
    else entries.push(entryOf(entry, slot, long));
    orphans += long.left(entry);
    long = new LongName();
  }
  return { entries, dot: dots.get('.'), dotDot: dots.get('..'), orphans: orphans + long.length };
}

const DOT = 0x2e;
const readAttributes = (entry: Uint8Array) => readField(entry, DIR.DIR_Attr);

const hasLongAttributes = (entry: Uint8Array) => (readAttributes(entry) & ATTR_LONG_NAME_MASK) === ATTR_LONG_NAME;
export const isLong = (entry: Uint8Array): boolean => entry[0] !== DIR_FREE && hasLongAttributes(entry);
/** It has lost its number: whose it was is not known. */
const isDeletedLong = (entry: Uint8Array) => entry[0] === DIR_FREE && hasLongAttributes(entry);

const firstOf = (entry: Uint8Array) =>
  readField(entry, DIR.DIR_FstClusHI) * 0x1_0000 + readField(entry, DIR.DIR_FstClusLO);

function entryOf(entry: Uint8Array, slot: number, long: LongName): DirectoryEntry {
  const attributes = readAttributes(entry);
  const isDeleted = entry[0] === DIR_FREE;
  const isLabel = !isDeleted && (attributes & ATTR_VOLUME_ID) !== 0;
  const shortName = isLabel ? labelOf(entry) : shortNameOf(entry);
  const longName = isDeleted || isLabel ? undefined : long.nameFor(entry);
  const time = (date: readonly [number, number], clock?: readonly [number, number]) =>
    timeOf(readField(entry, date), clock && readField(entry, clock));
  return {
    kind: isDeleted ? 'deleted' : isLabel ? 'label' : attributes & ATTR_DIRECTORY ? 'directory' : 'file',
    name: longName ?? shortName,
    shortName,
    slot,
    longSlots: longName === undefined ? 0 : long.length,
    attributes,
    first: firstOf(entry),
    size: readField(entry, DIR.DIR_FileSize),
    created: time(DIR.DIR_CrtDate, DIR.DIR_CrtTime),
    modified: time(DIR.DIR_WrtDate, DIR.DIR_WrtTime),
    accessed: time(DIR.DIR_LstAccDate),
  };
}

/** Long entries come last one first, each with its number and the checksum of the short name. */
class LongName {
  #parts: string[] = [];
  #next = 0;
  #checksum = -1;

  get length(): number {
    return this.#parts.length;
  }

  /** How many of those before it, or itself, belong to nothing. */
  add(entry: Uint8Array): number {
    const order = readField(entry, LDIR.LDIR_Ord);
    const checksum = readField(entry, LDIR.LDIR_Chksum);
    const number = order & LAST_ORDER;
    let lost = 0;
    if (order & LAST_LONG_ENTRY) {
      lost = this.length;
      this.#parts = [];
      this.#checksum = checksum;
    } else if (number !== this.#next || checksum !== this.#checksum) {
      lost = this.length + 1;
      this.#parts = [];
      this.#next = 0;
      return lost;
    }
    this.#parts.unshift(unitsOf(entry));
    this.#next = number - 1;
    return lost;
  }

  nameFor(entry: Uint8Array): string | undefined {
    const isWhole = this.length > 0 && this.#next === 0;
    if (!isWhole || shortNameChecksum(entry.subarray(0, DIR.DIR_Name[1])) !== this.#checksum) return undefined;
    const [name] = this.#parts.join('').split('\0');
    return shown(name!) || undefined;
  }

  /** How many are left over once the short entry has come. */
  left(entry: Uint8Array): number {
    return this.nameFor(entry) === undefined ? this.length : 0;
  }
}

function unitsOf(entry: Uint8Array): string {
  return String.fromCharCode(...LDIR_UNIT_OFFSETS.map((offset) => readField(entry, [offset, 2])));
}

const shown = (name: string) => name.replace(/[\p{Cc}\p{Surrogate}\uffff/]/gu, '·');

function shortNameOf(entry: Uint8Array): string {
  const flags = readField(entry, DIR.DIR_NTRes);
  const letters = Array.from(entry.subarray(0, 11), (byte, i) => {
    if (i === 0 && byte === DIR_FREE) return '?';
    return fromCodePage437(i === 0 && byte === DIR_KANJI_E5 ? DIR_FREE : byte);
  });
  const part = (from: number, to: number, isLower: number) => {
    const text = letters.slice(from, to).join('').trimEnd();
    return isLower ? text.toLowerCase() : text;
  };
  const [base, extension] = [part(0, 8, flags & NTRES_LOWER_BASE), part(8, 11, flags & NTRES_LOWER_EXT)];
  return shown(extension === '' ? base : `${base}.${extension}`);
}

const labelOf = (entry: Uint8Array) => Array.from(entry.subarray(0, 11), fromCodePage437).join('').trimEnd();

const two = (value: number) => String(value).padStart(2, '0');

/** "Date and Time Formats": since 1980, in steps of two seconds. */
function timeOf(date: number, clock: number | undefined): string | undefined {
  if (date === 0) return undefined;
  const day = `${1980 + (date >>> 9)}-${two((date >>> 5) & 15)}-${two(date & 31)}`;
  return clock === undefined ? day : `${day} ${two(clock >>> 11)}:${two((clock >>> 5) & 63)}:${two((clock & 31) * 2)}`;
}

/** Whether a short name has characters that none may have. "Name Limits and Character Sets". */
export function isBadShortName(name: Uint8Array): boolean {
  return (
    name[0] === 0x20 ||
    name.some((byte, i) => (byte < 0x20 && !(i === 0 && byte === DIR_KANJI_E5)) || FORBIDDEN.has(byte))
  );
}

const FORBIDDEN = new Set(Array.from('"*+,./:;<=>?[\\]|', (sign) => sign.charCodeAt(0)));
