/** What the page of the peer and its two workers say to each other. */

/** To both workers, once: the wire's rings, named as the machine sees them. */
export interface Rings {
  readonly out: SharedArrayBuffer;
  readonly into: SharedArrayBuffer;
}

/** To the near worker. `size` is in bytes, `count` in round trips. */
export type Task =
  | { readonly what: 'download' | 'upload'; readonly size: number }
  | { readonly what: 'echo'; readonly count: number };

/** What the receiver counted, and how long it took. */
export interface Moved {
  readonly bytes: number;
  readonly seconds: number;
}

/** From the near worker; round trips in microseconds. */
export type Done = Moved | { readonly roundTrips: readonly number[] } | { readonly failed: string };
