/**
 * Test double: a block device in memory that counts flushes and records each 512-byte sector written, by epoch, so that a
 * power cut can be replayed at any write and with any subset of an epoch.
 */
import type { BlockDevice } from '../block_device';
import { fail } from '../errno';

export interface SectorWrite {
  readonly sector: number;
  /** The whole sector as it is after the write. */
  readonly bytes: Uint8Array;
}

export class RamDisk implements BlockDevice {
  readonly length: number;
  readOnly = false;
  flushes = 0;
  writes = 0;
  reads = 0;
  /** Writes since `record`; the last epoch is the one in progress. Undefined: nothing is recorded. */
  epochs: SectorWrite[][] | undefined;
  /** The request with this number (from now on: 0 is the next) fails. */
  failAt = Number.POSITIVE_INFINITY;
  /** Requests that a test wants to fail: writes, flushes, reads. */
  failing: readonly ('read' | 'write' | 'flush')[] = ['read', 'write', 'flush'];
  /** Once failing, always failing. */
  broken = false;
  requests = 0;

  constructor(readonly image: Uint8Array) {
    this.length = image.length;
  }

  record(): void {
    this.epochs = [[]];
  }

  sector(number: number): Uint8Array {
    this.#check(number * 512, 512);
    return this.image.subarray(number * 512, number * 512 + 512);
  }

  read(offset: number, dest: Uint8Array): void {
    this.#check(offset, dest.length);
    this.reads++;
    this.#request('read');
    dest.set(this.image.subarray(offset, offset + dest.length));
  }

  write(offset: number, bytes: Uint8Array): void {
    if (this.readOnly) fail('EROFS');
    this.#check(offset, bytes.length);
    this.writes++;
    this.#request('write');
    this.image.set(bytes, offset);
    if (this.epochs === undefined || bytes.length === 0) return;
    for (let sector = Math.floor(offset / 512); sector * 512 < offset + bytes.length; sector++) {
      this.epochs.at(-1)!.push({ sector, bytes: this.image.slice(sector * 512, sector * 512 + 512) });
    }
  }

  drain(): void {}

  flush(): void {
    this.flushes++;
    this.#request('flush');
    this.epochs?.push([]);
  }

  #request(kind: 'read' | 'write' | 'flush'): void {
    if (this.broken && kind !== 'read') fail('EIO', 'the test broke the disk');
    if (!this.failing.includes(kind)) return;
    if (this.requests++ === this.failAt) fail('EIO', 'the test failed this request');
  }

  #check(offset: number, length: number): void {
    // Our own mistake, not the disk's: the file system must know how long its device is.
    if (offset < 0 || offset + length > this.length || !Number.isInteger(offset)) {
      throw new RangeError(`${length} bytes at ${offset} lie outside a device of ${this.length}`);
    }
  }
}
