/**
 * What happened to the frames at one hop of the network, in a page of the component's own: only it writes, and anyone who has
 * the page may sample. Words count from 0 at boot and wrap at 2^32. Upstream has no such page; it drops without a word.
 */
import type { Region } from './region';
import { readStruct, struct, u32, type Values } from './struct';

export const NET_COUNTERS = struct('net_counters', 32, {
  /** Frames passed on; a broadcast counts once for each client. */
  frames: u32(0),
  /** net_virt_rx: the destination is no client's: other stations, multicast. */
  no_client: u32(4),
  /** The client holds as many buffers as it may, or offers none. */
  client_full: u32(8),
  /** The client broke its queues; nothing passes to it any more. */
  client_broken: u32(12),
  /** A frame shorter or longer than this hop passes on. */
  bad_length: u32(16),
  /** A descriptor that names no buffer, or one that its sender does not have. */
  bad_buffer: u32(20),
  /** The driver's queue (net_copy: the virtualiser's) does not take what is its own. */
  driver_broken: u32(24),
  /** Lost here because somebody asked for it: protocol/hop_faults.ts. */
  injected: u32(28),
});

export const NET_COUNTERS_REGION_SIZE = 0x1000;

export type NetCount = keyof typeof NET_COUNTERS.fields;

/** The writer. */
export class NetCounters {
  constructor(readonly at: Region) {}

  count(what: NetCount): void {
    Atomics.add(this.at.words, NET_COUNTERS.fields[what].offset >> 2, 1);
  }
}

export function readNetCounters(at: Region): Values<typeof NET_COUNTERS.fields> {
  return readStruct(at.view, 0, NET_COUNTERS);
}
