/** How fast the system goes on: notifications a second; 0 is one at a time, by hand. */
export const FULL = Number.POSITIVE_INFINITY;

/** What the slider offers. */
export const SPEEDS = [0, 1, 3, 10, 30, 100, FULL] as const;

export function speedWords(perSecond: number): string {
  if (perSecond === 0) return 'one at a time';
  return perSecond === FULL ? 'full' : `${perSecond} a second`;
}

/** Of the slider, for any speed. */
export function notchOf(perSecond: number): number {
  const above = SPEEDS.findIndex((speed) => speed >= perSecond);
  return above < 0 ? SPEEDS.length - 1 : above;
}
