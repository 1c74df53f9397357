/**
 * Path names: from bytes to inodes. Every path starts at the root of the mount, and ".." of the root is the root, as with
 * openat2's RESOLVE_IN_ROOT: nothing outside can be named.
 */
import { fail } from './errno';
import type { Inode } from './vfs';

export const PATH_MAX = 4096;
const MAX_DEPTH = 256;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export interface Path {
  /** Without empty parts and ".". */
  readonly parts: readonly string[];
  /** It ended in "/" or "/.": only a directory will do. */
  readonly isDirectory: boolean;
}

/** `bytes` must be a private copy without a terminator. */
export function parsePath(bytes: Uint8Array): Path {
  if (bytes.length === 0) fail('ENOENT', 'empty path');
  if (bytes.length >= PATH_MAX) fail('ENAMETOOLONG');
  if (bytes.includes(0)) fail('EINVAL', 'NUL in a path');
  const parts = decode(bytes).split('/');
  return {
    parts: parts.filter((part) => part !== '' && part !== '.'),
    isDirectory: ['', '.', '..'].includes(parts.at(-1)!),
  };
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return fail('EINVAL', 'a path that is not UTF-8');
  }
}

/** Runs `use` with the inode that the path names, held meanwhile. */
export function withInode<T>(root: Inode, path: Path, use: (inode: Inode) => T): T {
  return walk(root, path.parts, (inode) => {
    if (path.isDirectory && inode.kind !== 'directory') fail('ENOTDIR');
    return use(inode);
  });
}

/**
 * Runs `use` with the directory that holds (or would hold) the last part of the path. The root has no name there, nor has "..":
 * `rootError` says what the operation answers then.
 */
export function withParent<T>(
  root: Inode,
  { parts }: Path,
  rootError: 'EBUSY' | 'EEXIST' | 'EISDIR',
  use: (parent: Inode, name: string) => T,
): T {
  const name = parts.at(-1);
  if (name === undefined || name === '..') fail(rootError);
  return walk(root, parts.slice(0, -1), (parent) => {
    if (parent.kind !== 'directory') fail('ENOTDIR');
    return use(parent, name);
  });
}

/** Follows the parts, holding every directory on the way: ".." goes back along it. */
function walk<T>(root: Inode, parts: readonly string[], use: (inode: Inode) => T): T {
  const trail = [root];
  root.hold();
  try {
    for (const part of parts) step(trail, part);
    return use(trail.at(-1)!);
  } finally {
    for (const inode of trail.reverse()) inode.drop();
  }
}

function step(trail: Inode[], part: string): void {
  const here = trail.at(-1)!;
  if (here.kind !== 'directory') fail('ENOTDIR');
  if (part === '..') {
    if (trail.length > 1) trail.pop()!.drop();
    return;
  }
  if (trail.length > MAX_DEPTH) fail('ENAMETOOLONG', 'directories nested too deep');
  const next = here.lookup(part);
  next.hold();
  trail.push(next);
}
