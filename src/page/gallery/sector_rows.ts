/** The bytes of a sector as lines of text, and which sector somebody means. */
import { ascii, hexByte } from '../byte_words';

export interface SectorRow {
  /** From the start of the disk, in hexadecimal. */
  readonly offset: string;
  readonly hex: string;
  /** A dot stands for what has no sign in ASCII. */
  readonly ascii: string;
}

const SECTOR = 512;

export function sectorRows(sector: number, bytes: Uint8Array, perRow: number): SectorRow[] {
  return Array.from({ length: Math.ceil(bytes.length / perRow) }, (_, row) => {
    const part = [...bytes.subarray(row * perRow, (row + 1) * perRow)];
    return {
      offset: (sector * SECTOR + row * perRow).toString(16).padStart(8, '0'),
      hex: part.map(hexByte).join(' '),
      ascii: ascii(part),
    };
  });
}

/** A sector's number in decimal or, after 0x, hexadecimal; or one sentence. */
export function readSector(wanted: string, sectors: number): number | string {
  const word = wanted.trim();
  const sector = /^(\d+|0x[\da-f]+)$/i.test(word) ? Number(word) : Number.NaN;
  if (Number.isNaN(sector)) return `"${wanted}" is no sector's number: write it as 2048 or 0x800.`;
  if (sector >= sectors) return `This disk ends with sector ${sectors - 1}.`;
  return sector;
}
