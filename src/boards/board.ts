/** What one board contributes to the system: device nodes, addresses, interrupts and driver images. */
import type { Device, Irq } from '../microkit/sdf';

export interface Board {
  readonly name: string;
  /** What MicroPython's banner says it runs on. */
  readonly machine: string;
  readonly arch: string;
  /** First line of the kernel's memory report: [start, end) of RAM. */
  readonly ram: readonly [number, number];
  /** DMA memory is carved downwards from here. */
  readonly paddrTop: number;
  readonly gic: 'GICv2' | 'GICv3';
  readonly serial: DriverChoice;
  readonly timer: DriverChoice;
  readonly net: DriverChoice & { readonly regs: RegisterWindow; readonly regions: readonly OwnRegion[] };
  readonly blk: DriverChoice & {
    /** Partition given to the file system VM. */
    readonly partition: number;
    readonly regions: readonly OwnRegion[];
    readonly usesTimer: boolean;
  };
}

export interface DriverChoice {
  readonly image: string;
  readonly device: Omit<Device, 'dma' | 'port'>;
  readonly irq: Omit<Irq, 'symbol'>;
  /** Register window mapped into the driver; none for the Arm timer's system registers. */
  readonly regs?: RegisterWindow;
}

export interface RegisterWindow {
  readonly size: number;
  readonly paddr: number;
}

/** Memory that a driver shares with its device alone, in upstream's creation order. */
export interface OwnRegion {
  readonly name: string;
  readonly symbol: string;
  readonly size: number;
}
