/** The rows of bytes in which sectors differ. */
import type { ChangedSector } from './differences';

export interface ChangedRow {
  readonly sector: number;
  /** In the sector. */
  readonly offset: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** The first `most` of them, of `perRow` bytes each. */
export function changedRows(sectors: readonly ChangedSector[], perRow: number, most: number): ChangedRow[] {
  const rows: ChangedRow[] = [];
  for (const { sector, before, after } of sectors) {
    for (let offset = 0; offset < before.length && rows.length < most; offset += perRow) {
      const [old, fresh] = [before.subarray(offset, offset + perRow), after.subarray(offset, offset + perRow)];
      if (old.some((byte, i) => byte !== fresh[i])) rows.push({ sector, offset, before: old, after: fresh });
    }
  }
  return rows;
}
