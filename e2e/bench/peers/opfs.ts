/** The browser's own files through synchronous access handles: flushed when they are closed. No FAT; the durable peer. */
import { type FileApi, round, serveRounds } from './round';

/** As in a worker; the types of this folder are a page's. */
interface Handle {
  read(into: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

const root = await navigator.storage.getDirectory();
const folder = await root.getDirectoryHandle('peer', { create: true });

const api: FileApi<Handle> = {
  async open(path, mode) {
    const file = await folder.getFileHandle(path, { create: mode === 'w' });
    const handle = await (file as unknown as { createSyncAccessHandle(): Promise<Handle> }).createSyncAccessHandle();
    if (mode === 'w') handle.truncate(0);
    return handle;
  },
  read: (handle, into, at) => void handle.read(into, { at }),
  write: (handle, bytes, at) => void handle.write(bytes, { at }),
  close(handle) {
    handle.flush();
    handle.close();
  },
  stat: async (path) => (await folder.getFileHandle(path)).getFile(),
  remove: (path) => folder.removeEntry(path),
};

serveRounds(() => round(api));
