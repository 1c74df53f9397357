/** virtio block device. [VIRTIO 1.2] 5.2. */
export const VIRTIO_BLK_F = {
  SIZE_MAX: 1 << 1,
  SEG_MAX: 1 << 2,
  GEOMETRY: 1 << 4,
  RO: 1 << 5,
  BLK_SIZE: 1 << 6,
  FLUSH: 1 << 9,
  TOPOLOGY: 1 << 10,
} as const;

export const VIRTIO_BLK_T = { IN: 0, OUT: 1, FLUSH: 4, GET_ID: 8 } as const;
export const VIRTIO_BLK_S = { OK: 0, IOERR: 1, UNSUPP: 2 } as const;

/** Request header: u32 type, u32 reserved, u64 sector; then data; then one status byte. */
export const VIRTIO_BLK_HEADER_SIZE = 16;
export const VIRTIO_BLK_ID_SIZE = 20;
export const VIRTIO_BLK_SECTOR = 512;

/** Offsets in the configuration space. */
export const VIRTIO_BLK_CONFIG = {
  capacity: 0,
  size_max: 8,
  seg_max: 12,
  cylinders: 16,
  heads: 18,
  sectors: 19,
  blk_size: 20,
} as const;
export const VIRTIO_BLK_CONFIG_SIZE = 60;

export interface VirtioBlkHeader {
  readonly type: number;
  /** Means nothing to a device; Linux puts its I/O priority here. 32 bits. */
  readonly reserved: number;
  /** NaN where no number holds it. */
  readonly sector: number;
}

export function readBlkHeader(bytes: Uint8Array): VirtioBlkHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sector = view.getUint32(12, true) * 0x1_0000_0000 + view.getUint32(8, true);
  return {
    type: view.getUint32(0, true),
    reserved: view.getUint32(4, true),
    sector: sector <= Number.MAX_SAFE_INTEGER ? sector : Number.NaN,
  };
}

export function writeBlkHeader(bytes: Uint8Array, { type, reserved, sector }: VirtioBlkHeader): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(0, type, true);
  view.setUint32(4, reserved, true);
  view.setUint32(8, sector % 0x1_0000_0000, true);
  view.setUint32(12, Math.floor(sector / 0x1_0000_0000), true);
}
