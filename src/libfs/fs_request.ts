/** One command to the file system server and what became of it. */
import type { FS_PARAMS } from '../protocol/fs';
import type { Region } from '../protocol/region';
import type { Values } from '../protocol/struct';
import type { ShareBuffer } from './share_buffers';

export type FsCommandName = keyof typeof FS_PARAMS;
export type Params<N extends FsCommandName> = Values<(typeof FS_PARAMS)[N]['fields']>;

export interface Completion {
  readonly status: number;
  readonly result: number;
}

export interface Request {
  readonly id: number;
  readonly command: FsCommandName;
  params: Readonly<Record<string, number>>;
  /** The server's while the request is in flight, then the caller's until the request is released. */
  readonly buffer: ShareBuffer | undefined;
  /** Results above this are the server's mistake. */
  readonly limit: number;
  completion?: Completion;
  /** Nobody waits any more; what the server made for it is undone by this. */
  abandoned?: boolean;
  undo?: (result: number) => void;
}

export interface RequestOptions {
  readonly buffer?: ShareBuffer;
  readonly limit?: number;
  readonly undo?: (result: number) => void;
}

export interface FsRegions {
  readonly command: Region;
  readonly completion: Region;
  readonly share: Region;
}

/** What a client shares with its server, by the symbols that every client knows it by. */
export function fsRegions(region: (symbol: string) => Region): FsRegions {
  return { command: region('fs_command'), completion: region('fs_completion'), share: region('fs_share') };
}
