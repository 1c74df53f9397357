/** The mounted disk for a test or a script: whole files in one call. What cannot be done is said with the path and a sentence. */
import type { FileEntry } from '../../protocol/control';
import type { Machine } from '../machine';
import { FilesError } from './errors';
import { Volume } from './volume';

export interface FilesAutomation {
  /** What is in a folder, folders first, then by name. */
  list(path?: string): Promise<FileEntry[]>;
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** Makes the file or takes the place of the one that is there, all of it or nothing. */
  write(path: string, contents: Uint8Array<ArrayBuffer> | Blob): Promise<void>;
  /** A file, or a folder with nothing in it. */
  remove(path: string): Promise<void>;
  mkdir(path: string): Promise<void>;
  /** Takes the place of a file that has the new name. */
  rename(from: string, to: string): Promise<void>;
}

/** Waits for the system to be ready. Rejects with FilesError: the path, and why. */
export function filesAutomation(machine: Machine): FilesAutomation {
  const volume = new Volume(machine.files, { count: () => machine.state.starts, subscribe: machine.subscribe });
  const doing = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    await machine.ready;
    try {
      return await work();
    } catch (error) {
      throw new FilesError(path, error);
    }
  };
  return {
    list: (path = '/') => doing(path, () => volume.list(path)),
    read: (path) => doing(path, async () => (await volume.read(path, 0, Number.MAX_SAFE_INTEGER)).bytes),
    write: (path, contents) => doing(path, () => volume.write(path, new Blob([contents]))),
    remove: (path) => doing(path, () => volume.remove(path)),
    mkdir: (path) => doing(path, () => volume.mkdir(path)),
    rename: (from, to) => doing(from, () => volume.rename(from, to)),
  };
}
