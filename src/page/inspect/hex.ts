/** Rows of bytes, sixteen each, as the inspector draws them, and how a cursor moves in them. */

export const PER_ROW = 16;

/** Bytes that have a name. */
export interface Mark {
  readonly at: number;
  readonly length: number;
  /** 1 to 5: the colour under its bytes. */
  readonly tone: number;
}

export const TONES = 5;

/** The first byte of each row that shows `from` up to `to`. */
export function rowsOver(from: number, to: number): number[] {
  const first = Math.floor(from / PER_ROW) * PER_ROW;
  return Array.from({ length: Math.ceil((to - first) / PER_ROW) }, (_, i) => first + i * PER_ROW);
}

/** Where a key takes the cursor; undefined for a key that does not move it. `page`: rows in sight. */
export function moved(key: string, at: number, size: number, page: number): number | undefined {
  const row = at - (at % PER_ROW);
  const to = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - PER_ROW,
    ArrowDown: at + PER_ROW,
    Home: row,
    End: row + PER_ROW - 1,
    PageUp: at - page * PER_ROW,
    PageDown: at + page * PER_ROW,
  }[key];
  return to === undefined ? undefined : Math.min(Math.max(to, 0), size - 1);
}
