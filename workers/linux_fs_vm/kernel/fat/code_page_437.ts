/** IBM code page 437, the one Linux's vfat takes for short names: the characters of bytes 80 to FF. */
const HIGH_HALF =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

export function fromCodePage437(byte: number): string {
  return byte < 0x80 ? String.fromCharCode(byte) : HIGH_HALF[byte - 0x80]!;
}
