/** What is in the files of made disks. */

/** When they say they were made. */
export const MADE_AT = Date.UTC(2026, 10, 24, 12);

export const text = (string: string): Uint8Array => new TextEncoder().encode(string);

/** `count` lines of `length` bytes, each with its number, so that a piece seen alone tells where it belongs. */
export function numberedLines(what: string, count: number, length: number): Uint8Array {
  const lines = Array.from({ length: count }, (_, i) => `${`${what} ${i + 1} of ${count} `.padEnd(length - 1, '.')}\n`);
  return text(lines.join(''));
}
