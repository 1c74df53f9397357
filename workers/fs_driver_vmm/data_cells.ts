/** The block client's data region in cells of one block: neighbouring cells for one request of the sDDF queue. */
export interface CellRun {
  readonly first: number;
  readonly count: number;
}

export class DataCells {
  readonly #taken: Uint8Array;
  #free: number;

  constructor(readonly count: number) {
    this.#taken = new Uint8Array(count);
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  /** Up to `wanted` neighbours: halves the wish until there is a run; undefined when every cell is taken. */
  take(wanted: number): CellRun | undefined {
    for (let count = wanted; count > 0; count >>= 1) {
      const first = this.#find(count);
      if (first === undefined) continue;
      this.#taken.fill(1, first, first + count);
      this.#free -= count;
      return { first, count };
    }
    return undefined;
  }

  give({ first, count }: CellRun): void {
    this.#taken.fill(0, first, first + count);
    this.#free += count;
  }

  #find(count: number): number | undefined {
    let run = 0;
    for (let cell = 0; cell < this.count; cell++) {
      run = this.#taken[cell] ? 0 : run + 1;
      if (run === count) return cell - count + 1;
    }
    return undefined;
  }
}
