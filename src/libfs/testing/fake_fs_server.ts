/** A file system server for tests: the LionsOS protocol over real rings, files in memory, and ways to misbehave. */
import {
  FS_CMD,
  FS_COMMAND_QUEUE,
  FS_COMPLETION_QUEUE,
  FS_OPEN,
  FS_QUEUE_CAPACITY,
  FS_STAT,
  FS_STATFS,
  FS_STATUS,
} from '../../protocol/fs';
import type { Region } from '../../protocol/region';
import { Ring } from '../../protocol/spsc';
import { type Values, writeStruct } from '../../protocol/struct';

type Command = Values<(typeof FS_COMMAND_QUEUE)['slot']['fields']>;
export type Reply = { status: number; result?: number };
type Status = keyof typeof FS_STATUS;

interface Node {
  readonly ino: number;
  children?: Map<string, Node>;
  bytes: Uint8Array;
}

class Refusal extends Error {
  constructor(readonly status: Status) {
    super(status);
  }
}

const NAMES = new Map<number, string>(Object.entries(FS_CMD).map(([name, type]) => [type, name]));

export class FakeFsServer {
  readonly commands: Ring<(typeof FS_COMMAND_QUEUE)['slot']['fields']>;
  readonly completions: Ring<(typeof FS_COMPLETION_QUEUE)['slot']['fields']>;
  readonly share: Region;
  /** Names of the commands in the order they came, with the sizes of reads and writes. */
  readonly log: string[] = [];
  /** Fault injection: undefined answers as usual, 'hold' keeps the command for `release`. */
  intercept: (name: string, command: Command) => Reply | 'hold' | undefined = () => undefined;
  /** Statuses that `INITIALISE` and everything else answer with, when set. */
  refuse: Status | undefined;
  readonly held: Command[] = [];
  /** Files and directories open now. */
  readonly open = new Map<number, { node: Node; at: number }>();
  readonly #root: Node = { ino: 1, children: new Map(), bytes: new Uint8Array(0) };
  #nextFd = 1;
  #ino = 1;

  constructor(regions: { command: Region; completion: Region; share: Region }) {
    this.commands = new Ring(regions.command, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'consumer');
    this.completions = new Ring(regions.completion, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'producer');
    this.share = regions.share;
  }

  /** Serves what is queued; whether anything was answered. */
  serve(): boolean {
    let answered = false;
    for (let command = this.commands.dequeue(); command; command = this.commands.dequeue()) {
      const name = NAMES.get(command.type) ?? `${command.type}`;
      this.log.push(name === 'FILE_READ' || name === 'FILE_WRITE' ? `${name} ${command.p3}` : name);
      const reply = this.intercept(name, command);
      if (reply === 'hold') this.held.push(command);
      else answered = this.#complete(command, reply ?? this.#answer(name, command)) || answered;
    }
    return answered;
  }

  release(): void {
    for (const command of this.held.splice(0)) this.#complete(command, this.#answer(NAMES.get(command.type)!, command));
  }

  put(path: string, content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const { parent, name } = this.#parent(path);
    parent.set(name, { ino: ++this.#ino, bytes: bytes.slice() });
  }

  get(path: string): string {
    return new TextDecoder().decode(this.#find(path).bytes);
  }

  bytes(path: string): Uint8Array {
    return this.#find(path).bytes;
  }

  #complete({ id }: Command, { status, result = 0 }: Reply): boolean {
    return this.completions.enqueue({ id, status, result });
  }

  #answer(name: string, command: Command): Reply {
    if (this.refuse) return { status: FS_STATUS[this.refuse] };
    try {
      return { status: FS_STATUS.SUCCESS, result: this.#execute(name, command) };
    } catch (error) {
      if (error instanceof Refusal) return { status: FS_STATUS[error.status] };
      throw error;
    }
  }

  #execute(name: string, { p0, p1, p2, p3 }: Command): number {
    switch (name) {
      case 'INITIALISE':
        return 0;
      case 'FILE_OPEN':
        return this.#open(this.#text(p0, p1), p2);
      case 'FILE_CLOSE':
      case 'DIR_CLOSE':
        this.#file(p0);
        this.open.delete(p0);
        return 0;
      case 'FILE_SIZE':
        return this.#file(p0).node.bytes.length;
      case 'FILE_SYNC':
        return this.#file(p0) && 0;
      case 'FILE_TRUNCATE':
        this.#file(p0).node.bytes = this.#file(p0).node.bytes.slice(0, p1);
        return 0;
      case 'FILE_READ':
        return this.#read(this.#file(p0).node, p1, p2, p3);
      case 'FILE_WRITE':
        return this.#write(this.#file(p0).node, p1, this.share.bytes.slice(p2, p2 + p3));
      case 'STAT':
        return this.#stat(this.#find(this.#text(p0, p1)), p2);
      case 'STATFS':
        writeStruct(this.share.view, p0, FS_STATFS, { bsize: 512, blocks: 30_000, bfree: 20_000, namemax: 255 });
        return 0;
      case 'RENAME':
        return this.#rename(this.#text(p0, p1), this.#text(p2, p3));
      case 'FILE_REMOVE':
        return this.#remove(this.#text(p0, p1), false);
      case 'DIR_REMOVE':
        return this.#remove(this.#text(p0, p1), true);
      case 'DIR_CREATE':
        return this.#mkdir(this.#text(p0, p1));
      case 'DIR_OPEN':
        return this.#openDirectory(this.#text(p0, p1));
      case 'DIR_READ':
        return this.#readDirectory(p0, p1);
      default:
        throw new Refusal('INVALID_COMMAND');
    }
  }

  #open(path: string, flags: number): number {
    const { parent, name } = this.#parent(path);
    let node = parent.get(name);
    if (!node) {
      if ((flags & FS_OPEN.CREATE) === 0) throw new Refusal('NO_FILE');
      node = { ino: ++this.#ino, bytes: new Uint8Array(0) };
      parent.set(name, node);
    }
    if (node.children) throw new Refusal('IS_DIRECTORY');
    this.open.set(this.#nextFd, { node, at: 0 });
    return this.#nextFd++;
  }

  #openDirectory(path: string): number {
    const node = this.#find(path);
    if (!node.children) throw new Refusal('NOT_DIRECTORY');
    this.open.set(this.#nextFd, { node, at: 0 });
    return this.#nextFd++;
  }

  #readDirectory(fd: number, buffer: number): number {
    const directory = this.#file(fd);
    const name = ['.', '..', ...directory.node.children!.keys()][directory.at++];
    if (name === undefined) throw new Refusal('END_OF_DIRECTORY');
    const bytes = new TextEncoder().encode(name);
    this.share.bytes.set(bytes, buffer);
    return bytes.length;
  }

  #read({ bytes }: Node, offset: number, buffer: number, size: number): number {
    const part = bytes.subarray(offset, offset + size);
    this.share.bytes.set(part, buffer);
    return part.length;
  }

  #write(node: Node, offset: number, data: Uint8Array): number {
    if (offset + data.length > node.bytes.length) {
      const larger = new Uint8Array(offset + data.length);
      larger.set(node.bytes);
      node.bytes = larger;
    }
    node.bytes.set(data, offset);
    return data.length;
  }

  #stat(node: Node, at: number): number {
    const mode = node.children ? 0o40755 : 0o100644;
    const times = { atime: 1_700_000_000, mtime: 1_700_000_001, ctime: 1_700_000_002 };
    writeStruct(this.share.view, at, FS_STAT, { ino: node.ino, mode, nlink: 1, size: node.bytes.length, ...times });
    return 0;
  }

  #rename(from: string, to: string): number {
    const source = this.#parent(from);
    const node = source.parent.get(source.name);
    if (!node) throw new Refusal('NO_FILE');
    const target = this.#parent(to);
    source.parent.delete(source.name);
    target.parent.set(target.name, node);
    return 0;
  }

  #remove(path: string, directory: boolean): number {
    const { parent, name } = this.#parent(path);
    const node = parent.get(name);
    if (!node) throw new Refusal('NO_FILE');
    if (directory && !node.children) throw new Refusal('NOT_DIRECTORY');
    if (!directory && node.children) throw new Refusal('IS_DIRECTORY');
    if (node.children && node.children.size > 0) throw new Refusal('NOT_EMPTY');
    parent.delete(name);
    return 0;
  }

  #mkdir(path: string): number {
    const { parent, name } = this.#parent(path);
    if (parent.has(name)) throw new Refusal('ALREADY_EXISTS');
    parent.set(name, this.#directory());
    return 0;
  }

  #directory(): Node {
    return { ino: ++this.#ino, children: new Map(), bytes: new Uint8Array(0) };
  }

  #file(fd: number): { node: Node; at: number } {
    const file = this.open.get(fd);
    if (!file) throw new Refusal('INVALID_FD');
    return file;
  }

  #find(path: string): Node {
    let node = this.#root;
    for (const part of parts(path)) {
      if (!node.children) throw new Refusal('NOT_DIRECTORY');
      const next = node.children.get(part);
      if (!next) throw new Refusal('NO_FILE');
      node = next;
    }
    return node;
  }

  #parent(path: string): { parent: Map<string, Node>; name: string } {
    const all = parts(path);
    const name = all.pop() ?? '';
    const { children } = this.#find(`/${all.join('/')}`);
    if (!children) throw new Refusal('NOT_DIRECTORY');
    return { parent: children, name };
  }

  #text(offset: number, size: number): string {
    return new TextDecoder().decode(this.share.bytes.slice(offset, offset + size));
  }
}

function parts(path: string): string[] {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '' && part !== '.') out.push(part);
  }
  return out;
}
