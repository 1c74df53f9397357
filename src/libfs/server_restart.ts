/**
 * What the client does when the FS VM was rebooted under it. Reads, and writes at an offset, may be done twice and are sent again; so are
 * opening and asking. Making, removing and renaming may not: whether the old server did it cannot be known, so it is EIO.
 */
import { FS_STATUS } from '../protocol/fs';
import { descriptor, type FileHandle, type FileHandles } from './file_handles';
import type { Completion, FsCommandName, Params, Request } from './fs_request';

type Fate = 'again' | 'again by descriptor' | 'fails';

const FATES: Readonly<Record<FsCommandName, Fate>> = {
  INITIALISE: 'again',
  DEINITIALISE: 'fails',
  FILE_OPEN: 'again',
  FILE_CLOSE: 'again by descriptor',
  STAT: 'again',
  FILE_READ: 'again by descriptor',
  FILE_WRITE: 'again by descriptor',
  FILE_SIZE: 'again by descriptor',
  RENAME: 'fails',
  FILE_REMOVE: 'fails',
  FILE_TRUNCATE: 'again by descriptor',
  DIR_CREATE: 'fails',
  DIR_REMOVE: 'fails',
  DIR_OPEN: 'again',
  DIR_CLOSE: 'fails',
  FILE_SYNC: 'again by descriptor',
  DIR_READ: 'fails',
  DIR_SEEK: 'fails',
  DIR_TELL: 'fails',
  DIR_REWIND: 'fails',
  STATFS: 'again',
};

export interface Server {
  /** Undefined when it went away again before it answered. */
  ask<N extends FsCommandName>(command: N, params: Params<N>, path?: string): Completion | undefined;
  resend(request: Request): void;
  fail(request: Request, status: number): void;
}

/** Handles by the descriptor they had at some time. */
export type Descriptors = ReadonlyMap<number, FileHandle>;

export class ServerRestart {
  generation = 1;
  /** The disk was mounted, so that a new server has to mount it too. */
  mounted = false;
  #restored = 1;
  /** In flight when the server went, with what their descriptors meant then. */
  #lost: { readonly request: Request; readonly known: Descriptors }[] = [];

  constructor(
    readonly handles: FileHandles,
    readonly server: Server,
  ) {}

  /** Whether the client is not yet at home with the server that runs now. */
  behind(current: number): boolean {
    return current !== this.#restored;
  }

  overtaken(current: number): boolean {
    return current !== this.generation;
  }

  descriptors(): Descriptors {
    return new Map([...this.handles].map((handle) => [handle.fd, handle]));
  }

  /** A request made before the client followed the server: its descriptor is another number now, or ESTALE. */
  renumber(request: Request, known: Descriptors): void {
    const handle = known.get(request.params.fd ?? -1);
    if (handle) request.params = { ...request.params, fd: descriptor(handle) };
  }

  /** Makes the new server what the old one was; leaves off when it is overtaken by the next. */
  run(generation: number, lost: readonly Request[]): void {
    const known = this.descriptors();
    this.generation = generation;
    this.#lost.push(...lost.map((request) => ({ request, known })));
    if (this.mounted && !this.#mount()) return;
    for (const handle of this.handles) if (!this.#reopen(handle)) return;
    this.#restored = generation;
    for (const { request, known: meant } of this.#lost.splice(0)) this.#decide(request, meant);
  }

  #mount(): boolean {
    return this.server.ask('INITIALISE', {}) !== undefined;
  }

  #reopen(handle: FileHandle): boolean {
    const { path, flags, gone } = handle;
    if (gone) handle.lost = true;
    if (handle.lost) return true;
    const answer = this.server.ask('FILE_OPEN', { path_offset: 0, path_size: 0, flags }, path);
    if (!answer) return false;
    if (answer.status === FS_STATUS.SUCCESS) handle.fd = answer.result;
    else handle.lost = true;
    return true;
  }

  #decide(request: Request, known: Descriptors): void {
    const fate = request.abandoned ? 'fails' : FATES[request.command];
    if (fate === 'fails') return this.server.fail(request, FS_STATUS.IO_ERROR);
    if (fate === 'again by descriptor') {
      const handle = known.get(request.params.fd!);
      if (!handle || handle.lost) return this.server.fail(request, FS_STATUS.STALE);
      request.params = { ...request.params, fd: handle.fd };
    }
    this.server.resend(request);
  }
}
