/** What a person types to go somewhere in a region: an offset, or a name of a layout's. */
import type { Piece } from './pieces';

/** `0x490`, `1168`, `blk_req`, `blk_req[37]` or `blk_req[37].block_number`; undefined where there is no such place. */
export function placeOfText(text: string, pieces: readonly Piece[], size: number): number | undefined {
  const trimmed = text.trim();
  if (/^(0x[\da-f]+|\d+)$/i.test(trimmed)) {
    const at = Number(trimmed);
    return at < size ? at : undefined;
  }
  for (const { name, table, at, count } of pieces) {
    const rest = trimmed.startsWith(name) ? /^(?:\[(\d+)\])?(?:\.(\w[\w.]*))?$/.exec(trimmed.slice(name.length)) : null;
    if (!rest) continue;
    const index = Number(rest[1] ?? 0);
    const field = rest[2] === undefined ? 0 : table.fields[rest[2]]?.offset;
    if (index < count && field !== undefined) return at + index * table.size + field;
  }
  return undefined;
}
