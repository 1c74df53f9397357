/** The timeline's scale, and where the last burst of activity began; takes in each span once. */
import type { Recording, Span } from './recording';
import { Scale } from './scale';

/** Milliseconds, as drawn, that a pause takes at most. */
const PAUSE = 0.25;
/** A pause that ends a burst. */
const BURST_GAP_MS = 100;

export class SpanScale {
  readonly #scale = new Scale(PAUSE);
  readonly #seen = new Map<string, Span>();

  read(recording: Recording): void {
    for (const domain of recording.domains) {
      const spans = recording.spansOf(domain);
      const from = spans.lastIndexOf(this.#seen.get(domain)!);
      // The last one may have been open when it was seen.
      for (const { start, end } of spans.slice(Math.max(0, from))) this.#scale.add(start, end ?? start);
      if (spans.length > 0) this.#seen.set(domain, spans.at(-1)!);
    }
  }

  clear(): void {
    this.#scale.clear();
    this.#seen.clear();
  }

  /** When the last burst began; undefined when nothing was recorded. */
  get last(): number | undefined {
    return this.#scale.pauses.findLast(({ from, to }) => to - from >= BURST_GAP_MS)?.to ?? this.#scale.first;
  }

  get pauses() {
    return this.#scale.pauses;
  }

  placeOf(time: number): number {
    return this.#scale.placeOf(time);
  }

  timeAt(place: number): number {
    return this.#scale.timeAt(place);
  }
}
