/** Guest RAM as the kernel hands it out at boot: pieces that are never given back, each known by its physical address. */
import type { Region } from '../../../src/protocol/region';

export interface Memory {
  readonly phys: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

export class BootAllocator {
  #next: number;
  readonly #end: number;

  /** `base`: physical address of the region's first byte; `start..end`: what may be given out, as physical addresses. */
  constructor(
    readonly ram: Region,
    readonly base: number,
    start: number,
    end: number,
  ) {
    this.#next = start - base;
    this.#end = end - base;
    if (!ram.holds(this.#next, this.#end - this.#next)) throw new RangeError('the memory node lies outside guest RAM');
  }

  get freeBytes(): number {
    return this.#end - this.#next;
  }

  /** Zeroed: a guest that was restarted finds its predecessor's bytes in RAM. */
  zeroed(size: number, align = 16): Memory {
    const memory = this.uninitialised(size, align);
    memory.bytes.fill(0);
    return memory;
  }

  uninitialised(size: number, align = 16): Memory {
    const at = Math.ceil(this.#next / align) * align;
    if (size > this.#end - at) throw new RangeError(`guest RAM is too small for ${size} bytes more`);
    this.#next = at + size;
    const { buffer } = this.ram;
    return {
      phys: this.base + at,
      bytes: new Uint8Array(buffer, at, size),
      view: new DataView(buffer, at, size),
    };
  }
}
