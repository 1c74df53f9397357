/**
 * Block requests and responses between a client, the virtualiser and the driver; au-ts/sddf include/sddf/blk/queue.h.
 * Blocks are 4096 bytes. `io_or_offset` is a byte offset into the client's data region on the way to the virtualiser and a
 * physical address on the way to the driver.
 */
import type { Region } from './region';
import { Ring, type RingLayout } from './spsc';
import { struct, u16, u32, u64 } from './struct';

export const BLK_TRANSFER_SIZE = 4096;
export const BLK_QUEUE_CAPACITY = 128;

export const BLK_REQ_CODE = { READ: 0, WRITE: 1, FLUSH: 2, BARRIER: 3 } as const;
export const BLK_RESP_STATUS = { OK: 0, ERR_UNSPEC: 1, ERR_INVALID_PARAM: 2, ERR_IO: 3, ERR_NO_DEVICE: 4 } as const;

export const BLK_REQ = struct('blk_req', 32, {
  code: u32(0),
  /** Ours, in what the compiler leaves free: the request's number for the flight recorders (trace_words.ts); nobody decides by it. */
  request: u32(4),
  io_or_offset: u64(8),
  block_number: u64(16),
  count: u16(24),
  id: u32(28),
});

export const BLK_RESP = struct('blk_resp', 12, { status: u32(0), success_count: u16(4), id: u32(8) });

export const BLK_REQ_QUEUE: RingLayout<typeof BLK_REQ.fields> = {
  name: 'blk_req_queue',
  head: 0,
  tail: 4,
  indexBits: 32,
  slots: 16,
  slot: BLK_REQ,
};

export const BLK_RESP_QUEUE: RingLayout<typeof BLK_RESP.fields> = {
  name: 'blk_resp_queue',
  head: 0,
  tail: 4,
  indexBits: 32,
  slots: 8,
  slot: BLK_RESP,
};

export type BlkReqRing = Ring<typeof BLK_REQ.fields>;
export type BlkRespRing = Ring<typeof BLK_RESP.fields>;

/** The client's end of a block connection: it asks and reads answers. */
export function blkClient(request: Region, response: Region): { req: BlkReqRing; resp: BlkRespRing } {
  return {
    req: new Ring(request, BLK_QUEUE_CAPACITY, BLK_REQ_QUEUE, 'producer'),
    resp: new Ring(response, BLK_QUEUE_CAPACITY, BLK_RESP_QUEUE, 'consumer'),
  };
}

/** The server's end (virtualiser towards a client, driver towards the virtualiser). */
export function blkServer(request: Region, response: Region): { req: BlkReqRing; resp: BlkRespRing } {
  return {
    req: new Ring(request, BLK_QUEUE_CAPACITY, BLK_REQ_QUEUE, 'consumer'),
    resp: new Ring(response, BLK_QUEUE_CAPACITY, BLK_RESP_QUEUE, 'producer'),
  };
}
