/** A mounted FAT volume: Linux's super_block, with the dirty bit and FSInfo. */
import {
  BS_DIRTY,
  CLEAN_SHUTDOWN_MASK,
  DIR_ENTRY_SIZE,
  FSI_LEAD_SIG,
  FSI_STRUC_SIG,
  FSI_TRAIL_SIG,
  FSINFO,
  LONG_NAME_MAX_UNITS,
  readField,
  writeField,
} from '../../../../src/specs/fat';
import type { StatFs, SuperBlock } from '../vfs';
import { Allocator } from './allocator';
import { IndexBudget } from './directory';
import { FatTable } from './fat_table';
import type { Geometry } from './geometry';
import { FatInode } from './inode';
import { InodeTable, ROOT_INO } from './inode_table';
import type { VolumeIo, VolumeWatcher } from './volume_io';

export class Volume implements SuperBlock, VolumeWatcher {
  readonly geometry: Geometry;
  readonly table: FatTable;
  readonly allocator: Allocator;
  readonly indexes = new IndexBudget();
  readonly inodes = new InodeTable();
  readonly root: FatInode;
  /** The bit was set before this mount and no recovery vouches for the volume: it stays set. */
  keepDirty = false;

  constructor(
    readonly io: VolumeIo,
    readonly clock: () => number,
  ) {
    this.geometry = io.geometry;
    this.table = new FatTable(io, io.geometry);
    this.allocator = new Allocator(this.table);
    this.root = new FatInode(this, ROOT_INO, undefined, undefined, new Uint8Array(DIR_ENTRY_SIZE));
    const info = this.#readFsInfo();
    if (info !== undefined) this.allocator.next = readField(info, FSINFO.FSI_Nxt_Free);
    io.watch(this);
  }

  get type(): string {
    return `FAT${this.geometry.bits}`;
  }
  get readOnly(): boolean {
    return this.io.readOnly;
  }

  statfs(): StatFs {
    return {
      blockSize: this.geometry.clusterSize,
      blocks: this.geometry.lastCluster - 1,
      blocksFree: this.allocator.free,
      nameMax: LONG_NAME_MAX_UNITS,
    };
  }

  sync(): void {
    if (this.io.readOnly) return;
    this.io.mutate(() => {
      if (this.io.marked) this.writeFsInfo();
      this.io.flush();
    });
  }

  get inUse(): boolean {
    return this.io.marked && !this.io.readOnly;
  }

  /** Clusters of unlinked files that someone still has open are lost until they drop it: such a volume is not clean. */
  settle(): void {
    if (!this.inUse) return;
    this.sync();
    if (!this.inodes.hasUnlinked) this.markClean();
  }

  unmount(): void {
    if (this.io.readOnly) return;
    this.inodes.finishUnlinked();
    this.sync();
    if (this.io.marked) this.markClean();
  }

  /** Any of the bits says so: a power cut may have left one of them. */
  get isDirty(): boolean {
    const mask = CLEAN_SHUTDOWN_MASK[this.geometry.bits];
    if (mask !== 0 && !this.table.getMarks().every((mark) => hasBit(mark, mask))) return true;
    const { dirtyByte } = this.geometry;
    return dirtyByte !== undefined && (this.io.sectorAt(0)[dirtyByte]! & BS_DIRTY) !== 0;
  }

  firstWrite(): void {
    this.#setDirty(true);
    this.io.flush();
  }
  flushed(): void {
    this.allocator.flushed();
  }
  stopped(): void {
    this.allocator.forget();
    this.inodes.forgetAll();
    this.root.directory!.forget();
    this.root.chain.reset();
  }

  /** After a flush of everything else. */
  markClean(): void {
    if (this.keepDirty) return;
    this.io.flush();
    this.io.marking(() => {
      this.#setDirty(false);
      this.io.flush();
    });
    this.io.unmark();
  }

  /** Only if the sector is what it should be, and only if it changed: FSInfo is a hint. */
  writeFsInfo(): void {
    const info = this.#readFsInfo()?.slice();
    if (info === undefined) return;
    const before = info.slice();
    writeField(info, FSINFO.FSI_Free_Count, this.allocator.free);
    writeField(info, FSINFO.FSI_Nxt_Free, this.allocator.next);
    if (info.some((byte, i) => byte !== before[i])) this.io.write(this.geometry.fsInfo!, info);
  }

  #readFsInfo(): Uint8Array | undefined {
    if (this.geometry.fsInfo === undefined) return undefined;
    const sector = this.io.sectorAt(this.geometry.fsInfo);
    const signed =
      readField(sector, FSINFO.FSI_LeadSig) === FSI_LEAD_SIG &&
      readField(sector, FSINFO.FSI_StrucSig) === FSI_STRUC_SIG &&
      readField(sector, FSINFO.FSI_TrailSig) === FSI_TRAIL_SIG;
    return signed ? sector : undefined;
  }

  #setDirty(dirty: boolean): void {
    const { bits, dirtyByte } = this.geometry;
    const mask = CLEAN_SHUTDOWN_MASK[bits];
    if (mask !== 0) {
      const marks = this.table.getMarks();
      const wanted = hasBit(marks[0]!, mask) === dirty ? marks[0]! + (dirty ? -mask : mask) : marks[0]!;
      if (marks.some((mark) => mark !== wanted)) this.table.setMark(wanted);
    }
    if (dirtyByte === undefined) return;
    const byte = this.io.sectorAt(0)[dirtyByte]!;
    const wanted = dirty ? byte | BS_DIRTY : byte & ~BS_DIRTY;
    if (wanted !== byte) this.io.write(dirtyByte, Uint8Array.of(wanted));
  }
}

/** For marks up to 32 bits, where `&` would give a negative number. */
function hasBit(value: number, mask: number): boolean {
  return Math.floor(value / mask) % 2 === 1;
}
