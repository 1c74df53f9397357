/** Where the disk is kept: OPFS when this tab may own it, else memory; and the control procedures over it. */
import { type Disk, MemoryDisk, wholeBlocks } from '../hw/disk';
import type { BlkDriverControl, DiskConfig, HostedState, StorageState } from '../protocol/control';
import { DEFAULT_DISK_SIZE, defaultDisk } from '../specs/disk_image';
import type { HostedOrigin } from './hosted_origin';
import type { Folder } from './opfs';
import { OpfsStore } from './opfs_store';
import { defaultOrigin } from './origin';
import { volumeSerial } from './volume_serial';

export interface Store {
  readonly disk: Disk;
  readonly control: BlkDriverControl;
}

export async function openStore(config: DiskConfig): Promise<Store> {
  const origin = config.hosted === undefined ? undefined : await originAt(config.hosted);
  const inMemory = (storage: StorageState) => memoryStore(storage, origin);
  if (config.store === 'memory') {
    const asked: StorageState = { state: 'memory', reason: 'This disk was asked for in memory.' };
    return config.image ? imageStore(config.image, asked) : inMemory(asked);
  }
  const name = config.hosted === undefined ? config.name : hostedName(config.hosted);
  if (!(await ownDisk(name))) return inMemory({ state: 'busy', reason: 'Another tab has this disk open.' });
  try {
    return opfsStore(await OpfsStore.open(await folder(), name, origin ?? defaultOrigin), origin);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return inMemory({ state: 'memory', reason: `This browser refuses to keep files here: ${why}` });
  }
}

/** Loaded only where a disk begins as an image on the server. */
async function originAt(url: string): Promise<HostedOrigin> {
  return (await import('./hosted_origin')).hostedOrigin(url);
}

/** File names may not be as long as addresses. Two that meet are told apart when the disk is opened. */
function hostedName(url: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(url)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `hosted-${hash.toString(16).padStart(8, '0')}`;
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

/** A fresh disk: the server's image, if one is asked for and can be had, or the default disk. */
async function memoryStore(storage: StorageState, origin: HostedOrigin | undefined): Promise<Store> {
  if (!origin) return memoryControl(new MemoryDisk(freshImage()), () => storage);
  const disk = await origin.inMemory();
  if (!(disk instanceof Error)) return memoryControl(disk, () => ({ ...storage, ...hostedPart(origin) }));
  const hosted: HostedState = { path: origin.image.path, server: 'missing', reason: disk.message };
  return memoryControl(new MemoryDisk(freshImage()), () => ({ state: 'memory', reason: disk.message, hosted }));
}

function hostedPart({ state }: HostedOrigin): Pick<StorageState, 'hosted'> {
  return state ? { hosted: state } : {};
}

function imageStore(image: SharedArrayBuffer, storage: StorageState): Store {
  return memoryControl(new MemoryDisk(wholeImage(image)), () => storage);
}

function memoryControl(disk: Disk, storage: () => StorageState): Store {
  const refuse = async () => {
    throw new Error('A memory disk is replaced by starting the system with another image.');
  };
  const control: BlkDriverControl = {
    ...reading(disk),
    storage,
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

function opfsStore(store: OpfsStore, origin: HostedOrigin | undefined): Store {
  const control: BlkDriverControl = {
    ...reading(store.disk),
    storage: () => ({ state: 'saved', ...(origin ? hostedPart(origin) : {}) }),
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
