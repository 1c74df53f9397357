/**
 * Disk images in the origin's private file system, folder `vmfs`: `<name>.<n>.img` files and `<name>.current`, a small file that says
 * which of them is the disk and which the one before. A new image is written beside the old one and becomes the disk by that word.
 */
import { type Disk, SECTOR_SIZE, wholeBlocks } from '../../src/hw/disk';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../../src/specs/disk_image';
import { volumeSerial } from './volume_serial';

interface Pointer {
  readonly current: number;
  readonly previous: number | undefined;
}

class OpfsDisk implements Disk {
  readonly readOnly = false;
  readonly sectors: number;

  constructor(readonly file: FileSystemSyncAccessHandle) {
    this.sectors = Math.floor(file.getSize() / 4096) * 8;
  }

  read(sector: number, dest: Uint8Array): void {
    const got = this.file.read(dest, { at: sector * SECTOR_SIZE });
    if (got !== dest.length) throw new Error(`short read at sector ${sector}`);
  }

  write(sector: number, bytes: Uint8Array): void {
    const put = this.file.write(bytes, { at: sector * SECTOR_SIZE });
    if (put !== bytes.length) throw new Error(`short write at sector ${sector}`);
  }

  flush(): void {
    this.file.flush();
  }
}

export class OpfsStore {
  #incoming: FileSystemSyncAccessHandle | undefined;

  private constructor(
    readonly folder: FileSystemDirectoryHandle,
    readonly name: string,
    readonly disk: Disk,
    private pointer: Pointer,
  ) {}

  /** Opens the current image; makes the default disk on first use. Rejects where OPFS is refused. */
  static async open(name: string): Promise<OpfsStore> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('vmfs', { create: true });
    const pointer = await readPointer(folder, name);
    const file = await openFile(folder, imageName(name, pointer?.current ?? 1));
    if (!pointer || file.getSize() === 0) makeDefault(file);
    if (!pointer) await writePointer(folder, name, { current: 1, previous: undefined });
    return new OpfsStore(folder, name, new OpfsDisk(file), pointer ?? { current: 1, previous: undefined });
  }

  async importBegin(size: number): Promise<void> {
    if (!(size > 0) || size % SECTOR_SIZE !== 0)
      throw new RangeError(`A disk image of ${size} bytes is not whole sectors of 512 bytes.`);
    await this.importAbort();
    this.#incoming = await openFile(this.folder, imageName(this.name, this.#next()));
    this.#incoming.truncate(0);
    this.#incoming.truncate(wholeBlocks(size));
  }

  importChunk(offset: number, bytes: Uint8Array): void {
    if (!this.#incoming) throw new Error('No image is being imported.');
    const put = this.#incoming.write(bytes, { at: offset });
    if (put !== bytes.length) throw new Error(`The browser's storage is full: ${offset + put} bytes fitted.`);
  }

  async importCommit(): Promise<void> {
    if (!this.#incoming) throw new Error('No image is being imported.');
    this.#incoming.flush();
    this.#incoming.close();
    this.#incoming = undefined;
    await this.#choose({ current: this.#next(), previous: this.pointer.current });
  }

  async importAbort(): Promise<void> {
    if (!this.#incoming) return;
    this.#incoming.close();
    this.#incoming = undefined;
    await this.folder.removeEntry(imageName(this.name, this.#next()));
  }

  async reset(): Promise<void> {
    await this.importBegin(DEFAULT_DISK_SIZE);
    makeDefault(this.#incoming!);
    await this.importCommit();
  }

  async undo(): Promise<boolean> {
    const { current, previous } = this.pointer;
    if (previous === undefined) return false;
    await this.#choose({ current: previous, previous: current });
    return true;
  }

  /** A number that is neither the disk nor the one before. */
  #next(): number {
    return Math.max(this.pointer.current, this.pointer.previous ?? 0) + 1;
  }

  /** From the next boot on; images that are neither current nor previous are removed. */
  async #choose(pointer: Pointer): Promise<void> {
    const forgotten = this.pointer.previous;
    this.pointer = pointer;
    await writePointer(this.folder, this.name, pointer);
    if (forgotten !== undefined && forgotten !== pointer.current && forgotten !== pointer.previous) {
      await this.folder.removeEntry(imageName(this.name, forgotten));
    }
  }
}

const imageName = (name: string, n: number): string => `${name}.${n}.img`;

function makeDefault(file: FileSystemSyncAccessHandle): void {
  file.truncate(0);
  file.truncate(DEFAULT_DISK_SIZE);
  defaultDisk(volumeSerial(), (offset, bytes) => file.write(bytes, { at: offset }));
  file.flush();
}

/** A dying worker may hold the file a moment longer than its lock. */
async function openFile(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemSyncAccessHandle> {
  const handle = await folder.getFileHandle(name, { create: true });
  for (let attempt = 0; ; attempt++) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function readPointer(folder: FileSystemDirectoryHandle, name: string): Promise<Pointer | undefined> {
  try {
    const file = await (await folder.getFileHandle(`${name}.current`)).getFile();
    const [current, previous] = (await file.text()).split(' ').map(Number);
    if (!Number.isSafeInteger(current)) return undefined;
    return { current: current!, previous: Number.isSafeInteger(previous) ? previous : undefined };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}

async function writePointer(
  folder: FileSystemDirectoryHandle,
  name: string,
  { current, previous }: Pointer,
): Promise<void> {
  const file = await openFile(folder, `${name}.current`);
  const text = new TextEncoder().encode(`${current} ${previous ?? ''}`);
  file.truncate(0);
  file.write(text, { at: 0 });
  file.flush();
  file.close();
}
