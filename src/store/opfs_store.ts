/**
 * Disk images in the origin's private file system, folder `vmfs`: `<name>.<n>.img` files and `<name>.current`, a small file that says
 * which of them is the disk and which the one before. A new image is written beside the old one and becomes the disk by that word.
 * `<name>.<n>.map` beside an image says which blocks of one on the server are in it.
 */
import { type Disk, SECTOR_SIZE, wholeBlocks } from '../hw/disk';
import { type Pointer, readPointer, writePointer } from './image_pointer';
import { type Folder, isNamed, openFile, type SyncFile } from './opfs';
import { defaultOrigin, imageFile, mapFile, type Origin } from './origin';

export class OpfsStore {
  /** `size`: as announced, or written so far. */
  #incoming: { readonly file: SyncFile; readonly announced: boolean; size: number } | undefined;

  private constructor(
    readonly folder: Folder,
    readonly name: string,
    readonly disk: Disk,
    private pointer: Pointer,
    readonly origin: Origin,
  ) {}

  /** Opens the current image; makes the origin's on first use. Rejects where OPFS is refused. */
  static async open(folder: Folder, name: string, origin: Origin = defaultOrigin): Promise<OpfsStore> {
    const known = await readPointer(folder, pointerName(name));
    const pointer = known ?? { current: 1, previous: undefined };
    const base = baseName(name, pointer.current);
    if (!known) await origin.make(folder, base);
    const disk = await origin.open(folder, base);
    if (!known) await writePointer(folder, pointerName(name), pointer);
    await removeOthers(folder, name, pointer);
    return new OpfsStore(folder, name, disk, pointer, origin);
  }

  async importBegin(size?: number): Promise<void> {
    if (size !== undefined && (!(size > 0) || size % SECTOR_SIZE !== 0))
      throw new RangeError(`A disk image of ${size} bytes is not whole sectors of 512 bytes.`);
    await this.#clear();
    const file = await openFile(this.folder, imageFile(this.#next));
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
    await this.#choose({ current: this.#nextNumber, previous: this.pointer.current });
  }

  async importAbort(): Promise<void> {
    if (this.#incoming) await this.#clear();
  }

  async reset(): Promise<void> {
    await this.#clear();
    try {
      await this.origin.make(this.folder, this.#next);
    } catch (error) {
      await this.#clear();
      throw error;
    }
    await this.#choose({ current: this.#nextNumber, previous: this.pointer.current });
  }

  async undo(): Promise<boolean> {
    const { current, previous } = this.pointer;
    if (previous === undefined) return false;
    await this.#choose({ current: previous, previous: current });
    return true;
  }

  /** Nothing is left of what was to be the next image. */
  async #clear(): Promise<void> {
    this.#incoming?.file.close();
    this.#incoming = undefined;
    await remove(this.folder, imageFile(this.#next));
    await remove(this.folder, mapFile(this.#next));
  }

  get #next(): string {
    return baseName(this.name, this.#nextNumber);
  }

  /** Neither the disk nor the one before. */
  get #nextNumber(): number {
    return Math.max(this.pointer.current, this.pointer.previous ?? 0) + 1;
  }

  /** From the next boot on, which also removes what is then neither the disk nor the one before. */
  async #choose(pointer: Pointer): Promise<void> {
    await writePointer(this.folder, pointerName(this.name), pointer);
    this.pointer = pointer;
  }
}

const baseName = (name: string, n: number): string => `${name}.${n}`;
const pointerName = (name: string): string => `${name}.current`;

/** Images of an import that was cut short, and those that an import since the last boot has pushed out. */
async function removeOthers(folder: Folder, name: string, { current, previous }: Pointer): Promise<void> {
  const bases = [current, previous].map((n) => (n === undefined ? '' : baseName(name, n)));
  const kept = bases.flatMap((base) => [imageFile(base), mapFile(base)]);
  const stale: string[] = [];
  for await (const key of folder.keys()) {
    const isImage = key.startsWith(`${name}.`) && /^\d+\.(img|map)$/.test(key.slice(name.length + 1));
    if (isImage && !kept.includes(key)) stale.push(key);
  }
  for (const key of stale) await folder.removeEntry(key);
}

async function remove(folder: Folder, name: string): Promise<void> {
  try {
    await folder.removeEntry(name);
  } catch (error) {
    if (!isNamed(error, 'NotFoundError')) throw error;
  }
}
