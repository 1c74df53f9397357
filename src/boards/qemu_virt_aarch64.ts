/** QEMU's virt machine, as `make MICROKIT_BOARD=qemu_virt_aarch64` runs the original. */
import type { Board } from './board';

export const qemuVirtAarch64: Board = {
  name: 'qemu_virt_aarch64',
  machine: 'QEMU virt AArch64 with Cortex A53',
  arch: 'AArch64',
  ram: [0x6000_0000, 0xc000_0000],
  paddrTop: 0x6000_0000,
  gic: 'GICv2',
  serial: {
    image: 'uart_driver_pl011',
    device: { node: 'pl011@9000000', label: 'PL011', paddr: 0x900_0000 },
    irq: { id: 0, intid: 33, trigger: 'level' },
    regs: { size: 0x1000, paddr: 0x900_0000 },
  },
  timer: {
    image: 'timer_driver_arm',
    device: { node: 'timer', label: 'arch timer' },
    irq: { id: 0, intid: 30, trigger: 'level' },
  },
  net: {
    image: 'eth_driver_virtio',
    device: { node: 'virtio_mmio@a003c00', label: 'virtio-net', paddr: 0xa00_3c00 },
    irq: { id: 0, intid: 78, trigger: 'edge' },
    // The page holds the transport of the disk, too.
    regs: { size: 0x1000, paddr: 0xa00_3000 },
    regions: [{ name: 'hw_ring_buffer', symbol: 'hw_ring_buffer', size: 0x1_0000 }],
  },
  blk: {
    image: 'blk_driver_virtio',
    device: { node: 'virtio_mmio@a003e00', label: 'virtio-blk', paddr: 0xa00_3e00 },
    irq: { id: 0, intid: 79, trigger: 'edge' },
    regs: { size: 0x1000, paddr: 0xa00_3000 },
    partition: 0,
    regions: [
      { name: 'virtio_headers', symbol: 'virtio_headers', size: 0x1_0000 },
      { name: 'virtio_metadata', symbol: 'virtio_metadata', size: 0x20_0000 },
    ],
    usesTimer: false,
  },
};
