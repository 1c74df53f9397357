/**
 * Split virtqueues. [VIRTIO 1.2] 2.7.
 *   descriptor  0 u64 addr  8 u32 len  12 u16 flags  14 u16 next
 *   available   0 u16 flags  2 u16 idx  4 u16 ring[n]
 *   used        0 u16 flags  2 u16 idx  4 {u32 id, u32 len} ring[n]
 */
export const VIRTQ_DESC_SIZE = 16;
export const VIRTQ_DESC = { addr: 0, len: 8, flags: 12, next: 14 } as const;
export const VIRTQ_DESC_F = { NEXT: 1, WRITE: 2, INDIRECT: 4 } as const;
export const VIRTQ_AVAIL_F_NO_INTERRUPT = 1;
export const VIRTQ_USED_F_NO_NOTIFY = 1;
/** Of both rings: the index, and where the entries begin. */
export const VIRTQ_IDX = 2;
export const VIRTQ_RING = 4;
export const VIRTQ_USED_ELEM_SIZE = 8;
export const VIRTQ_USED_ELEM = { id: 0, len: 4 } as const;

export interface VirtqDescriptor {
  readonly addr: number;
  readonly len: number;
  readonly flags: number;
  readonly next: number;
}

/** Sizes in bytes of the three areas of a queue of `n` descriptors, without the event-index words. */
export function virtqAreas(n: number): { desc: number; avail: number; used: number } {
  return { desc: n * VIRTQ_DESC_SIZE, avail: VIRTQ_RING + 2 * n, used: VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * n };
}

/** A descriptor as a private copy. An address above 2^53 reads as NaN, which lies in no memory. */
export function readDescriptor(area: DataView, index: number): VirtqDescriptor {
  const at = index * VIRTQ_DESC_SIZE;
  const low = at + VIRTQ_DESC.addr;
  const addr = area.getUint32(low + 4, true) * 0x1_0000_0000 + area.getUint32(low, true);
  return {
    addr: addr <= Number.MAX_SAFE_INTEGER ? addr : Number.NaN,
    len: area.getUint32(at + VIRTQ_DESC.len, true),
    flags: area.getUint16(at + VIRTQ_DESC.flags, true),
    next: area.getUint16(at + VIRTQ_DESC.next, true),
  };
}

export function writeDescriptor(area: DataView, index: number, { addr, len, flags, next }: VirtqDescriptor): void {
  const at = index * VIRTQ_DESC_SIZE;
  const low = at + VIRTQ_DESC.addr;
  area.setUint32(low, addr % 0x1_0000_0000, true);
  area.setUint32(low + 4, Math.floor(addr / 0x1_0000_0000), true);
  area.setUint32(at + VIRTQ_DESC.len, len, true);
  area.setUint16(at + VIRTQ_DESC.flags, flags, true);
  area.setUint16(at + VIRTQ_DESC.next, next, true);
}

/** The `idx` word of an available or used area: published with release order, read with acquire order. */
export class VirtqIndex {
  readonly #words: Uint16Array;

  constructor(area: Uint8Array) {
    this.#words = new Uint16Array(area.buffer, area.byteOffset, 2);
  }

  get flags(): number {
    return Atomics.load(this.#words, 0);
  }

  set flags(value: number) {
    Atomics.store(this.#words, 0, value);
  }

  load(): number {
    return Atomics.load(this.#words, 1);
  }

  store(value: number): void {
    Atomics.store(this.#words, 1, value & 0xffff);
  }
}

export const dataView = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
