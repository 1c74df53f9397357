/**
 * Deleting with a way back. What is deleted is read first and kept in the page for as long as Undo is offered, up to 16 MiB; beyond that
 * there is no way back, and that is said before anything happens.
 */
import { bytesWords } from '../storage_words';
import { BlobParts } from './blob_parts';
import { errnoOf } from './errors';
import type { Say } from './jobs';
import { folderOf, join, nameOf } from './paths';
import { type Found, freePath, type Volume } from './volume';

export const KEPT_AT_MOST = 16 * 2 ** 20;

/** What would go, each folder before what it holds. */
export interface Doomed {
  readonly names: readonly string[];
  readonly folder: string;
  readonly found: readonly Found[];
  readonly bytes: number;
}

interface KeptEntry {
  readonly path: string;
  /** A folder has none. */
  readonly contents: Blob | undefined;
}

export interface Kept {
  readonly folder: string;
  readonly entries: readonly KeptEntry[];
}

export async function doomed(volume: Volume, folder: string, names: readonly string[]): Promise<Doomed> {
  const entries = (await volume.list(folder)).filter(({ name }) => names.includes(name));
  const found: Found[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    found.push({ ...entry, path });
    if (entry.folder) for await (const inner of volume.walk(path)) found.push(inner);
  }
  return { folder, names, found, bytes: found.reduce((sum, { size }) => sum + size, 0) };
}

/** `notes.txt, 12 bytes`, `photos with 12 inside, 4.1 MiB`, `3 entries`. */
export function doomedWords({ names, found, bytes }: Doomed): string {
  const size = bytes > 0 ? `, ${bytesWords(bytes)}` : '';
  if (names.length > 1) return `${names.length} entries${inside(found.length - names.length)}${size}`;
  return `${names[0]}${inside(found.length - 1)}${size}`;
}

function inside(count: number): string {
  return count > 0 ? ` with ${count} inside` : '';
}

/** Everything, deepest first; tells what is gone. What somebody else has deleted meanwhile is as good as deleted. */
export async function destroy(
  volume: Volume,
  { found }: Doomed,
  gone: (path: string) => void,
  say: Say,
  signal: AbortSignal,
): Promise<void> {
  for (const [i, { path }] of [...found].reverse().entries()) {
    signal.throwIfAborted();
    say(i, found.length);
    await volume.remove(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
    gone(path);
  }
}

/** Undefined when it is more than the page keeps. */
export async function keep(volume: Volume, { folder, found, bytes }: Doomed): Promise<Kept | undefined> {
  if (bytes > KEPT_AT_MOST) return undefined;
  const entries: KeptEntry[] = [];
  for (const { path, folder: isFolder } of found) {
    if (isFolder) {
      entries.push({ path, contents: undefined });
      continue;
    }
    const parts = new BlobParts();
    for await (const piece of volume.stream(path)) parts.add(piece);
    entries.push({ path, contents: parts.blob('') });
  }
  return { folder, entries };
}

/** Puts back what is `gone`, where it was; beside what has its name by now. The names at the top as they are. */
export async function restore(volume: Volume, { folder, entries }: Kept, gone: ReadonlySet<string>): Promise<string[]> {
  const moved = new Map<string, string>();
  const tops: string[] = [];
  for (const { path, contents } of entries.filter((entry) => gone.has(entry.path))) {
    const parent = folderOf(path);
    const wanted = join(moved.get(parent) ?? parent, nameOf(path));
    const isThere = contents === undefined && (await volume.kind(wanted)) === 'folder';
    const target = isThere ? wanted : await freePath(volume, wanted);
    if (contents) await volume.write(target, contents);
    else if (!isThere) await volume.mkdir(target);
    if (!contents) moved.set(path, target);
    if (parent === folder) tops.push(nameOf(target));
  }
  return tops;
}
