/** The descriptor rings of the ENET's DMA engine (uDMA): legacy buffer descriptors in memory, one after the other until WRAP. */
import { ENET_BD_SIZE, ENET_RXBD } from '../specs/imx_enet';
import type { Dma } from './device';

/** What a descriptor keeps of its status when the engine gives it back: WRAP, and the two bits of software's beside it. */
export const KEPT_STATUS = 0x7000;

export interface BufferDescriptor {
  readonly stat: number;
  readonly len: number;
  readonly addr: number;
}

export class BdRing {
  #start = 0;
  #at = 0;

  constructor(
    readonly dma: Dma,
    /** ECR.DBSWP: descriptors are little-endian. */
    readonly swapped: () => boolean,
  ) {}

  /** The engine goes to the first descriptor. */
  restart(start: number): void {
    this.#start = start;
    this.#at = start;
  }

  /** A copy of the current descriptor; undefined when the engine cannot reach it. */
  current(): BufferDescriptor | undefined {
    return this.#read(this.#at);
  }

  /** Whether the current descriptor and the `count` - 1 behind it have `bit` set; undefined when one cannot be reached. */
  have(bit: number, count: number): boolean | undefined {
    let at = this.#at;
    for (let left = count; left > 0; left--) {
      const bd = this.#read(at);
      if (!bd) return undefined;
      if ((bd.stat & bit) === 0) return false;
      at = this.#after(at, bd);
    }
    return true;
  }

  /** Gives the current descriptor back to the driver, and goes on to the next. */
  finish(bd: BufferDescriptor, stat: number, len: number): void {
    const view = this.#view(this.#at)!;
    view.setUint32(0, ((stat << 16) | len) >>> 0, this.swapped());
    this.#at = this.#after(this.#at, bd);
  }

  #after(at: number, { stat }: BufferDescriptor): number {
    // WRAP is the same bit in both rings.
    return stat & ENET_RXBD.WRAP ? this.#start : at + ENET_BD_SIZE;
  }

  #read(at: number): BufferDescriptor | undefined {
    const view = this.#view(at);
    if (!view) return undefined;
    const word = view.getUint32(0, this.swapped());
    return { stat: word >>> 16, len: word & 0xffff, addr: view.getUint32(4, this.swapped()) };
  }

  #view(at: number): DataView | undefined {
    const bytes = this.dma.at(at, ENET_BD_SIZE);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, ENET_BD_SIZE);
  }
}
