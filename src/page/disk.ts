/** The machine's disk as a whole: out of it an image, into it an image, a fresh one, and back to the one before. */
import type { Remote } from 'comlink';
import type { BlkDriverControl, DiskConfig, GuestControl } from '../protocol/control';

const CHUNK = 1 << 20;
const SECTOR = 512;

export interface DiskMachine {
  control(): Remote<BlkDriverControl>;
  guest(): Remote<GuestControl>;
  restart(): Promise<void>;
}

export class Disk {
  /** First contents of a memory disk, for the next start. */
  #image: SharedArrayBuffer | undefined;
  /** What importing or resetting a memory disk put aside. */
  #before: SharedArrayBuffer | undefined;
  #undoable = false;
  #store: 'opfs' | 'memory';

  constructor(
    store: 'opfs' | 'memory',
    readonly machine: DiskMachine,
  ) {
    this.#store = store;
  }

  config(name: string): DiskConfig {
    return { store: this.#store, name, ...(this.#image ? { image: this.#image } : {}) };
  }

  /** Whether there is an image to go back to, as far as this page knows. */
  get undoable(): boolean {
    return this.#undoable;
  }

  async export(progress: (share: number) => void = () => {}): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await this.machine.control().size());
    await this.#copy(bytes, progress);
    return bytes;
  }

  /** The system starts anew on the image. */
  async import(image: Uint8Array, progress: (share: number) => void = () => {}): Promise<void> {
    if (image.length === 0) throw new Error('This image is empty.');
    const size = Math.ceil(image.length / SECTOR) * SECTOR;
    if (await this.#saved()) await this.#importSaved(image, size, progress);
    else {
      const next = new SharedArrayBuffer(size);
      new Uint8Array(next).set(image);
      await this.#replaceMemory(next);
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

  /** Makes the volume whole and clean, and the next start go on with it, wherever it is kept. Its file system stands still from here on. */
  async keep(): Promise<void> {
    if (await this.#saved()) {
      await this.machine.guest().freeze();
      await this.machine.control().flush();
      return;
    }
    const now = new SharedArrayBuffer(await this.machine.control().size());
    await this.#copy(new Uint8Array(now), () => {});
    this.#image = now;
    this.#store = 'memory';
  }

  async #saved(): Promise<boolean> {
    return (await this.machine.control().storage()).state === 'saved';
  }

  async #importSaved(image: Uint8Array, size: number, progress: (share: number) => void): Promise<void> {
    const control = this.machine.control();
    await control.importBegin(size);
    try {
      for (let at = 0; at < image.length; at += CHUNK) {
        const chunk = new Uint8Array(Math.min(CHUNK, size - at));
        chunk.set(image.subarray(at, at + CHUNK));
        await control.importChunk(at, chunk);
        progress(at / size);
      }
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

  /** The file system stands still meanwhile, whole and marked clean. */
  async #copy(into: Uint8Array, progress: (share: number) => void): Promise<void> {
    const [control, guest] = [this.machine.control(), this.machine.guest()];
    await guest.freeze();
    try {
      await control.flush();
      for (let at = 0; at < into.length; at += CHUNK) {
        into.set(await control.read(at, Math.min(CHUNK, into.length - at)), at);
        progress(at / into.length);
      }
    } finally {
      await guest.thaw();
    }
  }
}
