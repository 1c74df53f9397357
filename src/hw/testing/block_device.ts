/** A driver's view of the block device: 64 KiB of memory, rings and headers as digits from [VIRTIO 1.2], never from src/specs. */
import { Dma } from '../device';
import { type Disk, MemoryDisk } from '../disk';
import { VirtioBlock } from '../virtio_block';

export const RAM = 0x4000_0000;
export const DESC = 0;
export const AVAIL = 0x1000;
export const USED = 0x2000;
export const HEADER = 0x3000;
export const DATA = 0x4000;
export const STATUS = 0x8000;

export type Descriptor = [addr: number, len: number, flags: number, next: number];

export function setup(options: { readOnly?: boolean; disk?: Disk; features?: number } = {}) {
  const image = Uint8Array.from({ length: 64 * 512 }, (_, i) => (i * 7) & 255);
  const memory = new MemoryDisk(image);
  const disk: Disk = options.disk ?? { ...view(memory), readOnly: options.readOnly ?? false };
  const ram = new Uint8Array(new SharedArrayBuffer(0x1_0000));
  const at = new DataView(ram.buffer);
  const levels: boolean[] = [];
  const device = new VirtioBlock(disk, new Dma([{ paddr: RAM, bytes: ram }]), { level: (high) => levels.push(high) });
  const { mmio } = device;
  let available = 0;
  const bringUp = () => {
    for (const [offset, value] of [
      [0x70, 0],
      [0x70, 1],
      [0x70, 3],
      [0x24, 0],
      [0x20, options.features ?? 1 << 9],
      [0x24, 1],
      [0x20, 1],
      [0x70, 11],
      [0x30, 0],
      [0x38, 8],
      [0x80, RAM + DESC],
      [0x84, 0],
      [0x90, RAM + AVAIL],
      [0x94, 0],
      [0xa0, RAM + USED],
      [0xa4, 0],
      [0x44, 1],
      [0x70, 15],
    ] as const)
      mmio.write32(offset, value);
  };
  bringUp();
  return {
    image,
    ram,
    device,
    at,
    mmio,
    levels,
    bringUp,
    header(type: number, sector: bigint) {
      at.setUint32(HEADER, type, true);
      at.setBigUint64(HEADER + 8, sector, true);
      at.setUint8(STATUS, 0xff);
    },
    /** Writes the descriptors from index 0, makes 0 available, rings. */
    submit(...descriptors: Descriptor[]) {
      for (const [i, [addr, len, flags, next]] of descriptors.entries()) {
        at.setBigUint64(DESC + 16 * i, BigInt(addr), true);
        at.setUint32(DESC + 16 * i + 8, len, true);
        at.setUint16(DESC + 16 * i + 12, flags, true);
        at.setUint16(DESC + 16 * i + 14, next, true);
      }
      at.setUint16(AVAIL + 4 + 2 * (available % 8), 0, true);
      available++;
      at.setUint16(AVAIL + 2, available, true);
      mmio.write32(0x50, 0);
    },
    used: () => ({
      idx: at.getUint16(USED + 2, true),
      id: at.getUint32(USED + 4, true),
      len: at.getUint32(USED + 8, true),
    }),
    status: () => at.getUint8(STATUS),
  };
}

const view = (disk: MemoryDisk) => ({
  sectors: disk.sectors,
  read: (sector: number, dest: Uint8Array) => disk.read(sector, dest),
  write: (sector: number, bytes: Uint8Array) => disk.write(sector, bytes),
  flush: () => {},
});

export const NEXT = 1;
export const WRITE = 2;
/** Header, data, status. */
export const threePart = (dataFlags: number, length = 1024): Descriptor[] => [
  [RAM + HEADER, 16, NEXT, 1],
  [RAM + DATA, length, NEXT | dataFlags, 2],
  [RAM + STATUS, 1, WRITE, 0],
];
