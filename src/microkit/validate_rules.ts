/** Wording and small tests that the rules share. */

export const PAGE = 0x1000;

export const hex = (value: number) => (value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`);

/** The first value that comes up again. */
export function firstRepeated<T>(values: readonly T[]): T | undefined {
  return values.find((value, i) => values.indexOf(value) !== i);
}

export const isWholePages = (value: number) => Number.isSafeInteger(value) && value >= 0 && value % PAGE === 0;

export const isWholeIn = (value: number, low: number, high: number) =>
  Number.isInteger(value) && value >= low && value <= high;
