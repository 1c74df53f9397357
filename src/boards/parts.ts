/** What the parts of a description are written with. */
import type { ChannelEnd, Mapping } from '../microkit/sdf';

export const end = (domain: string, id: number, symbol: string): ChannelEnd => ({ domain, id, symbol });

/** Registers, what the guest's UIO driver maps, and what a device reads besides data. */
const UNCACHED = /\/regs$|^fs_|\/(virtio_(headers|metadata)|hw_ring_buffer|device_[rt]x_ring)$/;

export const mappings = (
  pairs: readonly (readonly [symbol: string, region: string, perms?: 'r' | 'rw' | 'rwx'])[],
): Mapping[] =>
  pairs.map(([symbol, region, perms = 'rw' as const]) => {
    return { symbol, region, perms, ...(UNCACHED.test(region) ? { cached: false } : {}) };
  });
