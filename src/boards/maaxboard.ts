/** Avnet's MaaXBoard with an NXP i.MX8M Quad: an SD card behind the uSDHC, i.MX UART, GPT and ENET. */
import type { Board } from './board';

export const maaxboard: Board = {
  name: 'maaxboard',
  machine: 'MaaXBoard with Cortex A53',
  arch: 'AArch64',
  ram: [0x4000_0000, 0xc000_0000],
  paddrTop: 0x9000_0000,
  gic: 'GICv3',
  serial: {
    image: 'uart_driver_imx',
    device: { node: 'serial@30860000', label: 'i.MX UART', paddr: 0x3086_0000 },
    irq: { id: 0, intid: 58, trigger: 'level' },
    regs: { size: 0x1000, paddr: 0x3086_0000 },
  },
  timer: {
    image: 'timer_driver_imx',
    device: { node: 'timer@302d0000', label: 'GPT', paddr: 0x302d_0000 },
    irq: { id: 0, intid: 87, trigger: 'level' },
    regs: { size: 0x1_0000, paddr: 0x302d_0000 },
  },
  net: {
    image: 'eth_driver_imx',
    device: { node: 'ethernet@30be0000', label: 'ENET', paddr: 0x30be_0000 },
    irq: { id: 0, intid: 152, trigger: 'level' },
    regs: { size: 0x1_0000, paddr: 0x30be_0000 },
    regions: [
      { name: 'device_rx_ring', symbol: 'device_rx_ring', size: 0x8000 },
      { name: 'device_tx_ring', symbol: 'device_tx_ring', size: 0x8000 },
    ],
  },
  blk: {
    image: 'blk_driver_imx',
    device: { node: 'mmc@30b40000', label: 'uSDHC', paddr: 0x30b4_0000 },
    // Channel 0 is the timer's.
    irq: { id: 1, intid: 54, trigger: 'level' },
    regs: { size: 0x1_0000, paddr: 0x30b4_0000 },
    partition: 0,
    regions: [],
    usesTimer: true,
  },
};
