/**
 * Numbers and structs of the interpreter's C library (musl as Emscripten builds it for wasm32), written into its memory.
 *   stat    0 u32 dev  4 u32 mode  8 u32 nlink  12 u32 uid  16 u32 gid  20 u32 rdev  24 i64 size  32 i32 blksize  36 i32 blocks
 *           40, 56, 72 {i64 seconds, u32 nanoseconds} atime, mtime, ctime  88 u64 ino                                     96 bytes
 *   statfs  4 u32 bsize  8 u64 blocks  16 bfree  24 bavail  32 files  40 ffree  56 u32 namelen  60 u32 frsize             88 bytes
 *   dirent  0 u64 ino  8 i64 off  16 u16 reclen  18 u8 type  19 name, NUL
 */

import { type DirectoryEntry, S_IFDIR, S_IFMT, type Stat } from '../../src/libfs/files';
import type { FS_STATFS } from '../../src/protocol/fs';
import type { Values } from '../../src/protocol/struct';
import type { WasmMemory } from './wasm_memory';

export const O = { ACCMODE: 3, CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000, DIRECTORY: 0o200000 } as const;
export const AT_REMOVEDIR = 0x200;

const DT = { UNKNOWN: 0, DIR: 4, REG: 8 } as const;
const DIRENT_NAME = 19;
const STATFS_SIZE = 88;
const NAME_MAX = 255;

export function writeStat(view: DataView, at: number, stat: Stat): void {
  view.setUint32(at, stat.dev, true);
  view.setUint32(at + 4, stat.mode, true);
  view.setUint32(at + 8, stat.nlink, true);
  view.setUint32(at + 12, stat.uid, true);
  view.setUint32(at + 16, stat.gid, true);
  view.setUint32(at + 20, stat.rdev, true);
  view.setBigInt64(at + 24, BigInt(stat.size), true);
  view.setInt32(at + 32, stat.blksize, true);
  view.setInt32(at + 36, stat.blocks, true);
  for (const [i, time] of (['atime', 'mtime', 'ctime'] as const).entries()) {
    view.setBigInt64(at + 40 + 16 * i, BigInt(stat[time]), true);
    view.setUint32(at + 48 + 16 * i, stat[`${time}_nsec`], true);
  }
  view.setBigUint64(at + 88, BigInt(stat.ino), true);
}

export function writeStatfs(view: DataView, at: number, fs: Values<typeof FS_STATFS.fields>): void {
  for (let i = 0; i < STATFS_SIZE; i++) view.setUint8(at + i, 0);
  view.setUint32(at + 4, fs.bsize, true);
  view.setBigUint64(at + 8, BigInt(fs.blocks), true);
  view.setBigUint64(at + 16, BigInt(fs.bfree), true);
  view.setBigUint64(at + 24, BigInt(fs.bfree), true);
  view.setUint32(at + 56, fs.namemax || NAME_MAX, true);
  view.setUint32(at + 60, fs.bsize, true);
}

/** Returns the entry's length, 0 when it does not fit in `room`. A name may be longer than 255 bytes: its length says where it ends. */
export function writeDirent(memory: WasmMemory, at: number, room: number, entry: DirectoryEntry, next: number): number {
  const { name, stat } = entry;
  const length = (DIRENT_NAME + name.length + 1 + 7) & ~7;
  if (length > room) return 0;
  const { view, bytes } = memory;
  view.setBigUint64(at, BigInt(stat?.ino ?? 0), true);
  view.setBigInt64(at + 8, BigInt(next), true);
  view.setUint16(at + 16, length, true);
  view.setUint8(at + 18, direntType(stat));
  bytes.set(name, at + DIRENT_NAME);
  bytes.fill(0, at + DIRENT_NAME + name.length, at + length);
  return length;
}

function direntType(stat: Stat | undefined): number {
  if (!stat) return DT.UNKNOWN;
  return (stat.mode & S_IFMT) === S_IFDIR ? DT.DIR : DT.REG;
}
