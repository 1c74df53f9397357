/** The data share of the file system protocol, cut into buffers of 32 KiB; the lowest free one is taken, as upstream's client does. */
import { FS_BUFFER_SIZE } from '../protocol/fs';
import type { Region } from '../protocol/region';

export interface ShareBuffer {
  /** Where it is in the share: what the protocol calls its offset. */
  readonly offset: number;
  /** A view that changes with the server's generation: do not keep it across a request. */
  bytes: Uint8Array;
}

export class ShareBuffers {
  #share: Region;
  readonly #count: number;
  readonly #taken = new Map<number, ShareBuffer>();

  constructor(share: Region) {
    this.#share = share;
    this.#count = Math.floor(share.size / FS_BUFFER_SIZE);
  }

  /** The share is another region now: buffers in use take their contents along. */
  move(share: Region): void {
    this.#share = share;
    for (const buffer of this.#taken.values()) {
      const moved = this.#view(buffer.offset);
      moved.set(buffer.bytes);
      buffer.bytes = moved;
    }
  }

  get free(): number {
    return this.#count - this.#taken.size;
  }

  take(): ShareBuffer | undefined {
    if (this.free === 0) return undefined;
    let offset = 0;
    while (this.#taken.has(offset)) offset += FS_BUFFER_SIZE;
    const buffer = { offset, bytes: this.#view(offset) };
    this.#taken.set(offset, buffer);
    return buffer;
  }

  giveBack({ offset }: ShareBuffer): void {
    if (!this.#taken.delete(offset)) throw new Error(`buffer ${offset} was not taken`);
  }

  #view(offset: number): Uint8Array {
    return this.#share.bytes.subarray(offset, offset + FS_BUFFER_SIZE);
  }
}
