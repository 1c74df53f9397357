/**
 * 32-byte directory slots: a short entry alone, or behind up to 20 long entries that spell its name backwards.
 * [FATGEN103] "FAT Directory Structure", "FAT Long Directory Entries".
 */
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
  type FatBits,
  LAST_LONG_ENTRY,
  LDIR,
  LDIR_UNIT_OFFSETS,
  NTRES_LOWER_BASE,
  NTRES_LOWER_EXT,
  readField,
  shortNameChecksum,
  writeField,
} from '../../../../src/specs/fat';
import { fromCodePage437 } from './code_page_437';
import { isUsableLongName, type NewName } from './names';

const UNITS = LDIR_UNIT_OFFSETS.length;
export const MAX_LONG_SLOTS = 20;

/**
 * DIR_NTRes bit that nobody else uses, set in the new entry of a rename until the old one is gone: recovery then knows
 * which of two entries with the same first cluster to keep. Other systems ignore it.
 */
export const NTRES_RENAMED = 0x40;

/** One file or directory, as it lies in its directory. */
export interface SlotSet {
  /** Index of the short entry, the last of the set. */
  readonly slot: number;
  /** Slots of the set: 1 + long entries. */
  readonly count: number;
  readonly name: string;
  /** The short name alone, as it would be shown. */
  readonly alias: string;
  /** A copy of the short entry. */
  readonly entry: Uint8Array;
}

export function isDirectoryEntry(entry: Uint8Array): boolean {
  return (entry[DIR.DIR_Attr[0]]! & ATTR_DIRECTORY) !== 0;
}

export function firstCluster(entry: Uint8Array, bits: FatBits): number {
  const low = readField(entry, DIR.DIR_FstClusLO);
  return bits === 32 ? readField(entry, DIR.DIR_FstClusHI) * 0x10000 + low : low;
}

export function setFirstCluster(entry: Uint8Array, cluster: number): void {
  writeField(entry, DIR.DIR_FstClusLO, cluster & 0xffff);
  writeField(entry, DIR.DIR_FstClusHI, cluster >>> 16);
}

export function fileSize(entry: Uint8Array): number {
  return readField(entry, DIR.DIR_FileSize);
}

export function isDotEntry(entry: Uint8Array): boolean {
  return entry[0] === 0x2e && (entry[1] === 0x20 || (entry[1] === 0x2e && entry[2] === 0x20));
}

/** Takes slots in order and tells when one ends a set. */
export class SlotReader {
  #units: string[] = [];
  #expected = 0;
  #checksum = 0;
  #total = 0;
  #orphans: number[] = [];
  #pending: number[] = [];

  /** Long slots that belong to no short entry. Ends the reading. */
  finish(): readonly number[] {
    this.#abandon();
    return this.#orphans;
  }

  /** The set that `slot` ends; undefined for long entries, free slots, labels and dots; 'end' behind the last entry. */
  next(slot: number, bytes: Uint8Array): SlotSet | undefined | 'end' {
    const first = bytes[0]!;
    if (first === DIR_END) {
      this.#abandon();
      return 'end';
    }
    if (first === DIR_FREE) return this.#abandon();
    const attributes = bytes[DIR.DIR_Attr[0]]!;
    if ((attributes & ATTR_LONG_NAME_MASK) === ATTR_LONG_NAME) return this.#long(slot, bytes);
    if (attributes & ATTR_VOLUME_ID || isDotEntry(bytes)) return this.#abandon();
    return this.#short(slot, bytes);
  }

  #long(slot: number, bytes: Uint8Array): undefined {
    const order = bytes[0]!;
    const checksum = bytes[LDIR.LDIR_Chksum[0]]!;
    if (order & LAST_LONG_ENTRY) {
      this.#abandon();
      this.#total = this.#expected = order & 0x3f;
      this.#checksum = checksum;
      this.#units = [];
    }
    this.#pending.push(slot);
    const fits = this.#expected > 0 && this.#expected <= MAX_LONG_SLOTS && (order & 0x3f) === this.#expected;
    if (!fits || checksum !== this.#checksum) return this.#abandon();
    this.#units[--this.#expected] = longUnits(bytes);
  }

  #short(slot: number, bytes: Uint8Array): SlotSet {
    const entry = bytes.slice();
    const alias = shortNameText(entry);
    const whole = this.#total > 0 && this.#expected === 0 && this.#checksum === shortNameChecksum(entry);
    const long = whole ? this.#units.join('').split('\u0000')[0]! : '';
    if (whole) this.#pending = [];
    const count = whole ? this.#total + 1 : 1;
    this.#abandon();
    return { slot, count, alias, entry, name: isUsableLongName(long) ? long : alias };
  }

  #abandon(): undefined {
    this.#orphans.push(...this.#pending);
    this.#pending = [];
    this.#total = this.#expected = 0;
  }
}

function longUnits(bytes: Uint8Array): string {
  return String.fromCharCode(...LDIR_UNIT_OFFSETS.map((at) => bytes[at]! + bytes[at + 1]! * 256));
}

/** "README.TXT" from "README  TXT", with Windows NT's lower-case flags. */
export function shortNameText(entry: Uint8Array): string {
  const flags = entry[DIR.DIR_NTRes[0]]!;
  const part = (from: number, to: number, lower: number) => {
    let text = '';
    for (let i = from; i < to; i++) text += shortCharacter(i === 0 && entry[i] === DIR_KANJI_E5 ? 0xe5 : entry[i]!);
    text = text.replace(/ +$/, '');
    return lower ? text.toLowerCase() : text;
  };
  const base = part(0, 8, flags & NTRES_LOWER_BASE);
  const extension = part(8, 11, flags & NTRES_LOWER_EXT);
  const name = extension === '' ? base : `${base}.${extension}`;
  return /^\.*$/.test(name) ? '_' : name; // never "", "." or ".."
}

/** A byte that no path can hold is shown as `_`. */
function shortCharacter(byte: number): string {
  return byte < 0x20 || byte === 0x2f || byte === 0x7f ? '_' : fromCodePage437(byte);
}

/** The whole set: long entries, last part first, then `entry` under its short name. */
export function encodeSet({ short, long }: NewName, entry: Uint8Array): Uint8Array {
  const parts = long === undefined ? 0 : Math.ceil(long.length / UNITS);
  const set = new Uint8Array((parts + 1) * DIR_ENTRY_SIZE);
  const checksum = shortNameChecksum(short.bytes);
  for (let part = parts; part > 0; part--) {
    const slot = set.subarray((parts - part) * DIR_ENTRY_SIZE, (parts - part + 1) * DIR_ENTRY_SIZE);
    slot[LDIR.LDIR_Ord[0]] = part === parts ? part | LAST_LONG_ENTRY : part;
    slot[LDIR.LDIR_Attr[0]] = ATTR_LONG_NAME;
    slot[LDIR.LDIR_Chksum[0]] = checksum;
    for (const [i, at] of LDIR_UNIT_OFFSETS.entries()) {
      const position = (part - 1) * UNITS + i;
      // The name ends with one 0000, then FFFF fills the entry; neither if it ends with the entry.
      const unit = position < long!.length ? long!.charCodeAt(position) : position === long!.length ? 0 : 0xffff;
      writeField(slot, [at, 2], unit);
    }
  }
  const last = set.subarray(parts * DIR_ENTRY_SIZE);
  last.set(entry);
  last.set(short.bytes);
  const flags = NTRES_LOWER_BASE | NTRES_LOWER_EXT;
  last[DIR.DIR_NTRes[0]] = (entry[DIR.DIR_NTRes[0]]! & ~flags) | short.flags;
  return set;
}
