/** For tests: what a file system should hold, as Maps, and one random operation on both it and the model. */
import { Errno } from '../errno';
import type { Inode } from '../vfs';

export type ModelNode = Map<string, ModelNode> | { bytes: Uint8Array };
export interface Model {
  readonly root: Map<string, ModelNode>;
}
type Next = (bound: number) => number;

const NAMES = [
  'a',
  'B.txt',
  'long name number one',
  'Ünïcödé ☃ and more of it to be long.txt',
  'readme.MD',
  'čšž',
  'x'.repeat(120),
  'two words.c',
];
const MAXIMUM_SIZE = 6000;

/** With `appendOnly` no write touches bytes that were there: each step is wholly done or not. Throws when the file system and the model disagree about the result or about the error. */
export function randomStep(root: Inode, model: Model, next: Next, appendOnly = false): void {
  const [inode, node, path] = randomDirectory(root, model.root, next, '');
  const name = NAMES[next(NAMES.length)]!;
  const choice = next(12);
  const what = `step ${choice} on ${path}/${name}`;
  if (choice < 3) return agree(what, () => void inode.create(name), modelCreate(node, name));
  if (choice < 4) return agree(what, () => void inode.mkdir(name), modelMkdir(node, name, path));
  if (choice < 5) return agree(what, () => inode.unlink(name), modelUnlink(node, name));
  if (choice < 6) return agree(what, () => inode.rmdir(name), modelRmdir(node, name));
  if (choice < 8) return randomRename(root, model, inode, node, name, path, next);
  randomIo(inode, node, name, next, what, appendOnly);
}

function randomDirectory(
  inode: Inode,
  node: Map<string, ModelNode>,
  next: Next,
  path: string,
): [Inode, Map<string, ModelNode>, string] {
  const below = [...node].filter((pair): pair is [string, Map<string, ModelNode>] => pair[1] instanceof Map);
  if (below.length === 0 || next(3) === 0) return [inode, node, path];
  const [name, child] = below[next(below.length)]!;
  return randomDirectory(inode.lookup(name), child, next, `${path}/${name}`);
}

function agree(what: string, real: () => void, expected: string | (() => void)): void {
  let code = '';
  try {
    real();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    code = error.code;
  }
  if (typeof expected === 'string' ? code !== expected : code !== '' && code !== 'ENOSPC') {
    throw new Error(
      `${what}: ${code || 'no error'} instead of ${typeof expected === 'string' ? expected : 'no error'}`,
    );
  }
  if (typeof expected !== 'string' && code === '') expected();
}

function modelCreate(node: Map<string, ModelNode>, name: string): string | (() => void) {
  return node.has(name) ? 'EEXIST' : () => void node.set(name, { bytes: new Uint8Array(0) });
}
function modelMkdir(node: Map<string, ModelNode>, name: string, _path: string): string | (() => void) {
  return node.has(name) ? 'EEXIST' : () => void node.set(name, new Map());
}
function modelUnlink(node: Map<string, ModelNode>, name: string): string | (() => void) {
  const there = node.get(name);
  if (there === undefined) return 'ENOENT';
  return there instanceof Map ? 'EISDIR' : () => void node.delete(name);
}
function modelRmdir(node: Map<string, ModelNode>, name: string): string | (() => void) {
  const there = node.get(name);
  if (there === undefined) return 'ENOENT';
  if (!(there instanceof Map)) return 'ENOTDIR';
  return there.size > 0 ? 'ENOTEMPTY' : () => void node.delete(name);
}

function randomRename(
  root: Inode,
  model: Model,
  inode: Inode,
  node: Map<string, ModelNode>,
  name: string,
  path: string,
  next: Next,
): void {
  const [target, targetNode, targetPath] = randomDirectory(root, model.root, next, '');
  const targetName = NAMES[next(NAMES.length)]!;
  const what = `rename ${path}/${name} to ${targetPath}/${targetName}`;
  const source = node.get(name);
  const there = targetNode.get(targetName);
  const expected = (): string | (() => void) => {
    if (source === undefined) return 'ENOENT';
    if (source instanceof Map && `${targetPath}/`.startsWith(`${path}/${name}/`)) return 'EINVAL';
    if (source === there) return () => {};
    if (there instanceof Map) {
      if (!(source instanceof Map)) return 'EISDIR';
      if (there.size > 0) return 'ENOTEMPTY';
    } else if (there !== undefined && source instanceof Map) return 'ENOTDIR';
    return () => {
      node.delete(name);
      targetNode.set(targetName, source);
    };
  };
  agree(what, () => inode.rename(name, target, targetName), expected());
}

function randomIo(
  inode: Inode,
  node: Map<string, ModelNode>,
  name: string,
  next: Next,
  what: string,
  appendOnly: boolean,
): void {
  const there = node.get(name);
  if (there === undefined || there instanceof Map) return;
  const file = inode.lookup(name);
  const size = there.bytes.length;
  if (next(4) === 0) {
    const length = next(MAXIMUM_SIZE);
    return agree(
      `truncate ${what}`,
      () => file.truncate(length),
      () => (there.bytes = resized(there.bytes, length)),
    );
  }
  const position = appendOnly
    ? size + (next(4) === 0 ? next(1500) : 0)
    : next(3) === 0
      ? next(MAXIMUM_SIZE)
      : next(size + 1);
  const bytes = Uint8Array.from({ length: next(2500) }, () => next(256));
  let written = 0;
  agree(
    `write ${what}`,
    () => (written = file.write(position, bytes)),
    () => {
      if (written === 0) return;
      if (there.bytes.length < position + written) there.bytes = resized(there.bytes, position + written);
      there.bytes.set(bytes.subarray(0, written), position);
    },
  );
  if (appendOnly) file.sync(); // until then a later operation may reach the disk before this one's size
  const read = new Uint8Array(there.bytes.length + 10);
  const length = file.read(0, read);
  if (length !== there.bytes.length || there.bytes.some((byte, i) => byte !== read[i]))
    throw new Error(`${what}: contents differ`);
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}

/** The model as `tree` shows a file system. */
export function modelTree(
  node: Map<string, ModelNode>,
  digest: (bytes: Uint8Array) => string,
  prefix = '',
): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, child] of node) {
    if (!(child instanceof Map)) found.set(`${prefix}/${name}`, digest(child.bytes));
    else {
      found.set(`${prefix}/${name}/`, '');
      for (const [path, value] of modelTree(child, digest, `${prefix}/${name}`)) found.set(path, value);
    }
  }
  return found;
}
