/** Small settings kept in this browser. Storage may be forbidden, full or hold anything: then the default is used. */

const PREFIX = 'vmfs.';

export function kept<T>(key: string, read: (value: unknown) => T | undefined, otherwise: T): T {
  try {
    return read(JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null')) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // A private window, or no room: the setting lasts as long as the page.
  }
}

/** For `kept`: one of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): (value: unknown) => T | undefined {
  return (value) => words.find((word) => word === value);
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
