/**
 * An open file: position, read-ahead for the many small reads of MicroPython (1, 25 or 256 bytes each), and transfers of any size
 * split into share buffers, several in flight. Every write goes to the server at once.
 */
import { FS_BUFFER_SIZE } from '../protocol/fs';
import type { Changes } from './changes';
import { Errno } from './errors';
import { descriptor, type FileHandle } from './file_handles';
import type { FsClient } from './fs_client';
import type { Request } from './fs_request';

/** Buffers in flight for one large transfer. */
const DEPTH = 8;
/** Read-ahead after it turned out useless: doubled again while reading goes on in order. */
const SMALLEST_WINDOW = 4096;

export interface OpenFlags {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly append: boolean;
}

export class OpenFile {
  readonly #fs: FsClient;
  readonly #handle: FileHandle;
  readonly #flags: OpenFlags;
  readonly #changes: Changes;
  #position = 0;
  #windowStart = 0;
  #window = new Uint8Array(0);
  #windowSize = FS_BUFFER_SIZE;
  #windowChanges = -1;
  /** Size as of change number #sizeChanges. */
  #size = 0;
  #sizeChanges = -1;

  constructor(
    readonly path: string,
    fs: FsClient,
    handle: FileHandle,
    flags: OpenFlags,
    changes: Changes,
  ) {
    this.#fs = fs;
    this.#handle = handle;
    this.#flags = flags;
    this.#changes = changes;
  }

  get #fd(): number {
    return descriptor(this.#handle);
  }

  get position(): number {
    return this.#position;
  }

  /** Size of the file now, whoever wrote to it. */
  size(): number {
    const { count } = this.#changes;
    if (this.#sizeChanges === count) return this.#size;
    this.#size = this.#fs.call('FILE_SIZE', { fd: this.#fd });
    this.#sizeChanges = count;
    return this.#size;
  }

  empty(): void {
    const { count } = this.#changes;
    this.#changes.made();
    this.#fs.call('FILE_TRUNCATE', { fd: this.#fd, length: 0 });
    this.#size = 0;
    this.#sizeChanges = count + 1;
  }

  seek(position: number): void {
    this.#position = position;
  }

  /** Fills `target` from the current position; returns how much there was, 0 at the end of the file. */
  read(target: Uint8Array): number {
    if (!this.#flags.readable) throw new Errno('EBADF');
    let done = 0;
    while (done < target.length) {
      const n = this.#readSome(target.subarray(done), done > 0);
      if (n === 0) break;
      this.#position += n;
      done += n;
    }
    return done;
  }

  /**
   * The same into `length` bytes at `target[at]`, where all of them are here already; otherwise false, and nothing has happened. MicroPython
   * reads lines byte by byte: making views for one would take most of the time.
   */
  readHere(target: Uint8Array, at: number, length: number): boolean {
    const from = this.#position - this.#windowStart;
    const window = this.#window;
    if (from + length > window.length || !this.#flags.readable || !this.#inWindow()) return false;
    for (let i = 0; i < length; i++) target[at + i] = window[from + i]!;
    this.#position += length;
    return true;
  }

  /** Writes all of `source` at the current position, or at the end in append mode; returns how much the server took. */
  write(source: Uint8Array): number {
    if (!this.#flags.writable) throw new Errno('EBADF');
    if (this.#flags.append) this.#position = this.size();
    let done = 0;
    while (done < source.length) {
      const n = this.#writeSome(source.subarray(done), done > 0);
      if (n === 0) break;
      done += n;
    }
    return done;
  }

  sync(): void {
    this.#fs.call('FILE_SYNC', { fd: this.#fd });
  }

  close(): void {
    try {
      this.#fs.call('FILE_CLOSE', { fd: this.#fd });
    } finally {
      this.#fs.handles.drop(this.#handle);
    }
  }

  /** Closes without waiting: for a client that starts anew. */
  abandon(): void {
    this.#fs.handles.drop(this.#handle);
    if (!this.#handle.lost) this.#fs.forget('FILE_CLOSE', { fd: this.#handle.fd });
  }

  /** Some of `target`; an error after `begun` is left for the next call. */
  #readSome(target: Uint8Array, begun: boolean): number {
    if (!this.#inWindow()) {
      if (target.length >= this.#windowSize) return this.#readDirect(target, begun);
      this.#fillWindow(begun);
    }
    const from = this.#position - this.#windowStart;
    const part = this.#window.subarray(from, from + target.length);
    target.set(part);
    return part.length;
  }

  #inWindow(): boolean {
    const from = this.#position - this.#windowStart;
    return this.#windowChanges === this.#changes.count && from >= 0 && from < this.#window.length;
  }

  #fillWindow(begun: boolean): void {
    const inOrder = this.#position === this.#windowStart + this.#window.length;
    const { count } = this.#changes;
    const fresh = this.#windowChanges === count;
    if (this.#windowChanges >= 0) {
      this.#windowSize = inOrder && fresh ? Math.min(FS_BUFFER_SIZE, 2 * this.#windowSize) : SMALLEST_WINDOW;
    }
    this.#window = new Uint8Array(0);
    this.#windowStart = this.#position;
    const size = this.#windowSize;
    this.#window = this.#fs.batch(
      1,
      () => this.#readRequest(this.#position, size),
      (requests) => {
        const window = new Uint8Array(size);
        const n = this.#prefix(
          requests,
          () => size,
          (request, length) => copy(window, request, length, 0),
          begun,
        );
        return window.subarray(0, n);
      },
    );
    this.#windowChanges = count;
  }

  /** Straight into `target`, several buffers at once; stops at the first short one, which is the end of the file. */
  #readDirect(target: Uint8Array, begun: boolean): number {
    const size = (i: number) => Math.min(FS_BUFFER_SIZE, target.length - i * FS_BUFFER_SIZE);
    const submit = (i: number) =>
      size(i) > 0 ? this.#readRequest(this.#position + i * FS_BUFFER_SIZE, size(i)) : undefined;
    return this.#fs.batch(DEPTH, submit, (requests) =>
      this.#prefix(requests, size, (request, n, at) => copy(target, request, n, at), begun),
    );
  }

  #readRequest(offset: number, length: number): Request {
    const buffer = this.#fs.buffer();
    const params = { fd: this.#fd, offset, buf_offset: buffer.offset, buf_size: length };
    return this.#fs.submit('FILE_READ', params, { buffer, limit: length });
  }

  #writeSome(source: Uint8Array, begun: boolean): number {
    const size = (i: number) => Math.min(FS_BUFFER_SIZE, source.length - i * FS_BUFFER_SIZE);
    // Counted before the server is asked: interrupted or failed, part of it may have happened.
    const { count } = this.#changes;
    const known = this.#sizeChanges === count;
    this.#changes.made();
    const submit = (i: number) => (size(i) > 0 ? this.#writeRequest(source, i * FS_BUFFER_SIZE, size(i)) : undefined);
    const written = this.#fs.batch(DEPTH, submit, (requests) => this.#prefix(requests, size, () => {}, begun));
    this.#position += written;
    const complete = written === Math.min(source.length, DEPTH * FS_BUFFER_SIZE);
    if (known && complete) {
      this.#size = Math.max(this.#size, this.#position);
      this.#sizeChanges = count + 1;
    }
    return written;
  }

  #writeRequest(source: Uint8Array, from: number, length: number): Request {
    const buffer = this.#fs.buffer();
    buffer.bytes.set(source.subarray(from, from + length));
    const params = { fd: this.#fd, offset: this.#position + from, buf_offset: buffer.offset, buf_size: length };
    return this.#fs.submit('FILE_WRITE', params, { buffer, limit: length });
  }

  /** Bytes done without a gap. An error counts only where nothing was done before it: the next call will meet it again. */
  #prefix(
    requests: readonly Request[],
    size: (i: number) => number,
    take: (request: Request, n: number, at: number) => void,
    begun: boolean,
  ): number {
    let done = 0;
    for (const [i, request] of requests.entries()) {
      if ((done > 0 || begun) && request.completion?.status !== 0) break;
      const n = this.#fs.result(request);
      take(request, n, done);
      done += n;
      if (n < size(i)) break;
    }
    return done;
  }
}

function copy(target: Uint8Array, { buffer }: Request, length: number, at: number): void {
  if (buffer) target.set(buffer.bytes.subarray(0, length), at);
}
