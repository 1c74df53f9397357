/** A file allocation table as numbers, and two of them compared. [FATGEN103] "FAT Data Structure". */
import { FAT_MARKS } from '../../specs/fat';
import { type Geometry, usedFatLength } from './geometry';

/** Entries by cluster, as far as there are clusters; those of FAT32 without their upper four bits. */
export function decodeFat(bytes: Uint8Array, { bits, clusters }: Geometry): Uint32Array {
  const entries = new Uint32Array(clusters + 2);
  const count = Math.min(entries.length, Math.floor((bytes.length * 8) / bits));
  if (bits === 12) for (let cluster = 0; cluster < count; cluster++) entries[cluster] = entryOf(bytes, bits, cluster);
  else if (bits === 16) entries.set(new Uint16Array(...wordsAt(bytes), count));
  else {
    entries.set(new Uint32Array(...wordsAt(bytes), count));
    for (let cluster = 0; cluster < count; cluster++) entries[cluster]! &= FAT_MARKS[32].MASK;
  }
  return entries;
}

/** Where whole words of it can be read; in a copy, where it does not begin with one. They are little-endian wherever this page runs. */
function wordsAt(bytes: Uint8Array): [buffer: ArrayBufferLike, offset: number] {
  const { buffer, byteOffset } = byteOffsetIsWhole(bytes) ? bytes : new Uint8Array(bytes);
  return [buffer, byteOffset];
}

const byteOffsetIsWhole = ({ byteOffset }: Uint8Array) => byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0;

function entryOf(bytes: Uint8Array, bits: Geometry['bits'], cluster: number): number {
  if (bits === 12) {
    const at = cluster + (cluster >>> 1);
    const pair = bytes[at]! | (bytes[at + 1]! << 8);
    return cluster % 2 === 0 ? pair & 0xfff : pair >>> 4;
  }
  const at = cluster * (bits / 8);
  const low = bytes[at]! | (bytes[at + 1]! << 8);
  return bits === 16 ? low : (low | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) & FAT_MARKS[32].MASK;
}

/** Clusters whose entries are not the same in both; `most` of them, and how many there are. */
export function differences(
  a: Uint8Array,
  b: Uint8Array,
  geometry: Geometry,
  most: number,
): { readonly count: number; readonly first: readonly number[] } {
  const first: number[] = [];
  let count = 0;
  // Words first: two that are the same, as nearly always, need no decoding.
  const length = usedFatLength(geometry);
  if (areSame(a, b, length)) return { count, first };
  for (let cluster = 0; cluster < geometry.clusters + 2; cluster++) {
    if (entryOf(a, geometry.bits, cluster) === entryOf(b, geometry.bits, cluster)) continue;
    count++;
    if (first.length < most) first.push(cluster);
  }
  return { count, first };
}

function areSame(a: Uint8Array, b: Uint8Array, length: number): boolean {
  const words = Math.floor(Math.min(length, a.length, b.length) / Uint32Array.BYTES_PER_ELEMENT);
  const [wordsA, wordsB] = [new Uint32Array(...wordsAt(a), words), new Uint32Array(...wordsAt(b), words)];
  for (let i = 0; i < words; i++) if (wordsA[i] !== wordsB[i]) return false;
  for (let i = words * Uint32Array.BYTES_PER_ELEMENT; i < length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** What an entry says about its cluster. */
export type Link = 'free' | 'next' | 'end' | 'bad' | 'reserved';

export function linkOf(entry: number, { bits, clusters }: Geometry): Link {
  const { BAD, END_MIN } = FAT_MARKS[bits];
  if (entry === 0) return 'free';
  if (entry === BAD) return 'bad';
  if (entry >= END_MIN) return 'end';
  return entry >= 2 && entry < clusters + 2 ? 'next' : 'reserved';
}
