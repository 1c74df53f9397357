/** A disk in memory behind the procedures of FilesControl, as forgiving as FAT about case and as strict about names; with faults on demand. */
import type { FileEntry } from '../../../protocol/control';
import { folded } from '../names';
import { folderOf, nameOf, ROOT } from '../paths';
import type { FilesCalls, FilesPort } from '../volume';

interface Node {
  readonly name: string;
  readonly bytes: Uint8Array | undefined;
  readonly changedMs: number;
}

export class FakeDisk implements FilesPort {
  /** By folded path. */
  readonly nodes = new Map<string, { path: string } & Node>();
  readonly calls: string[] = [];
  size = 16 * 2 ** 20;
  /** Called before each procedure; may throw or wait. */
  before: (name: string, path: string) => void | Promise<void> = () => {};
  readonly #open = new Map<number, string>();
  readonly #listeners = new Set<() => void>();
  #files = 0;
  #clock = Date.UTC(2026, 10, 24, 3, 50);

  control(): FilesCalls {
    const call =
      <A extends readonly unknown[], R>(name: string, work: (...args: A) => R) =>
      async (...args: A): Promise<R> => {
        const path = typeof args[0] === 'number' ? (this.#open.get(args[0]) ?? '') : String(args[0] ?? '');
        this.calls.push(`${name} ${path}`);
        await this.before(name, path);
        return work(...args);
      };
    return {
      list: call('list', (path: string) => this.#list(path)),
      space: call('space', () => ({ size: this.size, free: this.size - this.used })),
      open: call('open', (path: string, mode: 'read' | 'replace') => this.#opened(path, mode)),
      size: call('size', (file: number) => this.#bytes(file).length),
      read: call('read', (file: number, at: number, length: number) => this.#bytes(file).slice(at, at + length)),
      write: call('write', (file: number, at: number, bytes: Uint8Array) => this.#write(file, at, bytes)),
      close: call('close', (file: number) => void this.#open.delete(file)),
      mkdir: call('mkdir', (path: string) => {
        if (this.#find(path) || path === ROOT) throw new Error('EEXIST');
        this.put(path, undefined);
      }),
      remove: call('remove', (path: string) => this.#remove(path)),
      rename: call('rename', (from: string, to: string) => this.#rename(from, to)),
    };
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Another client has written. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  get used(): number {
    return [...this.nodes.values()].reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
  }

  /** Files left open. */
  get openFiles(): number {
    return this.#open.size;
  }

  put(path: string, contents: Uint8Array | string | undefined): void {
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    const there = this.nodes.get(folded(path));
    const at = there?.path ?? path;
    this.nodes.set(folded(path), { path: at, name: nameOf(at), bytes, changedMs: (this.#clock += 2000) });
  }

  /** The contents as text; undefined when there is no such file. */
  text(path: string): string | undefined {
    const bytes = this.nodes.get(folded(path))?.bytes;
    return bytes && new TextDecoder().decode(bytes);
  }

  get paths(): string[] {
    return [...this.nodes.values()].map(({ path }) => path).sort();
  }

  #find(path: string) {
    return this.nodes.get(folded(path));
  }

  #isFolder(path: string): boolean {
    return path === ROOT || (this.#find(path) !== undefined && this.#find(path)?.bytes === undefined);
  }

  #list(path: string): FileEntry[] {
    if (!this.#isFolder(path)) throw new Error(this.#find(path) ? 'ENOTDIR' : 'ENOENT');
    return [...this.nodes.values()]
      .filter((node) => folded(folderOf(node.path)) === folded(path))
      .map(({ name, bytes, changedMs }) => ({
        name,
        folder: !bytes,
        size: bytes?.length ?? 0,
        changedMs,
        readOnly: false,
      }));
  }

  #opened(path: string, mode: 'read' | 'replace'): number {
    if (this.#isFolder(path)) throw new Error('EISDIR');
    if (mode === 'read' && !this.#find(path)) throw new Error('ENOENT');
    if (!this.#isFolder(folderOf(path))) throw new Error('ENOENT');
    if (mode === 'replace') this.put(path, new Uint8Array(0));
    this.#open.set(++this.#files, path);
    return this.#files;
  }

  #bytes(file: number): Uint8Array {
    const path = this.#open.get(file);
    if (path === undefined) throw new Error('EBADF');
    const bytes = this.#find(path)?.bytes;
    if (!bytes) throw new Error('ESTALE');
    return bytes;
  }

  #write(file: number, at: number, bytes: Uint8Array): void {
    const old = this.#bytes(file);
    if (this.used - old.length + at + bytes.length > this.size) throw new Error('ENOSPC');
    const now = new Uint8Array(Math.max(old.length, at + bytes.length));
    now.set(old);
    now.set(bytes, at);
    this.put(this.#open.get(file)!, now);
  }

  #remove(path: string): void {
    if (!this.#find(path)) throw new Error('ENOENT');
    if (this.#isFolder(path) && this.#list(path).length > 0) throw new Error('ENOTEMPTY');
    this.nodes.delete(folded(path));
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from);
    if (!node) throw new Error('ENOENT');
    const moved = [...this.nodes.values()].filter(({ path }) => path === node.path || path.startsWith(`${node.path}/`));
    for (const { path } of moved) this.nodes.delete(folded(path));
    for (const one of moved) {
      const path = to + one.path.slice(node.path.length);
      this.nodes.set(folded(path), { ...one, path, name: nameOf(path) });
    }
  }
}
