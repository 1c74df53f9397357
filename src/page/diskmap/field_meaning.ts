/** What the value of a field says, in a word or two; empty where the number says all. [FATGEN103], [UEFI 2.10] 5.2, 5.3. */
import {
  ATTR_ARCHIVE,
  ATTR_DIRECTORY,
  ATTR_HIDDEN,
  ATTR_LONG_NAME,
  ATTR_READ_ONLY,
  ATTR_SYSTEM,
  ATTR_VOLUME_ID,
  BS_DIRTY,
  LAST_LONG_ENTRY,
} from '../../specs/fat';
import { MBR_EXTENDED_TYPES, MBR_TYPE } from '../../specs/mbr';
import { grouped, sizeWords } from './map_words';

const ATTRIBUTES: readonly (readonly [number, string])[] = [
  [ATTR_READ_ONLY, 'read-only'],
  [ATTR_HIDDEN, 'hidden'],
  [ATTR_SYSTEM, 'system'],
  [ATTR_VOLUME_ID, 'volume label'],
  [ATTR_DIRECTORY, 'directory'],
  [ATTR_ARCHIVE, 'archive'],
];

export function attributeWords(attributes: number): string {
  if (attributes === ATTR_LONG_NAME) return 'long name';
  return ATTRIBUTES.flatMap(([bit, word]) => (attributes & bit ? [word] : [])).join(', ');
}

const two = (value: number) => String(value).padStart(2, '0');
const date = (value: number) =>
  value === 0 ? 'none' : `${1980 + (value >>> 9)}-${two((value >>> 5) & 15)}-${two(value & 31)}`;
const time = (value: number) => `${two(value >>> 11)}:${two((value >>> 5) & 63)}:${two((value & 31) * 2)}`;
const sectors = (value: number) => `${grouped(value)} sectors`;
const decimal = (value: number) => grouped(value);

/** UTF-16 up to the end mark. */
function units(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const unit = bytes[i]! | (bytes[i + 1]! << 8);
    if (unit === 0 || unit === 0xffff) break;
    text += String.fromCharCode(unit);
  }
  return text.replace(/[\p{Cc}\p{Surrogate}]/gu, '·');
}

const u64 = (bytes: Uint8Array) => {
  const value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? grouped(Number(value)) : 'no sector of this disk';
};

const WORDS: Readonly<Record<string, (value: number, bytes: Uint8Array) => string>> = {
  DIR_Name: () => '8 + 3, filled with spaces',
  DIR_Attr: attributeWords,
  DIR_CrtTime: time,
  DIR_CrtDate: date,
  DIR_LstAccDate: date,
  DIR_WrtTime: time,
  DIR_WrtDate: date,
  DIR_FstClusHI: () => 'first cluster, upper half',
  DIR_FstClusLO: (value) => `first cluster ${grouped(value)}`,
  DIR_FileSize: (value) => `${grouped(value)} bytes`,
  LDIR_Ord: (value) => (value & LAST_LONG_ENTRY ? `number ${value & 0x3f}, the last` : `number ${value}`),
  LDIR_Name1: (_, bytes) => units(bytes),
  LDIR_Name2: (_, bytes) => units(bytes),
  LDIR_Name3: (_, bytes) => units(bytes),
  LDIR_Attr: attributeWords,
  LDIR_Chksum: () => 'of the short name',
  BPB_BytsPerSec: decimal,
  BPB_SecPerClus: decimal,
  BPB_RsvdSecCnt: decimal,
  BPB_NumFATs: decimal,
  BPB_RootEntCnt: decimal,
  BPB_TotSec16: (value) => (value === 0 ? 'see BPB_TotSec32' : sectors(value)),
  BPB_FATSz16: (value) => (value === 0 ? 'see BPB_FATSz32' : sectors(value)),
  BPB_FATSz32: sectors,
  BPB_SecPerTrk: decimal,
  BPB_NumHeads: decimal,
  BPB_HiddSec: decimal,
  BPB_TotSec32: (value) => (value === 0 ? 'see BPB_TotSec16' : sectors(value)),
  BPB_RootClus: (value) => `cluster ${grouped(value)}`,
  BPB_FSInfo: (value) => `sector ${value}`,
  BPB_BkBootSec: (value) => `sector ${value}`,
  BS_Reserved1: (value) => (value & BS_DIRTY ? 'dirty: mounted' : 'clean'),
  status: (value) => (value === 0 ? 'not active' : 'active'),
  type: mbrType,
  lbaStart: (value) => `sector ${grouped(value)}`,
  sectors: (value) => sizeWords(value * 512),
  startLba: (_, bytes) => u64(bytes),
  endLba: (_, bytes) => u64(bytes),
  myLba: (_, bytes) => u64(bytes),
  alternateLba: (_, bytes) => u64(bytes),
  firstUsableLba: (_, bytes) => u64(bytes),
  lastUsableLba: (_, bytes) => u64(bytes),
  entriesLba: (_, bytes) => u64(bytes),
  entryCount: decimal,
  entrySize: decimal,
  name: (_, bytes) => units(bytes),
};

function mbrType(value: number): string {
  if (value === MBR_TYPE.EMPTY) return 'empty';
  if (value === MBR_TYPE.GPT_PROTECTIVE) return 'GPT';
  if (value === MBR_TYPE.LINUX) return 'Linux';
  return MBR_EXTENDED_TYPES.includes(value) ? 'extended' : 'partition';
}

/** `number` is that of a field of up to four bytes. */
export function fieldMeaning(name: string, bytes: Uint8Array, number: number): string {
  const words = WORDS[name.replace(/^entry \d+ /, '')];
  return words && bytes.length > 0 ? words(number, bytes) : '';
}
