/** IBM code page 437, in which Linux's vfat reads short names: the characters of bytes 80 to FF. */
const HIGH_HALF =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Control characters are shown as a dot in the middle. */
export function fromCodePage437(byte: number): string {
  if (byte < 0x20 || byte === 0x7f) return '·';
  return byte < 0x80 ? String.fromCharCode(byte) : HIGH_HALF[byte - 0x80]!;
}
