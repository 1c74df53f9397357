/** The commands of the shell, as BusyBox has them. Names and contents from the disk are shown without control characters. */
import { S_IFMT } from '../../../src/specs/io_uring';
import { Errno } from '../kernel/errno';
import { check } from '../kernel/fat/check';
import type { Linux } from '../kernel/linux';
import { printable } from '../kernel/printk';
import type { Syscalls } from '../kernel/syscalls';
import type { Inode } from '../kernel/vfs';
import { strerror } from './strerror';

export interface ShellContext {
  readonly linux: Linux;
  readonly syscalls: Syscalls;
}

interface ShellCommand {
  readonly help: string;
  run(context: ShellContext, args: readonly string[]): Generator<string>;
}

const MOUNT_POINT = '/mnt';
const CHUNK = 2048;
const encoder = new TextEncoder();

export const COMMANDS: ReadonlyMap<string, ShellCommand> = new Map<string, ShellCommand>([
  ['cat', { help: 'cat FILE...      show files', run: cat }],
  ['df', { help: 'df               free space of the disk', run: df }],
  ['dmesg', { help: 'dmesg            the kernel log', run: dmesg }],
  ['echo', { help: 'echo WORD...     print words', run: echo }],
  ['free', { help: 'free             memory and page cache', run: free }],
  ['fsck', { help: 'fsck             check the disk; writes nothing', run: fsck }],
  ['help', { help: 'help             this list', run: help }],
  ['ls', { help: 'ls [-l] [PATH]   list a directory', run: ls }],
  ['mount', { help: 'mount            what is mounted', run: mount }],
  ['uname', { help: 'uname            what this kernel is', run: uname }],
]);

function* help(): Generator<string> {
  for (const command of COMMANDS.values()) yield `${command.help}\n`;
}

function* echo(_: ShellContext, args: readonly string[]): Generator<string> {
  yield `${args.join(' ')}\n`;
}

function* dmesg({ linux }: ShellContext): Generator<string> {
  for (const line of [...linux.printk.dmesg]) yield `${printable(line)}\n`;
}

function* uname(): Generator<string> {
  yield 'linux_fs_vm: a kernel in TypeScript with the shape of Linux, not Linux itself\n';
}

function* mount({ linux }: ShellContext): Generator<string> {
  const { superBlock } = linux.mounts;
  if (!superBlock) return;
  yield `/dev/vda on ${MOUNT_POINT} type vfat (${superBlock.readOnly ? 'ro' : 'rw'},sync,utf8) [${superBlock.type}]\n`;
}

function* free({ linux }: ShellContext): Generator<string> {
  const total = linux.machine.memory.size >> 10;
  const available = linux.memory.freeBytes >> 10;
  const cached = linux.mounts.cachedPages * 4;
  yield '              total        used        free  page cache\n';
  yield `Mem:   ${[total, total - available, available, cached].map((n) => String(n).padStart(12)).join('')} (KiB)\n`;
}

function* df({ linux }: ShellContext): Generator<string> {
  const { superBlock } = linux.mounts;
  if (!superBlock) return;
  const { blockSize, blocks, blocksFree } = superBlock.statfs();
  const kib = (count: number) => String(Math.floor((count * blockSize) / 1024)).padStart(10);
  yield 'Filesystem   1K-blocks      Used Available Mounted on\n';
  yield `/dev/vda    ${kib(blocks)}${kib(blocks - blocksFree)}${kib(blocksFree)} ${MOUNT_POINT}\n`;
}

function* fsck({ linux }: ShellContext): Generator<string> {
  const { device, state } = linux.mounts;
  if (!device) return yield `fsck: ${state.reason ?? strerror('ENODEV')}\n`;
  const report = attempt(() => check(device));
  if (report instanceof Errno) return yield `fsck: ${strerror(report.code)}\n`;
  const { type, files, directories, clustersUsed, clusters, problems } = report;
  for (const problem of problems) yield `${printable(problem)}\n`;
  const found = problems.length === 0 ? 'no problem' : `${problems.length} found, nothing changed`;
  yield `/dev/vda: ${type}, ${files} files, ${directories} directories, ${clustersUsed}/${clusters} clusters: ${found}\n`;
}

function attempt<T>(operation: () => T): T | Errno {
  try {
    return operation();
  } catch (error) {
    if (error instanceof Errno) return error;
    throw error;
  }
}

function* ls(context: ShellContext, args: readonly string[]): Generator<string> {
  const long = args.includes('-l');
  const paths = args.filter((arg) => arg !== '-l');
  for (const path of paths.length > 0 ? paths : [MOUNT_POINT]) {
    yield* guarded('ls', path, () => list(context, path, long));
  }
}

function* list({ syscalls }: ShellContext, path: string, long: boolean): Generator<string> {
  if (path === '/') return yield 'mnt\n';
  const bytes = inMount(path);
  if (syscalls.stat(bytes, ({ kind }) => kind) === 'file') return yield entryLine(syscalls, bytes, path, long);
  const fd = syscalls.open(bytes, { read: true, write: false, create: false, directory: true });
  try {
    for (let entry = syscalls.readdir(fd); entry; entry = syscalls.readdir(fd)) {
      syscalls.seekdir(fd, entry.location);
      if (entry.name === '.' || entry.name === '..') continue;
      yield entryLine(syscalls, inMount(`${path}/${entry.name}`), entry.name, long);
    }
  } finally {
    closeQuietly(() => syscalls.closedir(fd));
  }
}

function entryLine(syscalls: Syscalls, path: Uint8Array, name: string, long: boolean): string {
  return `${long ? `${syscalls.stat(path, describe)} ` : ''}${printable(name)}\n`;
}

function describe(inode: Inode): string {
  const type = S_IFMT[inode.kind] === S_IFMT.directory ? 'd' : '-';
  const bits = [...'rwxrwxrwx'].map((letter, i) => (inode.mode & (1 << (8 - i)) ? letter : '-')).join('');
  const time = new Date(inode.mtime).toISOString().slice(0, 16).replace('T', ' ');
  return `${type}${bits} ${String(inode.size).padStart(10)} ${time}`;
}

function* cat(context: ShellContext, args: readonly string[]): Generator<string> {
  for (const path of args) yield* guarded('cat', path, () => show(context, path));
}

function* show({ syscalls }: ShellContext, path: string): Generator<string> {
  const fd = syscalls.open(inMount(path), { read: true, write: false, create: false, directory: false });
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(CHUNK);
  try {
    for (let position = 0; ; ) {
      const length = syscalls.read(fd, position, chunk);
      if (length === 0) return;
      position += length;
      yield printable(decoder.decode(chunk.subarray(0, length), { stream: true }));
    }
  } finally {
    closeQuietly(() => syscalls.close(fd));
  }
}

/** What the kernel refuses becomes one line. */
function* guarded(command: string, path: string, body: () => Generator<string>): Generator<string> {
  try {
    yield* body();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    yield `${command}: ${printable(path)}: ${strerror(error.code)}\n`;
  }
}

/** A file that an unmount has closed is closed. */
function closeQuietly(close: () => void): void {
  try {
    close();
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

/** The path inside the mount; the shell's working directory is the mount point, and there is nothing else. */
function inMount(path: string): Uint8Array {
  if (!path.startsWith('/')) return encoder.encode(path);
  if (path !== MOUNT_POINT && !path.startsWith(`${MOUNT_POINT}/`)) throw new Errno('ENOENT');
  return encoder.encode(path.slice(MOUNT_POINT.length) || '/');
}
