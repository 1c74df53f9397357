/** What the file system refuses, in words: the one place where an errno becomes a sentence. */

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: 'It is not there any more.',
  EEXIST: 'There is something of that name already.',
  ENOTEMPTY: 'The folder is not empty.',
  EISDIR: 'It is a folder.',
  ENOTDIR: 'It is not a folder.',
  EINVAL: 'FAT cannot hold this name: no " * / : < > ? \\ | and nothing but dots.',
  ENAMETOOLONG: 'The name or the path is too long: FAT has room for 255 characters a name.',
  ENOSPC: 'The disk is full.',
  EROFS: 'The disk is read-only.',
  EACCES: 'It is marked read-only.',
  EPERM: 'It is marked read-only.',
  EFBIG: 'A file on FAT has at most 4 GiB less one byte.',
  EMFILE: 'Too many files are open: close some in Python.',
  ENODEV: 'No disk is mounted.',
  ESTALE: 'The file went away while it was open.',
  EIO: 'The disk did not answer as it should, or linux_fs_vm was rebooted in the middle of it. Try again.',
};

/** `ENOENT`, if that is all the error says. */
export function errnoOf(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : '';
  return /^E[A-Z0-9]+$/.test(message) ? message : undefined;
}

/** One sentence, or what the error itself says when it is no errno. */
export function sentence(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotReadableError')
    return 'Your browser cannot read it any more: it was changed, moved or taken away.';
  const errno = errnoOf(error);
  if (errno !== undefined) return SENTENCES[errno] ?? `The file system says ${errno}.`;
  return error instanceof Error ? error.message : String(error);
}

/** A path with why it was refused, for whoever has no row to show it in. The errno stays at hand. */
export class FilesError extends Error {
  override readonly name = 'FilesError';
  readonly errno: string | undefined;

  constructor(path: string, cause: unknown) {
    super(`${path}: ${sentence(cause)}`, { cause });
    this.errno = errnoOf(cause);
  }
}
