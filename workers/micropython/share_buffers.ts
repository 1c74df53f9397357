/** The data share of the file system protocol, cut into buffers of 32 KiB; the lowest free one is taken, as upstream's client does. */
import { FS_BUFFER_SIZE } from '../../src/protocol/fs';
import type { Region } from '../../src/protocol/region';

export interface ShareBuffer {
  /** Where it is in the share: what the protocol calls its offset. */
  readonly offset: number;
  /** A view that changes with the server's generation: do not keep it across a request. */
  bytes: Uint8Array;
}

export class ShareBuffers {
  readonly #all: readonly ShareBuffer[];
  readonly #taken = new Set<number>();

  constructor(share: Region) {
    this.#all = Array.from({ length: Math.floor(share.size / FS_BUFFER_SIZE) }, (_, i) => {
      const offset = i * FS_BUFFER_SIZE;
      return { offset, bytes: share.bytes.subarray(offset, offset + FS_BUFFER_SIZE) };
    });
  }

  /** The share is another region now: buffers in use take their contents along. */
  move(share: Region): void {
    for (const buffer of this.#all) {
      const moved = share.bytes.subarray(buffer.offset, buffer.offset + FS_BUFFER_SIZE);
      if (this.#taken.has(buffer.offset)) moved.set(buffer.bytes);
      buffer.bytes = moved;
    }
  }

  get free(): number {
    return this.#all.length - this.#taken.size;
  }

  take(): ShareBuffer | undefined {
    const buffer = this.#all.find(({ offset }) => !this.#taken.has(offset));
    if (buffer) this.#taken.add(buffer.offset);
    return buffer;
  }

  giveBack({ offset }: ShareBuffer): void {
    if (!this.#taken.delete(offset)) throw new Error(`buffer ${offset} was not taken`);
  }
}
