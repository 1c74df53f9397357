/**
 * virtio block driver: sDDF requests to virtqueue chains and back. Trusts the device to move data, not its indices; the
 * virtualiser to ask within the disk. Twin of au-ts/sddf drivers/blk/virtio/block.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { writeStorageInfo } from '../../src/protocol/blk_info';
import {
  BLK_REQ_CODE,
  BLK_RESP_STATUS,
  BLK_TRANSFER_SIZE,
  type BlkReqRing,
  type BlkRespRing,
} from '../../src/protocol/blk_queue';
import type { Region } from '../../src/protocol/region';
import { TRACE } from '../../src/protocol/trace';
import { packBlocks } from '../../src/protocol/trace_words';
import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_F,
  VIRTIO_BLK_S,
  VIRTIO_BLK_SECTOR,
  VIRTIO_BLK_T,
} from '../../src/specs/virtio_blk';
import {
  VIRTIO_ID,
  VIRTIO_INTERRUPT,
  VIRTIO_MAGIC,
  VIRTIO_MMIO,
  VIRTIO_STATUS,
  VIRTIO_VERSION,
} from '../../src/specs/virtio_mmio';
import { DriverQueue, type Used } from './driver_queue';

export interface Mmio {
  read32(offset: number): number;
  write32(offset: number, value: number): void;
}

export interface Ends {
  readonly virt: Channel;
  readonly irq: Channel;
  readonly info: Region;
  readonly req: BlkReqRing;
  readonly resp: BlkRespRing;
  readonly metadata: Region;
  readonly headers: Region;
}

type Request = NonNullable<ReturnType<BlkReqRing['dequeue']>>;

const SECTORS_PER_BLOCK = BLK_TRANSFER_SIZE / VIRTIO_BLK_SECTOR;

export class BlkDriverVirtio implements ProtectionDomain {
  readonly #queue: DriverQueue;
  /** Requests at the device by the head of their chain. */
  readonly #inFlight = new Map<number, Request>();
  #canFlush = false;
  /** Capacity. */
  #blocks = 0;

  constructor(
    readonly kernel: Kernel,
    readonly mmio: Mmio,
    readonly ends: Ends,
  ) {
    this.#queue = new DriverQueue(ends.metadata, ends.headers);
  }

  init(): void {
    const { mmio } = this;
    if (mmio.read32(VIRTIO_MMIO.MagicValue) !== VIRTIO_MAGIC) throw new Error('invalid virtIO magic value');
    if (mmio.read32(VIRTIO_MMIO.Version) !== VIRTIO_VERSION) throw new Error('not correct virtIO version');
    if (mmio.read32(VIRTIO_MMIO.DeviceID) !== VIRTIO_ID.BLOCK) throw new Error('not a virtIO block device');
    this.#startDevice();
    const sectors =
      mmio.read32(VIRTIO_MMIO.Config + VIRTIO_BLK_CONFIG.capacity + 4) * 0x1_0000_0000 +
      mmio.read32(VIRTIO_MMIO.Config);
    this.#blocks = Math.floor(sectors / SECTORS_PER_BLOCK);
    // differs: ready comes last, when the queue exists; upstream says so before.
    writeStorageInfo(this.ends.info, {
      read_only: this.#offered() & VIRTIO_BLK_F.RO ? 1 : 0,
      sector_size: VIRTIO_BLK_SECTOR,
      block_size: 1,
      queue_depth: this.#queue.size,
      capacity: this.#blocks,
    });
    this.kernel.notify(this.ends.virt);
  }

  notified(ch: Channel): void {
    if (ch === this.ends.irq) {
      this.#interrupt();
      this.kernel.irqAck(ch);
    }
    this.#passRequests();
  }

  /** The number of the command that a write at the device is part of, for its log; 0 when nobody gave it one. */
  requestAt(sector: number): number {
    const block = Math.floor(sector / SECTORS_PER_BLOCK);
    for (const { code, block_number, count, request } of this.#inFlight.values()) {
      if (code === BLK_REQ_CODE.WRITE && block >= block_number && block < block_number + count) return request;
    }
    return 0;
  }

  #offered(): number {
    this.mmio.write32(VIRTIO_MMIO.DeviceFeaturesSel, 0);
    return this.mmio.read32(VIRTIO_MMIO.DeviceFeatures);
  }

  /** [VIRTIO 1.2] 3.1.1 in sDDF's order. differs: accepts FLUSH, without which nothing is ever durable. */
  #startDevice(): void {
    const { mmio } = this;
    mmio.write32(VIRTIO_MMIO.Status, 0);
    mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.ACKNOWLEDGE);
    mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.DRIVER);
    this.#canFlush = (this.#offered() & VIRTIO_BLK_F.FLUSH) !== 0;
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 0);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, this.#canFlush ? VIRTIO_BLK_F.FLUSH : 0);
    mmio.write32(VIRTIO_MMIO.DriverFeaturesSel, 1);
    mmio.write32(VIRTIO_MMIO.DriverFeatures, 0);
    mmio.write32(VIRTIO_MMIO.Status, VIRTIO_STATUS.FEATURES_OK | VIRTIO_STATUS.DRIVER);
    mmio.write32(VIRTIO_MMIO.QueueSel, 0);
    if (mmio.read32(VIRTIO_MMIO.QueueNumMax) < this.#queue.size) throw new Error('virtIO queue is too short');
    this.#queue.reset();
    const { desc, avail, used } = this.#queue.addresses;
    mmio.write32(VIRTIO_MMIO.QueueNum, this.#queue.size);
    mmio.write32(VIRTIO_MMIO.QueueDescLow, desc);
    mmio.write32(VIRTIO_MMIO.QueueDescHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueDriverLow, avail);
    mmio.write32(VIRTIO_MMIO.QueueDriverHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueDeviceLow, used);
    mmio.write32(VIRTIO_MMIO.QueueDeviceHigh, 0);
    mmio.write32(VIRTIO_MMIO.QueueReady, 1);
    mmio.write32(VIRTIO_MMIO.Status, mmio.read32(VIRTIO_MMIO.Status) | VIRTIO_STATUS.DRIVER_OK);
    mmio.write32(VIRTIO_MMIO.InterruptACK, VIRTIO_INTERRUPT.USED_BUFFER | VIRTIO_INTERRUPT.CONFIG_CHANGE);
  }

  /** differs: acknowledged before the used ring is read, so that no completion falls in between. */
  #interrupt(): void {
    const status = this.mmio.read32(VIRTIO_MMIO.InterruptStatus);
    this.mmio.write32(VIRTIO_MMIO.InterruptACK, status);
    let answered = false;
    let broken = false;
    for (let used = this.#queue.takeUsed(); used; used = this.#queue.takeUsed()) {
      if (this.#complete(used)) answered = true;
      else broken = true;
    }
    if (broken || this.mmio.read32(VIRTIO_MMIO.Status) & VIRTIO_STATUS.NEEDS_RESET)
      answered = this.#recover() || answered;
    if (answered) this.kernel.notify(this.ends.virt);
  }

  /** The status byte is that of the used element's chain; upstream reads the used slot's. False for an id never given out. */
  #complete({ head, status, written }: Used): boolean {
    const request = this.#inFlight.get(head);
    if (!request) return false;
    this.#inFlight.delete(head);
    this.#queue.release(head);
    // A read that is shorter than what was asked is no success, whatever its status.
    const owed = 1 + (request.code === BLK_REQ_CODE.READ ? request.count * BLK_TRANSFER_SIZE : 0);
    const done = status === VIRTIO_BLK_S.OK && written >= owed;
    const answer = done ? BLK_RESP_STATUS.OK : BLK_RESP_STATUS.ERR_IO;
    const words = packBlocks({ count: request.count, id: head, code: request.code });
    this.kernel.trace(TRACE.RESPONSE, this.ends.irq, request.request, answer, words);
    this.#answer(request, answer);
    return true;
  }

  #answer({ id, count }: Request, status: number): void {
    const success_count = status === BLK_RESP_STATUS.OK ? count : 0;
    this.ends.resp.enqueue({ status, success_count, id });
  }

  /** The device gave up: everything it had fails, and it starts afresh. */
  #recover(): boolean {
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    this.#startDevice();
    for (const request of lost) this.#answer(request, BLK_RESP_STATUS.ERR_IO);
    return lost.length > 0;
  }

  #passRequests(): void {
    const { req, resp } = this.ends;
    let submitted = false;
    let answered = false;
    while (req.available > 0 && resp.free > this.#inFlight.size && this.#queue.hasRoom) {
      const request = req.peek(0);
      const waits = request.code === BLK_REQ_CODE.FLUSH || request.code === BLK_REQ_CODE.BARRIER;
      // Earlier requests first: a virtIO flush covers completed writes only.
      if (waits && (this.#inFlight.size > 0 || submitted)) break;
      req.consume(1);
      const answer = this.#answerNow(request);
      if (answer === undefined) this.#submit(request);
      else this.#answer(request, answer);
      submitted = answer === undefined || submitted;
      answered = answer !== undefined || answered;
    }
    if (submitted) this.mmio.write32(VIRTIO_MMIO.QueueNotify, 0);
    if (answered) this.kernel.notify(this.ends.virt);
  }

  /** The status of a request that the device has no part in; undefined for one that it must see. */
  #answerNow({ code, io_or_offset, block_number, count }: Request): number | undefined {
    switch (code) {
      case BLK_REQ_CODE.BARRIER:
        return BLK_RESP_STATUS.OK;
      case BLK_REQ_CODE.FLUSH:
        return this.#canFlush ? undefined : BLK_RESP_STATUS.OK;
      case BLK_REQ_CODE.READ:
      case BLK_REQ_CODE.WRITE: {
        // NaN, which stands for a u64 that no number holds, fails every comparison.
        const onDisk = count > 0 && count <= this.#blocks && block_number <= this.#blocks - count;
        return onDisk && io_or_offset >= 0 ? undefined : BLK_RESP_STATUS.ERR_INVALID_PARAM;
      }
      default:
        return BLK_RESP_STATUS.ERR_INVALID_PARAM;
    }
  }

  #submit(request: Request): void {
    const { code, io_or_offset: addr, block_number, count } = request;
    const sector = block_number * SECTORS_PER_BLOCK;
    const length = count * BLK_TRANSFER_SIZE;
    const head =
      code === BLK_REQ_CODE.FLUSH
        ? this.#queue.submit({ type: VIRTIO_BLK_T.FLUSH, sector: 0, addr: 0, length: 0 })
        : this.#queue.submit({
            type: code === BLK_REQ_CODE.READ ? VIRTIO_BLK_T.IN : VIRTIO_BLK_T.OUT,
            sector,
            addr,
            length,
          });
    this.#inFlight.set(head, request);
    const words = packBlocks({ count, id: head, code });
    this.kernel.trace(TRACE.REQUEST, this.ends.irq, request.request, block_number, words);
  }
}
