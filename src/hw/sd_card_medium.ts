/** The memory of an SD card: a disk, rounded up to a capacity that a CSD can say. */
import { encodeCsdV1, encodeCsdV2, SD_BLOCK_SIZE, SD_CAPACITY_UNIT, SD_R1 } from '../specs/sd';
import type { Disk } from './disk';

export class SdCardMedium {
  /** Capacity in sectors, a multiple of 1024. */
  readonly sectors: number;

  /** RangeError when no CSD can say the disk's size. */
  constructor(
    readonly disk: Disk,
    readonly highCapacity: boolean,
  ) {
    this.sectors = Math.max(1, Math.ceil(disk.sectors / SD_CAPACITY_UNIT)) * SD_CAPACITY_UNIT;
    this.csd();
  }

  /** 16 bytes, most significant first. */
  csd(): Uint8Array {
    return (this.highCapacity ? encodeCsdV2 : encodeCsdV1)(this.sectors, this.disk.readOnly);
  }

  /** Whether so many sectors lie inside the card. */
  holds(sector: number, count: number): boolean {
    return sector >= 0 && count <= this.sectors && sector <= this.sectors - count;
  }

  /** The bit of the card status that says why a transfer cannot begin at a sector; 0 when it can. */
  refuses(kind: 'read' | 'write', sector: number, blockLength: number): number {
    if (!Number.isInteger(sector)) return SD_R1.ADDRESS_ERROR;
    if (!this.holds(sector, 1)) return SD_R1.OUT_OF_RANGE;
    // The block length of a card of high capacity is fixed. [SD 6.0] 4.3.2
    if (!this.highCapacity && blockLength !== SD_BLOCK_SIZE) return SD_R1.BLOCK_LEN_ERROR;
    return kind === 'write' && this.disk.readOnly ? SD_R1.WP_VIOLATION : 0;
  }

  /** Whole sectors inside the card; zeros where the disk has ended. Throws what the disk throws. */
  read(sector: number, dest: Uint8Array): void {
    const there = this.#onDisk(sector, dest.length);
    if (there > 0) this.disk.read(sector, dest.subarray(0, there));
    dest.fill(0, there);
  }

  /** Whole sectors, stable when it returns. RangeError where the disk has ended; throws what the disk throws. */
  write(sector: number, bytes: Uint8Array): void {
    if (this.#onDisk(sector, bytes.length) < bytes.length) throw new RangeError('the medium ends before the card does');
    this.disk.write(sector, bytes);
    // A host has no command to flush: what the card has taken is on the medium.
    this.disk.flush();
  }

  /** How many of `length` bytes at a sector the disk has. */
  #onDisk(sector: number, length: number): number {
    return Math.max(0, Math.min(length, (this.disk.sectors - sector) * SD_BLOCK_SIZE));
  }
}
