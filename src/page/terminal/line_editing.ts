/**
 * MicroPython's line editor takes a line for one row: it steps left by column and erases to the end of the row. On a terminal that
 * wraps, a long line would be left in pieces; while a prompt's line is being edited the same steps are made across rows.
 */
import type { Terminal } from '@xterm/xterm';

const BACKSPACE = '\b';
const MAX_STEPS = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const LEFT = /\x1b\[(\d*)D/g;
/** Lets backspace go from the first column of a wrapped row to the end of the one before. */
const REVERSE_WRAP = '\x1b[?45h';
/** Erases the rest of the row, which does not end its being the continuation of the one before, then what is below. */
const ERASE = '\x1b[9999X\x1b[?J';

export function acrossRows(text: string): string {
  return text
    .replace(LEFT, (_, steps: string) => BACKSPACE.repeat(Math.min(MAX_STEPS, Number(steps || 1))))
    .replaceAll('\x1b[K', ERASE);
}

/** Once, and after each reset. */
export function prepare(terminal: Terminal): void {
  terminal.write(REVERSE_WRAP);
}

/** From the first column xterm.js would make a continued row a line of its own, and backspace could not go back over its start. */
export function keepWrapped({ parser, buffer }: Terminal): void {
  parser.registerCsiHandler({ prefix: '?', final: 'J' }, () => {
    const { active } = buffer;
    return active.cursorX === 0 && active.getLine(active.baseY + active.cursorY)?.isWrapped === true;
  });
}
