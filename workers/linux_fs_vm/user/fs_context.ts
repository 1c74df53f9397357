/**
 * What a command of the protocol works with. Buffers come from a client that may be hostile: each is checked before use, paths are
 * copied once.
 */
import { FS_MAX_PATH_LENGTH } from '../../../src/protocol/fs';
import { fail } from '../kernel/errno';
import type { Memory } from '../kernel/memory';
import type { Syscalls } from '../kernel/syscalls';
import type { Submission } from './uring';

export interface Answer {
  readonly status: number;
  readonly result?: number;
}

/** Goes through the ring; `finish` makes the answer from the operation's result. */
export interface RingWork {
  readonly submission: Submission;
  finish(res: number): Answer;
}

/** The mapped share of the client, at its guest-physical address. */
export interface Share {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const PATH_SLOT = FS_MAX_PATH_LENGTH + 1;
/** Scratch memory of one command: two paths and a struct statx. */
export const SCRATCH_SIZE = 2 * PATH_SLOT + 256;

export class FsContext {
  /** Start of the scratch memory of the command being dispatched. */
  #scratch = 0;

  constructor(
    readonly syscalls: Syscalls,
    readonly share: Share,
    readonly heap: Memory,
  ) {}

  selectScratch(slot: number): void {
    this.#scratch = slot * SCRATCH_SIZE;
  }

  get statxAddress(): number {
    return this.heap.phys + this.#scratch + 2 * PATH_SLOT;
  }

  /** Offset of a buffer in the share; EFAULT unless all of it is inside and at least `minimum` long. */
  buffer(offset: number, size: number, minimum = 1): number {
    const { length } = this.share.bytes;
    // Subtractive, and false for NaN: neither side can wrap.
    if (!(size >= minimum && offset < length && size <= length - offset)) fail('EFAULT');
    return offset;
  }

  /** A private copy of a path, without the NUL that some commands carry. */
  path(offset: number, size: number): Uint8Array {
    if (size === 0) fail('ENOENT');
    if (size > FS_MAX_PATH_LENGTH + 1) fail('ENAMETOOLONG');
    const at = this.buffer(offset, size);
    const copy = this.share.bytes.slice(at, at + size);
    const bytes = copy.at(-1) === 0 ? copy.subarray(0, -1) : copy;
    if (bytes.length > FS_MAX_PATH_LENGTH) fail('ENAMETOOLONG');
    if (bytes.includes(0)) fail('EINVAL', 'NUL in a path');
    return bytes;
  }

  /** Address of the path as a string for the kernel. `which`: 0, or 1 for a second one. */
  pathAddress(offset: number, size: number, which: 0 | 1 = 0): number {
    const bytes = this.path(offset, size);
    const at = this.#scratch + which * PATH_SLOT;
    this.heap.bytes.set(bytes, at);
    this.heap.bytes[at + bytes.length] = 0;
    return this.heap.phys + at;
  }
}
