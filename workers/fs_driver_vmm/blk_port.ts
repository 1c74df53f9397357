/** The monitor's end of the sDDF block queues: ids, data cells, and whom each response belongs to. */
import {
  BLK_QUEUE_CAPACITY,
  BLK_REQ_CODE,
  BLK_RESP_STATUS,
  BLK_TRANSFER_SIZE,
  blkClient,
} from '../../src/protocol/blk_queue';
import type { Region } from '../../src/protocol/region';
import { TRACE } from '../../src/protocol/trace';
import { packBlocks } from '../../src/protocol/trace_words';
import { type CellRun, DataCells } from './data_cells';

export type Completed = (ok: boolean) => void;

/** `request`: its number for the flight recorders. */
export interface Asked {
  readonly code: number;
  readonly block: number;
  readonly cells: CellRun;
  readonly request: number;
}

interface InFlight {
  /** Blocks that must have been transferred for success; 0 for requests without data. */
  readonly count: number;
  /** Of the flight recorder. */
  readonly request: number;
  readonly completed: Completed;
}

export class BlkPort {
  cells: DataCells;
  readonly #rings: ReturnType<typeof blkClient>;
  readonly #freeIds = Array.from({ length: BLK_QUEUE_CAPACITY }, (_, i) => BLK_QUEUE_CAPACITY - 1 - i);
  readonly #inFlight = new Map<number, InFlight>();
  #enqueued = false;
  /** Requests of a guest that is gone are still under way: the disk is not the next one's yet. */
  #draining = false;

  constructor(
    request: Region,
    response: Region,
    readonly data: Region,
    readonly notify: () => void,
    readonly trace: (kind: number, request: number, a: number, b: number) => void,
  ) {
    this.#rings = blkClient(request, response);
    this.cells = new DataCells(this.#cellCount);
  }

  /** Whether `send` has room. Ids bound what is in flight by what the response queue holds. */
  get hasRoom(): boolean {
    return !this.#draining && this.#freeIds.length > 0 && this.#rings.req.free > 0;
  }

  /**
   * Nobody waits for what is in flight any more; until it has come back, nothing is sent but one read, so that a device whose interrupt
   * was lost interrupts again. Returns how much was in flight.
   */
  abandon(): number {
    for (const [id, { count, request }] of this.#inFlight)
      this.#inFlight.set(id, { count, request, completed: () => {} });
    const dropped = this.#inFlight.size;
    if (dropped === 0) this.cells = new DataCells(this.#cellCount);
    else this.#probe();
    this.#draining = dropped > 0;
    this.flushNotify();
    return dropped;
  }

  #probe(): void {
    const cell = this.hasRoom ? this.cells.take(1) : undefined;
    if (cell) this.send({ code: BLK_REQ_CODE.READ, block: 0, cells: cell, request: 0 }, () => {});
  }

  get #cellCount(): number {
    return Math.floor(this.data.size / BLK_TRANSFER_SIZE);
  }

  bytes(cell: number, count = 1): Uint8Array {
    return this.data.bytes.subarray(cell * BLK_TRANSFER_SIZE, (cell + count) * BLK_TRANSFER_SIZE);
  }

  /** The caller checks `hasRoom`. */
  send({ code, block, cells: { first, count }, request }: Asked, completed: Completed): void {
    const id = this.#freeIds.pop()!;
    this.#inFlight.set(id, { count, request, completed });
    const io_or_offset = first * BLK_TRANSFER_SIZE;
    this.#rings.req.enqueue({ code, request, io_or_offset, block_number: block, count, id });
    this.#enqueued = true;
    this.trace(TRACE.REQUEST, request, block, packBlocks({ count, id, code }));
  }

  /** One notification for everything sent since the last. */
  flushNotify(): void {
    if (this.#enqueued) this.notify();
    this.#enqueued = false;
  }

  /** Hands each response to whoever asked. One with an id that is not in flight belongs to nobody. */
  receive(): void {
    for (let n = this.#rings.resp.available; n > 0; n--) {
      const { id, status, success_count } = this.#rings.resp.dequeue()!;
      const request = this.#inFlight.get(id);
      if (!request) continue;
      this.#inFlight.delete(id);
      this.trace(TRACE.RESPONSE, request.request, status, packBlocks({ count: success_count, id, code: 0 }));
      this.#freeIds.push(id);
      request.completed(status === BLK_RESP_STATUS.OK && (request.count === 0 || success_count === request.count));
    }
    if (!this.#draining || this.#inFlight.size > 0) return;
    this.#draining = false;
    this.cells = new DataCells(this.#cellCount);
  }
}
