/**
 * The mounted disk as the page uses it: whole files and folders over the procedures of `FilesControl`. A file is written under a name of
 * its own beside its place and renamed when all of it is there, so that nothing half written ever bears the real name. While linux_fs_vm
 * reboots, calls take longer; when the whole system is started anew, those under way are rejected.
 */
import { transfer } from 'comlink';
import type { FileEntry, FilesControl } from '../../protocol/control';
import { errnoOf } from './errors';
import { besides, unfinishedName } from './names';
import { folderOf, join, nameOf } from './paths';

/** What goes over in one call. */
export const PIECE = 2 ** 20;
const STARTED_ANEW = 'The system was started anew in the middle of it.';

/** The procedures, as they look from here. */
export type FilesCalls = {
  readonly [K in keyof FilesControl]: (...args: Parameters<FilesControl[K]>) => Promise<ReturnType<FilesControl[K]>>;
};

export interface FilesPort {
  /** Throws an Error with a sentence while the system starts. */
  control(): FilesCalls;
}

/** Counts the starts of the system. */
export interface Starts {
  count(): number;
  subscribe(listener: () => void): () => void;
}

export interface Space {
  readonly size: number;
  readonly free: number;
}

export interface Watched {
  /** Called with the bytes that are there by now. */
  readonly progress?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** Whether a file of that name may be replaced (it may); otherwise EEXIST. */
  readonly replaces?: boolean;
}

export interface Found extends FileEntry {
  readonly path: string;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export class Volume {
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #port: FilesPort;
  readonly #starts: Starts;
  #start: number;
  readonly #beingWritten = new Set<string>();
  #unfinished = 0;

  constructor(port: FilesPort, starts: Starts) {
    this.#port = port;
    this.#starts = starts;
    this.#start = starts.count();
    starts.subscribe(() => this.#maybeLost());
  }

  /** Folders first, then by name. */
  async list(path: string): Promise<FileEntry[]> {
    const entries = await this.#ask((files) => files.list(path));
    return entries.sort(
      (a, b) => Number(b.folder) - Number(a.folder) || byName.compare(a.name, b.name) || (a.name < b.name ? -1 : 1),
    );
  }

  space(): Promise<Space> {
    return this.#ask((files) => files.space());
  }

  mkdir(path: string): Promise<void> {
    return this.#ask((files) => files.mkdir(path));
  }

  remove(path: string): Promise<void> {
    return this.#ask((files) => files.remove(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#ask((files) => files.rename(from, to));
  }

  /** What has this name there; undefined for nothing. */
  async kind(path: string): Promise<'file' | 'folder' | undefined> {
    try {
      await this.#opened(path, 'read', async () => {});
      return 'file';
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
    }
    await this.#ask((files) => files.list(path));
    return 'folder';
  }

  /** Up to `length` bytes from `offset` on, and the size of the whole file. */
  read(path: string, offset: number, length: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; size: number }> {
    return this.#opened(path, 'read', async (file) => {
      const size = await this.#ask((files) => files.size(file));
      const end = Math.min(size, offset + length);
      const parts: Uint8Array[] = [];
      for (let at = offset; at < end; ) {
        const part = await this.#ask((files) => files.read(file, at, Math.min(PIECE, end - at)));
        if (part.length === 0) break;
        parts.push(part);
        at += part.length;
      }
      return { bytes: joined(parts), size };
    });
  }

  /** The file from its start to its end, piece by piece. */
  async *stream(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const start = this.#start;
    const file = await this.#ask((files) => files.open(path, 'read'));
    try {
      for (let at = 0; ; ) {
        signal?.throwIfAborted();
        const piece = (await this.#ask((files) => files.read(file, at, PIECE))) as Uint8Array<ArrayBuffer>;
        if (piece.length === 0) return;
        yield piece;
        at += piece.length;
      }
    } finally {
      await this.#close(file, start);
    }
  }

  /** The file has these contents when this is fulfilled, and is as it was when it is rejected. */
  async write(path: string, contents: Blob, { progress, signal, replaces = true }: Watched = {}): Promise<void> {
    const start = this.#start;
    const unfinished = join(folderOf(path), unfinishedName(++this.#unfinished));
    this.#beingWritten.add(unfinished);
    try {
      await this.#opened(unfinished, 'replace', (file) => this.#fill(file, contents, progress, signal));
      signal?.throwIfAborted();
      if (!replaces && (await this.kind(path)) !== undefined) throw new Error('EEXIST');
      await this.rename(unfinished, path);
    } catch (error) {
      // A folder that is gone has nothing to clear away; and what cannot be cleared away is shown as unfinished.
      if (start === this.#start) await this.remove(unfinished).catch(() => {});
      throw error;
    } finally {
      this.#beingWritten.delete(unfinished);
    }
  }

  /** Whether it is what a file is called here until all of it is there. */
  isBeingWritten(path: string): boolean {
    return this.#beingWritten.has(path);
  }

  /** Everything in a folder, each folder before what it holds. */
  async *walk(path: string, signal?: AbortSignal): AsyncGenerator<Found> {
    for (const entry of await this.list(path)) {
      signal?.throwIfAborted();
      const found = { ...entry, path: join(path, entry.name) };
      yield found;
      if (entry.folder) yield* this.walk(found.path, signal);
    }
  }

  async #fill(file: number, contents: Blob, progress?: (bytes: number) => void, signal?: AbortSignal): Promise<void> {
    const pieceAt = async (at: number) => new Uint8Array(await contents.slice(at, at + PIECE).arrayBuffer());
    let next = pieceAt(0);
    for (let at = 0; at < contents.size; ) {
      signal?.throwIfAborted();
      const piece = await next;
      if (piece.length === 0) throw new Error('It became shorter while it was read.');
      const { length } = piece;
      // The next piece is read from the device while this one travels.
      next = pieceAt(at + length);
      next.catch(() => {});
      await this.#ask((files) => files.write(file, at, transfer(piece, [piece.buffer])));
      at += length;
      progress?.(at);
    }
  }

  async #opened<T>(path: string, mode: 'read' | 'replace', work: (file: number) => Promise<T>): Promise<T> {
    const start = this.#start;
    const file = await this.#ask((files) => files.open(path, mode));
    let result: T;
    try {
      result = await work(file);
    } catch (error) {
      await this.#close(file, start).catch(() => {});
      throw error;
    }
    await this.#close(file, start);
    return result;
  }

  /** A number of the system before means nothing to this one. */
  async #close(file: number, start: number): Promise<void> {
    if (start === this.#start) await this.#ask((files) => files.close(file));
  }

  /** Workers that were ended never answer. */
  #ask<T>(call: (files: FilesCalls) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const settled = () => this.#waiting.delete(reject);
      this.#waiting.add(reject);
      Promise.resolve()
        .then(() => call(this.#port.control()))
        .then(resolve, reject)
        .finally(settled);
    });
  }

  #maybeLost(): void {
    if (this.#starts.count() === this.#start) return;
    this.#start = this.#starts.count();
    for (const reject of this.#waiting) reject(new Error(STARTED_ANEW));
    this.#waiting.clear();
  }
}

/** The path itself, or the next name beside it that nobody has. */
export async function freePath(volume: Pick<Volume, 'kind'>, path: string): Promise<string> {
  const refused = new Set<string>();
  for (let candidate = path; ; ) {
    if ((await volume.kind(candidate)) === undefined) return candidate;
    refused.add(nameOf(candidate));
    candidate = join(
      folderOf(path),
      besides(nameOf(path), (name) => refused.has(name)),
    );
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
