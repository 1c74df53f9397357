/**
 * From time to place. Between two things that happen there may be microseconds or minutes: a pause in which nobody ran is drawn as long as
 * `most` at most. Times are milliseconds since boot; places are milliseconds as drawn.
 */

/** Nobody ran from `from` to `to`. */
export interface Pause {
  readonly from: number;
  readonly to: number;
  /** Where it begins as drawn. */
  readonly at: number;
}

interface Interval {
  start: number;
  end: number;
}

export class Scale {
  /** When somebody ran; those with less than `most` between them are one. Ascending. */
  readonly #busy: Interval[] = [];
  #pauses: readonly Pause[] | undefined;

  constructor(readonly most: number) {}

  /** Somebody ran then. In any order, though the newest come last as a rule. */
  add(start: number, end: number): void {
    const busy = this.#busy;
    let at = busy.length;
    while (at > 0 && busy[at - 1]!.start > end + this.most) at--;
    const merged = { start, end };
    let first = at;
    while (first > 0 && busy[first - 1]!.end + this.most >= merged.start) {
      const { start: begun, end: over } = busy[--first]!;
      merged.start = Math.min(merged.start, begun);
      merged.end = Math.max(merged.end, over);
    }
    busy.splice(first, at - first, merged);
    this.#pauses = undefined;
  }

  clear(): void {
    this.#busy.length = 0;
    this.#pauses = undefined;
  }

  /** When anybody ran first. */
  get first(): number | undefined {
    return this.#busy[0]?.start;
  }

  get pauses(): readonly Pause[] {
    this.#pauses ??= this.#counted();
    return this.#pauses;
  }

  #counted(): Pause[] {
    let saved = 0;
    return this.#busy.slice(1).map(({ start: to }, i) => {
      const from = this.#busy[i]!.end;
      const pause = { from, to, at: from - saved };
      saved += to - from - this.most;
      return pause;
    });
  }

  placeOf(time: number): number {
    const pause = lastAt(this.pauses, ({ from }) => from, time);
    if (!pause) return time;
    if (time >= pause.to) return pause.at + this.most + (time - pause.to);
    return pause.at + ((time - pause.from) / (pause.to - pause.from)) * this.most;
  }

  timeAt(place: number): number {
    const pause = lastAt(this.pauses, ({ at }) => at, place);
    if (!pause) return place;
    const into = place - pause.at;
    if (into >= this.most) return pause.to + into - this.most;
    return pause.from + (into / this.most) * (pause.to - pause.from);
  }
}

/** The last whose key is at most the value, in a list that ascends. */
function lastAt<T>(list: readonly T[], keyOf: (one: T) => number, value: number): T | undefined {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(list[middle]!) <= value) low = middle + 1;
    else high = middle;
  }
  return list[low - 1];
}
