/**
 * The virtio block device that the guest sees, over the sDDF block queues; libvmm src/virtio/block.c. The guest may be hostile: a
 * descriptor list is copied and checked by the queue, the header is copied once, and what cannot start stays available.
 */
import type { Dma, IrqLine } from '../../src/hw/device';
import { gather, type Scatter, scatterLength, scatterSlice, spread } from '../../src/hw/scatter';
import { type StatusWord, VirtioMmio } from '../../src/hw/virtio_mmio';
import type { Chain, VirtqDevice } from '../../src/hw/virtq_device';
import type { BlkStorageInfo } from '../../src/protocol/blk_info';
import { BLK_TRANSFER_SIZE } from '../../src/protocol/blk_queue';
import {
  readBlkHeader,
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_CONFIG_SIZE,
  VIRTIO_BLK_F,
  VIRTIO_BLK_HEADER_SIZE,
  VIRTIO_BLK_ID_SIZE,
  VIRTIO_BLK_S,
  VIRTIO_BLK_SECTOR,
  VIRTIO_BLK_T,
} from '../../src/specs/virtio_blk';
import { VIRTIO_F_VERSION_1_HIGH, VIRTIO_ID, VIRTIO_MMIO, VIRTIO_VENDOR_QEMU } from '../../src/specs/virtio_mmio';
import type { BlkPort } from './blk_port';
import { GuestRequest, type RequestParameters } from './guest_request';

const QUEUE_NUM_MAX = 128;
/** All descriptors of the queue but header and status. */
const SEG_MAX = QUEUE_NUM_MAX - 2;
const SIZE_MAX = 0x4_0000;
const FEATURES = VIRTIO_BLK_F.FLUSH | VIRTIO_BLK_F.BLK_SIZE | VIRTIO_BLK_F.SEG_MAX | VIRTIO_BLK_F.SIZE_MAX;
const ID = 'libvmm';

const OP: Readonly<Record<number, RequestParameters['op']>> = {
  [VIRTIO_BLK_T.IN]: 'read',
  [VIRTIO_BLK_T.OUT]: 'write',
  [VIRTIO_BLK_T.FLUSH]: 'flush',
};

export class VirtioBlkDevice {
  readonly mmio: VirtioMmio;
  readonly #config = new DataView(new ArrayBuffer(VIRTIO_BLK_CONFIG_SIZE));
  readonly #active = new Set<GuestRequest>();
  #sectors = 0;
  #readOnly = false;
  #mediumKnown = false;
  #interrupt = false;

  constructor(
    readonly port: BlkPort,
    dma: Dma,
    irq: IrqLine,
    interruptStatus: StatusWord,
  ) {
    this.#config.setUint32(VIRTIO_BLK_CONFIG.size_max, SIZE_MAX, true);
    this.#config.setUint32(VIRTIO_BLK_CONFIG.seg_max, SEG_MAX, true);
    this.#config.setUint32(VIRTIO_BLK_CONFIG.blk_size, VIRTIO_BLK_SECTOR, true);
    const isReadOnly = () => this.#readOnly;
    this.mmio = new VirtioMmio({
      deviceId: VIRTIO_ID.BLOCK,
      vendorId: VIRTIO_VENDOR_QEMU,
      // Known only when the virtualiser has told; the guest's driver mostly asks later.
      get features(): [number, number] {
        return [FEATURES | (isReadOnly() ? VIRTIO_BLK_F.RO : 0), VIRTIO_F_VERSION_1_HIGH];
      },
      queueNumMax: QUEUE_NUM_MAX,
      queueCount: 1,
      config: new Uint8Array(this.#config.buffer),
      dma,
      irq,
      interruptStatus,
    });
    this.mmio.attach({ notified: () => this.serve(), reset: () => this.#abandon() });
  }

  get mediumKnown(): boolean {
    return this.#mediumKnown;
  }

  /** The virtualiser has told what disk there is; without a usable one its capacity is 0. */
  setMedium({ capacity, read_only }: BlkStorageInfo): void {
    const sectors = capacity * (BLK_TRANSFER_SIZE / VIRTIO_BLK_SECTOR);
    this.#sectors = Number.isSafeInteger(sectors * VIRTIO_BLK_SECTOR) ? sectors : 0;
    this.#readOnly = read_only !== 0;
    this.#mediumKnown = true;
    this.#config.setUint32(VIRTIO_BLK_CONFIG.capacity, this.#sectors % 0x1_0000_0000, true);
    this.#config.setUint32(VIRTIO_BLK_CONFIG.capacity + 4, Math.floor(this.#sectors / 0x1_0000_0000), true);
    this.mmio.configChanged();
  }

  read32(offset: number): number {
    return this.mmio.read32(offset);
  }

  read8(offset: number): number {
    return this.mmio.read8(offset);
  }

  write32(offset: number, value: number): void {
    this.mmio.write32(offset, value);
    // A driver that reads capacity 0 cannot tell "none" from "not known yet": it is told when that is final.
    if (offset === VIRTIO_MMIO.Status && this.#mediumKnown && this.#sectors === 0) this.mmio.configChanged();
  }

  /** The guest has made requests available. */
  serve(): void {
    this.#pull();
    this.#finishBatch();
  }

  /** The virtualiser has answered. */
  responses(): void {
    this.port.receive();
    for (const request of [...this.#active]) request.advance();
    this.#pull();
    this.#finishBatch();
  }

  /** Takes chains while they can start. At most a queue's worth: a guest that adds for ever has to ring again. */
  #pull(): void {
    const queue = this.mmio.queue(0);
    if (!queue || queue.violation !== undefined) return;
    for (let n = 0; n < queue.size && this.port.hasRoom; n++) {
      const chain = queue.peek();
      if (!chain || !this.#start(queue, chain)) break;
    }
    if (queue.violation !== undefined) this.mmio.needsReset();
  }

  /** False when the chain must stay available for now. */
  #start(queue: VirtqDevice, chain: Chain): boolean {
    const room = scatterLength(chain.writable);
    if (room === 0 || scatterLength(chain.readable) < VIRTIO_BLK_HEADER_SIZE) {
      queue.violation = 'a request without header or status byte';
      return false;
    }
    const header = new Uint8Array(VIRTIO_BLK_HEADER_SIZE);
    gather(chain.readable, 0, header);
    const { type, reserved, sector } = readBlkHeader(header);
    const from = scatterSlice(chain.readable, VIRTIO_BLK_HEADER_SIZE, Number.POSITIVE_INFINITY);
    const into = scatterSlice(chain.writable, 0, room - 1);
    const op = OP[type];
    if (op === undefined) {
      queue.take();
      if (type === VIRTIO_BLK_T.GET_ID) this.#answer(queue, chain, VIRTIO_BLK_S.OK, spread(into, 0, idBytes()));
      else this.#answer(queue, chain, VIRTIO_BLK_S.UNSUPP, 0);
      return true;
    }
    return this.#startTransfer(queue, chain, { ...transferOf(op, from, into), sector, request: reserved });
  }

  #startTransfer(queue: VirtqDevice, chain: Chain, wanted: RequestParameters): boolean {
    if (!this.#isAllowed(wanted)) {
      queue.take();
      this.#answer(queue, chain, VIRTIO_BLK_S.IOERR, 0);
      return true;
    }
    if (wanted.op !== 'flush' && wanted.length === 0) {
      queue.take();
      this.#answer(queue, chain, VIRTIO_BLK_S.OK, 0);
      return true;
    }
    const request = new GuestRequest(this.port, wanted, ({ status, abandoned }) => {
      this.#active.delete(request);
      const written = status === VIRTIO_BLK_S.OK && wanted.op === 'read' ? wanted.length : 0;
      if (!abandoned) this.#answer(queue, chain, status!, written);
    });
    // RMW_QUEUEING: two writes to one block in flight would lose sectors of one of them.
    if (request.isWrite && [...this.#active].some((other) => other.isWrite && other.overlaps(request))) return false;
    if (!request.advance()) return false;
    queue.take();
    this.#active.add(request);
    return true;
  }

  #isAllowed({ op, sector, length }: RequestParameters): boolean {
    if (op === 'flush') return true;
    if (op === 'write' && this.#readOnly) return false;
    const count = length / VIRTIO_BLK_SECTOR;
    // Subtractive, and false for NaN.
    return Number.isInteger(count) && count <= this.#sectors && sector <= this.#sectors - count;
  }

  /** The status is the very last writable byte; it is there before the used ring names the chain. */
  #answer(queue: VirtqDevice, { head, writable }: Chain, status: number, written: number): void {
    spread(writable, scatterLength(writable) - 1, Uint8Array.of(status));
    this.#interrupt = queue.push(head, written + 1) || this.#interrupt;
  }

  #finishBatch(): void {
    this.port.flushNotify();
    if (this.#interrupt) this.mmio.raiseUsed();
    this.#interrupt = false;
  }

  /** Reset: what is in flight may finish on the disk, but no late answer reaches the guest. */
  #abandon(): void {
    for (const request of this.#active) request.abandoned = true;
    this.#interrupt = false;
  }
}

function transferOf(op: RequestParameters['op'], from: Scatter, into: Scatter) {
  const data = op === 'read' ? into : op === 'write' ? from : [];
  return { op, data, length: scatterLength(data) };
}

function idBytes(): Uint8Array {
  return Uint8Array.from({ length: VIRTIO_BLK_ID_SIZE }, (_, i) => ID.charCodeAt(i) || 0);
}
