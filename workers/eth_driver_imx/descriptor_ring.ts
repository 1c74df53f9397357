/** The driver's side of one descriptor ring: 256 legacy descriptors of 8 bytes, little-endian, from the start of their region. */
import type { NetBuffDesc } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import { ENET_BD_SIZE, ENET_RXBD } from '../../src/specs/imx_enet';

export const RING_SIZE = 256;

export interface Done {
  readonly address: number;
  readonly stat: number;
  readonly len: number;
}

export class DescriptorRing {
  /** Address of the buffer by descriptor, while the device has it. */
  readonly #buffers: number[] = new Array(RING_SIZE).fill(0);
  /** Both run freely. */
  #tail = 0;
  #head = 0;

  constructor(
    readonly region: Region,
    /** EMPTY or READY: the device has the descriptor. */
    readonly owned: number,
  ) {}

  get paddr(): number {
    return this.region.paddr!;
  }

  get hasRoom(): boolean {
    return this.#tail - this.#head < RING_SIZE;
  }

  /** Gives a buffer to the device; status last, because it makes the descriptor the device's. */
  put({ io_or_offset, len }: NetBuffDesc, flags: number): void {
    const slot = this.#tail++ % RING_SIZE;
    this.#buffers[slot] = io_or_offset;
    const { view } = this.region;
    const at = slot * ENET_BD_SIZE;
    view.setUint32(at + 4, io_or_offset, true);
    view.setUint16(at, len, true);
    const wrap = slot === RING_SIZE - 1 ? ENET_RXBD.WRAP : 0;
    view.setUint16(at + 2, this.owned | flags | wrap, true);
  }

  /** The oldest buffer, once the device is done with it; where it is, the driver knows itself. */
  take(): Done | undefined {
    if (this.#head === this.#tail) return undefined;
    const slot = this.#head % RING_SIZE;
    const word = this.region.view.getUint32(slot * ENET_BD_SIZE, true);
    if ((word >>> 16) & this.owned) return undefined;
    this.#head++;
    return { address: this.#buffers[slot]!, stat: word >>> 16, len: word & 0xffff };
  }

  /** Nothing is the device's any more. Returns the buffers that were. */
  reset(): number[] {
    const lost = Array.from(
      { length: this.#tail - this.#head },
      (_, i) => this.#buffers[(this.#head + i) % RING_SIZE]!,
    );
    this.#tail = 0;
    this.#head = 0;
    this.region.bytes.fill(0, 0, RING_SIZE * ENET_BD_SIZE);
    return lost;
  }
}
