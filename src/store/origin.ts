/** What a disk begins as: the default disk, or an image on the server. Each image is `<base>.img`, with `<base>.map` beside a hosted one. */
import { type Disk, SECTOR_SIZE, wholeBlocks } from '../hw/disk';
import type { HostedState } from '../protocol/control';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../specs/disk_image';
import { BlockMap } from './block_map';
import { HostedDisk } from './hosted_disk';
import { type HostedImage, HostedRefusal, type Identity, isSame } from './hosted_image';
import { MemoryFile } from './memory_file';
import { type Folder, isNamed, openFile, type SyncFile } from './opfs';
import { volumeSerial } from './volume_serial';

export const imageFile = (base: string): string => `${base}.img`;
export const mapFile = (base: string): string => `${base}.map`;

export interface Origin {
  /** A fresh image, whole and flushed when this resolves. */
  make(folder: Folder, base: string): Promise<void>;
  /** The image, fresh or not; the files stay open. */
  open(folder: Folder, base: string): Promise<Disk>;
}

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

export const defaultOrigin: Origin = {
  async make(folder, base) {
    const file = await openFile(folder, imageFile(base));
    try {
      makeDefault(file);
    } finally {
      file.close();
    }
  },
  async open(folder, base) {
    const file = await openFile(folder, imageFile(base));
    if (file.getSize() === 0) makeDefault(file);
    return new OpfsDisk(file);
  },
};

function makeDefault(file: SyncFile): void {
  file.truncate(0);
  file.truncate(DEFAULT_DISK_SIZE);
  defaultDisk(volumeSerial(), (offset, bytes) => {
    if (file.write(bytes, { at: offset }) !== bytes.length) throw new Error("the browser's storage is full");
  });
  file.flush();
}

export class HostedOrigin implements Origin {
  /** As long as the disk is one that began as the image. */
  disk: HostedDisk | undefined;
  #found: Identity | undefined;
  #unreachable: string | undefined;

  constructor(readonly image: HostedImage) {}

  async make(folder: Folder, base: string): Promise<void> {
    // The server first: where it refuses, there is nothing to clean up.
    const found = await this.image.find();
    const [file, map] = [await openFile(folder, imageFile(base)), await openFile(folder, mapFile(base))];
    try {
      await this.#fill(file, map, found);
    } finally {
      file.close();
      map.close();
    }
    this.#found = found;
  }

  async open(folder: Folder, base: string): Promise<Disk> {
    const map = await openExisting(folder, mapFile(base));
    // Without one the person has opened another image since.
    if (!map) return defaultOrigin.open(folder, base);
    const disk = new HostedDisk(await openFile(folder, imageFile(base)), BlockMap.read(map), this.image);
    this.disk = disk;
    if (disk.map.identity.url !== this.image.url) throw new Error(`this disk began as ${disk.map.identity.url}`);
    await this.#compare(disk);
    return disk;
  }

  /** Where nothing can be kept. Rejects with HostedRefusal. */
  async inMemory(): Promise<Disk> {
    const file = new MemoryFile();
    const map = await this.#fill(file, new MemoryFile(), await this.image.find());
    this.disk = new HostedDisk(file, map, this.image);
    return this.disk;
  }

  /** What the person should know of the server. */
  get state(): HostedState | undefined {
    if (!this.disk) return undefined;
    const { path } = this.image;
    if (this.disk.trouble !== undefined) return { path, server: 'changed', reason: this.disk.trouble };
    return this.#unreachable === undefined
      ? { path, server: 'same' }
      : { path, server: 'missing', reason: this.#unreachable };
  }

  async #compare(disk: HostedDisk): Promise<void> {
    try {
      const found = this.#found ?? (await this.image.find());
      if (!isSame(found, disk.map.identity)) disk.trouble = `${this.image.path} has changed on the server.`;
    } catch (error) {
      if (!(error instanceof HostedRefusal)) throw error;
      this.#unreachable = error.message;
    }
  }

  /** Room for the image, and what is known of it. */
  async #fill(file: SyncFile, mapFile: SyncFile, found: Identity): Promise<BlockMap> {
    file.truncate(0);
    file.truncate(wholeBlocks(found.size));
    let at = 0;
    for await (const bytes of found.isWhole ? this.image.whole(found) : []) {
      if (file.write(bytes, { at }) !== bytes.length) throw new HostedRefusal("The browser's storage is full.");
      at += bytes.length;
    }
    file.flush();
    const map = BlockMap.create(mapFile, found, found.isWhole);
    mapFile.flush();
    return map;
  }
}

async function openExisting(folder: Folder, name: string): Promise<SyncFile | undefined> {
  try {
    await folder.getFileHandle(name);
  } catch (error) {
    if (isNamed(error, 'NotFoundError')) return undefined;
    throw error;
  }
  return openFile(folder, name);
}
