/** Where output may be cut: not inside a UTF-8 character and not inside an escape sequence. */

const ESC = 0x1b;
/** Longer escape sequences than this are not looked for. */
const LONGEST = 32;

/** How many bytes at the end belong to a character or escape sequence that is not complete; 0 when it ends cleanly. */
export function unfinished(bytes: Uint8Array): number {
  return unfinishedEscape(bytes) || unfinishedCharacter(bytes);
}

function unfinishedCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return back < characterLength(byte) ? back : 0;
  }
  return 0;
}

/** From the first byte of a UTF-8 character; 1 for what cannot be one. */
function characterLength(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc2 ? 2 : 1;
}

/** [ECMA-48] 5.4: ESC, or ESC [ with parameter (3/0 to 3/15) and intermediate bytes (2/0 to 2/15) before a final one. */
function unfinishedEscape(bytes: Uint8Array): number {
  const from = Math.max(0, bytes.length - LONGEST);
  const at = bytes.lastIndexOf(ESC);
  if (at < from) return 0;
  const rest = bytes.subarray(at + 1);
  if (rest.length === 0) return 1;
  if (rest[0] !== 0x5b) return 0;
  const inside = rest.subarray(1).every((byte) => byte >= 0x20 && byte <= 0x3f);
  return inside ? bytes.length - at : 0;
}
