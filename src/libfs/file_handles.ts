/**
 * The files this client has open, by a name that outlives the server: when the FS VM is rebooted its descriptors are gone, and each
 * file is opened again by path. A file whose path now names another one, or nothing, is lost (ESTALE).
 */
import { Errno } from './errors';

export interface FileHandle {
  path: string;
  /** How to open it again: access only, it exists. */
  readonly flags: number;
  fd: number;
  /** Its path does not lead to it any more. */
  gone: boolean;
  /** It could not be opened again. */
  lost: boolean;
}

export class FileHandles {
  readonly #open = new Set<FileHandle>();

  [Symbol.iterator](): Iterator<FileHandle> {
    return this.#open[Symbol.iterator]();
  }

  add(path: string, flags: number, fd: number): FileHandle {
    const handle = { path, flags, fd, gone: false, lost: false };
    this.#open.add(handle);
    return handle;
  }

  drop(handle: FileHandle): void {
    this.#open.delete(handle);
  }

  /** The path was removed, or another file has taken it. */
  removed(path: string): void {
    for (const handle of this.#open) if (same(handle.path, path)) handle.gone = true;
  }

  renamed(from: string, to: string): void {
    if (!same(from, to)) this.removed(to);
    for (const handle of this.#open) {
      if (handle.gone) continue;
      if (same(handle.path, from)) handle.path = to;
      else if (fold(handle.path).startsWith(`${fold(from)}/`)) handle.path = to + handle.path.slice(from.length);
    }
  }
}

/** The descriptor to ask with; ESTALE once the file could not be opened again. */
export function descriptor({ fd, lost }: FileHandle): number {
  if (lost) throw new Errno('ESTALE');
  return fd;
}

/** FAT compares names without case. */
const fold = (path: string): string => path.toUpperCase();
const same = (a: string, b: string): boolean => fold(a) === fold(b);
