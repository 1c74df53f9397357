/** What the page cache asks of a block driver: Linux's request queue, cut down to three operations. */
export interface Segment {
  readonly phys: number;
  readonly length: number;
}

export interface BlockRequest {
  readonly op: 'read' | 'write' | 'flush';
  /** In 512-byte units. */
  readonly sector: number;
  readonly segments: readonly Segment[];
  /** Called once, from `wait` or an interrupt. */
  done(ok: boolean): void;
}

export interface RequestQueue {
  /** In 512-byte units. */
  readonly capacity: number;
  readonly readOnly: boolean;
  readonly maxSegments: number;
  readonly maxBytes: number;
  /** The device gave no answer in time: its late DMA may still hit the memory of lost requests, which stays unused. */
  readonly dead: boolean;
  /** Queues a request, sleeping while the ring is full. A dead device answers at once. */
  submit(request: BlockRequest): void;
  /** Sleeps until at least one request has come back. */
  wait(): void;
}
