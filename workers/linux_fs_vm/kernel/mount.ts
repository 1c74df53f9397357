/** The mount table, which has one place: /dev/vda on /mnt, type vfat, synchronous. */
import type { MountState } from '../../../src/protocol/control';
import type { BlockDevice } from './block_device';
import type { Current } from './current';
import { Errno, fail } from './errno';
import type { Memory } from './memory';
import { PageCache } from './page_cache';
import type { Printk } from './printk';
import type { Syscalls } from './syscalls';
import type { FileSystemType, MountOptions, SuperBlock } from './vfs';
import type { VirtioBlk } from './virtio_blk';

/** Of the page cache: its slots, and a GUEST_SLOT for each. */
export interface CacheMemory {
  readonly pages: Memory;
  readonly records: Int32Array;
}

export class MountTable {
  #superBlock: SuperBlock | undefined;
  #cache: PageCache | undefined;
  #refusal: string | undefined;
  readonly #processes: Syscalls[] = [];
  readonly #watchers = new Map<Syscalls, () => void>();

  constructor(
    readonly type: FileSystemType,
    readonly disk: VirtioBlk | undefined,
    readonly cache: CacheMemory,
    readonly printk: Printk,
    readonly clock: () => number,
    readonly current: Current,
  ) {}

  get superBlock(): SuperBlock | undefined {
    return this.#superBlock;
  }

  /** Throws ENODEV while nothing is mounted. */
  mounted(): SuperBlock {
    return this.#superBlock ?? fail('ENODEV');
  }

  /** /dev/vda through the page cache, while it is mounted. */
  get device(): BlockDevice | undefined {
    return this.#cache;
  }

  get cachedPages(): number {
    return this.#cache?.cachedPages ?? 0;
  }

  get state(): MountState {
    if (this.#superBlock) return { state: 'mounted', type: fatType(this.#superBlock.type) };
    return this.#refusal === undefined ? { state: 'unmounted' } : { state: 'refused', reason: this.#refusal };
  }

  /** A process whose files are closed at unmount. */
  register(process: Syscalls): void {
    this.#processes.push(process);
  }

  /** Calls `changed` whenever another process than this one may have changed the file system. */
  watch(process: Syscalls, changed: () => void): void {
    this.#watchers.set(process, changed);
  }

  changedBy(process: Syscalls): void {
    for (const [watcher, changed] of this.#watchers) if (watcher !== process) changed();
  }

  /** Throws EBUSY when mounted already, ENODEV without a disk, EIO or EINVAL with a sentence when the disk will not do. */
  mount(): void {
    if (this.#superBlock) fail('EBUSY');
    try {
      if (!this.disk?.awaitMedium())
        fail('ENODEV', 'There is no disk: the driver found none, or its partition table is unusable.');
      this.#cache = new PageCache(this.disk, this.cache.pages, this.current, this.cache.records);
      this.#superBlock = this.type.mount(this.#cache, this.#options);
      this.#refusal = undefined;
    } catch (error) {
      this.#cache?.drop();
      this.#cache = undefined;
      if (!(error instanceof Errno)) throw error;
      this.#refusal = error.detail || error.message;
      throw error;
    }
  }

  /** Open files are closed. The disk is let go of even when it fails. */
  unmount(): void {
    const superBlock = this.mounted();
    try {
      for (const process of this.#processes) process.files.closeAll();
      superBlock.unmount();
    } finally {
      this.#superBlock = undefined;
      this.#cache?.drop();
      this.#cache = undefined;
    }
  }

  get #options(): MountOptions {
    const { clock, current, printk } = this;
    return { clock, log: (line) => printk.warn(line), clusters: (first, count) => current.clusters(first, count) };
  }
}

function fatType(type: string): 'FAT12' | 'FAT16' | 'FAT32' {
  if (type === 'FAT12' || type === 'FAT16' || type === 'FAT32') return type;
  throw new Error(`${type} is no FAT`);
}
