/**
 * What the monitor and its guest agree on: UIO regions and the config page; LionsOS components/fs/vmfs/vmfs_shared.h and examples/vmfs
 * board DTS. Guest-physical addresses are the same on both boards.
 */
import { i32, struct, u32, u64 } from './struct';

export interface UioRegion {
  /** Device tree node. */
  readonly node: string;
  /** Second compatible string, and the symbol of the mapping. */
  readonly name: string;
  readonly guestPhys: number;
  readonly size: number;
  readonly intid?: number;
}

/** What belongs to no client. */
export const VMFS_CONFIG_REGION: UioRegion = {
  node: 'uio@0',
  name: 'vmfs_config',
  guestPhys: 0x1000_2000,
  size: 0x1000,
};
/** Deliberately unmapped: a store here traps to the monitor, which notifies the client. */
export const VMFS_FAULT_REGION: UioRegion = {
  node: 'uio@4',
  name: 'vmfs_fault',
  guestPhys: 0x1000_1000,
  size: 0x1000,
};

/** Upstream serves one client; ours has address space for this many. */
export const MAX_FS_CLIENTS = 4;
const QUEUE_SIZE = 0x8000;
const SHARE_SIZE = 0x400_0000;
/** Of a client that is not upstream's: enough for 128 buffers. */
const SMALL_SHARE_SIZE = 0x40_0000;
const CLIENT_STRIDE = 0x800_0000;
/** 74 and 79 are the guest's virtio devices. */
const COMMAND_INTIDS = [71, 72, 73, 75] as const;

export interface FsClientRegions {
  readonly command: UioRegion;
  readonly completion: UioRegion;
  readonly data: UioRegion;
}

/** `vmfs_command` of the first client, which is upstream's; `vmfs_command_1` of the next. The same goes for channels. */
export function clientSymbol(name: string, client: number): string {
  return client === 0 ? name : `${name}_${client}`;
}

/** The regions of a client by its number, below MAX_FS_CLIENTS. */
export function fsClientRegions(client: number): FsClientRegions {
  const first = client === 0 ? 1 : 2 + 3 * client;
  const region = (i: number, name: string, offset: number, size: number): UioRegion => ({
    node: `uio@${first + i}`,
    name: clientSymbol(name, client),
    guestPhys: 0x2000_0000 + client * CLIENT_STRIDE + offset,
    size,
  });
  return {
    command: { ...region(0, 'vmfs_command', 0, QUEUE_SIZE), intid: COMMAND_INTIDS[client]! },
    completion: region(1, 'vmfs_completion', 0x100_0000, QUEUE_SIZE),
    data: region(2, 'vmfs_data', 0x200_0000, client === 0 ? SHARE_SIZE : SMALL_SHARE_SIZE),
  };
}

/** All UIO regions in the order of the device tree: upstream's five, then three for each further client. */
export function uioRegions(clients: number): UioRegion[] {
  const regions = [VMFS_CONFIG_REGION, VMFS_FAULT_REGION];
  for (let client = 0; client < clients; client++) regions.push(...Object.values(fsClientRegions(client)));
  return regions.sort((a, b) => Number(a.node.slice(4)) - Number(b.node.slice(4)));
}

/** Sizes that the monitor writes and the guest's driver reads: one of these for each client, one behind the other. */
export const VMFS_CONFIG = struct('vmfs_config', 32, {
  command_queue_size: u64(0),
  completion_queue_size: u64(8),
  data_size: u64(16),
  fault_size: u64(24),
});

export const GUEST_RAM = { guestPhys: 0x4000_0000, size: 0x800_0000 } as const;
export const GUEST_DTB = 0x47f0_0000;

/** The guest's emulated devices: virtio-mmio windows. */
export const GUEST_VIRTIO = {
  console: { guestPhys: 0x13_0000, size: 0x200, intid: 74 },
  blk: { guestPhys: 0x15_0000, size: 0x200, intid: 79 },
} as const;

/**
 * A guest access to an address with no memory behind it, as the monitor's fault handler gets it.
 * The call's label says which; words: [guest-physical address, value (stores only)]. A load answers with one word.
 */
export const VCPU_FAULT = { LOAD32: 0, STORE32: 1, LOAD8: 2 } as const;

/**
 * The two registers of each virtio-mmio window that every interrupt touches (InterruptStatus, InterruptACK) live in a page shared
 * by monitor and guest instead of trapping: word 0 console, word 1 blk. The monitor ORs bits in, the guest ANDs them out.
 */
export const VIRQ_STATUS_WORD = { console: 0, blk: 1 } as const;

/**
 * The rest of that page is for whoever looks on; nobody believes it. Offsets in bytes. `console` and `blk`: the registers of the guest's
 * devices as the monitor has them (VIRTIO_MMIO). `cache`, `urings`: where the guest's kernel keeps its page cache and, by file system
 * client, its io_uring. `uio`: its UIO devices, in the order of the device tree.
 */
export const VIRQ_PAGE = { cache: 0x100, urings: 0x140, uio: 0x200, console: 0x400, blk: 0x600 } as const;

/** Guest-physical addresses; `count` slots of 4 KiB at `pages`, a GUEST_SLOT for each at `slots`. */
export const GUEST_CACHE = struct('guest_page_cache', 24, { pages: u64(0), slots: u64(8), count: u32(16) });

/** A slot of the page cache: the number of the disk's page that it holds, -1 when it is free, -2 when a device may still write to it. */
export const GUEST_SLOT = struct('page_cache_slot', 8, { page: i32(0), flags: u32(4) });
export const GUEST_SLOT_FLAG = { referenced: 1, reading: 2, writing: 4, dirty: 8 } as const;

export const GUEST_URING = struct('guest_io_uring', 24, { rings: u64(0), sqes: u64(8), entries: u32(16) });

/** Interrupts that came, those that the program has read, and whether the next one may come. */
export const GUEST_UIO = struct('guest_uio', 16, { intid: u32(0), count: u32(4), read: u32(8), enabled: u32(12) });
