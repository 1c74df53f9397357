/** A terminal's buffer as text: what a person could read on it, and what they typed behind the prompt. */
import type { Input } from './console';

/** The part of xterm.js's buffer that is read. */
export interface BufferRows {
  readonly length: number;
  readonly baseY: number;
  readonly cursorY: number;
  readonly cursorX: number;
  getLine(y: number): BufferRow | undefined;
}

export interface BufferRow {
  readonly isWrapped: boolean;
  translateToString(trimRight?: boolean, from?: number, to?: number): string;
}

/** All lines, wrapped ones joined; nothing below the cursor unless something was printed there. */
export function bufferText(buffer: BufferRows): string {
  const lines: string[] = [];
  const cursor = buffer.baseY + buffer.cursorY;
  let last = buffer.length - 1;
  while (last > cursor && rowText(buffer, last) === '') last--;
  for (let y = 0; y <= last; y++) {
    const row = rowText(buffer, y);
    if (buffer.getLine(y)?.isWrapped && lines.length > 0) lines[lines.length - 1] += row;
    else lines.push(row);
  }
  return lines.join('\n');
}

/** The prompt on the cursor's line and what stands behind it. */
export function bufferInput(buffer: BufferRows): Input | undefined {
  const cursor = buffer.baseY + buffer.cursorY;
  const first = firstRow(buffer, cursor);
  const before = rows(buffer, first, cursor - 1) + rowText(buffer, cursor, buffer.cursorX);
  const after = (buffer.getLine(cursor)?.translateToString(true, buffer.cursorX) ?? '') + wrappedBelow(buffer, cursor);
  const prompt = (before + after).slice(0, 4);
  if (prompt !== '>>> ' && prompt !== '... ') return undefined;
  return { prompt, text: (before + after).slice(4), behindCursor: Math.min(after.length, (before + after).length - 4) };
}

/** The line that ends just above the cursor, when the cursor has moved to a new one. */
export function lineAbove(buffer: BufferRows): string {
  const last = buffer.baseY + buffer.cursorY - 1;
  return last < 0 ? '' : rows(buffer, firstRow(buffer, last), last);
}

function firstRow(buffer: BufferRows, y: number): number {
  let first = y;
  while (first > 0 && buffer.getLine(first)?.isWrapped) first--;
  return first;
}

function rows(buffer: BufferRows, from: number, to: number): string {
  let text = '';
  for (let y = from; y <= to; y++) text += rowText(buffer, y);
  return text;
}

function wrappedBelow(buffer: BufferRows, y: number): string {
  let text = '';
  for (let below = y + 1; buffer.getLine(below)?.isWrapped; below++) text += rowText(buffer, below);
  return text;
}

/** Written spaces stay; cells that nobody wrote to do not, except up to `atLeast`. */
function rowText(buffer: BufferRows, y: number, atLeast?: number): string {
  const row = buffer.getLine(y);
  if (!row) return '';
  return atLeast === undefined ? row.translateToString(true) : row.translateToString(false, 0, atLeast);
}
