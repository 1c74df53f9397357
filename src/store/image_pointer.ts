/**
 * The small file that says which image is the disk and which the one before it. One write of a fixed length and no truncation, so
 * that a tab that dies meanwhile leaves the old words or the new ones.
 */
import { type Folder, isNamed, openFile } from './opfs';

export interface Pointer {
  readonly current: number;
  readonly previous: number | undefined;
}

const LENGTH = 32;

/**
 * Undefined before the first disk was made whole: no file, or one that nothing was written to yet. Anything else that makes no
 * sense is an error, because guessing could make a fresh disk where one exists.
 */
export async function readPointer(folder: Folder, file: string): Promise<Pointer | undefined> {
  const text = await readText(folder, file);
  if (text === undefined || text === '') return undefined;
  const [, current, previous] = /^(\d+) (\d*) *\n$/.exec(text) ?? [];
  if (current === undefined) throw new Error(`the note of which image is the disk (${file}) cannot be read`);
  return { current: Number(current), previous: previous ? Number(previous) : undefined };
}

export async function writePointer(folder: Folder, name: string, { current, previous }: Pointer): Promise<void> {
  const file = await openFile(folder, name);
  try {
    const text = `${`${current} ${previous ?? ''}`.padEnd(LENGTH - 1)}\n`;
    if (file.write(new TextEncoder().encode(text), { at: 0 }) !== LENGTH)
      throw new Error("the browser's storage is full");
    file.flush();
  } finally {
    file.close();
  }
}

async function readText(folder: Folder, name: string): Promise<string | undefined> {
  try {
    return await (await (await folder.getFileHandle(name)).getFile()).text();
  } catch (error) {
    if (isNamed(error, 'NotFoundError')) return undefined;
    throw error;
  }
}
