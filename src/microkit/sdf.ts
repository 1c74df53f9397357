/** A Microkit system description as data; the shape of au-ts/microkit's .system file and of sdfgen's objects. */

export interface SystemDescription {
  readonly board: string;
  readonly regions: readonly MemoryRegion[];
  readonly domains: readonly ProtectionDomain[];
  readonly channels: readonly Channel[];
}

export interface MemoryRegion {
  readonly name: string;
  readonly size: number;
  /** Physical address: fixed by the board for registers, chosen by the tool for DMA memory. */
  readonly paddr?: number;
}

export interface ProtectionDomain {
  /** Upstream's name: blk_driver, fs_driver_vmm, ... */
  readonly name: string;
  /** Folder under workers/ whose program it runs. */
  readonly image: string;
  readonly kind: 'driver' | 'virtualiser' | 'monitor' | 'guest' | 'client';
  readonly priority: number;
  readonly budgetUs?: number;
  readonly periodUs?: number;
  readonly passive?: boolean;
  /** Started when the system's prompt is there: nothing before it waits for this domain. */
  readonly late?: boolean;
  /** A virtual machine: its parent is the monitor PD. */
  readonly parent?: string;
  readonly maps: readonly Mapping[];
  readonly irqs: readonly Irq[];
  /** The device model that runs in this driver's worker. */
  readonly device?: Device;
  readonly config?: unknown;
}

export interface Mapping {
  readonly region: string;
  /** The name the program knows it by. */
  readonly symbol: string;
  readonly perms: 'r' | 'rw' | 'rwx';
  /** True when absent; it changes nothing in a browser, and is exported. */
  readonly cached?: boolean;
  /** Guest-physical address, in a guest; elsewhere the tool chooses. */
  readonly vaddr?: number;
}

export interface Irq {
  readonly id: number;
  readonly symbol: string;
  /** GIC interrupt id: SPI n is n + 32, PPI n is n + 16. */
  readonly intid: number;
  readonly trigger: 'edge' | 'level';
}

export interface Device {
  /** Device tree node. */
  readonly node: string;
  /** What the graph calls it. */
  readonly label: string;
  readonly paddr?: number;
  /** Regions that it may reach by DMA: its IOMMU table. */
  readonly dma: readonly string[];
  /** What leaves the machine here. */
  readonly port?: 'line' | 'disk' | 'wire';
}

export interface Channel {
  readonly a: ChannelEnd;
  readonly b: ChannelEnd;
  /** Protected calls go from a to b. */
  readonly protectedCall?: boolean;
  /**
   * `vcpu`: between a monitor and its guest (faults, virtual interrupts, ioeventfd), which Microkit does not express as a
   * channel. `direct`: a virtual interrupt wired past the monitor (KVM's irqfd), where upstream relays.
   */
  readonly kind?: 'vcpu' | 'direct';
}

export interface ChannelEnd {
  readonly domain: string;
  readonly id: number;
  readonly symbol: string;
  /** Whether this end may notify the other; true when absent. */
  readonly notify?: boolean;
}
