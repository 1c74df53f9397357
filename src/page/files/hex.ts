/** A row of a hex view: offset, sixteen bytes in two eights, and the same as ASCII; as `hexdump -C` writes it. */

const PER_ROW = 16;
const DIGITS = 8;

export function hexRow(offset: number, bytes: Uint8Array | undefined): string {
  const at = offset.toString(16).padStart(DIGITS, '0');
  if (!bytes) return at;
  const pairs = Array.from({ length: PER_ROW }, (_, i) => bytes[i]?.toString(16).padStart(2, '0') ?? '  ');
  const text = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${at}  ${pairs.slice(0, PER_ROW / 2).join(' ')}  ${pairs.slice(PER_ROW / 2).join(' ')}  |${text}|`;
}
