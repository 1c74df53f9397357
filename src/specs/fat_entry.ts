/** One file's directory entries as bytes: the long ones and the short one. [FATGEN103] "FAT Directory Structure", "FAT Long Directory Entries". */
import {
  ATTR_LONG_NAME,
  DIR,
  DIR_ENTRY_SIZE,
  LAST_LONG_ENTRY,
  LDIR,
  LDIR_UNIT_OFFSETS,
  LONG_NAME_MAX_UNITS,
  NTRES_LOWER_BASE,
  NTRES_LOWER_EXT,
  shortNameChecksum,
  writeField,
} from './fat';

export interface FatNames {
  /** DIR_Name: 11 bytes, padded with spaces. */
  readonly short: Uint8Array;
  /** DIR_NTRes. */
  readonly flags: number;
  /** Absent where the short name with its flags says everything. */
  readonly long?: string;
}

export interface FatEntry extends FatNames {
  readonly attributes: number;
  readonly cluster: number;
  readonly size: number;
  /** Unix milliseconds, stored as UTC. */
  readonly time: number;
}

const SHORT_PART = /^[A-Z0-9!#$%&'()\-@^_`{}~]*$/;
const NOT_SHORT = /[^A-Z0-9!#$%&'()\-@^_`{}~]/g;
const FORBIDDEN = /[\p{Cc}\p{Surrogate}"*/:<>?\\|]|^ |[. ]$/u;
const BASE = 8;
const EXTENSION = 3;

/**
 * The names under which `name` is stored; `taken` has the short names of its directory and gets this one. Throws RangeError for a name
 * that FAT cannot hold.
 */
export function fatNames(name: string, taken: Set<string>): FatNames {
  if (name === '' || FORBIDDEN.test(name) || name.length > LONG_NAME_MAX_UNITS)
    throw new RangeError(`FAT cannot hold a file named "${name}".`);
  const dot = name.lastIndexOf('.');
  const [base, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot + 1)] : [name, ''];
  const fits = isShort(base, BASE) && isShort(extension, EXTENSION) && base !== '' && !name.endsWith('.');
  const plain = fits ? padded(base, extension) : '';
  if (fits && !taken.has(plain) && !isMixed(base) && !isMixed(extension)) {
    taken.add(plain);
    const flags = (isLower(base) ? NTRES_LOWER_BASE : 0) | (isLower(extension) ? NTRES_LOWER_EXT : 0);
    return { short: bytesOf(plain), flags };
  }
  const short = alias(base, extension, taken);
  taken.add(short);
  return { short: bytesOf(short), flags: 0, long: name };
}

/** Long entries, last one first, and the short entry behind them. */
export function fatEntryBytes(entry: FatEntry): Uint8Array {
  const long = entry.long === undefined ? [] : longEntries(entry.long, shortNameChecksum(entry.short));
  const bytes = new Uint8Array((long.length + 1) * DIR_ENTRY_SIZE);
  for (const [i, part] of long.entries()) bytes.set(part, i * DIR_ENTRY_SIZE);
  const short = bytes.subarray(long.length * DIR_ENTRY_SIZE);
  short.set(entry.short);
  writeField(short, DIR.DIR_NTRes, entry.flags);
  writeField(short, DIR.DIR_Attr, entry.attributes);
  writeField(short, DIR.DIR_FstClusHI, Math.floor(entry.cluster / 0x10000));
  writeField(short, DIR.DIR_FstClusLO, entry.cluster % 0x10000);
  writeField(short, DIR.DIR_FileSize, entry.size);
  writeFatTimes(short, entry.time);
  return bytes;
}

/** Creation, last access and last write of one short entry. */
export function writeFatTimes(entry: Uint8Array, milliseconds: number): void {
  const time = new Date(milliseconds);
  const date = ((time.getUTCFullYear() - 1980) << 9) | ((time.getUTCMonth() + 1) << 5) | time.getUTCDate();
  const clock = (time.getUTCHours() << 11) | (time.getUTCMinutes() << 5) | (time.getUTCSeconds() >> 1);
  writeField(entry, DIR.DIR_CrtTime, clock);
  writeField(entry, DIR.DIR_CrtDate, date);
  writeField(entry, DIR.DIR_LstAccDate, date);
  writeField(entry, DIR.DIR_WrtTime, clock);
  writeField(entry, DIR.DIR_WrtDate, date);
}

const isShort = (part: string, length: number) => part.length <= length && SHORT_PART.test(part.toUpperCase());
const isLower = (part: string) => part !== part.toUpperCase();
const isMixed = (part: string) => isLower(part) && part !== part.toLowerCase();
const padded = (base: string, extension: string) =>
  base.toUpperCase().padEnd(BASE) + extension.toUpperCase().padEnd(EXTENSION);
const bytesOf = (short: string) => Uint8Array.from(short, (character) => character.charCodeAt(0));

/** "The Basis-Name Generation Algorithm" and "The Numeric-Tail Generation Algorithm". */
function alias(base: string, extension: string, taken: ReadonlySet<string>): string {
  const clean = (part: string) => part.replace(/[ .]/g, '').toUpperCase().replace(NOT_SHORT, '_');
  const [head, tail] = [clean(base) || '_', clean(extension).slice(0, EXTENSION)];
  for (let number = 1; number < 1_000_000; number++) {
    const mark = `~${number}`;
    const short = padded(head.slice(0, BASE - mark.length) + mark, tail);
    if (!taken.has(short)) return short;
  }
  throw new RangeError(`This directory has no short name left for "${base}".`);
}

function longEntries(name: string, checksum: number): Uint8Array[] {
  const units = LDIR_UNIT_OFFSETS.length;
  const count = Math.ceil(name.length / units);
  return Array.from({ length: count }, (_, i) => {
    const order = count - i;
    const entry = new Uint8Array(DIR_ENTRY_SIZE);
    writeField(entry, LDIR.LDIR_Ord, order === count ? order | LAST_LONG_ENTRY : order);
    writeField(entry, LDIR.LDIR_Attr, ATTR_LONG_NAME);
    writeField(entry, LDIR.LDIR_Chksum, checksum);
    for (const [unit, offset] of LDIR_UNIT_OFFSETS.entries()) {
      const at = (order - 1) * units + unit;
      // One zero ends a name that does not fill its entries; what follows is all ones.
      writeField(entry, [offset, 2], at < name.length ? name.charCodeAt(at) : at === name.length ? 0 : 0xffff);
    }
    return entry;
  });
}
