/** How anyone who holds a domain's control page sets bits of its notification word and wakes it. */
import { CONTROL, PASSES_GATE } from './boot';

/** Who finds the word non-zero leaves the waking to whoever made it so. */
export function signal(words: Int32Array, bits: number): void {
  const before = Atomics.or(words, CONTROL.BITS, bits);
  if (before === 0 && Atomics.load(words, CONTROL.SLEEPING) !== 0) Atomics.notify(words, CONTROL.BITS, 1);
}

/**
 * The same from the page, and for bits that pass the gate: a paused domain sleeps on its GRANT word, which has to change, or a
 * wake-up that comes between its last look and its sleep would be lost.
 */
export function signalThroughGate(words: Int32Array, bits: number): void {
  Atomics.or(words, CONTROL.BITS, bits);
  Atomics.notify(words, CONTROL.BITS);
  lookAgain(words, bits & PASSES_GATE);
}

/** Makes a paused domain look at gate and notification word. `bits` are of PASSES_GATE, so that nothing is granted. */
export function lookAgain(words: Int32Array, bits: number): void {
  Atomics.or(words, CONTROL.GRANT, bits);
  Atomics.notify(words, CONTROL.GRANT);
}

/** Feels for a domain's pulse with a number other than the last one. Not answered while the domain is on its way to sleep: then felt for again. */
export function probe(words: Int32Array, number: number): void {
  Atomics.store(words, CONTROL.PROBE, number);
  Atomics.notify(words, CONTROL.BITS);
}
