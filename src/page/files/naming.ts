/** Renaming, and making a folder: what has to hold before the disk is asked. */
import { folded, nameProblem } from './names';
import { join } from './paths';
import type { Volume } from './volume';

/** `old` in `folder` gets the name; without an old one it is that of a new folder. Rejects with one sentence. */
export async function giveName(
  volume: Pick<Volume, 'kind' | 'mkdir' | 'rename'>,
  folder: string,
  old: string | undefined,
  name: string,
): Promise<void> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Error(problem);
  const path = join(folder, name);
  // To FAT, a name in other letters of the same kind is the same: it may be rewritten.
  const isSame = old !== undefined && folded(old) === folded(name);
  if (!isSame && (await volume.kind(path)) !== undefined)
    throw new Error(`There is ${name} already: choose another name.`);
  if (old === undefined) await volume.mkdir(path);
  else await volume.rename(join(folder, old), path);
}
