/** What is behind a block device: sectors of 512 bytes that outlive the machine. */
export const SECTOR_SIZE = 512;

/** Every method may throw: the medium failed, and the device answers with an I/O error. */
export interface Disk {
  /** Length in sectors, a multiple of 8: storage is given out in 4096-byte blocks. */
  readonly sectors: number;
  readonly readOnly: boolean;
  read(sector: number, dest: Uint8Array): void;
  write(sector: number, bytes: Uint8Array): void;
  /** All writes so far survive a crash when this returns. */
  flush(): void;
  /** Whether so many bytes can be read without asking a server. Of a disk that has no server: absent. */
  isHere?(sector: number, length: number): boolean;
}

/** A length in bytes rounded up to whole 4096-byte blocks. */
export function wholeBlocks(bytes: number): number {
  return Math.ceil(bytes / 4096) * 4096;
}

/** A disk in memory: gone with the tab. */
export class MemoryDisk implements Disk {
  readonly readOnly = false;

  constructor(readonly bytes: Uint8Array) {
    if (bytes.length % 4096 !== 0) throw new RangeError(`a disk of ${bytes.length} bytes is not whole blocks`);
  }

  get sectors(): number {
    return this.bytes.length / SECTOR_SIZE;
  }

  read(sector: number, dest: Uint8Array): void {
    dest.set(this.bytes.subarray(sector * SECTOR_SIZE, sector * SECTOR_SIZE + dest.length));
  }

  write(sector: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, sector * SECTOR_SIZE);
  }

  flush(): void {}
}
