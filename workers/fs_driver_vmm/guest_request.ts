/**
 * One request of the guest on its way: 512-byte sectors become 4096-byte blocks in data cells, a chunk at a time. States are those of
 * libvmm's src/virtio/block.c: FLUSHING, READING, WRITING_ALIGNED, RMW_READING, RMW_WRITING.
 */

import { gather, type Scatter, spread } from '../../src/hw/scatter';
import { BLK_REQ_CODE, BLK_TRANSFER_SIZE } from '../../src/protocol/blk_queue';
import { VIRTIO_BLK_S, VIRTIO_BLK_SECTOR } from '../../src/specs/virtio_blk';
import type { BlkPort } from './blk_port';
import type { CellRun } from './data_cells';

/** Blocks of one sDDF request. */
const MAX_CHUNK = 64;
const NO_CELLS: CellRun = { first: 0, count: 0 };

export interface RequestParameters {
  readonly op: 'read' | 'write' | 'flush';
  readonly sector: number;
  readonly data: Scatter;
  /** In bytes, a multiple of 512. */
  readonly length: number;
  /** The guest's word for the flight recorders. */
  readonly request: number;
}

export class GuestRequest {
  readonly firstBlock: number;
  /** One past the last. */
  readonly endBlock: number;
  #nextBlock: number;
  #chunk: CellRun | undefined;
  /** Blocks of the chunk that must be read before it is written: its edges. */
  #edges: number[] = [];
  #waiting = false;
  /** VIRTIO_BLK_S once finished. */
  status: number | undefined;
  /** The guest's device was reset: guest memory is not touched any more. */
  abandoned = false;

  constructor(
    readonly port: BlkPort,
    readonly parameters: RequestParameters,
    readonly finished: (request: GuestRequest) => void,
  ) {
    const from = parameters.sector * VIRTIO_BLK_SECTOR;
    this.firstBlock = Math.floor(from / BLK_TRANSFER_SIZE);
    this.endBlock = Math.ceil((from + parameters.length) / BLK_TRANSFER_SIZE);
    this.#nextBlock = this.firstBlock;
  }

  get isWrite(): boolean {
    return this.parameters.op === 'write';
  }

  overlaps({ firstBlock, endBlock }: GuestRequest): boolean {
    return firstBlock < this.endBlock && this.firstBlock < endBlock;
  }

  /** Sends what can be sent now. False when it lacks an id or cells: call again when some are free. */
  advance(): boolean {
    if (this.#waiting || this.status !== undefined) return true;
    if (!this.port.hasRoom) return false;
    if (this.parameters.op === 'flush') return this.#send(BLK_REQ_CODE.FLUSH, 0, NO_CELLS, () => this.#finish(true));
    this.#chunk ??= this.#startChunk();
    if (!this.#chunk) return false;
    if (!this.isWrite) return this.#sendChunk(BLK_REQ_CODE.READ);
    const edge = this.#edges[0];
    if (edge !== undefined) return this.#readEdge(edge);
    this.#copy(gather);
    return this.#sendChunk(BLK_REQ_CODE.WRITE);
  }

  #startChunk(): CellRun | undefined {
    const chunk = this.port.cells.take(Math.min(MAX_CHUNK, this.endBlock - this.#nextBlock));
    if (!chunk || !this.isWrite) return chunk;
    const blocks = [this.#nextBlock, this.#nextBlock + chunk.count - 1];
    this.#edges = [...new Set(blocks)].filter((block) => !this.#covers(block));
    return chunk;
  }

  /** Whether the request has all bytes of the block. */
  #covers(block: number): boolean {
    const { sector, length } = this.parameters;
    const from = sector * VIRTIO_BLK_SECTOR;
    return from <= block * BLK_TRANSFER_SIZE && from + length >= (block + 1) * BLK_TRANSFER_SIZE;
  }

  #readEdge(block: number): boolean {
    const cell = { first: this.#chunk!.first + block - this.#nextBlock, count: 1 };
    return this.#send(BLK_REQ_CODE.READ, block, cell, () => {
      this.#edges.shift();
    });
  }

  #sendChunk(code: number): boolean {
    const chunk = this.#chunk!;
    return this.#send(code, this.#nextBlock, chunk, () => {
      if (code === BLK_REQ_CODE.READ && !this.abandoned) this.#copy(spread);
      this.#nextBlock += chunk.count;
      this.#release();
      if (this.#nextBlock === this.endBlock) this.#finish(true);
    });
  }

  #send(code: number, block: number, cells: CellRun, then: () => void): true {
    this.#waiting = true;
    this.port.send({ code, block, cells, request: this.parameters.request }, (ok) => {
      this.#waiting = false;
      if (ok) then();
      if (this.status === undefined && (!ok || this.abandoned)) this.#finish(false);
    });
    return true;
  }

  /** Moves the chunk's part of the guest's bytes between cells and guest memory. */
  #copy(move: typeof gather | typeof spread): void {
    const { sector, length, data } = this.parameters;
    const chunk = this.#chunk!;
    const from = sector * VIRTIO_BLK_SECTOR;
    const chunkAt = this.#nextBlock * BLK_TRANSFER_SIZE;
    const start = Math.max(from, chunkAt);
    const end = Math.min(from + length, chunkAt + chunk.count * BLK_TRANSFER_SIZE);
    const cells = this.port.bytes(chunk.first, chunk.count).subarray(start - chunkAt, end - chunkAt);
    move(data, start - from, cells);
  }

  #release(): void {
    if (this.#chunk) this.port.cells.give(this.#chunk);
    this.#chunk = undefined;
  }

  #finish(ok: boolean): void {
    this.#release();
    this.status = ok ? VIRTIO_BLK_S.OK : VIRTIO_BLK_S.IOERR;
    this.finished(this);
  }
}
