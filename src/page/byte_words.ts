/** Bytes as people read them: two hexadecimal digits, and the sign in ASCII. */

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** A dot stands for what has no sign. */
export function ascii(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
}
