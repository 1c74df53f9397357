/**
 * /dev/vda: Linux's drivers/block/virtio_blk.c. Requests are asynchronous; whoever needs an answer sleeps in `wait` until the
 * device interrupts. A device that gives no answer for 30 seconds is given up: every request fails from then on.
 */
import { bit, type Channel, type Kernel } from '../../../src/libmicrokit/pd';
import { TRACE } from '../../../src/protocol/trace';
import { packDisk } from '../../../src/protocol/trace_words';
import {
  VIRTIO_BLK_CONFIG,
  VIRTIO_BLK_F,
  VIRTIO_BLK_HEADER_SIZE,
  VIRTIO_BLK_S,
  VIRTIO_BLK_SECTOR,
  VIRTIO_BLK_T,
  writeBlkHeader,
} from '../../../src/specs/virtio_blk';
import { VIRTIO_INTERRUPT } from '../../../src/specs/virtio_mmio';
import type { BootAllocator, Memory } from './memory';
import type { Printk } from './printk';
import type { BlockRequest, RequestQueue } from './request_queue';
import type { VirtioDevice } from './virtio_mmio';
import type { Virtqueue } from './virtqueue';

const QUEUE_SIZE = 128;
const FEATURES =
  VIRTIO_BLK_F.FLUSH | VIRTIO_BLK_F.RO | VIRTIO_BLK_F.BLK_SIZE | VIRTIO_BLK_F.SEG_MAX | VIRTIO_BLK_F.SIZE_MAX;
const RECORD = { read: TRACE.DISK_READ, write: TRACE.DISK_WRITE, flush: TRACE.DISK_FLUSH } as const;
const TYPE = { read: VIRTIO_BLK_T.IN, write: VIRTIO_BLK_T.OUT, flush: VIRTIO_BLK_T.FLUSH } as const;
const MAX_REQUEST_BYTES = 256 * 1024;
/**
 * Patience is counted in seconds that were waited through one by one: a machine that was asleep or paused for an hour has lost one.
 */
const SECOND_NS = 1e9;
const TIMEOUT_SECONDS = 30;
/** A medium that is not there yet: how long a mount waits for it. */
const MEDIUM_TIMEOUT_SECONDS = 10;

export class VirtioBlk implements RequestQueue {
  readonly maxBytes = MAX_REQUEST_BYTES;
  maxSegments = 1;
  readOnly = false;
  capacity = 0;
  dead = false;
  readonly #headers: Memory;
  readonly #statuses: Memory;
  readonly #inFlight = new Map<number, BlockRequest>();
  #queue: Virtqueue;
  #mediumKnown = false;

  private constructor(
    readonly kernel: Kernel,
    readonly irq: Channel,
    readonly device: VirtioDevice,
    queue: Virtqueue,
    readonly memory: BootAllocator,
    readonly printk: Printk,
  ) {
    this.#headers = memory.zeroed(QUEUE_SIZE * VIRTIO_BLK_HEADER_SIZE);
    this.#statuses = memory.zeroed(QUEUE_SIZE);
    this.#queue = queue;
    this.#go();
  }

  static probe(
    kernel: Kernel,
    irq: Channel,
    device: VirtioDevice,
    memory: BootAllocator,
    printk: Printk,
  ): VirtioBlk | undefined {
    const known = readCapacity(device) > 0;
    const queue = startQueue(device, memory);
    if (!queue) {
      printk.warn('virtio_blk virtio1: probe failed');
      return undefined;
    }
    const blk = new VirtioBlk(kernel, irq, device, queue, memory, printk);
    if (known) blk.#mediumKnown = true;
    // It came while the features were being settled.
    else if (blk.capacity > 0) blk.#mediumArrived();
    return blk;
  }

  /** Whether there is a disk. Before the monitor knows its size, it waits for that. */
  awaitMedium(): boolean {
    for (let silent = 0; !this.#mediumKnown && silent < MEDIUM_TIMEOUT_SECONDS; ) {
      if (this.#sleep()) this.interrupt();
      else silent++;
    }
    return this.capacity > 0;
  }

  submit(request: BlockRequest): void {
    while (!this.dead && this.#queue.freeDescriptors < request.segments.length + 2) this.wait();
    if (this.dead) return request.done(false);
    if (request.op === 'flush' && !this.device.has(VIRTIO_BLK_F.FLUSH)) return request.done(true);
    // Header and status have a place per descriptor: that of the head, known before the chain is made.
    const place = this.#queue.nextHead;
    const header = this.#headers.phys + place * VIRTIO_BLK_HEADER_SIZE;
    const { op, sector, purpose } = request;
    // Where Linux has an I/O priority and the specification nothing: for the flight recorders further down.
    writeBlkHeader(this.#header(place), { type: TYPE[op], reserved: purpose.request, sector });
    this.kernel.trace(RECORD[op], this.irq, purpose.request, sector, packDisk({ ...purpose, slot: place }));
    this.#statuses.bytes[place] = VIRTIO_BLK_S.IOERR;
    const status = { phys: this.#statuses.phys + place, length: 1 };
    const isRead = request.op === 'read';
    this.#queue.add(
      [{ phys: header, length: VIRTIO_BLK_HEADER_SIZE }, ...(isRead ? [] : request.segments)],
      [...(isRead ? request.segments : []), status],
    );
    this.#inFlight.set(place, request);
    this.device.kick();
  }

  wait(): void {
    if (this.dead) return;
    for (let silent = 0; silent < TIMEOUT_SECONDS; ) {
      if (!this.#sleep()) silent++;
      else if (this.interrupt() > 0 || this.dead) return;
    }
    this.#giveUp(`no answer for ${TIMEOUT_SECONDS} seconds`);
  }

  /** Until the device's interrupt, for a second at most. False when it did not come. */
  #sleep(): boolean {
    return this.kernel.wait(bit(this.irq), this.kernel.now() + SECOND_NS) !== 0;
  }

  /** The device's interrupt: finishes requests and returns how many. */
  interrupt(): number {
    const status = this.device.interrupt.take();
    if (status & VIRTIO_INTERRUPT.CONFIG_CHANGE) this.#configChanged();
    let finished = 0;
    for (let used = this.#queue.collect(); used; used = this.#queue.collect()) {
      const request = this.#inFlight.get(used.head);
      this.#inFlight.delete(used.head);
      finished++;
      request?.done(this.#statuses.bytes[used.head] === VIRTIO_BLK_S.OK);
    }
    return finished;
  }

  #configChanged(): void {
    if (this.device.needsReset) return this.#giveUp('the device needs a reset');
    if (this.#mediumKnown) this.#learnCapacity('new size: ');
    else this.#mediumArrived();
  }

  #mediumArrived(): void {
    this.#mediumKnown = true;
    // Whether the disk is read-only is a feature, and features are settled before the size is known: settle them again.
    const queue = startQueue(this.device, this.memory);
    if (!queue) return this.#giveUp('the device does not start again');
    this.#queue = queue;
    this.#go();
  }

  /** Takes over what was negotiated, and starts. */
  #go(): void {
    const { device } = this;
    this.readOnly = device.has(VIRTIO_BLK_F.RO);
    const offered = device.has(VIRTIO_BLK_F.SEG_MAX) ? device.config32(VIRTIO_BLK_CONFIG.seg_max) : 1;
    this.maxSegments = Math.max(1, Math.min(offered, this.#queue.size - 2));
    device.driverOk();
    // Afterwards: a change from here on is told by an interrupt.
    this.#learnCapacity('');
  }

  #learnCapacity(prefix: string): void {
    const before = this.capacity;
    this.capacity = readCapacity(this.device);
    if (this.capacity === before) return;
    this.printk.info(`virtio_blk virtio1: [vda] ${prefix}${describeSize(this.capacity)}`);
  }

  #giveUp(why: string): void {
    this.dead = true;
    this.printk.warn(`virtio_blk virtio1: [vda] ${why}; device given up`);
    const lost = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const request of lost) request.done(false);
  }

  #header(place: number): Uint8Array {
    return this.#headers.bytes.subarray(place * VIRTIO_BLK_HEADER_SIZE, (place + 1) * VIRTIO_BLK_HEADER_SIZE);
  }
}

function readCapacity(device: VirtioDevice): number {
  const capacity = device.config64(VIRTIO_BLK_CONFIG.capacity);
  return Number.isSafeInteger(capacity * VIRTIO_BLK_SECTOR) ? capacity : 0;
}

function startQueue(device: VirtioDevice, memory: BootAllocator): Virtqueue | undefined {
  return device.negotiate(FEATURES) ? device.setUpQueue(0, QUEUE_SIZE, memory) : undefined;
}

/** Linux's wording: decimal and binary size with one decimal (three significant digits). */
export function describeSize(sectors: number): string {
  const bytes = sectors * VIRTIO_BLK_SECTOR;
  return `${sectors} ${VIRTIO_BLK_SECTOR}-byte logical blocks (${scale(bytes, 1000, 'B')}/${scale(bytes, 1024, 'iB')})`;
}

function scale(bytes: number, base: number, unit: string): string {
  const power = bytes < base ? 0 : Math.floor(Math.log(bytes) / Math.log(base));
  const value = bytes / base ** power;
  const digits = value >= 100 || power === 0 ? 0 : value >= 10 ? 1 : 2;
  const prefix = ['', base === 1000 ? 'k' : 'K', 'M', 'G', 'T', 'P'][power]!;
  return `${value.toFixed(digits)} ${prefix}${power === 0 ? 'B' : unit}`;
}
