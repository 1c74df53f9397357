/** What the page cache asks of a block driver: Linux's request queue, cut down to three operations. */
export interface Segment {
  readonly phys: number;
  readonly length: number;
}

/** What the flight recorder says of a request: for whom, why (bits of WHY), pages that are needed and pages that are read ahead. */
export interface Purpose {
  readonly request: number;
  readonly why: number;
  readonly asked: number;
  readonly ahead: number;
}

export interface BlockRequest {
  readonly op: 'read' | 'write' | 'flush';
  /** In 512-byte units. */
  readonly sector: number;
  readonly segments: readonly Segment[];
  readonly purpose: Purpose;
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
