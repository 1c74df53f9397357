/** What a file is to a reader, from its name and its first bytes. */

export type Look = 'edit' | 'text' | 'hex' | 'picture';

const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
};
/** More than an editor is for. */
export const EDITABLE_AT_MOST = 2 ** 20;
export const PICTURE_AT_MOST = 32 * 2 ** 20;
/** Of a text, one in this many may be a control character. */
const ODD_SHARE = 10;

export function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

export function pictureType(name: string): string | undefined {
  return PICTURES[extensionOf(name)];
}

export function isPython(name: string): boolean {
  return extensionOf(name) === 'py';
}

/** The ways to look at it, the first of which is shown first. */
export function looksOf(name: string, size: number, first: Uint8Array<ArrayBuffer>): readonly Look[] {
  if (pictureType(name) && size <= PICTURE_AT_MOST) return ['picture', 'hex'];
  if (isPython(name) && isEditable(size, first)) return ['edit', 'hex'];
  if (isText(first)) return isEditable(size, first) ? ['text', 'edit', 'hex'] : ['text', 'hex'];
  return ['hex', 'text'];
}

/** Whole, small and UTF-8: writing it back changes nothing but what was edited. */
function isEditable(size: number, first: Uint8Array<ArrayBuffer>): boolean {
  return size <= EDITABLE_AT_MOST && first.length === size && !first.includes(0) && exactText(first) !== undefined;
}

function isText(first: Uint8Array): boolean {
  if (first.includes(0)) return false;
  const odd = first.filter(
    (byte) => (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f,
  );
  return odd.length * ODD_SHARE <= first.length;
}

/** The text that encodes to exactly these bytes, byte order mark and all. */
export function exactText(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** For reading: what is no UTF-8 shows as U+FFFD, control characters as their pictures; a character cut at the end is left out. */
export function readableText(bytes: Uint8Array<ArrayBuffer>): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it shows
  return text.replace(/\r\n/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, pictureOf);
}

/** U+2400 and on are pictures of the control characters, in their order. */
function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
}
