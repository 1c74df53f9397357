/** The machine's disk as a whole: out of it an image, into it an image, a fresh one, and back to the one before. */
import type { Remote } from 'comlink';
import type { BlkDriverControl, DiskConfig, GuestControl } from '../protocol/control';
import type { DiskChoice } from './parameters';

const SECTOR = 512;
/** What is read at once. */
const CHUNK = 1 << 20;

/** Images as files: loaded when one comes or goes. */
const imageFile = () => import('./image_file');

/** From 0 to 1. */
type Progress = (share: number) => void;

export interface DiskMachine {
  control(): Remote<BlkDriverControl>;
  guest(): Remote<GuestControl>;
  restart(): Promise<void>;
  /** Components are dead or hang: what is asked may never be answered. */
  broken(): boolean;
}

/** So long a broken system is waited for. */
const PATIENCE_MS = 1000;

export class Disk {
  /** First contents of a memory disk, for the next start. */
  #image: SharedArrayBuffer | undefined;
  /** What importing or resetting a memory disk put aside. */
  #before: SharedArrayBuffer | undefined;
  #undoable = false;
  #store: 'opfs' | 'memory';

  constructor(
    readonly choice: DiskChoice,
    readonly machine: DiskMachine,
  ) {
    this.#store = choice.store;
  }

  config(name: string): DiskConfig {
    const { hosted } = this.choice;
    return { store: this.#store, name, ...(this.#image ? { image: this.#image } : {}), ...(hosted ? { hosted } : {}) };
  }

  /** Whether there is an image to go back to, as far as this page knows. */
  get undoable(): boolean {
    return this.#undoable;
  }

  /** Some of it as it is now, for looking at; offset and length are multiples of 512. Rejects past the end, and where it cannot be read. */
  async bytes(offset: number, length: number): Promise<Uint8Array> {
    return this.machine.control().read(offset, length);
  }

  /** In bytes. */
  async size(): Promise<number> {
    return this.machine.control().size();
  }

  async export(progress: Progress = () => {}): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await this.machine.control().size());
    await this.#copy(bytes, progress);
    return bytes;
  }

  /** The disk as a file, packed if wanted; whole and marked clean. Rejects with the signal's reason when that is aborted. */
  async file(packed: boolean, progress: Progress = () => {}, signal?: AbortSignal): Promise<Blob> {
    const size = await this.machine.control().size();
    const fetch = async (offset: number, length: number) => {
      progress(offset / size);
      return (await this.machine.control().read(offset, length)) as Uint8Array<ArrayBuffer>;
    };
    const { asFile, imageStream } = await imageFile();
    return this.#standingStill(() => asFile(imageStream(size, fetch, signal), packed));
  }

  /** The system starts anew on the image in the file, which may be packed (gzip). Any size, padded to a multiple of 512. */
  async open(file: Blob, progress: Progress = () => {}, signal?: AbortSignal): Promise<void> {
    if (file.size === 0) throw new Error('This image is empty.');
    if (await this.#saved()) await this.#importSaved(file, progress, signal);
    else await this.#replaceMemory(await inMemory(file, progress, signal));
    this.#undoable = true;
    await this.machine.restart();
  }

  /** The system starts anew on a disk of `size` bytes that holds these and zeros. */
  async make(size: number, writes: Iterable<{ readonly offset: number; readonly bytes: Uint8Array }>): Promise<void> {
    if (await this.#saved()) {
      await this.#replaceSaved(size, async (write) => {
        for (const { offset, bytes } of writes) await write(offset, bytes);
      });
    } else {
      const image = new SharedArrayBuffer(size);
      for (const { offset, bytes } of writes) new Uint8Array(image).set(bytes, offset);
      await this.#replaceMemory(image);
    }
    this.#undoable = true;
    await this.machine.restart();
  }

  /** The system starts anew on a fresh disk. */
  async reset(): Promise<void> {
    if (await this.#saved()) await this.machine.control().reset();
    else await this.#replaceMemory(undefined);
    this.#undoable = true;
    await this.machine.restart();
  }

  /** Back to the disk before the last import or reset. False when there is none. */
  async undo(): Promise<boolean> {
    if (await this.#saved()) {
      if (!(await this.machine.control().undo())) return false;
    } else {
      if (!this.#before) return false;
      [this.#image, this.#before] = [this.#before, undefined];
    }
    this.#undoable = false;
    await this.machine.restart();
    return true;
  }

  /**
   * Makes the volume whole and clean, and the next start go on with it, wherever it is kept. Its file system stands still from here on. What
   * a broken system cannot do any more is left out: then the volume is as after a power cut, and a disk in a dead driver's memory is gone.
   */
  async keep(): Promise<void> {
    const ask = this.machine.broken() ? inTime : <T>(question: () => Promise<T>): Promise<T | undefined> => question();
    const saved = await ask(() => this.#saved());
    await ask(() => this.machine.guest().freeze());
    await ask(async () => this.machine.control().flush());
    if (saved !== false) return;
    const now = new SharedArrayBuffer(await this.machine.control().size());
    await this.#readAll(new Uint8Array(now), () => {});
    this.#image = now;
    this.#store = 'memory';
  }

  async #saved(): Promise<boolean> {
    return (await this.machine.control().storage()).state === 'saved';
  }

  async #importSaved(file: Blob, progress: Progress, signal: AbortSignal | undefined): Promise<void> {
    const { isGzip, pieces } = await imageFile();
    const size = (await isGzip(file)) ? undefined : Math.ceil(file.size / SECTOR) * SECTOR;
    await this.#replaceSaved(size, async (write) => {
      for await (const { offset, bytes, share } of pieces(file, signal)) {
        await write(offset, bytes);
        progress(share);
      }
    });
  }

  /** The image that `fill` writes is the disk from the next start on; when that fails, nothing has happened. */
  async #replaceSaved(
    size: number | undefined,
    fill: (write: (offset: number, bytes: Uint8Array) => Promise<void>) => Promise<void>,
  ): Promise<void> {
    const control = this.machine.control();
    await control.importBegin(size);
    try {
      await fill((offset, bytes) => control.importChunk(offset, bytes));
      await control.importCommit();
    } catch (error) {
      await control.importAbort();
      throw error;
    }
  }

  async #replaceMemory(next: SharedArrayBuffer | undefined): Promise<void> {
    const old = new SharedArrayBuffer(await this.machine.control().size());
    await this.#copy(new Uint8Array(old), () => {});
    this.#before = old;
    this.#image = next;
    this.#store = 'memory';
  }

  async #copy(into: Uint8Array, progress: Progress): Promise<void> {
    await this.#standingStill(() => this.#readAll(into, progress));
  }

  async #readAll(into: Uint8Array, progress: Progress): Promise<void> {
    const control = this.machine.control();
    for (let at = 0; at < into.length; at += CHUNK) {
      into.set(await control.read(at, Math.min(CHUNK, into.length - at)), at);
      progress(at / into.length);
    }
  }

  /** The file system waits meanwhile, whole and marked clean. */
  async #standingStill<T>(work: () => Promise<T>): Promise<T> {
    const guest = this.machine.guest();
    await guest.freeze();
    try {
      await this.machine.control().flush();
      return await work();
    } finally {
      await guest.thaw();
    }
  }
}

/** The answer; undefined when there is none in time, or cannot be one. */
async function inTime<T>(question: () => Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE_MS));
  const answer = (async () => question())();
  return Promise.race([answer.catch(() => undefined), late]);
}

/** For a disk in memory: all of it, as a worker takes it. */
async function inMemory(file: Blob, progress: Progress, signal: AbortSignal | undefined): Promise<SharedArrayBuffer> {
  const { pieces } = await imageFile();
  const all: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  for await (const piece of pieces(file, signal)) {
    all.push({ offset: piece.offset, bytes: piece.bytes.slice() });
    progress(piece.share);
  }
  const last = all.at(-1);
  if (!last) throw new Error('This image is empty.');
  const image = new SharedArrayBuffer(last.offset + last.bytes.length);
  for (const { offset, bytes } of all) new Uint8Array(image).set(bytes, offset);
  return image;
}
