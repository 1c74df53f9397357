/** An origin-private folder in memory whose tab can die at any operation; what was not flushed may then be lost. */
import type { FileHandle, Folder, SyncFile } from '../opfs';

/** The tab died: thrown at the chosen operation and at every one after it. */
export class TabDied extends Error {}

const PAGE = 16 * 1024;

/** Contents in pages that are never changed in place, so that a copy is a copy of the page table. */
class Contents {
  constructor(
    readonly pages: Map<number, Uint8Array> = new Map(),
    public size = 0,
  ) {}

  copy(): Contents {
    return new Contents(new Map(this.pages), this.size);
  }

  read(at: number, into: Uint8Array): number {
    const length = Math.max(0, Math.min(into.length, this.size - at));
    for (let done = 0; done < length; ) {
      const [page, offset, part] = step(at + done, length - done);
      const bytes = this.pages.get(page);
      if (bytes) into.set(bytes.subarray(offset, offset + part), done);
      else into.fill(0, done, done + part);
      done += part;
    }
    return length;
  }

  write(at: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const [page, offset, part] = step(at + done, bytes.length - done);
      const changed = this.pages.get(page)?.slice() ?? new Uint8Array(PAGE);
      changed.set(bytes.subarray(done, done + part), offset);
      this.pages.set(page, changed);
      done += part;
    }
    this.size = Math.max(this.size, at + bytes.length);
  }

  truncate(size: number): void {
    for (const page of this.pages.keys()) if (page * PAGE >= size) this.pages.delete(page);
    const last = this.pages.get(Math.floor(size / PAGE));
    if (last) this.pages.set(Math.floor(size / PAGE), last.slice().fill(0, size % PAGE));
    this.size = size;
  }
}

function step(at: number, left: number): [page: number, offset: number, part: number] {
  return [Math.floor(at / PAGE), at % PAGE, Math.min(left, PAGE - (at % PAGE))];
}

interface Stored {
  live: Contents;
  flushed: Contents;
  open: boolean;
}

export class FakeOpfs implements Folder {
  readonly files = new Map<string, Stored>();
  /** Operations left before the tab dies. */
  left = Number.POSITIVE_INFINITY;
  operations = 0;
  /** Bytes that all files together may have. */
  quota = Number.POSITIVE_INFINITY;

  async getFileHandle(name: string, { create } = { create: false }): Promise<FileHandle> {
    this.#step();
    if (!this.files.has(name)) {
      if (!create) throw named('NotFoundError');
      this.files.set(name, { live: new Contents(), flushed: new Contents(), open: false });
    }
    const stored = this.files.get(name)!;
    return {
      createSyncAccessHandle: async () => this.#open(stored),
      getFile: async () => ({ text: async () => textOf(stored.live) }),
    };
  }

  async removeEntry(name: string): Promise<void> {
    this.#step();
    if (this.files.get(name)?.open) throw named('NoModificationAllowedError');
    if (!this.files.delete(name)) throw named('NotFoundError');
  }

  async *keys(): AsyncIterable<string> {
    yield* [...this.files.keys()];
  }

  /** The same folder for the next tab. `keep`: whether what was never flushed reached the disk all the same. */
  afterDeath(keep: boolean): FakeOpfs {
    const next = new FakeOpfs();
    for (const [name, { live, flushed }] of this.files) {
      const kept = keep ? live : flushed;
      next.files.set(name, { live: kept.copy(), flushed: kept.copy(), open: false });
    }
    return next;
  }

  /** Puts bytes where a file's were, as a fault of the browser would. */
  corrupt(name: string, text: string): void {
    const live = new Contents();
    live.write(0, new TextEncoder().encode(text));
    this.files.get(name)!.live = live;
  }

  #step(): void {
    this.operations++;
    if (this.left-- <= 0) throw new TabDied();
  }

  #open(stored: Stored): SyncFile {
    this.#step();
    if (stored.open) throw named('NoModificationAllowedError');
    stored.open = true;
    return {
      read: (into, { at }) => stored.live.read(at, into),
      write: (bytes, { at }) => {
        this.#step();
        const part = bytes.subarray(0, Math.max(0, this.#room(stored, at + bytes.length) - at));
        stored.live.write(at, part);
        return part.length;
      },
      truncate: (size) => {
        this.#step();
        if (this.#room(stored, size) < size) throw named('QuotaExceededError');
        stored.live.truncate(size);
      },
      getSize: () => stored.live.size,
      flush: () => {
        this.#step();
        stored.flushed = stored.live.copy();
      },
      close: () => {
        stored.open = false;
      },
    };
  }

  /** The length up to `wanted` that this file may have. */
  #room(stored: Stored, wanted: number): number {
    let others = 0;
    for (const file of this.files.values()) if (file !== stored) others += file.live.size;
    return Math.min(wanted, Math.max(stored.live.size, this.quota - others));
  }
}

function textOf(contents: Contents): string {
  const bytes = new Uint8Array(contents.size);
  contents.read(0, bytes);
  return new TextDecoder().decode(bytes);
}

function named(name: string): Error {
  const error = new Error(name);
  error.name = name;
  return error;
}
