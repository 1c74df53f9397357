/**
 * The system calls of the interpreter's C library, as imports of its wasm: file descriptors, paths and C structs on one side, Files
 * and Terminal on the other. `__syscall_*` answer a result or -errno, WASI's `fd_*` answer errno; the numbers are Linux's.
 */

import { Errno, Interrupted } from '../../src/libfs/errors';
import { type Files, S_IFDIR, S_IFMT } from '../../src/libfs/files';
import { OpenFile } from '../../src/libfs/open_file';
import { type Builtins, isBuiltin } from './builtins';
import { AT_REMOVEDIR, O, writeDirent, writeStat, writeStatfs } from './c_structs';
import type { Descriptors } from './descriptors';
import type { Caller, Imports } from './interpreter';
import { errnoOf } from './net_errno';
import { absolute, normalised } from './paths';
import { pollDescriptors, readKeys } from './standard_streams';
import type { Terminal } from './terminal';

/** The interpreter's C code keeps file offsets in 32 signed bits; a position beyond would come back as another. */
const MAX_OFFSET = 0x7fff_ffff;
/** Bytes that are copied one by one. */
const FEW = 64;
const SEEK_CUR = 1;
const SEEK_END = 2;
/** `fd_seek` has a 64-bit parameter and a 64-bit result. */
type Seek = (fd: number, offset: bigint, whence: number, result: number) => number;

export class Syscalls {
  readonly #files: Files;
  readonly #terminal: Terminal;
  readonly #caller: Caller;
  readonly #descriptors: Descriptors;
  readonly #builtins: Builtins;
  #cwd = '/';

  constructor(files: Files, terminal: Terminal, caller: Caller, descriptors: Descriptors, builtins: Builtins) {
    this.#files = files;
    this.#terminal = terminal;
    this.#caller = caller;
    this.#descriptors = descriptors;
    this.#builtins = builtins;
  }

  get env(): Imports {
    return {
      __syscall_openat: (_dir: number, path: number, flags: number) => this.#result(() => this.#openat(path, flags)),
      __syscall_stat64: (path: number, at: number) => this.#result(() => this.#stat(path, at)),
      __syscall_lstat64: (path: number, at: number) => this.#result(() => this.#stat(path, at)),
      __syscall_newfstatat: (_dir: number, path: number, at: number) => this.#result(() => this.#stat(path, at)),
      __syscall_fstat64: (fd: number, at: number) => this.#result(() => this.#fstat(fd, at)),
      __syscall_statfs64: (path: number, _size: number, at: number) => this.#result(() => this.#statfs(path, at)),
      __syscall_mkdirat: (_dir: number, path: number) => this.#result(() => this.#files.mkdir(this.#path(path))),
      __syscall_rmdir: (path: number) => this.#result(() => this.#files.rmdir(this.#path(path))),
      __syscall_unlinkat: (_dir: number, path: number, flags: number) => this.#result(() => this.#unlink(path, flags)),
      __syscall_renameat: (_from: number, from: number, _to: number, to: number) =>
        this.#result(() => this.#files.rename(this.#path(from), this.#path(to))),
      __syscall_chdir: (path: number) => this.#result(() => this.#chdir(path)),
      __syscall_getcwd: (at: number, size: number) => this.#result(() => this.#getcwd(at, size)),
      __syscall_getdents64: (fd: number, at: number, size: number) => this.#result(() => this.#getdents(fd, at, size)),
      __syscall_poll: (at: number, count: number) =>
        pollDescriptors(this.#caller.memory.view, at, count, this.#terminal),
    };
  }

  get wasi(): Imports {
    const seek: Seek = (fd, offset, whence, result) =>
      this.#errno(() => this.#seek(fd, Number(offset), whence, result));
    return {
      fd_read: (fd: number, iovec: number, count: number, result: number) =>
        this.#errno(() => this.#read(fd, iovec, count, result)),
      fd_write: (fd: number, iovec: number, count: number, result: number) =>
        this.#errno(() => this.#write(fd, iovec, count, result)),
      fd_seek: seek as unknown as Imports[string],
      fd_sync: (fd: number) => this.#errno(() => this.#sync(fd)),
      fd_close: (fd: number) => this.#errno(() => this.#close(fd)),
    };
  }

  #openat(path: number, flags: number): number {
    const raw = this.#caller.memory.string(path);
    if (isBuiltin(raw)) return this.#descriptors.add(this.#builtins.open(raw));
    const name = absolute(raw, this.#cwd);
    if (flags & O.DIRECTORY) return this.#descriptors.addDirectory({ entries: this.#files.list(name), next: 0 });
    const access = (['read', 'write', 'both'] as const)[flags & O.ACCMODE];
    if (!access) throw new Errno('EINVAL');
    const file = this.#files.open(name, {
      access,
      create: (flags & O.CREAT) !== 0,
      exclusive: (flags & O.EXCL) !== 0,
      truncate: (flags & O.TRUNC) !== 0,
      append: (flags & O.APPEND) !== 0,
    });
    return this.#descriptors.add(file);
  }

  #read(fd: number, iovec: number, count: number, result: number): void {
    const { memory } = this.#caller;
    if (count === 1 && this.#readHere(fd, iovec, result)) return;
    let done = 0;
    for (const piece of memory.pieces(iovec, count)) {
      const n = fd === 0 ? readKeys(piece, this.#terminal) : this.#descriptors.stream(fd).read(piece);
      done += n;
      if (n < piece.length) break;
    }
    memory.view.setUint32(result, done, true);
  }

  /** A few bytes that the client has already; false when that cannot be done here. */
  #readHere(fd: number, iovec: number, result: number): boolean {
    const { view, bytes } = this.#caller.memory;
    const [start, length] = [view.getUint32(iovec, true), view.getUint32(iovec + 4, true)];
    if (length > FEW) return false;
    const stream = this.#descriptors.find(fd);
    if (!(stream instanceof OpenFile) || !stream.readHere(bytes, start, length)) return false;
    view.setUint32(result, length, true);
    return true;
  }

  #write(fd: number, iovec: number, count: number, result: number): void {
    const { memory } = this.#caller;
    let done = 0;
    for (const piece of memory.pieces(iovec, count)) {
      const n = fd === 1 || fd === 2 ? this.#display(piece) : this.#descriptors.stream(fd).write(piece);
      done += n;
      if (n < piece.length) break;
    }
    memory.view.setUint32(result, done, true);
  }

  /** C prints tracebacks where nothing may be raised, so Ctrl-C in blocked output takes effect at the next bytecode. */
  #display(piece: Uint8Array): number {
    try {
      this.#terminal.write(piece);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.#caller.scheduleInterrupt();
    }
    return piece.length;
  }

  #seek(fd: number, offset: number, whence: number, result: number): void {
    const file = this.#descriptors.file(fd);
    const from = whence === SEEK_CUR ? file.position : whence === SEEK_END ? file.size() : 0;
    const position = from + offset;
    if (position < 0 || whence > SEEK_END) throw new Errno('EINVAL');
    if (position > MAX_OFFSET) throw new Errno('EOVERFLOW');
    file.seek(position);
    this.#caller.memory.view.setBigInt64(result, BigInt(position), true);
  }

  #sync(fd: number): void {
    if (fd === 1 || fd === 2) this.#display(new Uint8Array(0));
    else if (fd !== 0) this.#descriptors.file(fd).sync();
  }

  /** A finaliser may be the caller, where nothing may be raised: Ctrl-C leaves the answer to nobody. */
  #close(fd: number): void {
    const stream = this.#descriptors.remove(fd);
    try {
      stream?.close();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.#caller.scheduleInterrupt();
    }
  }

  #stat(path: number, at: number): void {
    const raw = this.#caller.memory.string(path);
    const stat = isBuiltin(raw) ? this.#builtins.stat(raw) : this.#files.stat(absolute(raw, this.#cwd));
    writeStat(this.#caller.memory.view, at, stat);
  }

  #fstat(fd: number, at: number): void {
    const file = this.#descriptors.file(fd);
    writeStat(this.#caller.memory.view, at, { ...this.#files.stat(file.path), size: file.size() });
  }

  #statfs(path: number, at: number): void {
    this.#files.stat(this.#path(path));
    writeStatfs(this.#caller.memory.view, at, this.#files.statfs());
  }

  #unlink(path: number, flags: number): void {
    if (flags & AT_REMOVEDIR) this.#files.rmdir(this.#path(path));
    else this.#files.remove(this.#path(path));
  }

  #chdir(path: number): void {
    const name = normalised(this.#path(path));
    if ((this.#files.stat(name).mode & S_IFMT) !== S_IFDIR) throw new Errno('ENOTDIR');
    this.#cwd = name;
  }

  #getcwd(at: number, size: number): number {
    const name = new TextEncoder().encode(`${this.#cwd}\0`);
    if (name.length > size) throw new Errno('ERANGE');
    this.#caller.memory.bytes.set(name, at);
    return name.length;
  }

  #getdents(fd: number, at: number, size: number): number {
    const directory = this.#descriptors.directory(fd);
    let used = 0;
    for (let entry = directory.entries[directory.next]; entry; entry = directory.entries[++directory.next]) {
      const length = writeDirent(this.#caller.memory, at + used, size - used, entry, directory.next + 1);
      if (length === 0) break;
      used += length;
    }
    return used;
  }

  #path(at: number): string {
    return absolute(this.#caller.memory.string(at), this.#cwd);
  }

  #result(call: () => number | void): number {
    try {
      return call() ?? 0;
    } catch (error) {
      return -errnoOf(error);
    }
  }

  #errno(call: () => void): number {
    try {
      call();
      return 0;
    } catch (error) {
      return errnoOf(error);
    }
  }
}
