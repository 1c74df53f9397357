/** A host's view of the ENET: 64 KiB of memory, registers and descriptors as digits from [IMX8MDQLQRM], never from src/specs. */
import { Dma } from '../device';
import { ImxEnet } from '../imx_enet';
import { FakeWire } from './fake_wire';

export const RAM = 0x4000_0000;
export const RX_RING = 0x0000;
export const TX_RING = 0x1000;
export const BUFFERS = 0x4000;
export const MAC = Uint8Array.of(0x52, 0x54, 0x01, 0x00, 0x00, 0x07);

export const EIR = 0x004;
export const EIMR = 0x008;
export const RDAR = 0x010;
export const TDAR = 0x014;
export const ECR = 0x024;
export const RCR = 0x084;
export const TCR = 0x0c4;

export function setup() {
  const wire = new FakeWire();
  const ram = new Uint8Array(new SharedArrayBuffer(0x1_0000));
  const view = new DataView(ram.buffer);
  const irq = { high: false, level: (high: boolean) => void (irq.high = high) };
  const clock = { ns: 5000 };
  const enet = new ImxEnet(wire, MAC, new Dma([{ paddr: RAM, bytes: ram }]), irq, () => clock.ns);
  const write = (...pairs: (readonly [number, number])[]) => {
    for (const [offset, value] of pairs) enet.write32(offset, value);
  };
  /** Descriptor `i` of a ring at buffer `i`, as little-endian halfwords. */
  const descriptor = (ring: number, i: number, stat: number, len = 0, addr = RAM + BUFFERS + 2048 * i) => {
    view.setUint16(ring + 8 * i, len, true);
    view.setUint16(ring + 8 * i + 2, stat, true);
    view.setUint32(ring + 8 * i + 4, addr, true);
  };
  return {
    wire,
    ram,
    view,
    irq,
    clock,
    enet,
    write,
    descriptor,
    read: (offset: number) => enet.read32(offset),
    stat: (ring: number, i: number) => view.getUint16(ring + 8 * i + 2, true),
    len: (ring: number, i: number) => view.getUint16(ring + 8 * i, true),
    buffer: (i: number, length: number) => ram.slice(BUFFERS + 2048 * i, BUFFERS + 2048 * i + length),
    /** As sDDF's driver sets it up: little-endian, 1536-byte buffers, promiscuous, counters on, no coalescing. */
    start: (rcr = (1518 << 16) | 0x4c) => {
      write([ECR, 1], [ECR, 0x100], [0x064, 0], [0x180, RAM + RX_RING], [0x184, RAM + TX_RING], [0x188, 1536]);
      write([RCR, rcr], [TCR, 4], [ECR, 0x102], [0x0e4, 0x5254_0100], [0x0e8, 0x0007_0000]);
    },
    arrive: (...frames: Uint8Array[]) => {
      wire.arriving.push(...frames);
      enet.poll();
    },
  };
}
