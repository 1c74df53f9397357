/** A disk that begins as an image on the server: `<base>.map` beside the image says what of it has been fetched. Loaded when one is asked for. */
import { type Disk, wholeBlocks } from '../hw/disk';
import type { HostedState } from '../protocol/control';
import { BlockMap } from './block_map';
import { HostedDisk } from './hosted_disk';
import { browserNet, HostedImage, HostedRefusal, type Identity, isSame } from './hosted_image';
import { MemoryFile } from './memory_file';
import { type Folder, isNamed, openFile, type SyncFile } from './opfs';
import { defaultOrigin, imageFile, mapFile, type Origin } from './origin';

export function hostedOrigin(url: string): HostedOrigin {
  return new HostedOrigin(new HostedImage(url, browserNet));
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

  /** Where nothing can be kept: the disk, or why the server's image cannot be had. */
  async inMemory(): Promise<Disk | HostedRefusal> {
    try {
      const file = new MemoryFile();
      const map = await this.#fill(file, new MemoryFile(), await this.image.find());
      this.disk = new HostedDisk(file, map, this.image);
      return this.disk;
    } catch (error) {
      if (error instanceof HostedRefusal) return error;
      throw error;
    }
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
