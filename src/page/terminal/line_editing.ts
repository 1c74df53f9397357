/**
 * MicroPython's line editor takes a line for one row: it steps left by column and erases to the end of the row. On a terminal that
 * wraps, a long line would be left in pieces; while a prompt's line is being edited the same steps are made across rows.
 */

const BACKSPACE = '\b';
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const LEFT = /\x1b\[(\d*)D/g;
const MAX_STEPS = 4096;

/** Lets backspace go from the first column of a wrapped row to the end of the one before. */
export const REVERSE_WRAP = '\x1b[?45h';

export function acrossRows(text: string): string {
  return text
    .replace(LEFT, (_, steps: string) => BACKSPACE.repeat(Math.min(MAX_STEPS, Number(steps || 1))))
    .replaceAll('\x1b[K', '\x1b[J');
}
