/** Random file operations as a Python program, and what a file system must answer: the oracle is a plain tree in memory. */
import { Random } from '../src/libmicrokit/random';

type Node = DirectoryNode | FileNode;
interface DirectoryNode {
  readonly kind: 'dir';
  name: string;
  readonly children: Map<string, Node>;
}
interface FileNode {
  readonly kind: 'file';
  name: string;
  bytes: Buffer;
}

const NAMES = [
  'a',
  'README.TXT',
  'readme.txt',
  'Makefile',
  'a longer name.text',
  'Grüße.py',
  'data.bin',
  'Data.Bin',
  '日本語.txt',
  'x'.repeat(40),
];
const DIRECTORIES = ['src', 'Documents', 'a folder with a rather long name', 'ÄÖ'];
const SIZES = [0, 1, 511, 512, 513, 4096, 5000, 33_000];
const PATTERN = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Helpers that every batch of operations uses; sent to the interpreter once. */
export const PRELUDE = `
import os
def P(n, s):
    return ((b'${PATTERN}' * (n // ${PATTERN.length} + 2))[s:s + n])
def T(f):
    try:
        print(f())
    except OSError as e:
        print('E', e.errno)
def W(p, mode, at, n, s):
    with open(p, mode) as f:
        if at >= 0: f.seek(at)
        return f.write(P(n, s))
def R(p):
    with open(p, 'rb') as f: d = f.read()
    return (len(d), d[:6], d[-6:], sum(d))
def L(p):
    return sorted((e[0], e[1], e[3] if e[1] == 0x8000 else 0) for e in os.ilistdir(p))
`;

export interface Operation {
  readonly python: string;
  /** What it prints; several where POSIX leaves a choice. */
  readonly expected: readonly string[];
}

const pattern = (n: number, skip: number): Buffer =>
  Buffer.from(PATTERN.repeat(Math.floor(n / PATTERN.length) + 2).slice(skip, skip + n));

const fold = (name: string): string => name.toUpperCase();

export class Model {
  readonly root: DirectoryNode = { kind: 'dir', name: '', children: new Map() };
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Draws one operation and applies it to the tree. */
  next(): Operation {
    const kinds = [
      this.#write,
      this.#write,
      this.#write,
      this.#read,
      this.#list,
      this.#mkdir,
      this.#remove,
      this.#rmdir,
      this.#rename,
    ];
    return this.#pick(kinds).call(this);
  }

  /** Every path with its kind and bytes, sorted. */
  files(node: Node = this.root, path = ''): { path: string; bytes: Buffer | undefined }[] {
    if (node.kind === 'file') return [{ path, bytes: node.bytes }];
    const below = [...node.children.values()].flatMap((child) => this.files(child, `${path}/${child.name}`));
    return node === this.root ? below : [{ path, bytes: undefined }, ...below];
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#random.below(from.length)]!;
  }

  #directory(): string {
    const depth = this.#random.below(3);
    return Array.from({ length: depth }, () => `/${this.#pick(DIRECTORIES)}`).join('');
  }

  #path(): string {
    return `${this.#directory()}/${this.#pick(this.#random.below(4) === 0 ? DIRECTORIES : NAMES)}`;
  }

  /** The directory of a path, or the errno of walking there. */
  #parent(path: string): { children: Map<string, Node>; name: string } | number {
    const parts = path.split('/').slice(1);
    const name = parts.pop()!;
    let at = this.root;
    for (const part of parts) {
      const child: Node | undefined = at.children.get(fold(part));
      if (!child) return 2;
      if (child.kind === 'file') return 20;
      at = child;
    }
    return { children: at.children, name };
  }

  #answer(python: string, ...expected: (string | number)[]): Operation {
    return { python: `T(lambda: ${python})`, expected: expected.map((e) => (typeof e === 'number' ? `E ${e}` : e)) };
  }

  #write(): Operation {
    const path = this.#path();
    const mode = this.#pick(['wb', 'ab', 'r+b', 'xb']);
    const at = mode === 'r+b' ? this.#pick([0, 100, 3000]) : -1;
    const size = this.#pick(SIZES);
    const skip = this.#random.below(PATTERN.length);
    const python = `W(${JSON.stringify(path)}, '${mode}', ${at}, ${size}, ${skip})`;
    const parent = this.#parent(path);
    if (typeof parent === 'number') return this.#answer(python, parent);
    const old = parent.children.get(fold(parent.name));
    if (mode === 'xb' && old) return this.#answer(python, 17);
    if (old?.kind === 'dir') return this.#answer(python, 21);
    if (!old && mode === 'r+b') return this.#answer(python, 2);
    const file: FileNode = old ?? { kind: 'file', name: parent.name, bytes: Buffer.alloc(0) };
    parent.children.set(fold(parent.name), file);
    const before = mode === 'wb' || mode === 'xb' ? Buffer.alloc(0) : file.bytes;
    const start = mode === 'r+b' ? at : before.length;
    if (size === 0) {
      file.bytes = before;
      return this.#answer(python, '0');
    }
    const after = Buffer.alloc(Math.max(before.length, start + size));
    before.copy(after);
    pattern(size, skip).copy(after, start);
    file.bytes = after;
    return this.#answer(python, String(size));
  }

  #read(): Operation {
    const path = this.#path();
    const python = `R(${JSON.stringify(path)})`;
    const parent = this.#parent(path);
    if (typeof parent === 'number') return this.#answer(python, parent);
    const file = parent.children.get(fold(parent.name));
    if (!file) return this.#answer(python, 2);
    if (file.kind === 'dir') return this.#answer(python, 21);
    const sum = file.bytes.reduce((a, b) => a + b, 0);
    const literal = (bytes: Buffer) => `b${pythonString(bytes.toString('latin1'))}`;
    const head = literal(file.bytes.subarray(0, 6));
    const tail = literal(file.bytes.subarray(-6));
    return this.#answer(python, `(${file.bytes.length}, ${head}, ${tail}, ${sum})`);
  }

  #list(): Operation {
    const path = this.#directory() || '/';
    const python = `L(${JSON.stringify(path)})`;
    const node = path === '/' ? this.root : this.#find(path);
    if (typeof node === 'number') return this.#answer(python, node);
    if (node.kind === 'file') return this.#answer(python, 20);
    const entries = [...node.children.values()].sort((a, b) => comparePoints(a.name, b.name));
    const texts = entries.map(({ name, ...rest }) => {
      const [type, size] = rest.kind === 'dir' ? [0x4000, 0] : [0x8000, (rest as FileNode).bytes.length];
      return `(${pythonString(name)}, ${type}, ${size})`;
    });
    return this.#answer(python, `[${texts.join(', ')}]`);
  }

  #mkdir(): Operation {
    const path = this.#random.below(5) === 0 ? this.#path() : `${this.#directory()}/${this.#pick(DIRECTORIES)}`;
    const python = `os.mkdir(${JSON.stringify(path)})`;
    const parent = this.#parent(path);
    if (typeof parent === 'number') return this.#answer(python, parent);
    if (parent.children.has(fold(parent.name))) return this.#answer(python, 17);
    parent.children.set(fold(parent.name), { kind: 'dir', name: parent.name, children: new Map() });
    return this.#answer(python, 'None');
  }

  #remove(): Operation {
    const path = this.#path();
    const python = `os.remove(${JSON.stringify(path)})`;
    const parent = this.#parent(path);
    if (typeof parent === 'number') return this.#answer(python, parent);
    const node = parent.children.get(fold(parent.name));
    if (!node) return this.#answer(python, 2);
    if (node.kind === 'dir') return this.#answer(python, 21);
    parent.children.delete(fold(parent.name));
    return this.#answer(python, 'None');
  }

  #rmdir(): Operation {
    const path = this.#path();
    const python = `os.rmdir(${JSON.stringify(path)})`;
    const parent = this.#parent(path);
    if (typeof parent === 'number') return this.#answer(python, parent);
    const node = parent.children.get(fold(parent.name));
    if (!node) return this.#answer(python, 2);
    if (node.kind === 'file') return this.#answer(python, 20);
    if (node.children.size > 0) return this.#answer(python, 39);
    parent.children.delete(fold(parent.name));
    return this.#answer(python, 'None');
  }

  #rename(): Operation {
    const [from, to] = [this.#path(), this.#path()];
    const python = `os.rename(${JSON.stringify(from)}, ${JSON.stringify(to)})`;
    const source = this.#parent(from);
    const target = this.#parent(to);
    if (typeof source === 'number')
      return this.#answer(python, source, ...(typeof target === 'number' ? [target] : []));
    if (typeof target === 'number')
      return this.#answer(python, target, ...(source.children.has(fold(source.name)) ? [] : [2]));
    const node = source.children.get(fold(source.name));
    const over = target.children.get(fold(target.name));
    if (!node) return this.#answer(python, 2);
    if (node.kind === 'dir' && contains(node, target.children))
      return this.#answer(python, 22, ...(over?.kind === 'dir' ? [39] : []));
    if (over && over !== node) {
      if (node.kind === 'file' && over.kind === 'dir') return this.#answer(python, 21);
      if (node.kind === 'dir' && over.kind === 'file') return this.#answer(python, 20);
      if (over.kind === 'dir' && over.children.size > 0) return this.#answer(python, 39);
    }
    source.children.delete(fold(source.name));
    node.name = target.name;
    target.children.set(fold(target.name), node);
    return this.#answer(python, 'None');
  }

  #find(path: string): Node | number {
    const parent = this.#parent(path);
    return typeof parent === 'number' ? parent : (parent.children.get(fold(parent.name)) ?? 2);
  }
}

function contains(node: Node, children: Map<string, Node>): boolean {
  if (node.kind === 'file') return false;
  return node.children === children || [...node.children.values()].some((child) => contains(child, children));
}

/** Python compares strings by code point. */
function comparePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** As MicroPython's repr shows it: everything beyond ASCII escaped. */
function pythonString(text: string): string {
  const shown = Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (character === "'" || character === '\\') return `\\${character}`;
    if (code < 0x7f) return character;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, '0')}`;
    return `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `'${shown.join('')}'`;
}
