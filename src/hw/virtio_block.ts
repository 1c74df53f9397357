/**
 * virtio block device over a disk: IN, OUT, FLUSH, GET_ID. [VIRTIO 1.2] 5.2.6.
 * Not modelled: DISCARD, WRITE_ZEROES, multi-queue, topology, lifetime. Requests are carried out in order, at once.
 */
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
} from '../specs/virtio_blk';
import { VIRTIO_F_VERSION_1_HIGH, VIRTIO_ID, VIRTIO_VENDOR_QEMU } from '../specs/virtio_mmio';
import type { Dma, IrqLine } from './device';
import type { Disk } from './disk';
import { NoAnswer } from './faulty_disk';
import { gather, type Scatter, scatterLength, scatterSlice, spread } from './scatter';
import { VirtioMmio } from './virtio_mmio';
import type { Chain } from './virtq_device';

const QUEUE_NUM_MAX = 1024;

export class VirtioBlock {
  readonly mmio: VirtioMmio;
  /** Requests that the medium has not answered. */
  #held: Chain[] = [];

  constructor(
    readonly disk: Disk,
    dma: Dma,
    irq: IrqLine,
    readonly id = 'vmfs-disk',
  ) {
    const readOnly = disk.readOnly ? VIRTIO_BLK_F.RO : 0;
    this.mmio = new VirtioMmio({
      deviceId: VIRTIO_ID.BLOCK,
      vendorId: VIRTIO_VENDOR_QEMU,
      features: [VIRTIO_BLK_F.FLUSH | VIRTIO_BLK_F.BLK_SIZE | readOnly, VIRTIO_F_VERSION_1_HIGH],
      queueNumMax: QUEUE_NUM_MAX,
      queueCount: 1,
      config: configSpace(disk.sectors),
      dma,
      irq,
    });
    this.mmio.attach({ notified: () => this.#serve(), reset: () => void (this.#held = []) });
  }

  /** The medium answers again: what it kept has failed. */
  failHeld(): void {
    const held = this.#held.splice(0);
    const queue = this.mmio.queue(0);
    if (!queue) return;
    for (const { head, writable } of held) {
      const status = writable.findLast(({ length }) => length > 0)!;
      status[status.length - 1] = VIRTIO_BLK_S.IOERR;
      if (queue.push(head, 1)) this.mmio.raiseUsed();
    }
  }

  #serve(): void {
    const queue = this.mmio.queue(0)!;
    let wanted = false;
    for (let chain = queue.pop(); chain; chain = queue.pop()) {
      const written = this.#request(chain);
      if (written === 'no answer') {
        this.#held.push(chain);
        continue;
      }
      if (written === undefined) {
        queue.violation = 'a request without header or status byte';
        break;
      }
      wanted = queue.push(chain.head, written) || wanted;
    }
    if (wanted) this.mmio.raiseUsed();
    if (queue.violation !== undefined) this.mmio.needsReset();
  }

  /** Bytes written into the chain, status included; undefined when it has no place for header or status. */
  #request({ readable, writable }: Chain): number | 'no answer' | undefined {
    const last = writable.findLast(({ length }) => length > 0);
    if (scatterLength(readable) < VIRTIO_BLK_HEADER_SIZE || !last) return undefined;
    // The status byte is the very last writable one; what precedes it is data.
    const into = writable.map((bytes) => (bytes === last ? bytes.subarray(0, -1) : bytes));
    const from = skip(readable, VIRTIO_BLK_HEADER_SIZE);
    const { type, sector } = readBlkHeader(copyOf(readable, VIRTIO_BLK_HEADER_SIZE));
    let written = 0;
    let status: number;
    try {
      [status, written] = this.#carryOut(type, sector, from, into);
    } catch (error) {
      if (error instanceof NoAnswer) return 'no answer';
      // The medium failed; what of the data arrived is undefined, and the driver is told so.
      status = VIRTIO_BLK_S.IOERR;
    }
    last[last.length - 1] = status;
    return written + 1;
  }

  #carryOut(type: number, sector: number, from: Uint8Array[], into: Uint8Array[]): [status: number, written: number] {
    switch (type) {
      case VIRTIO_BLK_T.IN:
        if (!this.#inside(sector, scatterLength(into))) return [VIRTIO_BLK_S.IOERR, 0];
        eachRun(sector, into, 'in', (at, bytes) => this.disk.read(at, bytes));
        return [VIRTIO_BLK_S.OK, scatterLength(into)];
      case VIRTIO_BLK_T.OUT:
        if (this.disk.readOnly || !this.#inside(sector, scatterLength(from))) return [VIRTIO_BLK_S.IOERR, 0];
        eachRun(sector, from, 'out', (at, bytes) => this.disk.write(at, bytes));
        // [VIRTIO 1.2] 5.2.6.2: for a driver that did not accept FLUSH, a completed write is stable.
        if (!this.mmio.accepted(VIRTIO_BLK_F.FLUSH)) this.disk.flush();
        return [VIRTIO_BLK_S.OK, 0];
      case VIRTIO_BLK_T.FLUSH:
        this.disk.flush();
        return [VIRTIO_BLK_S.OK, 0];
      case VIRTIO_BLK_T.GET_ID:
        return [VIRTIO_BLK_S.OK, spread(into, 0, this.#idBytes)];
      default:
        return [VIRTIO_BLK_S.UNSUPP, 0];
    }
  }

  get #idBytes(): Uint8Array {
    return Uint8Array.from({ length: VIRTIO_BLK_ID_SIZE }, (_, i) => this.id.charCodeAt(i) || 0);
  }

  #inside(sector: number, length: number): boolean {
    if (length % VIRTIO_BLK_SECTOR !== 0) return false;
    const count = length / VIRTIO_BLK_SECTOR;
    return sector >= 0 && count <= this.disk.sectors && sector <= this.disk.sectors - count;
  }
}

function configSpace(sectors: number): Uint8Array {
  const config = new Uint8Array(VIRTIO_BLK_CONFIG_SIZE);
  const view = new DataView(config.buffer);
  view.setUint32(VIRTIO_BLK_CONFIG.capacity, sectors % 0x1_0000_0000, true);
  view.setUint32(VIRTIO_BLK_CONFIG.capacity + 4, Math.floor(sectors / 0x1_0000_0000), true);
  view.setUint32(VIRTIO_BLK_CONFIG.blk_size, VIRTIO_BLK_SECTOR, true);
  return config;
}

/** The list without its first `length` bytes, and without empty pieces. */
const skip = (parts: Scatter, length: number): Uint8Array[] => scatterSlice(parts, length, Number.POSITIVE_INFINITY);

/** A private copy of the first `length` bytes; the caller knows that there are so many. */
function copyOf(parts: Scatter, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  gather(parts, 0, copy);
  return copy;
}

/**
 * Calls `move` for runs of whole sectors of a scatter list, each with its place on the disk. A sector that lies in more than one
 * part goes through a bounce buffer, filled before a write and given out after a read.
 */
function eachRun(
  sector: number,
  parts: Scatter,
  direction: 'in' | 'out',
  move: (sector: number, bytes: Uint8Array) => void,
): void {
  let rest = [...parts];
  for (let at = sector; scatterLength(rest) > 0; ) {
    rest = skip(rest, 0);
    const whole = Math.floor(rest[0]!.length / VIRTIO_BLK_SECTOR);
    if (whole > 0) {
      move(at, rest[0]!.subarray(0, whole * VIRTIO_BLK_SECTOR));
      rest = skip(rest, whole * VIRTIO_BLK_SECTOR);
      at += whole;
      continue;
    }
    const bounce = copyOf(rest, VIRTIO_BLK_SECTOR);
    move(at, bounce);
    if (direction === 'in') spread(rest, 0, bounce);
    rest = skip(rest, VIRTIO_BLK_SECTOR);
    at++;
  }
}
