/** The driver's side of a split virtqueue in guest RAM. [VIRTIO 1.2] 2.7. The monitor is not believed either: ids are checked. */
import {
  VIRTQ_DESC_F,
  VIRTQ_RING,
  VIRTQ_USED_ELEM_SIZE,
  VirtqIndex,
  virtqAreas,
  writeDescriptor,
} from '../../../src/specs/virtq';
import type { BootAllocator, Memory } from './memory';
import type { Segment } from './request_queue';

export interface Used {
  readonly head: number;
  readonly length: number;
}

export class Virtqueue {
  readonly desc: Memory;
  readonly avail: Memory;
  readonly used: Memory;
  readonly #availIndex: VirtqIndex;
  readonly #usedIndex: VirtqIndex;
  readonly #free: number[];
  /** Descriptors of each chain that the device has, by head. */
  readonly #chains = new Map<number, readonly number[]>();
  #nextAvail = 0;
  #lastUsed = 0;

  constructor(
    readonly size: number,
    memory: BootAllocator,
  ) {
    const lengths = virtqAreas(size);
    this.desc = memory.zeroed(lengths.desc, 16);
    this.avail = memory.zeroed(lengths.avail + 2, 4);
    this.used = memory.zeroed(lengths.used + 2, 4);
    this.#availIndex = new VirtqIndex(this.avail.bytes);
    this.#usedIndex = new VirtqIndex(this.used.bytes);
    this.#free = Array.from({ length: size }, (_, i) => size - 1 - i);
  }

  get freeDescriptors(): number {
    return this.#free.length;
  }

  /** What `add` will return. */
  get nextHead(): number {
    return this.#free.at(-1) ?? 0;
  }

  /** Makes a chain available and returns its head; undefined when there are not enough descriptors. */
  add(readable: readonly Segment[], writable: readonly Segment[]): number | undefined {
    const count = readable.length + writable.length;
    if (count === 0 || count > this.#free.length) return undefined;
    const indices = this.#free.splice(this.#free.length - count, count).reverse();
    const segments = [...readable, ...writable];
    for (const [i, { phys, length }] of segments.entries()) {
      const next = indices[i + 1];
      const flags = (i >= readable.length ? VIRTQ_DESC_F.WRITE : 0) | (next === undefined ? 0 : VIRTQ_DESC_F.NEXT);
      writeDescriptor(this.desc.view, indices[i]!, { addr: phys, len: length, flags, next: next ?? 0 });
    }
    const head = indices[0]!;
    this.#chains.set(head, indices);
    this.avail.view.setUint16(VIRTQ_RING + 2 * (this.#nextAvail % this.size), head, true);
    this.#nextAvail = (this.#nextAvail + 1) & 0xffff;
    this.#availIndex.store(this.#nextAvail);
    return head;
  }

  /** The next chain that came back; one that was never given away is passed over. */
  collect(): Used | undefined {
    while (this.#lastUsed !== this.#usedIndex.load()) {
      const slot = VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * (this.#lastUsed % this.size);
      const head = this.used.view.getUint32(slot, true);
      const length = this.used.view.getUint32(slot + 4, true);
      this.#lastUsed = (this.#lastUsed + 1) & 0xffff;
      const indices = this.#chains.get(head);
      if (!indices) continue;
      this.#chains.delete(head);
      this.#free.push(...[...indices].reverse());
      return { head, length };
    }
    return undefined;
  }
}
