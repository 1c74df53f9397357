/** Whether anybody else missed a beat while a domain was down: measured, or not said. */
import type { Heartbeats } from './heartbeats';

export interface Verdict {
  /** Who was asked, and answered or did not. */
  readonly others: readonly string[];
  readonly missed: readonly string[];
}

/** Undefined while not everybody has answered for the time until then, or has been silent for too long. */
export function verdictOf(
  hearts: Heartbeats,
  others: readonly string[],
  fromMs: number,
  toMs: number,
): Verdict | undefined {
  const answers = others.map((name) => hearts.missed(name, fromMs, toMs));
  const missed = others.filter((_, i) => answers[i] === true);
  const settled = others.every((name, i) => answers[i] === true || hearts.heardSince(name, toMs));
  return settled ? { others, missed } : undefined;
}
