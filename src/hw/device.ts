/** What a board can place on the bus. Devices know registers, lines and bytes; nothing of workers or rings of ours. */
export interface Device {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface IrqLine {
  level(high: boolean): void;
}

/** Memory that a device may reach, by physical address. */
export interface DmaWindow {
  readonly paddr?: number;
  readonly bytes: Uint8Array;
}

/** A device's table of reachable memory: what an IOMMU would hold. */
export class Dma {
  constructor(readonly windows: readonly DmaWindow[]) {}

  /** The bytes at a physical address; undefined unless the whole range lies in one window. NaN lies in none. */
  at(paddr: number, length: number): Uint8Array | undefined {
    for (const { paddr: start, bytes } of this.windows) {
      if (start === undefined || !(paddr >= start)) continue;
      const offset = paddr - start;
      if (length <= bytes.length && offset <= bytes.length - length) return bytes.subarray(offset, offset + length);
    }
    return undefined;
  }
}
