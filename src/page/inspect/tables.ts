/** Layouts of what has its offsets in `specs`, where there are no layout tables: made from the numbers that the system runs on. */
import { i32, type Struct, struct, u8, u16, u32, u64 } from '../../protocol/struct';
import { CQE, CQE_SIZE, IO_RINGS, SQE, SQE_SIZE } from '../../specs/io_uring';
import {
  VIRTQ_DESC,
  VIRTQ_DESC_SIZE,
  VIRTQ_IDX,
  VIRTQ_RING,
  VIRTQ_USED_ELEM,
  VIRTQ_USED_ELEM_SIZE,
} from '../../specs/virtq';

export const VIRTQ_TABLES = {
  desc: struct('virtq_desc', VIRTQ_DESC_SIZE, {
    addr: u64(VIRTQ_DESC.addr),
    len: u32(VIRTQ_DESC.len),
    flags: u16(VIRTQ_DESC.flags),
    next: u16(VIRTQ_DESC.next),
  }),
  /** What stands before the entries of both rings. */
  head: struct('virtq_head', VIRTQ_RING, { flags: u16(0), idx: u16(VIRTQ_IDX) }),
  avail: struct('virtq_avail_elem', 2, { id: u16(0) }),
  used: struct('virtq_used_elem', VIRTQ_USED_ELEM_SIZE, { id: u32(VIRTQ_USED_ELEM.id), len: u32(VIRTQ_USED_ELEM.len) }),
} as const;

export const SQE_TABLE = struct('io_uring_sqe', SQE_SIZE, {
  opcode: u8(SQE.opcode),
  flags: u8(SQE.flags),
  fd: i32(SQE.fd),
  off: u64(SQE.off),
  addr: u64(SQE.addr),
  len: u32(SQE.len),
  op_flags: u32(SQE.op_flags),
  user_data: u64(SQE.user_data),
  request: u32(SQE.request),
});

export const CQE_TABLE = struct('io_uring_cqe', CQE_SIZE, {
  user_data: u64(CQE.user_data),
  res: i32(CQE.res),
  flags: u32(CQE.flags),
});

export const IO_RINGS_TABLE: Struct = struct(
  'io_rings',
  IO_RINGS.cqes,
  Object.fromEntries(
    Object.entries(IO_RINGS)
      .filter(([name]) => name !== 'cqes')
      .map(([name, offset]) => [name, u32(offset)]),
  ),
);
