/** A disk that misbehaves when it is told to: for seeing what the layers above make of it. */
import { type Disk, SECTOR_SIZE } from './disk';

export type DiskMishap = 'error' | 'no answer' | 'bit flip' | 'torn write' | 'full' | 'read-only' | 'eject';

/** Thrown for a request that is to have no answer: the device keeps it until it is reset or the fault is cleared. */
export class NoAnswer extends Error {}

export class FaultyDisk implements Disk {
  constructor(
    readonly disk: Disk,
    /** What goes wrong with a request of this kind, for that many sectors from `first` on. */
    readonly mishap: (request: 'read' | 'write' | 'flush', first: number, count: number) => DiskMishap | undefined,
  ) {}

  get sectors(): number {
    return this.disk.sectors;
  }

  get readOnly(): boolean {
    return this.disk.readOnly;
  }

  read(sector: number, dest: Uint8Array): void {
    const mishap = this.#refuse('read', sector, dest.length);
    this.disk.read(sector, dest);
    if (mishap === 'bit flip') turnOver(dest);
  }

  write(sector: number, bytes: Uint8Array): void {
    const mishap = this.#refuse('write', sector, bytes.length);
    if (mishap === 'torn write') return this.#tear(sector, bytes);
    if (mishap !== 'bit flip') return this.disk.write(sector, bytes);
    const flipped = bytes.slice();
    turnOver(flipped);
    this.disk.write(sector, flipped);
  }

  flush(): void {
    this.#refuse('flush', 0, 0);
    this.disk.flush();
  }

  /** Throws when the request fails as a whole; otherwise the mishap that befalls its data. */
  #refuse(request: 'read' | 'write' | 'flush', sector: number, length: number): DiskMishap | undefined {
    const mishap = this.mishap(request, sector, length / SECTOR_SIZE);
    if (mishap === 'no answer') throw new NoAnswer();
    if (mishap === undefined || mishap === 'bit flip' || mishap === 'torn write') return mishap;
    throw new Error(`the medium refuses to ${request}: ${mishap}`);
  }

  /** The first half arrives, be it in the middle of a sector, and the device reports an error. */
  #tear(sector: number, bytes: Uint8Array): never {
    const half = bytes.length >> 1;
    const torn = new Uint8Array(Math.ceil(half / SECTOR_SIZE) * SECTOR_SIZE);
    this.disk.read(sector, torn);
    torn.set(bytes.subarray(0, half));
    this.disk.write(sector, torn);
    throw new Error('the write was torn');
  }
}

/** One bit in the middle. */
function turnOver(bytes: Uint8Array): void {
  bytes[bytes.length >> 1]! ^= 1;
}
