/** The mounted file system as the client sees it: paths, directories and open files, one FS command or a few for each call. */
import { FS_BUFFER_SIZE, FS_OPEN, FS_STAT, FS_STATFS, FS_STATUS } from '../protocol/fs';
import type { Values } from '../protocol/struct';
import { Changes } from './changes';
import { Errno } from './errors';
import { ANSWER, checked, encoded, isEntryName, type PathBuffer, statParams, withoutNul } from './fs_answers';
import type { FsClient } from './fs_client';
import type { FsCommandName, Params, Request } from './fs_request';
import { OpenFile } from './open_file';

export type Stat = Values<typeof FS_STAT.fields>;

export interface OpenOptions {
  readonly access: 'read' | 'write' | 'both';
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
  readonly append: boolean;
}

export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly stat: Stat | undefined;
}

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;

const ACCESS = { read: FS_OPEN.READ_ONLY, write: FS_OPEN.WRITE_ONLY, both: FS_OPEN.READ_WRITE };
/** Names asked for at once: few at first, as most directories are small. */
const FIRST_READS = 4;
const MOST_READS = 32;
const STATS_IN_FLIGHT = 64;
/** Twice what a FAT directory of 2 MiB can hold: a server that goes on for ever is wrong. */
const MAX_ENTRIES = 131_072;

export class Files {
  readonly #fs: FsClient;
  readonly #changes: Changes;
  #mounted = false;
  #mounting: Request | undefined;

  constructor(fs: FsClient) {
    this.#fs = fs;
    this.#changes = new Changes(() => fs.queues.changesByOthers);
  }

  /** Asks for the file system without waiting. */
  requestMount(): void {
    if (!this.#mounted) this.#mounting ??= this.#fs.submit('INITIALISE', {});
  }

  /**
   * Waits for the answer; where the disk is refused, every call is ENODEV until the next request. Interrupted, the next call waits
   * again.
   */
  mount(): void {
    if (!this.#mounting) return;
    this.#fs.wait(this.#mounting);
    this.#mounted = this.#mounting.completion?.status === FS_STATUS.SUCCESS;
    this.#mounting = undefined;
  }

  /** Another client was here before: its files are closed, and all that it asked has been answered when this returns. */
  evictPredecessor(): void {
    try {
      this.#fs.call('DEINITIALISE', {});
    } catch (error) {
      // Nothing was mounted, or the server is a new one, which knows nobody.
      if (!(error instanceof Errno)) throw error;
    }
  }

  open(path: string, { access, create, exclusive, truncate, append }: OpenOptions): OpenFile {
    if (exclusive && create && this.#exists(path)) throw new Errno('EEXIST');
    const flags = ACCESS[access] | (create ? FS_OPEN.CREATE : 0);
    const undo = (fd: number) => this.#fs.forget('FILE_CLOSE', { fd });
    const fd = this.#withPath(path, (at) => ['FILE_OPEN', { ...at, flags }], undefined, undo);
    const handle = this.#fs.handles.add(path, ACCESS[access], fd);
    try {
      const readable = access !== 'write';
      const writable = access !== 'read';
      const file = new OpenFile(path, this.#fs, handle, { readable, writable, append }, this.#changes);
      file.size();
      if (truncate) file.empty();
      return file;
    } catch (error) {
      this.#fs.handles.drop(handle);
      if (!handle.lost) undo(handle.fd);
      throw error;
    }
  }

  stat(path: string): Stat {
    const buffer = this.#pathBuffer(path);
    return this.#fs.call('STAT', statParams(buffer), buffer, () => checked(buffer.buffer.bytes, ANSWER, FS_STAT));
  }

  mkdir(path: string): void {
    this.#withPath(path, (at) => ['DIR_CREATE', at]);
  }

  rmdir(path: string): void {
    this.#withPath(path, (at) => ['DIR_REMOVE', at]);
  }

  remove(path: string): void {
    this.#withPath(path, (at) => ['FILE_REMOVE', at]);
    this.#fs.handles.removed(path);
  }

  rename(from: string, to: string): void {
    const target = encoded(to);
    this.#withPath(
      from,
      (at) => ['RENAME', { ...at, new_path_offset: at.path_offset + ANSWER, new_path_size: target.length }],
      target,
    );
    this.#fs.handles.renamed(from, to);
  }

  statfs(): Values<typeof FS_STATFS.fields> {
    this.#needMount();
    const buffer = this.#fs.buffer();
    const params = { buf_offset: buffer.offset, buf_size: FS_STATFS.size };
    return this.#fs.call('STATFS', params, { buffer }, () => checked(buffer.bytes, 0, FS_STATFS));
  }

  /**
   * All entries but `.` and `..`, in the server's order, each with what STAT says of it. Directory handles do not survive a reboot of
   * the server, so a listing that met one begins again.
   */
  list(path: string): DirectoryEntry[] {
    for (;;) {
      const { generation } = this.#fs;
      try {
        return this.#list(path);
      } catch (error) {
        if (!(error instanceof Errno) || this.#fs.generation === generation) throw error;
      }
    }
  }

  #list(path: string): DirectoryEntry[] {
    const undo = (fd: number) => this.#fs.forget('DIR_CLOSE', { fd });
    const fd = this.#withPath(path, (at) => ['DIR_OPEN', at], undefined, undo);
    let names: Uint8Array[];
    try {
      names = this.#names(fd);
    } catch (error) {
      undo(fd);
      throw error;
    }
    this.#fs.call('DIR_CLOSE', { fd });
    return this.#stats(path, names);
  }

  #names(fd: number): Uint8Array[] {
    const names: Uint8Array[] = [];
    const size = FS_BUFFER_SIZE;
    let ended = false;
    for (let depth = FIRST_READS; !ended; depth = Math.min(2 * depth, MOST_READS)) {
      const submit = () => {
        const buffer = this.#fs.buffer();
        const params = { fd, buf_offset: buffer.offset, buf_size: size };
        return this.#fs.submit('DIR_READ', params, { buffer, limit: size });
      };
      this.#fs.batch(depth, submit, (requests) => {
        for (const request of requests) {
          if (request.completion?.status === FS_STATUS.END_OF_DIRECTORY) ended = true;
          else names.push(request.buffer!.bytes.slice(0, this.#fs.result(request)));
        }
      });
      if (names.length > MAX_ENTRIES) throw new Errno('EIO');
    }
    return names.map(withoutNul).filter(isEntryName);
  }

  #stats(directory: string, names: readonly Uint8Array[]): DirectoryEntry[] {
    const entries: DirectoryEntry[] = [];
    while (entries.length < names.length) {
      const buffers: PathBuffer[] = [];
      const start = entries.length;
      const submit = (i: number) => {
        const name = names[start + i];
        if (!name) return undefined;
        const path = `${directory}/${new TextDecoder().decode(name)}`;
        const buffer = this.#pathBuffer(path);
        buffers.push(buffer);
        return this.#fs.submit('STAT', statParams(buffer), buffer);
      };
      this.#fs.batch(STATS_IN_FLIGHT, submit, (requests) => {
        for (const [i, { completion }] of requests.entries()) {
          const answered = completion?.status === FS_STATUS.SUCCESS;
          const stat = answered ? checked(buffers[i]!.buffer.bytes, ANSWER, FS_STAT) : undefined;
          entries.push({ name: names[start + i]!, stat });
        }
      });
    }
    return entries;
  }

  #exists(path: string): boolean {
    try {
      this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof Errno && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  #withPath<N extends FsCommandName>(
    path: string,
    command: (at: { path_offset: number; path_size: number }) => [N, Params<N>],
    second?: Uint8Array,
    undo?: (result: number) => void,
  ): number {
    const { buffer, at } = this.#pathBuffer(path);
    if (second) buffer.bytes.set(second, ANSWER);
    const [name, params] = command(at);
    return this.#fs.call(name, params, { buffer, ...(undo && { undo }) });
  }

  #pathBuffer(path: string): PathBuffer {
    this.#needMount();
    const bytes = encoded(path);
    const buffer = this.#fs.buffer();
    buffer.bytes.set(bytes);
    return { buffer, at: { path_offset: buffer.offset, path_size: bytes.length } };
  }

  #needMount(): void {
    this.mount();
    if (!this.#mounted) throw new Errno('ENODEV');
  }
}
