/** Text from the clipboard as keys: a line is typed; several go through MicroPython's paste mode, which does not indent by itself. */
import type { Input } from './console';

const CTRL_D = '\x04';
const CTRL_E = '\x05';
const END = '\x1b[F';
const BACKSPACE = '\x7f';
const NOT_ECHOED = 8;

/** `input` is what stands behind MicroPython's prompt, if it shows one. */
export function pasteKeys(clipboard: string, input: Input | undefined): string {
  const text = plain(clipboard);
  const lines = text.split('\n');
  const single = lines.length === 1 || (lines.length === 2 && lines[1] === '');
  if (single || input?.prompt !== '>>> ') return lines.join('\r');
  // Ctrl-E starts paste mode on an empty line only.
  const begun = input.text === '' ? '' : erase(input.text);
  return `${begun}${CTRL_E}${(input.text + text).replaceAll('\n', '\r')}${CTRL_D}`;
}

/** Keys that take the typed text away, whatever the cursor's place. */
export function erase(text: string): string {
  // More than there is does no harm: a character may take a backspace for each of its bytes, and the last keys may not be echoed yet.
  return END + BACKSPACE.repeat(new TextEncoder().encode(text).length + NOT_ECHOED);
}

/** Control characters in a clipboard are accidents or traps; a space that does not break is a space. */
function plain(clipboard: string): string {
  return (
    clipboard
      .replace(/\r\n?/g, '\n')
      .replaceAll('\u00a0', ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
      .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
  );
}
