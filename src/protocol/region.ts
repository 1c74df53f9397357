/** A memory region as a component sees it: one SharedArrayBuffer, its name and, if devices may reach it, its physical address. */
export class Region {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly words: Int32Array;

  constructor(
    readonly name: string,
    readonly buffer: SharedArrayBuffer,
    /** Physical address, for regions that devices may reach by DMA. */
    readonly paddr?: number,
  ) {
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  }

  get size(): number {
    return this.buffer.byteLength;
  }

  /** Whether `offset .. offset+length` lies inside; false for NaN, negatives and wraps. */
  holds(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && length <= this.size && offset <= this.size - length;
  }
}

/** A fresh zeroed region. */
export function region(name: string, size: number, paddr?: number): Region {
  return new Region(name, new SharedArrayBuffer(size), paddr);
}
