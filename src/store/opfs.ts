/** What the store needs of the File System API's origin-private part, so that tests can stand in for it. */
export interface SyncFile {
  read(into: Uint8Array, at: { at: number }): number;
  write(bytes: Uint8Array, at: { at: number }): number;
  truncate(size: number): void;
  getSize(): number;
  flush(): void;
  close(): void;
}

export interface FileHandle {
  createSyncAccessHandle(): Promise<SyncFile>;
  getFile(): Promise<{ text(): Promise<string> }>;
}

export interface Folder {
  getFileHandle(name: string, options?: { create: boolean }): Promise<FileHandle>;
  removeEntry(name: string): Promise<void>;
  keys(): AsyncIterable<string>;
}

const PATIENCE_MS = 2000;
const PAUSE_MS = 50;

/** A worker that is just dying may hold the file a moment longer than its lock. */
export async function openFile(folder: Folder, name: string): Promise<SyncFile> {
  const handle = await folder.getFileHandle(name, { create: true });
  for (let waited = 0; ; waited += PAUSE_MS) {
    try {
      return await handle.createSyncAccessHandle();
    } catch (error) {
      if (!isNamed(error, 'NoModificationAllowedError') || waited >= PATIENCE_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

export const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
