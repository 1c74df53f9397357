/**
 * Open files: descriptor = index + 256 x generation, so that one which was closed does not name its successor. A descriptor comes
 * from a client and may be any number.
 */
import { fail } from './errno';
import type { Inode } from './vfs';

export const MAX_OPEN_FILES = 256;
/** Descriptors fit the s32 of an io_uring submission. */
const MAX_GENERATION = 2 ** 22;

export interface OpenFile {
  readonly inode: Inode;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Directories: where `readdir` goes on. */
  location: number;
}

export class FileTable {
  readonly #files: (OpenFile | undefined)[] = new Array(MAX_OPEN_FILES).fill(undefined);
  /** From 1: a zeroed message names no file. */
  readonly #generations: number[] = new Array(MAX_OPEN_FILES).fill(1);

  get open(): number {
    return this.#files.filter((file) => file !== undefined).length;
  }

  /** Takes over the caller's hold on the inode, also when there is no room. */
  install(file: OpenFile): number {
    const index = this.#files.indexOf(undefined);
    if (index < 0) {
      file.inode.drop();
      fail('EMFILE');
    }
    this.#files[index] = file;
    return this.#generations[index]! * MAX_OPEN_FILES + index;
  }

  file(fd: number): OpenFile {
    return this.#get(fd, 'file');
  }

  directory(fd: number): OpenFile {
    return this.#get(fd, 'directory');
  }

  close(fd: number, kind: Inode['kind']): void {
    const { inode } = this.#get(fd, kind);
    this.#release(fd % MAX_OPEN_FILES);
    inode.drop();
  }

  closeAll(): void {
    for (const [index, file] of this.#files.entries()) {
      if (!file) continue;
      this.#release(index);
      file.inode.drop();
    }
  }

  #release(index: number): void {
    this.#files[index] = undefined;
    this.#generations[index] = (this.#generations[index]! % MAX_GENERATION) + 1;
  }

  #get(fd: number, kind: Inode['kind']): OpenFile {
    const index = Number.isSafeInteger(fd) && fd >= 0 ? fd % MAX_OPEN_FILES : -1;
    const file = this.#files[index];
    if (!file || Math.floor(fd / MAX_OPEN_FILES) !== this.#generations[index] || file.inode.kind !== kind)
      fail('EBADF');
    return file;
  }
}
