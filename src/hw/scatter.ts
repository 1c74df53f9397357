/** Scatter lists: pieces of memory that together are one run of bytes. */
export type Scatter = readonly Uint8Array[];

export const scatterLength = (parts: Scatter): number => parts.reduce((sum, { length }) => sum + length, 0);

/** The pieces of `length` bytes from `start`; shorter when the list ends. */
export function scatterSlice(parts: Scatter, start: number, length: number): Uint8Array[] {
  const slices: Uint8Array[] = [];
  let skip = start;
  let left = length;
  for (const part of parts) {
    const from = Math.min(skip, part.length);
    const piece = part.subarray(from, Math.min(part.length, from + left));
    skip -= from;
    left -= piece.length;
    if (piece.length > 0) slices.push(piece);
  }
  return slices;
}

/** Fills `dest` from the list, starting `start` bytes into it. */
export function gather(parts: Scatter, start: number, dest: Uint8Array): void {
  let at = 0;
  for (const piece of scatterSlice(parts, start, dest.length)) {
    dest.set(piece, at);
    at += piece.length;
  }
}

/** Spreads `source` over the list, starting `start` bytes into it; returns how much had a place. */
export function spread(parts: Scatter, start: number, source: Uint8Array): number {
  let at = 0;
  for (const piece of scatterSlice(parts, start, source.length)) {
    piece.set(source.subarray(at, at + piece.length));
    at += piece.length;
  }
  return at;
}
