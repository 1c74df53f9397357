/** A .zip, piece by piece, nothing packed: what is in it is wanted byte for byte, and soon. Names in UTF-8, dates kept. [APPNOTE 6.3.10] */
import { Zip, ZipPassThrough } from 'fflate';
import { BlobParts } from './blob_parts';

export interface Zipped {
  /** Parts separated by `/`; of a folder without one at the end. */
  readonly path: string;
  readonly folder: boolean;
  readonly changedMs: number;
}

/** The older form has 32 bits for every size and offset. */
export const ZIP_LIMIT = 2 ** 32 - 1;
const FIRST_YEAR = 1980;
const LAST_YEAR = 2099;

/** `contents` is asked for one file after the other. Rejects with what that rejects with. */
export async function zip(
  entries: AsyncIterable<Zipped> | Iterable<Zipped>,
  contents: (path: string) => AsyncIterable<Uint8Array>,
): Promise<Blob> {
  const parts = new BlobParts();
  let failure: Error | undefined;
  const archive = new Zip((error, bytes) => {
    if (error) failure = error;
    else parts.add(bytes as Uint8Array<ArrayBuffer>);
  });
  for await (const entry of entries) {
    const file = new ZipPassThrough(entry.folder ? `${entry.path}/` : entry.path);
    file.mtime = dateOf(entry.changedMs);
    archive.add(file);
    if (!entry.folder) for await (const bytes of contents(entry.path)) file.push(bytes);
    file.push(new Uint8Array(0), true);
    if (failure) throw failure;
  }
  archive.end();
  if (failure) throw failure;
  return parts.blob('application/zip');
}

/** A disk may hold any date; a .zip begins in 1980. */
function dateOf(ms: number): Date {
  const date = new Date(ms);
  const year = date.getFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? date : new Date(FIRST_YEAR, 0, 1);
}
