/** A row of a hex view: offset, sixteen bytes in two eights, and the same as ASCII; as `hexdump -C` writes it. */
import { ascii, hexByte } from '../byte_words';

const PER_ROW = 16;
const DIGITS = 8;

export function hexRow(offset: number, bytes: Uint8Array | undefined): string {
  const at = offset.toString(16).padStart(DIGITS, '0');
  if (!bytes) return at;
  const pairs = Array.from({ length: PER_ROW }, (_, i) => (i < bytes.length ? hexByte(bytes[i]!) : '  '));
  return `${at}  ${pairs.slice(0, PER_ROW / 2).join(' ')}  ${pairs.slice(PER_ROW / 2).join(' ')}  |${ascii(bytes)}|`;
}
