/**
 * A domain's heartbeat: it answers the page's probes wherever it looks at its notification word, and in its sleep. A probe is no
 * notification: it sets no bit, and neither the domain's counters nor its recorder know of it.
 */
import { CONTROL } from '../protocol/boot';

export class Heart {
  #answered = 0;

  constructor(readonly words: Int32Array) {}

  /** Answers the probe, if there was one. */
  beat(): void {
    const probe = Atomics.load(this.words, CONTROL.PROBE);
    if (probe === this.#answered) return;
    this.#answered = probe;
    Atomics.store(this.words, CONTROL.BEAT, probe);
  }
}
