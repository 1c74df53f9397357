/**
 * When to read more than was asked: sequential readers get a window that doubles from 64 to 256 KiB, and the next window is
 * asked for when the reader enters the last one; the shape of Linux's mm/readahead.c. Units are pages of 4 KiB.
 */
export interface PageRange {
  readonly first: number;
  readonly count: number;
}

const SMALLEST = 16;
const LARGEST = 64;

export class ReadAhead {
  /** The page that a sequential reader asks for next. */
  #expected = -1;
  #window = 0;
  /** First page after what was asked for; entering `#mark` asks for more. */
  #end = 0;
  #mark = -1;

  /** A page that is not cached is needed: what to read. `wanted` pages are needed for sure. */
  miss(page: number, wanted: number): PageRange {
    this.#window = page === this.#expected ? grow(this.#window) : 0;
    const needed = Math.min(wanted, LARGEST);
    this.#mark = this.#window === 0 ? -1 : page + needed;
    this.#end = page + needed + this.#window;
    return { first: page, count: needed + this.#window };
  }

  /** A cached page is read: what to start reading, if anything. */
  hit(page: number): PageRange | undefined {
    if (page !== this.#mark) return undefined;
    this.#window = grow(this.#window);
    const range = { first: this.#end, count: this.#window };
    this.#mark = this.#end;
    this.#end += this.#window;
    return range;
  }

  /** A reader has used everything before `page`. */
  readUpTo(page: number): void {
    this.#expected = page;
  }
}

function grow(window: number): number {
  return window === 0 ? SMALLEST : Math.min(LARGEST, window * 2);
}
