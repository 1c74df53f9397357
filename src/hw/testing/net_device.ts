/** A driver's view of the network device: 64 KiB of memory, rings as digits from [VIRTIO 1.2], never from src/specs. */
import { Dma } from '../device';
import { VirtioNet } from '../virtio_net';
import { FakeWire } from './fake_wire';

export const RAM = 0x4000_0000;
export const BUFFERS = 0x8000;
export const RX = 0;
export const TX = 1;
export const NEXT = 1;
export const WRITE = 2;
export const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);

export type Descriptor = [addr: number, len: number, flags: number, next: number];

/** Descriptors, available and used ring of queue `q`. */
const places = (q: number) => ({ desc: q * 0x3000, avail: q * 0x3000 + 0x1000, used: q * 0x3000 + 0x2000 });

export function setup({ features = [1 << 5, 1] as readonly [number, number], queueSize = 8 } = {}) {
  const wire = new FakeWire();
  const ram = new Uint8Array(new SharedArrayBuffer(0x1_0000));
  const at = new DataView(ram.buffer);
  const levels: boolean[] = [];
  const device = new VirtioNet(wire, MAC, new Dma([{ paddr: RAM, bytes: ram }]), {
    level: (high) => levels.push(high),
  });
  const { mmio } = device;
  const available = [0, 0];
  const write = (...pairs: (readonly [number, number])[]) => {
    for (const [offset, value] of pairs) mmio.write32(offset, value);
  };
  const bringUp = () => {
    write([0x70, 0], [0x70, 1], [0x70, 3], [0x24, 0], [0x20, features[0]], [0x24, 1], [0x20, features[1]], [0x70, 11]);
    for (const q of [RX, TX]) {
      const { desc, avail, used } = places(q);
      write([0x30, q], [0x38, queueSize], [0x80, RAM + desc], [0x90, RAM + avail], [0xa0, RAM + used], [0x44, 1]);
    }
  };
  /** Writes descriptors from `first` on and makes that one available, without a bell. */
  const offer = (q: number, first: number, ...descriptors: Descriptor[]) => {
    const { desc, avail } = places(q);
    for (const [i, [addr, len, flags, next]] of descriptors.entries()) {
      at.setBigUint64(desc + 16 * (first + i), BigInt(addr), true);
      at.setUint32(desc + 16 * (first + i) + 8, len, true);
      at.setUint16(desc + 16 * (first + i) + 12, flags, true);
      at.setUint16(desc + 16 * (first + i) + 14, next, true);
    }
    at.setUint16(avail + 4 + 2 * (available[q]! % queueSize), first, true);
    available[q] = (available[q]! + 1) & 0xffff;
    at.setUint16(avail + 2, available[q]!, true);
  };
  return {
    wire,
    ram,
    at,
    device,
    mmio,
    levels,
    bringUp,
    start: () => mmio.write32(0x70, 15),
    offer,
    ring: (q: number) => mmio.write32(0x50, q),
    /** Entries of the used ring so far. */
    used: (q: number) => {
      const { used } = places(q);
      return Array.from({ length: at.getUint16(used + 2, true) }, (_, i) => ({
        id: at.getUint32(used + 4 + 8 * (i % queueSize), true),
        len: at.getUint32(used + 8 + 8 * (i % queueSize), true),
      }));
    },
    needsReset: () => (mmio.read32(0x70) & 0x40) !== 0,
  };
}
