/** The file descriptors of the interpreter's C library: open files, open directories, and streams that have no position. */
import { Errno } from '../../src/libfs/errors';
import type { DirectoryEntry } from '../../src/libfs/files';
import { OpenFile } from '../../src/libfs/open_file';

/** 0, 1 and 2 are the terminal. */
const FIRST_FD = 3;

export interface Stream {
  /** How much was put into `into`, 0 at the end; blocks when there is nothing yet. */
  read(into: Uint8Array): number;
  /** How much was taken. */
  write(data: Uint8Array): number;
  close(): void;
  /** Lets go of it without waiting, for a client that starts anew. */
  abandon(): void;
}

export interface OpenDirectory {
  readonly entries: readonly DirectoryEntry[];
  next: number;
}

export class Descriptors {
  readonly #streams = new Map<number, Stream>();
  readonly #directories = new Map<number, OpenDirectory>();

  add(stream: Stream): number {
    const fd = this.#free();
    this.#streams.set(fd, stream);
    return fd;
  }

  addDirectory(directory: OpenDirectory): number {
    const fd = this.#free();
    this.#directories.set(fd, directory);
    return fd;
  }

  find(fd: number): Stream | undefined {
    return this.#streams.get(fd);
  }

  stream(fd: number): Stream {
    const stream = this.#streams.get(fd);
    if (!stream) throw new Errno(this.#directories.has(fd) ? 'EISDIR' : 'EBADF');
    return stream;
  }

  /** A file of the disk, which has a position and a size. */
  file(fd: number): OpenFile {
    const stream = this.stream(fd);
    if (!(stream instanceof OpenFile)) throw new Errno('ESPIPE');
    return stream;
  }

  directory(fd: number): OpenDirectory {
    const directory = this.#directories.get(fd);
    if (!directory) throw new Errno('ENOTDIR');
    return directory;
  }

  /** What is to be closed, if that is more than forgetting it. */
  remove(fd: number): Stream | undefined {
    if (this.#directories.delete(fd) || fd < FIRST_FD) return undefined;
    const stream = this.stream(fd);
    this.#streams.delete(fd);
    return stream;
  }

  abandonAll(): void {
    for (const stream of this.#streams.values()) stream.abandon();
    this.#streams.clear();
  }

  #free(): number {
    let fd = FIRST_FD;
    while (this.#streams.has(fd) || this.#directories.has(fd)) fd++;
    return fd;
  }
}
