/** Blocks of the disk as it is now, kept until the write log says that they were written: looking at many moments asks the driver once. */
import type { DiskNow } from './moment';
import type { WriteHistory } from './write_history';

const BLOCK = 4096;
const SECTORS_PER_BLOCK = BLOCK / 512;
/** 16 MiB: then all are given up. */
const MOST_BLOCKS = 4096;

export class DiskCache implements DiskNow {
  readonly #blocks = new Map<number, Uint8Array>();
  #boot = -1;
  #size: { readonly boot: number; readonly bytes: number } | undefined;
  /** The moment that the blocks are of, or later. */
  #seen = 0;

  constructor(
    readonly disk: DiskNow,
    readonly history: WriteHistory,
  ) {}

  async size(): Promise<number> {
    this.#dropWritten();
    const boot = this.#boot;
    if (this.#size?.boot !== boot) this.#size = { boot, bytes: await this.disk.size() };
    return this.#size.bytes;
  }

  async bytes(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / BLOCK);
    const end = Math.ceil((offset + length) / BLOCK);
    this.#dropWritten();
    const all = new Uint8Array((end - first) * BLOCK);
    for (let block = first; block < end; ) {
      const kept = this.#blocks.get(block);
      if (kept) all.set(kept, (block++ - first) * BLOCK);
      else block = await this.#fetch(block, end, all.subarray((block - first) * BLOCK));
    }
    return all.subarray(offset - first * BLOCK, offset - first * BLOCK + length);
  }

  /** The blocks from `first` on that are missing, up to `end`; returns the first that is not. */
  async #fetch(first: number, end: number, into: Uint8Array): Promise<number> {
    let missing = first + 1;
    while (missing < end && !this.#blocks.has(missing)) missing++;
    const [boot, seen] = [this.#boot, this.#seen];
    const bytes = await this.disk.bytes(first * BLOCK, (missing - first) * BLOCK);
    into.set(bytes);
    if (this.#boot !== boot) return missing;
    if (this.#blocks.size + missing - first > MOST_BLOCKS) this.#blocks.clear();
    for (let block = first; block < missing; block++) {
      this.#blocks.set(block, bytes.slice((block - first) * BLOCK, (block - first + 1) * BLOCK));
    }
    // Others may have looked meanwhile: what was written since it was asked for may not be in it.
    this.#seen = Math.min(this.#seen, seen);
    this.#dropWritten();
    return missing;
  }

  #dropWritten(): void {
    const { history } = this;
    history.look();
    if (this.#boot !== history.boot || this.#seen < history.first) this.#blocks.clear();
    for (const { sector, sectors } of history.writesSince(this.#seen)) {
      const end = (sector + sectors) / SECTORS_PER_BLOCK;
      for (let block = Math.floor(sector / SECTORS_PER_BLOCK); block < end; block++) this.#blocks.delete(block);
    }
    this.#boot = history.boot;
    this.#seen = history.last;
  }
}
