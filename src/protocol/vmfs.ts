/**
 * What the monitor and its guest agree on: five UIO regions and the config page; LionsOS components/fs/vmfs/vmfs_shared.h
 * and examples/vmfs board DTS. Guest-physical addresses are the same on both boards.
 */
import { struct, u64 } from './struct';

export const UIO_REGIONS = [
  { node: 'uio@0', name: 'vmfs_config', guestPhys: 0x1000_2000, size: 0x1000 },
  { node: 'uio@1', name: 'vmfs_command', guestPhys: 0x2000_0000, size: 0x8000, intid: 71 },
  { node: 'uio@2', name: 'vmfs_completion', guestPhys: 0x2100_0000, size: 0x8000 },
  { node: 'uio@3', name: 'vmfs_data', guestPhys: 0x2200_0000, size: 0x400_0000 },
  /** Deliberately unmapped: a store here traps to the monitor, which notifies the client. */
  { node: 'uio@4', name: 'vmfs_fault', guestPhys: 0x1000_1000, size: 0x1000 },
] as const;

/** Sizes that the monitor writes and the guest's driver reads. */
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
