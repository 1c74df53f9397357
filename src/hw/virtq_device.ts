/**
 * The device's side of a split virtqueue, for a driver that may be broken or hostile: every index, address and length is copied
 * once and checked. A violation that no answer can report breaks the queue (NEEDS_RESET). [VIRTIO 1.2] 2.7, 2.1.2.
 */
import {
  dataView,
  readDescriptor,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  VIRTQ_RING,
  VIRTQ_USED_ELEM_SIZE,
  VirtqIndex,
  virtqAreas,
} from '../specs/virtq';
import type { Dma } from './device';

export interface QueueAddresses {
  readonly size: number;
  readonly desc: number;
  readonly driver: number;
  readonly device: number;
}

/** A buffer chain the driver made available: what the device may read, then what it may write. */
export interface Chain {
  /** Index of the first descriptor: what the used ring names. */
  readonly head: number;
  readonly readable: readonly Uint8Array[];
  readonly writable: readonly Uint8Array[];
}

export class VirtqDevice {
  readonly #desc: DataView;
  readonly #avail: DataView;
  readonly #used: DataView;
  readonly #availIndex: VirtqIndex;
  readonly #usedIndex: VirtqIndex;
  #lastAvail = 0;
  #nextUsed = 0;
  /** What the driver did wrong, once it has. */
  violation: string | undefined;

  private constructor(
    readonly size: number,
    readonly dma: Dma,
    areas: { readonly desc: Uint8Array; readonly avail: Uint8Array; readonly used: Uint8Array },
  ) {
    this.#desc = dataView(areas.desc);
    this.#avail = dataView(areas.avail);
    this.#used = dataView(areas.used);
    this.#availIndex = new VirtqIndex(areas.avail);
    this.#usedIndex = new VirtqIndex(areas.used);
  }

  /** Undefined when the areas are misaligned or not in memory the device can reach. */
  static at(dma: Dma, { size, desc, driver, device }: QueueAddresses): VirtqDevice | undefined {
    const lengths = virtqAreas(size);
    if (desc % 16 !== 0 || driver % 2 !== 0 || device % 4 !== 0) return undefined;
    const areas = {
      desc: dma.at(desc, lengths.desc),
      avail: dma.at(driver, lengths.avail),
      used: dma.at(device, lengths.used),
    };
    const { desc: d, avail: a, used: u } = areas;
    return d && a && u ? new VirtqDevice(size, dma, { desc: d, avail: a, used: u }) : undefined;
  }

  /** Whether a chain waits; a broken queue has none. */
  get hasChain(): boolean {
    if (this.violation !== undefined) return false;
    const waiting = (this.#availIndex.load() - this.#lastAvail) & 0xffff;
    if (waiting > this.size) this.violation = `available index is ${waiting} ahead in a queue of ${this.size}`;
    return waiting > 0 && waiting <= this.size;
  }

  /** The next chain, or undefined when there is none or the queue is broken. It stays available until `take`. */
  peek(): Chain | undefined {
    if (!this.hasChain) return undefined;
    const slot = VIRTQ_RING + 2 * (this.#lastAvail % this.size);
    return this.#walk(this.#avail.getUint16(slot, true));
  }

  /** The chain that `peek` showed now belongs to the device. */
  take(): void {
    this.#lastAvail = (this.#lastAvail + 1) & 0xffff;
  }

  pop(): Chain | undefined {
    const chain = this.peek();
    if (chain) this.take();
    return chain;
  }

  /** Gives a chain back with `written` bytes in its writable part. True when the driver wants an interrupt. */
  push(head: number, written: number): boolean {
    const slot = VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * (this.#nextUsed % this.size);
    this.#used.setUint32(slot, head, true);
    this.#used.setUint32(slot + 4, written, true);
    this.#nextUsed = (this.#nextUsed + 1) & 0xffff;
    this.#usedIndex.store(this.#nextUsed);
    return (this.#availIndex.flags & VIRTQ_AVAIL_F_NO_INTERRUPT) === 0;
  }

  #walk(head: number): Chain | undefined {
    const readable: Uint8Array[] = [];
    const writable: Uint8Array[] = [];
    let index = head;
    for (let steps = 0; ; steps++) {
      if (index >= this.size) return this.#violated(`descriptor ${index} in a queue of ${this.size}`);
      if (steps === this.size) return this.#violated('descriptor chain loops');
      const { addr, len, flags, next } = readDescriptor(this.#desc, index);
      // INDIRECT is not offered, so a driver that sets it broke the protocol.
      if (flags & VIRTQ_DESC_F.INDIRECT) return this.#violated('indirect descriptor without the feature');
      const bytes = this.dma.at(addr, len);
      if (!bytes) return this.#violated(`descriptor ${index} is outside the memory of the device`);
      if (flags & VIRTQ_DESC_F.WRITE) writable.push(bytes);
      else if (writable.length > 0) return this.#violated('readable descriptor after a writable one');
      else readable.push(bytes);
      if ((flags & VIRTQ_DESC_F.NEXT) === 0) return { head, readable, writable };
      index = next;
    }
  }

  #violated(why: string): undefined {
    this.violation = why;
    return undefined;
  }
}
