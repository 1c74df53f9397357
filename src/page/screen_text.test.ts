import { describe, expect, test } from 'vitest';
import { type BufferRows, bufferInput, bufferText, lineAbove } from './screen_text';

/** Rows as xterm.js keeps them: `~` is a cell that nobody wrote to, `+` in front marks the continuation of the row above. */
function buffer(rows: string[], cursor: [y: number, x: number], baseY = 0): BufferRows {
  return {
    length: rows.length,
    baseY,
    cursorY: cursor[0] - baseY,
    cursorX: cursor[1],
    getLine(y) {
      const row = rows[y];
      if (row === undefined) return undefined;
      const cells = row.replace(/^\+/, '');
      return {
        isWrapped: row.startsWith('+'),
        translateToString(trimRight = false, from = 0, to = cells.length) {
          const trimmed = trimRight ? cells.replace(/~+$/, '') : cells;
          return trimmed.slice(from, to).replaceAll('~', ' ');
        },
      };
    },
  };
}

describe('the screen as text', () => {
  test('wrapped rows are one line, written spaces stay, what was never written is not there', () => {
    const rows = ['Who? ~~~', '12345678', '+9~~~~~~', '~~~~~~~~', '>>> ~~~~', '~~~~~~~~', '~~~~~~~~'];
    expect(bufferText(buffer(rows, [4, 4]))).toBe('Who? \n123456789\n\n>>> ');
  });

  test('rows that have scrolled off are part of it, and text below the cursor too', () => {
    expect(bufferText(buffer(['gone~', '>>> ~', 'below', '~~~~~'], [1, 4], 1))).toBe('gone\n>>> \nbelow');
    expect(bufferText(buffer(['out~', '~~~~', '~~~~'], [1, 0]))).toBe('out\n');
  });

  test('what is typed behind a prompt, over several rows and with the cursor inside', () => {
    expect(bufferInput(buffer(['>>> prin', '+t(1)~~~'], [1, 2]))).toEqual({
      prompt: '>>> ',
      text: 'print(1)',
      behindCursor: 2,
    });
    expect(bufferInput(buffer(['>>> prin', '+t(1)~~~'], [0, 6]))).toEqual({
      prompt: '>>> ',
      text: 'print(1)',
      behindCursor: 6,
    });
    expect(bufferInput(buffer(['... ~~~~'], [0, 4]))).toEqual({ prompt: '... ', text: '', behindCursor: 0 });
    expect(bufferInput(buffer(['>>> a ~~'], [0, 6]))).toEqual({ prompt: '>>> ', text: 'a ', behindCursor: 0 });
    expect(bufferInput(buffer(['Who? me~'], [0, 7]))).toBeUndefined();
  });

  test('the line that has just ended', () => {
    expect(lineAbove(buffer(['x~~~~~~~', '>>> prin', '+t(1)~~~', '~~~~~~~~'], [3, 0]))).toBe('>>> print(1)');
    expect(lineAbove(buffer(['~~~~'], [0, 0]))).toBe('');
  });
});
