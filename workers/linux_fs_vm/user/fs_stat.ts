/** From the kernel's struct statx to the protocol's fs_stat. */
import { FS_STAT } from '../../../src/protocol/fs';
import { writeStruct } from '../../../src/protocol/struct';
import { STATX } from '../../../src/specs/io_uring';
import type { Memory } from '../kernel/memory';

export const FS_STAT_SIZE = FS_STAT.size;
const DISK_SECTOR = 512;

export function statxSize(heap: Memory, address: number): number {
  return Number(heap.view.getBigUint64(address - heap.phys + STATX.size, true));
}

/** `address` of the statx in the program's heap; `dest` offset in the share. */
export function copyStat(heap: Memory, address: number, share: DataView, dest: number): void {
  const at = address - heap.phys;
  const u32 = (offset: number) => heap.view.getUint32(at + offset, true);
  const u64 = (offset: number) => Number(heap.view.getBigUint64(at + offset, true));
  const seconds = (offset: number) => Math.max(0, Number(heap.view.getBigInt64(at + offset, true)));
  writeStruct(share, dest, FS_STAT, {
    // Linux's encoding of small device numbers. differs: upstream loses the minor number.
    dev: u32(STATX.dev_major) * 256 + u32(STATX.dev_minor),
    ino: u64(STATX.ino),
    mode: heap.view.getUint16(at + STATX.mode, true),
    nlink: u32(STATX.nlink),
    uid: u32(STATX.uid),
    gid: u32(STATX.gid),
    rdev: u32(STATX.rdev_major),
    size: u64(STATX.size),
    blksize: u32(STATX.blksize),
    blocks: u64(STATX.blocks),
    atime: seconds(STATX.atime),
    mtime: seconds(STATX.mtime),
    ctime: seconds(STATX.ctime),
    atime_nsec: u32(STATX.atime + 8),
    mtime_nsec: u32(STATX.mtime + 8),
    ctime_nsec: u32(STATX.ctime + 8),
    used: u64(STATX.blocks) * DISK_SECTOR,
  });
}
