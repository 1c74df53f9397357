/** The control procedures of `files` (protocol/control.ts): one call of the page is one or a few commands of the file system protocol. */
import { Errno } from '../../src/libfs/errors';
import { type DirectoryEntry, type Files, S_IFDIR, S_IFMT } from '../../src/libfs/files';
import type { OpenFile } from '../../src/libfs/open_file';
import type { FileEntry, FilesControl } from '../../src/protocol/control';

const OWNER_WRITE = 0o200;
const OPEN = {
  read: { access: 'read', create: false, exclusive: false, truncate: false, append: false },
  replace: { access: 'both', create: true, exclusive: false, truncate: true, append: false },
} as const;

export class FilesService implements FilesControl {
  readonly #open = new Map<number, OpenFile>();
  #nextFile = 1;
  #mounted = false;

  constructor(
    readonly files: Files,
    /** The one before left its files open. */
    readonly heir: boolean,
  ) {}

  list(path: string): FileEntry[] {
    return this.#mount().list(path).map(entry);
  }

  space(): { size: number; free: number } {
    const { bsize, blocks, bfree } = this.#mount().statfs();
    return { size: blocks * bsize, free: bfree * bsize };
  }

  open(path: string, mode: keyof typeof OPEN): number {
    const file = this.#mount().open(path, OPEN[mode]);
    const number = this.#nextFile++;
    this.#open.set(number, file);
    return number;
  }

  size(file: number): number {
    return this.#file(file).size();
  }

  read(number: number, offset: number, length: number): Uint8Array {
    const file = this.#file(number);
    const bytes = new Uint8Array(length);
    file.seek(offset);
    return bytes.subarray(0, file.read(bytes));
  }

  write(number: number, offset: number, bytes: Uint8Array): void {
    const file = this.#file(number);
    file.seek(offset);
    // The server takes less than asked only when there is no more room.
    if (file.write(bytes) < bytes.length) throw new Errno('ENOSPC');
  }

  close(number: number): void {
    const file = this.#file(number);
    this.#open.delete(number);
    file.close();
  }

  mkdir(path: string): void {
    this.#mount().mkdir(path);
  }

  remove(path: string): void {
    const files = this.#mount();
    if ((files.stat(path).mode & S_IFMT) === S_IFDIR) files.rmdir(path);
    else files.remove(path);
  }

  rename(from: string, to: string): void {
    this.#mount().rename(from, to);
  }

  #file(number: number): OpenFile {
    const file = this.#open.get(number);
    if (!file) throw new Errno('EBADF');
    return file;
  }

  /** The disk, which is mounted at the first call: a page whose panel is never opened is no client. */
  #mount(): Files {
    if (!this.#mounted) {
      if (this.heir) this.files.evictPredecessor();
      this.files.requestMount();
      this.files.mount();
      this.#mounted = true;
    }
    return this.files;
  }
}

function entry({ name, stat }: DirectoryEntry): FileEntry {
  const { mode = 0, size = 0, mtime = 0 } = stat ?? {};
  const folder = (mode & S_IFMT) === S_IFDIR;
  return {
    name: new TextDecoder().decode(name),
    folder,
    size: folder ? 0 : size,
    changedMs: mtime * 1000,
    readOnly: (mode & OWNER_WRITE) === 0,
  };
}
