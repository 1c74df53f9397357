/** The page that tells a block client what disk it has; au-ts/sddf include/sddf/blk/storage_info.h. */
import type { Region } from './region';
import { bytes, readStruct, struct, u8, u16, u64, type Values, writeStruct } from './struct';

export const BLK_STORAGE_INFO = struct('blk_storage_info', 88, {
  serial_number: bytes(0, 64),
  read_only: u8(64),
  /** Written last, with release order: everything else is valid once it is 1. */
  ready: u8(65),
  sector_size: u16(66),
  /** Optimal transfer size in 4096-byte units. */
  block_size: u16(68),
  queue_depth: u16(70),
  cylinders: u16(72),
  heads: u16(74),
  blocks: u16(76),
  /** In 4096-byte units. */
  capacity: u64(80),
});

export type BlkStorageInfo = Values<typeof BLK_STORAGE_INFO.fields>;

const READY = BLK_STORAGE_INFO.fields.ready.offset;

export function isReady(page: Region): boolean {
  return Atomics.load(page.bytes, READY) !== 0;
}

/** The page's contents, or undefined while its writer is not ready. */
export function readStorageInfo(page: Region): BlkStorageInfo | undefined {
  return isReady(page) ? readStruct(page.view, 0, BLK_STORAGE_INFO) : undefined;
}

/** Everything but `ready`, then `ready`. */
export function writeStorageInfo(page: Region, info: Partial<Omit<BlkStorageInfo, 'ready'>>): void {
  writeStruct(page.view, 0, BLK_STORAGE_INFO, info);
  Atomics.store(page.bytes, READY, 1);
}

export function clearReady(page: Region): void {
  Atomics.store(page.bytes, READY, 0);
}
