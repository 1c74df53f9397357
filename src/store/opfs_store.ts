/**
 * Disk images in the origin's private file system, folder `vmfs`: `<name>.<n>.img` files and `<name>.current`, a small file that says
 * which of them is the disk and which the one before. A new image is written beside the old one and becomes the disk by that word.
 */
import { type Disk, SECTOR_SIZE, wholeBlocks } from '../hw/disk';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../specs/disk_image';
import { type Pointer, readPointer, writePointer } from './image_pointer';
import { type Folder, openFile, type SyncFile } from './opfs';
import { volumeSerial } from './volume_serial';

class OpfsDisk implements Disk {
  readonly readOnly = false;
  readonly sectors: number;

  constructor(readonly file: SyncFile) {
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
  /** `size`: as announced, or written so far. */
  #incoming: { readonly file: SyncFile; readonly announced: boolean; size: number } | undefined;

  private constructor(
    readonly folder: Folder,
    readonly name: string,
    readonly disk: Disk,
    private pointer: Pointer,
  ) {}

  /** Opens the current image; makes the default disk on first use. Rejects where OPFS is refused. */
  static async open(folder: Folder, name: string): Promise<OpfsStore> {
    const known = await readPointer(folder, pointerName(name));
    const pointer = known ?? { current: 1, previous: undefined };
    const file = await openFile(folder, imageName(name, pointer.current));
    if (!known || file.getSize() === 0) makeDefault(file);
    if (!known) await writePointer(folder, pointerName(name), pointer);
    await removeOthers(folder, name, pointer);
    return new OpfsStore(folder, name, new OpfsDisk(file), pointer);
  }

  async importBegin(size?: number): Promise<void> {
    if (size !== undefined && (!(size > 0) || size % SECTOR_SIZE !== 0))
      throw new RangeError(`A disk image of ${size} bytes is not whole sectors of 512 bytes.`);
    await this.importAbort();
    const file = await openFile(this.folder, imageName(this.name, this.#next()));
    this.#incoming = { file, announced: size !== undefined, size: size ?? 0 };
    file.truncate(0);
    file.truncate(wholeBlocks(size ?? 0));
  }

  importChunk(offset: number, bytes: Uint8Array): void {
    if (!this.#incoming) throw new Error('No image is being imported.');
    const { file, announced } = this.#incoming;
    if (!announced) this.#incoming.size = Math.max(this.#incoming.size, offset + bytes.length);
    const { size } = this.#incoming;
    if (!(offset >= 0 && bytes.length <= size && offset <= size - bytes.length))
      throw new RangeError(`${bytes.length} bytes at ${offset} do not fit an image of ${size} bytes.`);
    const put = file.write(bytes, { at: offset });
    if (put !== bytes.length) throw new Error(`The browser's storage is full: ${offset + put} bytes fitted.`);
  }

  async importCommit(): Promise<void> {
    if (!this.#incoming) throw new Error('No image is being imported.');
    if (this.#incoming.size === 0) throw new Error('This image is empty.');
    this.#incoming.file.truncate(wholeBlocks(this.#incoming.size));
    this.#incoming.file.flush();
    this.#incoming.file.close();
    this.#incoming = undefined;
    await this.#choose({ current: this.#next(), previous: this.pointer.current });
  }

  async importAbort(): Promise<void> {
    if (!this.#incoming) return;
    this.#incoming.file.close();
    this.#incoming = undefined;
    await this.folder.removeEntry(imageName(this.name, this.#next()));
  }

  async reset(): Promise<void> {
    await this.importBegin(DEFAULT_DISK_SIZE);
    makeDefault(this.#incoming!.file);
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

  /** From the next boot on, which also removes what is then neither the disk nor the one before. */
  async #choose(pointer: Pointer): Promise<void> {
    await writePointer(this.folder, pointerName(this.name), pointer);
    this.pointer = pointer;
  }
}

const imageName = (name: string, n: number): string => `${name}.${n}.img`;
const pointerName = (name: string): string => `${name}.current`;

function makeDefault(file: SyncFile): void {
  file.truncate(0);
  file.truncate(DEFAULT_DISK_SIZE);
  defaultDisk(volumeSerial(), (offset, bytes) => {
    if (file.write(bytes, { at: offset }) !== bytes.length) throw new Error("the browser's storage is full");
  });
  file.flush();
}

/** Images of an import that was cut short, and those that an import since the last boot has pushed out. */
async function removeOthers(folder: Folder, name: string, { current, previous }: Pointer): Promise<void> {
  const kept = [current, previous].map((n) => (n === undefined ? '' : imageName(name, n)));
  const stale: string[] = [];
  for await (const key of folder.keys()) {
    const isImage = key.startsWith(`${name}.`) && /^\d+\.img$/.test(key.slice(name.length + 1));
    if (isImage && !kept.includes(key)) stale.push(key);
  }
  for (const key of stale) await folder.removeEntry(key);
}
