/**
 * The driver's side of one virtqueue of packets: 512 descriptors, two for each packet, the header's before the frame's. Receive and
 * transmit queue lie in the 64 KiB `hw_ring_buffer` region, each part where upstream has it; the headers have room for 12 bytes.
 */
import { NET_BUFFER_SIZE, type NetBuffDesc } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import { VIRTIO_NET_HEADER_SIZE } from '../../src/specs/virtio_net';
import {
  dataView,
  VIRTQ_DESC_F,
  VIRTQ_RING,
  VIRTQ_USED_ELEM_SIZE,
  VirtqIndex,
  virtqAreas,
  writeDescriptor,
} from '../../src/specs/virtq';

export const QUEUE_SIZE = 512;
const PACKETS = QUEUE_SIZE / 2;

/** Byte offsets in the region. */
export interface Places {
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  readonly headers: number;
}

export const RX_PLACES: Places = { desc: 0, avail: 8192, used: 9224, headers: 32800 };
export const TX_PLACES: Places = { desc: 13328, avail: 21520, used: 22552, headers: 26656 };

export class PacketQueue {
  readonly #desc: DataView;
  readonly #avail: DataView;
  readonly #used: DataView;
  readonly #availIndex: VirtqIndex;
  readonly #usedIndex: VirtqIndex;
  readonly #headers: Uint8Array;
  /** Packets that are free; packet n has descriptors 2n and 2n + 1. */
  #free: number[] = [];
  /** Address of the buffer by packet, while the device has it. */
  readonly #inFlight = new Map<number, number>();
  #nextAvail = 0;
  #lastUsed = 0;
  /** The device named a packet that it does not have. */
  broken = false;

  constructor(
    readonly region: Region,
    readonly places: Places,
    /** Whether the device writes: the receive queue. */
    readonly writes: boolean,
  ) {
    const lengths = virtqAreas(QUEUE_SIZE);
    const area = (at: number, length: number) => region.bytes.subarray(at, at + length);
    const avail = area(places.avail, lengths.avail);
    const used = area(places.used, lengths.used);
    this.#desc = dataView(area(places.desc, lengths.desc));
    this.#avail = dataView(avail);
    this.#used = dataView(used);
    this.#availIndex = new VirtqIndex(avail);
    this.#usedIndex = new VirtqIndex(used);
    this.#headers = area(places.headers, QUEUE_SIZE * VIRTIO_NET_HEADER_SIZE);
  }

  get addresses(): { desc: number; avail: number; used: number } {
    const base = this.region.paddr!;
    return { desc: base + this.places.desc, avail: base + this.places.avail, used: base + this.places.used };
  }

  /** Everything free, both indices 0: before the device learns of the queue. Returns the buffers that were in flight. */
  reset(): number[] {
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#free = Array.from({ length: PACKETS }, (_, packet) => PACKETS - 1 - packet);
    this.#nextAvail = 0;
    this.#lastUsed = 0;
    this.#availIndex.store(0);
    this.#usedIndex.store(0);
    this.broken = false;
    return lost;
  }

  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  /** Makes a packet available; the caller rings the device once per batch. */
  submit(addr: number, len: number): void {
    const packet = this.#free.pop()!;
    const head = 2 * packet;
    const at = head * VIRTIO_NET_HEADER_SIZE;
    const flags = this.writes ? VIRTQ_DESC_F.WRITE : 0;
    // No offload is asked for: all fields are zero.
    this.#headers.fill(0, at, at + VIRTIO_NET_HEADER_SIZE);
    writeDescriptor(this.#desc, head, {
      addr: this.region.paddr! + this.places.headers + at,
      len: VIRTIO_NET_HEADER_SIZE,
      flags: VIRTQ_DESC_F.NEXT | flags,
      next: head + 1,
    });
    writeDescriptor(this.#desc, head + 1, { addr, len, flags, next: 0 });
    this.#inFlight.set(packet, addr);
    this.#avail.setUint16(VIRTQ_RING + 2 * (this.#nextAvail % QUEUE_SIZE), head, true);
    this.#nextAvail = (this.#nextAvail + 1) & 0xffff;
    this.#availIndex.store(this.#nextAvail);
  }

  /**
   * The next buffer that the device is done with, and how much it says it wrote behind the header. Undefined also when it gives back
   * what it does not have: the queue is then broken until `reset`.
   */
  take(): NetBuffDesc | undefined {
    const waiting = (this.#usedIndex.load() - this.#lastUsed) & 0xffff;
    if (waiting === 0 || this.broken) return undefined;
    const at = VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * (this.#lastUsed % QUEUE_SIZE);
    const id = this.#used.getUint32(at, true);
    const written = this.#used.getUint32(at + 4, true) - VIRTIO_NET_HEADER_SIZE;
    const address = id % 2 === 0 ? this.#inFlight.get(id / 2) : undefined;
    if (address === undefined || waiting > this.#inFlight.size) {
      this.broken = true;
      return undefined;
    }
    this.#lastUsed = (this.#lastUsed + 1) & 0xffff;
    this.#inFlight.delete(id / 2);
    this.#free.push(id / 2);
    return { io_or_offset: address, len: written >= 0 && written <= NET_BUFFER_SIZE ? written : 0 };
  }
}
