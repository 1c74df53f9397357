/**
 * The driver's side of the one virtqueue, in the 2 MiB `virtio_metadata` region, and the request headers beside it.
 *   metadata  0 descriptors[1024]   16384 available   18440 used
 *   headers   24 * i: u32 type  u32 reserved  u64 sector  u8 status (device writes)
 */
import type { Region } from '../../src/protocol/region';
import { VIRTIO_BLK_HEADER_SIZE, VIRTIO_BLK_T, writeBlkHeader } from '../../src/specs/virtio_blk';
import {
  dataView,
  VIRTQ_DESC_F,
  VIRTQ_RING,
  VIRTQ_USED_ELEM_SIZE,
  VirtqIndex,
  writeDescriptor,
} from '../../src/specs/virtq';

const SIZE = 1024;
const DESC = 0;
const AVAIL = SIZE * 16;
const USED = 18440;
const HEADER_STRIDE = 24;
/** Header, data, status. */
const CHAIN = 3;

export interface Used {
  readonly head: number;
  /** NOT_WRITTEN where the device wrote none. */
  readonly status: number;
  /** Bytes that the device says it wrote, status included. */
  readonly written: number;
}

/** What the status byte holds until the device has answered: no status of [VIRTIO 1.2] 5.2.6. */
const NOT_WRITTEN = 0xff;

export interface Submission {
  readonly type: number;
  readonly sector: number;
  /** Physical address of the data. */
  readonly addr: number;
  readonly length: number;
}

export class DriverQueue {
  readonly size = SIZE;
  readonly #desc: DataView;
  readonly #avail: DataView;
  readonly #used: DataView;
  readonly #availIndex: VirtqIndex;
  readonly #usedIndex: VirtqIndex;
  /** Free descriptors, oldest first. */
  #free: number[] = [];
  readonly #chains = new Map<number, number[]>();
  #nextAvail = 0;
  #lastUsed = 0;

  constructor(
    readonly metadata: Region,
    readonly headers: Region,
  ) {
    const { bytes } = metadata;
    this.#desc = dataView(bytes.subarray(DESC, AVAIL));
    this.#avail = dataView(bytes.subarray(AVAIL, USED));
    this.#used = dataView(bytes.subarray(USED, USED + VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * SIZE));
    this.#availIndex = new VirtqIndex(bytes.subarray(AVAIL, AVAIL + 4));
    this.#usedIndex = new VirtqIndex(bytes.subarray(USED, USED + 4));
  }

  get addresses(): { desc: number; avail: number; used: number } {
    const base = this.metadata.paddr!;
    return { desc: base + DESC, avail: base + AVAIL, used: base + USED };
  }

  /** Everything free, both indices 0: before the device learns of the queue. */
  reset(): void {
    this.#free = Array.from({ length: SIZE }, (_, i) => i);
    this.#chains.clear();
    this.#nextAvail = 0;
    this.#lastUsed = 0;
    this.#availIndex.store(0);
    this.#usedIndex.store(0);
  }

  get hasRoom(): boolean {
    return this.#free.length >= CHAIN;
  }

  /** Makes a chain available; the caller rings the device once per batch. Returns the chain's head. */
  submit({ type, sector, addr, length }: Submission): number {
    const chain = this.#free.splice(0, length > 0 ? CHAIN : CHAIN - 1);
    const [head, second, third] = chain as [number, number, number | undefined];
    const at = head * HEADER_STRIDE;
    const header = this.headers.paddr! + at;
    writeBlkHeader(this.headers.bytes.subarray(at, at + VIRTIO_BLK_HEADER_SIZE), { type, reserved: 0, sector });
    this.headers.bytes[at + VIRTIO_BLK_HEADER_SIZE] = NOT_WRITTEN;
    writeDescriptor(this.#desc, head, {
      addr: header,
      len: VIRTIO_BLK_HEADER_SIZE,
      flags: VIRTQ_DESC_F.NEXT,
      next: second,
    });
    if (third !== undefined) {
      const direction = type === VIRTIO_BLK_T.IN ? VIRTQ_DESC_F.WRITE : 0;
      writeDescriptor(this.#desc, second, { addr, len: length, flags: VIRTQ_DESC_F.NEXT | direction, next: third });
    }
    const status = { addr: header + VIRTIO_BLK_HEADER_SIZE, len: 1, flags: VIRTQ_DESC_F.WRITE, next: 0 };
    writeDescriptor(this.#desc, third ?? second, status);
    this.#chains.set(head, chain);
    this.#avail.setUint16(VIRTQ_RING + 2 * (this.#nextAvail % SIZE), head, true);
    this.#nextAvail = (this.#nextAvail + 1) & 0xffff;
    this.#availIndex.store(this.#nextAvail);
    return head;
  }

  /** The next used element with the status byte of its chain. An id that was never submitted is the caller's to refuse. */
  takeUsed(): Used | undefined {
    if (this.#usedIndex.load() === this.#lastUsed) return undefined;
    const at = VIRTQ_RING + VIRTQ_USED_ELEM_SIZE * (this.#lastUsed % SIZE);
    const head = this.#used.getUint32(at, true);
    const written = this.#used.getUint32(at + 4, true);
    this.#lastUsed = (this.#lastUsed + 1) & 0xffff;
    const status = head < SIZE ? this.headers.bytes[head * HEADER_STRIDE + VIRTIO_BLK_HEADER_SIZE]! : NOT_WRITTEN;
    return { head, status, written };
  }

  release(head: number): void {
    this.#free.push(...(this.#chains.get(head) ?? []));
    this.#chains.delete(head);
  }
}
