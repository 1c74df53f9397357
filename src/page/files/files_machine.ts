/** The mounted disk as the page sees it: the control procedures of `files`, and the word by which the server tells of changes. */
import type { Remote } from 'comlink';
import { mappedNow, type SystemMemory } from '../../microkit/layout';
import type { FilesControl } from '../../protocol/control';
import { FS_CHANGES_WORD } from '../../protocol/fs_changes';

export interface FilesMachine {
  /** Throws one sentence while the system starts or restarts. */
  control(): Remote<FilesControl>;
  /** Calls `listener` after another client has changed the disk, and when it has become another disk; returns the end of it. */
  watch(listener: () => void): () => void;
}

export interface RunningSystem {
  control(): Remote<FilesControl>;
  memory(): SystemMemory | undefined;
  subscribe(listener: () => void): () => void;
}

export class FilesLink implements FilesMachine {
  readonly #listeners = new Set<() => void>();
  #waiting: Int32Array | undefined;
  /** What was waited on last, also while a system is down. */
  #last: SharedArrayBuffer | undefined;

  constructor(readonly system: RunningSystem) {
    system.subscribe(() => this.#look());
  }

  control(): Remote<FilesControl> {
    return this.system.control();
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#wake();
    };
  }

  /** The queue that the server of now writes to; another one after a reboot of the VM or of the system. */
  #buffer(): SharedArrayBuffer | undefined {
    const memory = this.system.memory();
    return memory && mappedNow(memory, 'files', 'fs_completion');
  }

  #look(): void {
    const buffer = this.#listeners.size > 0 ? this.#buffer() : undefined;
    if (buffer === this.#waiting?.buffer) return;
    this.#wake();
    if (!buffer) return;
    const another = this.#last !== undefined && this.#last !== buffer;
    this.#last = buffer;
    this.#waiting = new Int32Array(buffer);
    void this.#wait(this.#waiting);
    // What was seen before was another server's.
    if (another) this.#tell();
  }

  /** One waiter for each word: those that come to nothing would pile up. */
  async #wait(words: Int32Array): Promise<void> {
    while (words === this.#waiting) {
      const seen = Atomics.load(words, FS_CHANGES_WORD);
      const wait = Atomics.waitAsync(words, FS_CHANGES_WORD, seen);
      if (wait.async) await wait.value;
      if (words === this.#waiting) this.#tell();
    }
  }

  #wake(): void {
    const words = this.#waiting;
    this.#waiting = undefined;
    if (words) Atomics.notify(words, FS_CHANGES_WORD);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
