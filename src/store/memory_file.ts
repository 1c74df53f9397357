/** A file in memory that takes no room for what was never written: for a hosted disk where there is no place to keep one. */
import type { SyncFile } from './opfs';

const PAGE = 64 * 1024;

export class MemoryFile implements SyncFile {
  readonly #pages = new Map<number, Uint8Array>();
  #size = 0;

  read(into: Uint8Array, { at }: { at: number }): number {
    const length = Math.max(0, Math.min(into.length, this.#size - at));
    for (const { page, offset, from, to } of parts(at, length)) {
      const bytes = this.#pages.get(page);
      if (bytes) into.set(bytes.subarray(offset, offset + to - from), from);
      else into.fill(0, from, to);
    }
    return length;
  }

  write(bytes: Uint8Array, { at }: { at: number }): number {
    for (const { page, offset, from, to } of parts(at, bytes.length)) {
      if (!this.#pages.has(page)) this.#pages.set(page, new Uint8Array(PAGE));
      this.#pages.get(page)!.set(bytes.subarray(from, to), offset);
    }
    this.#size = Math.max(this.#size, at + bytes.length);
    return bytes.length;
  }

  /** Longer, or empty: nobody cuts one. */
  truncate(size: number): void {
    if (size === 0) this.#pages.clear();
    this.#size = size;
  }

  getSize(): number {
    return this.#size;
  }

  flush(): void {}

  close(): void {}
}

function* parts(at: number, length: number) {
  for (let from = 0; from < length; ) {
    const offset = (at + from) % PAGE;
    const to = Math.min(length, from + PAGE - offset);
    yield { page: Math.floor((at + from) / PAGE), offset, from, to };
    from = to;
  }
}
