/**
 * Names that begin with a colon, which no name on a FAT disk does: what the client itself has for Python. `:lib` is the directory of its
 * modules, `:net` the door to its network. Python reaches both by `open`, so that descriptors, finalisers and Ctrl-C work as for files.
 */
import { Errno } from '../../src/libfs/errors';
import { S_IFDIR, type Stat } from '../../src/libfs/files';
import type { Stream } from './descriptors';
import { MODULES } from './modules';

const S_IFREG = 0o100000;
const READABLE = 0o444;
const LIBRARY = ':lib';
const NETWORK = ':net/';

export const isBuiltin = (path: string): boolean => path.startsWith(':');

/** Opens what is below `:net/`. */
export type OpenNet = (name: string) => Stream;

export class Builtins {
  readonly #openNet: OpenNet;

  constructor(openNet: OpenNet) {
    this.#openNet = openNet;
  }

  open(path: string): Stream {
    if (path.startsWith(NETWORK)) return this.#openNet(path.slice(NETWORK.length));
    return new SourceFile(new TextEncoder().encode(source(path)));
  }

  stat(path: string): Stat {
    if (path === LIBRARY) return stat(S_IFDIR, 0);
    return stat(S_IFREG, new TextEncoder().encode(source(path)).length);
  }
}

/** `:lib/socket.py`. */
function source(path: string): string {
  const [directory, name, ...more] = path.split('/');
  const text = directory === LIBRARY && more.length === 0 ? MODULES.get(name ?? '') : undefined;
  if (text === undefined) throw new Errno('ENOENT');
  return text;
}

function stat(type: number, size: number): Stat {
  const times = { atime: 0, atime_nsec: 0, mtime: 0, mtime_nsec: 0, ctime: 0, ctime_nsec: 0 };
  return {
    ...{ dev: 0, ino: 0, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 512, blocks: 0, used: 0 },
    ...times,
    mode: type | READABLE,
    size,
  };
}

class SourceFile implements Stream {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(into: Uint8Array): number {
    const piece = this.#bytes.subarray(this.#position, this.#position + into.length);
    into.set(piece);
    this.#position += piece.length;
    return piece.length;
  }

  write(): number {
    throw new Errno('EROFS');
  }

  close(): void {}

  abandon(): void {}
}
