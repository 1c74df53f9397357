/**
 * The file system calls of the guest, on one mount. Refuses by throwing Errno. The mount is synchronous, as upstream's `mount -o
 * sync`: when a call that changes something returns, the change is on the disk. Of `write`: at the disk, whose own cache is flushed by
 * `fsync`, `close` and every other change.
 */
import { Errno, fail } from './errno';
import { FileTable, type OpenFile } from './file';
import { type Path, parsePath, withInode, withParent } from './namei';
import type { DirectoryEntry, Inode, StatFs, SuperBlock } from './vfs';

export interface OpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly directory: boolean;
}

const OWNER_WRITE = 0o200;

export class Syscalls {
  readonly files = new FileTable();

  /** `mounted`: the file system, or throws ENODEV. `changed`: a call may have changed what other processes see. */
  constructor(
    readonly mounted: () => SuperBlock,
    readonly changed: () => void = () => {},
  ) {}

  open(path: Uint8Array, options: OpenOptions): number {
    const parsed = parsePath(path);
    const inode = options.create ? this.#openOrCreate(parsed) : withInode(this.#root, parsed, held);
    return this.files.install(checkedOpen(inode, options, this.mounted().readOnly));
  }

  close(fd: number): void {
    this.#close(fd, 'file');
  }

  closedir(fd: number): void {
    this.#close(fd, 'directory');
  }

  read(fd: number, position: number, dest: Uint8Array): number {
    const { inode, readable } = this.files.file(fd);
    if (!readable) fail('EBADF');
    return position >= inode.size ? 0 : inode.read(checkedPosition(position), dest);
  }

  /** Bytes of several requests that follow one another, as one change; `turnTo(i)` comes before piece i is taken. */
  write(fd: number, position: number, pieces: readonly Uint8Array[], turnTo: (piece: number) => void): number {
    const { inode, writable } = this.files.file(fd);
    if (!writable) fail('EBADF');
    return this.#changing(
      () => inode.writev(checkedPosition(position), pieces, turnTo),
      () => inode.drain(),
    );
  }

  truncate(fd: number, size: number): void {
    const { inode, writable } = this.files.file(fd);
    if (!writable) fail('EBADF');
    this.#changing(() => inode.truncate(checkedPosition(size)));
  }

  fsync(fd: number): void {
    this.files.file(fd).inode.sync();
  }

  fstat<T>(fd: number, use: (inode: Inode) => T): T {
    return use(this.files.file(fd).inode);
  }

  stat<T>(path: Uint8Array, use: (inode: Inode) => T): T {
    return withInode(this.#root, parsePath(path), use);
  }

  mkdir(path: Uint8Array): void {
    const parsed = parsePath(path);
    this.#change(() => withParent(this.#root, parsed, 'EEXIST', (parent, name) => void parent.mkdir(name)));
  }

  rmdir(path: Uint8Array): void {
    const parsed = parsePath(path);
    this.#change(() => withParent(this.#root, parsed, 'EBUSY', (parent, name) => parent.rmdir(name)));
  }

  unlink(path: Uint8Array): void {
    const parsed = parsePath(path);
    this.#change(() =>
      withParent(this.#root, parsed, 'EISDIR', (parent, name) => {
        if (parsed.isDirectory && parent.lookup(name).kind !== 'directory') fail('ENOTDIR');
        parent.unlink(name);
      }),
    );
  }

  rename(from: Uint8Array, to: Uint8Array): void {
    const [source, target] = [parsePath(from), parsePath(to)];
    this.#change(() =>
      withParent(this.#root, source, 'EBUSY', (parent, name) =>
        withParent(this.#root, target, 'EBUSY', (targetParent, targetName) => {
          const mustBeDirectory = source.isDirectory || target.isDirectory;
          if (mustBeDirectory && parent.lookup(name).kind !== 'directory') fail('ENOTDIR');
          parent.rename(name, targetParent, targetName);
        }),
      ),
    );
  }

  readdir(fd: number): DirectoryEntry | undefined {
    const { inode, location } = this.files.directory(fd);
    return inode.readdir(location);
  }

  seekdir(fd: number, location: number): void {
    this.files.directory(fd).location = checkedPosition(location);
  }

  telldir(fd: number): number {
    return this.files.directory(fd).location;
  }

  /** The process is gone. */
  closeAll(): void {
    this.#synced(() => this.files.closeAll());
  }

  statfs(): StatFs {
    return this.mounted().statfs();
  }

  get #root(): Inode {
    return this.mounted().root;
  }

  #close(fd: number, kind: Inode['kind']): void {
    // The last close of an unlinked file frees its clusters.
    this.#synced(() => this.files.close(fd, kind));
  }

  #openOrCreate(path: Path): Inode {
    return withParent(this.#root, path, 'EISDIR', (parent, name) => {
      if (path.isDirectory) fail('EISDIR');
      return held(lookup(parent, name) ?? this.#change(() => parent.create(name)));
    });
  }

  #change<T>(operation: () => T): T {
    if (this.mounted().readOnly) fail('EROFS');
    return this.#changing(operation);
  }

  #changing<T>(operation: () => T, settle?: () => void): T {
    try {
      return this.#synced(operation, settle);
    } finally {
      this.changed();
    }
  }

  /** Even an operation that was refused half-way may have written. */
  #synced<T>(operation: () => T, settle = () => this.#root.sync()): T {
    try {
      return operation();
    } finally {
      settle();
    }
  }
}

/** Hands the inode on beyond the path walk. */
function held(inode: Inode): Inode {
  inode.hold();
  return inode;
}

function lookup(parent: Inode, name: string): Inode | undefined {
  try {
    return parent.lookup(name);
  } catch (error) {
    if (error instanceof Errno && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function checkedOpen(inode: Inode, options: OpenOptions, readOnly: boolean): OpenFile {
  const refuse = (code: Parameters<typeof fail>[0]) => {
    inode.drop();
    return fail(code);
  };
  if (options.directory !== (inode.kind === 'directory')) return refuse(options.directory ? 'ENOTDIR' : 'EISDIR');
  if (options.write && readOnly) return refuse('EROFS');
  if (options.write && (inode.mode & OWNER_WRITE) === 0) return refuse('EACCES');
  return { inode, readable: options.read, writable: options.write, location: 0 };
}

function checkedPosition(position: number): number {
  if (!Number.isSafeInteger(position) || position < 0) fail('EINVAL');
  return position;
}
