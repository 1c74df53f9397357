/** Where the disk is kept: OPFS when this tab may own it, else memory; and the control procedures over it. */
import { type Disk, MemoryDisk, wholeBlocks } from '../hw/disk';
import type { BlkDriverControl, DiskConfig, StorageState } from '../protocol/control';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../specs/disk_image';
import type { Folder } from './opfs';
import { OpfsStore } from './opfs_store';
import { volumeSerial } from './volume_serial';

export interface Store {
  readonly disk: Disk;
  readonly control: BlkDriverControl;
}

export async function openStore(config: DiskConfig): Promise<Store> {
  if (config.store === 'memory')
    return memoryStore(config.image, { state: 'memory', reason: 'This disk was asked for in memory.' });
  if (!(await ownDisk(config.name)))
    return memoryStore(undefined, { state: 'busy', reason: 'Another tab has this disk open.' });
  try {
    return opfsStore(await OpfsStore.open(await folder(), config.name));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return memoryStore(undefined, { state: 'memory', reason: `This browser refuses to keep files here: ${why}` });
  }
}

async function folder(): Promise<Folder> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle('vmfs', { create: true });
}

/**
 * One owner per disk. After a reload the former tab's worker still holds the lock: Chromium takes 1.6 to 1.95 s to end workers that
 * sleep in Atomics.wait (9 reloads). A refusal is believed only after longer than that.
 */
const LOCK_PATIENCE_MS = 3500;

function ownDisk(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const forLife = () => {
      resolve(true);
      return new Promise<void>(() => {});
    };
    navigator.locks
      .request(`vmfs/disk/${name}`, { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) }, forLife)
      .catch(() => resolve(false));
  });
}

function memoryStore(image: SharedArrayBuffer | undefined, storage: StorageState): Store {
  const disk = new MemoryDisk(image ? wholeImage(image) : freshImage());
  const refuse = async () => {
    throw new Error('A memory disk is replaced by starting the system with another image.');
  };
  const control: BlkDriverControl = {
    ...reading(disk),
    storage: () => storage,
    importBegin: refuse,
    importChunk: refuse,
    importCommit: refuse,
    importAbort: async () => {},
    reset: async () => {},
    undo: async () => false,
  };
  return { disk, control };
}

function freshImage(): Uint8Array {
  const bytes = new Uint8Array(DEFAULT_DISK_SIZE);
  defaultDisk(volumeSerial(), (offset, part) => bytes.set(part, offset));
  return bytes;
}

/** In place; only an image that does not fill its last block is copied. */
function wholeImage(image: SharedArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(image);
  if (bytes.length === wholeBlocks(bytes.length)) return bytes;
  const padded = new Uint8Array(wholeBlocks(bytes.length));
  padded.set(bytes);
  return padded;
}

function opfsStore(store: OpfsStore): Store {
  const control: BlkDriverControl = {
    ...reading(store.disk),
    storage: () => ({ state: 'saved' }),
    importBegin: (size) => store.importBegin(size),
    importChunk: async (offset, bytes) => store.importChunk(offset, bytes),
    importCommit: () => store.importCommit(),
    importAbort: () => store.importAbort(),
    reset: () => store.reset(),
    undo: () => store.undo(),
  };
  return { disk: store.disk, control };
}

function reading(disk: Disk): Pick<BlkDriverControl, 'size' | 'flush' | 'read'> {
  return {
    size: () => disk.sectors * 512,
    flush: () => disk.flush(),
    read(offset, length) {
      const size = disk.sectors * 512;
      const wanted = offset >= 0 && length >= 0 && length <= size && offset <= size - length;
      if (!wanted || offset % 512 !== 0 || length % 512 !== 0)
        throw new RangeError(`no ${length} bytes at ${offset} of this disk`);
      const bytes = new Uint8Array(length);
      disk.read(offset / 512, bytes);
      return bytes;
    },
  };
}
