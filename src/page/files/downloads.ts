/** Out of the disk: one file as it is, a folder or several things as a .zip. */
import { BlobParts } from './blob_parts';
import type { Say } from './jobs';
import { join, nameOf, ROOT } from './paths';
import type { Volume } from './volume';
import type { Zipped } from './zip';

export async function fileBlob(volume: Volume, path: string, size: number, say: Say, signal: AbortSignal) {
  const parts = new BlobParts();
  let done = 0;
  say(0, size);
  for await (const piece of volume.stream(path, signal)) {
    parts.add(piece);
    done += piece.length;
    say(done, Math.max(size, done));
  }
  return parts.blob('application/octet-stream');
}

/** `names` in `folder`, folders with all that is in them. */
export async function zipBlob(volume: Volume, folder: string, names: readonly string[], say: Say, signal: AbortSignal) {
  const entries = await gather(volume, folder, names, signal);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  const { zip, ZIP_LIMIT } = await import('./zip');
  if (total > ZIP_LIMIT) throw new Error('A .zip holds up to 4 GiB: download it in parts.');
  let done = 0;
  async function* contents(path: string) {
    for await (const piece of volume.stream(join(folder, path), signal)) {
      yield piece;
      done += piece.length;
      say(done, Math.max(total, done));
    }
  }
  say(0, total);
  return zip(entries, contents);
}

async function gather(volume: Volume, folder: string, names: readonly string[], signal: AbortSignal) {
  const found: (Zipped & { readonly size: number })[] = [];
  const prefix = folder === ROOT ? 1 : folder.length + 1;
  for (const entry of await volume.list(folder)) {
    if (!names.includes(entry.name)) continue;
    found.push({ ...entry, path: entry.name });
    if (!entry.folder) continue;
    for await (const inner of volume.walk(join(folder, entry.name), signal))
      found.push({ ...inner, path: inner.path.slice(prefix) });
  }
  return found;
}

/** A .zip of one thing is called as that is, of several as the folder that holds them. */
export function zipName(folder: string, names: readonly string[]): string {
  if (names.length === 1) return `${names[0]}.zip`;
  return `${folder === ROOT ? 'disk' : nameOf(folder)}.zip`;
}
