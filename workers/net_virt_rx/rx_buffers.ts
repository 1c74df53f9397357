/** Who has each receive buffer: the driver, or clients, of which several share a broadcast. */
import { NET_QUEUE_CAPACITY } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';

export class RxBuffers {
  readonly #atDriver = new Uint8Array(NET_QUEUE_CAPACITY).fill(1);
  readonly #held: readonly Uint8Array[];
  readonly #heldBy: number[];
  readonly #refs: Uint32Array;

  /** `metadata`: one u32 for each buffer, the number of clients that have it; nobody else may write there. */
  constructor(metadata: Region, clients: number) {
    this.#held = Array.from({ length: clients }, () => new Uint8Array(NET_QUEUE_CAPACITY));
    this.#heldBy = this.#held.map(() => 0);
    this.#refs = new Uint32Array(metadata.buffer, 0, NET_QUEUE_CAPACITY);
  }

  /** The driver hands the buffer over; false when it does not have it. */
  fromDriver(buffer: number): boolean {
    if (!this.#atDriver[buffer]) return false;
    this.#atDriver[buffer] = 0;
    return true;
  }

  toDriver(buffer: number): void {
    this.#atDriver[buffer] = 1;
  }

  /** Buffers that the client has. */
  heldBy(client: number): number {
    return this.#heldBy[client]!;
  }

  give(buffer: number, client: number): void {
    this.#held[client]![buffer] = 1;
    this.#heldBy[client]!++;
    this.#refs[buffer]!++;
  }

  /** The client gives the buffer back; false when it does not have it. */
  takeBack(buffer: number, client: number): boolean {
    if (!this.#held[client]![buffer]) return false;
    this.#held[client]![buffer] = 0;
    this.#heldBy[client]!--;
    this.#refs[buffer]!--;
    return true;
  }

  /** Whether no client has it. */
  unused(buffer: number): boolean {
    return this.#refs[buffer] === 0;
  }
}
