/** A client of the file system protocol for tests: blocks for each answer, and can send messages that no honest client would. */
import { bit, type Environment } from '../../../src/libmicrokit/pd';
import {
  FS_CMD,
  FS_COMMAND_QUEUE,
  FS_COMPLETION_QUEUE,
  FS_QUEUE_CAPACITY,
  FS_STAT,
  FS_STATFS,
} from '../../../src/protocol/fs';
import type { Region } from '../../../src/protocol/region';
import { Ring } from '../../../src/protocol/spsc';
import { readStruct } from '../../../src/protocol/struct';

export interface Completion {
  readonly id: bigint;
  readonly status: number;
  readonly result: number;
}

const PATH_AT = 0;
const NEW_PATH_AT = 0x2000;
const BUFFER_AT = 0x8000;
const BUFFER_SIZE = 0x10_0000;
const PATIENCE_NS = 3600e9;

export class FsClient {
  readonly share: Region;
  readonly command: Region;
  readonly completion: Region;
  readonly requests: Ring<typeof FS_COMMAND_QUEUE.slot.fields>;
  readonly answers: Ring<typeof FS_COMPLETION_QUEUE.slot.fields>;
  #nextId = 1n;

  constructor(readonly env: Environment) {
    this.share = env.region('fs_share');
    this.command = env.region('fs_command');
    this.completion = env.region('fs_completion');
    this.requests = new Ring(this.command, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
    this.answers = new Ring(this.completion, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'consumer');
  }

  /** Queues a message of 64 raw bytes: id, type, then six words. */
  put(type: bigint | number, words: readonly (bigint | number)[], id = this.#nextId++): bigint {
    const at = this.requests.slotOffset(0);
    const message = [id, BigInt(type), ...words.map(BigInt)];
    for (let i = 0; i < 8; i++) {
      this.command.view.setBigUint64(at + 8 * i, BigInt.asUintN(64, message[i] ?? 0n), true);
    }
    this.requests.publish(1);
    return id;
  }

  ring(): void {
    this.env.kernel.notify(this.env.channel('fs'));
  }

  /** Completions that are there by now. */
  take(): Completion[] {
    const taken: Completion[] = [];
    for (let n = this.answers.available; n > 0; n--) {
      const at = this.answers.slotOffset(0);
      const u64 = (offset: number) => this.completion.view.getBigUint64(at + offset, true);
      taken.push({ id: u64(0), status: Number(u64(8)), result: Number(u64(16)) });
      this.answers.consume(1);
    }
    return taken;
  }

  /** Rings and sleeps until `count` completions have come. */
  await(count: number): Completion[] {
    this.ring();
    const got = this.take();
    while (got.length < count) {
      const { kernel } = this.env;
      if (kernel.wait(bit(this.env.channel('fs')), kernel.now() + PATIENCE_NS) === 0) throw new Error('no completion');
      got.push(...this.take());
    }
    return got;
  }

  call(type: number, ...words: (bigint | number)[]): Completion {
    const id = this.put(type, words);
    const [answer] = this.await(1);
    if (answer!.id !== id) throw new Error(`completion ${answer!.id} for command ${id}`);
    return answer!;
  }

  path(path: string | Uint8Array, at = PATH_AT): [offset: number, size: number] {
    const bytes = typeof path === 'string' ? new TextEncoder().encode(path) : path;
    this.share.bytes.set(bytes, at);
    return [at, bytes.length];
  }

  initialise = () => this.call(FS_CMD.INITIALISE).status;
  deinitialise = () => this.call(FS_CMD.DEINITIALISE).status;
  open = (path: string | Uint8Array, flags = 0) => this.call(FS_CMD.FILE_OPEN, ...this.path(path), flags);
  close = (fd: number) => this.call(FS_CMD.FILE_CLOSE, fd).status;
  size = (fd: number) => this.call(FS_CMD.FILE_SIZE, fd).result;
  sync = (fd: number) => this.call(FS_CMD.FILE_SYNC, fd).status;
  truncate = (fd: number, length: number) => this.call(FS_CMD.FILE_TRUNCATE, fd, length).status;
  mkdir = (path: string | Uint8Array) => this.call(FS_CMD.DIR_CREATE, ...this.path(path)).status;
  rmdir = (path: string | Uint8Array) => this.call(FS_CMD.DIR_REMOVE, ...this.path(path)).status;
  remove = (path: string | Uint8Array) => this.call(FS_CMD.FILE_REMOVE, ...this.path(path)).status;
  opendir = (path: string | Uint8Array) => this.call(FS_CMD.DIR_OPEN, ...this.path(path));
  closedir = (fd: number) => this.call(FS_CMD.DIR_CLOSE, fd).status;

  rename(from: string, to: string): number {
    return this.call(FS_CMD.RENAME, ...this.path(from), ...this.path(to, NEW_PATH_AT)).status;
  }

  write(fd: number, offset: number, bytes: Uint8Array | string): Completion {
    const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    this.share.bytes.set(content, BUFFER_AT);
    return this.call(FS_CMD.FILE_WRITE, fd, offset, BUFFER_AT, content.length);
  }

  read(fd: number, offset: number, length = BUFFER_SIZE): Uint8Array {
    const { status, result } = this.call(FS_CMD.FILE_READ, fd, offset, BUFFER_AT, length);
    if (status !== 0) throw new Error(`read failed with status ${status}`);
    return this.share.bytes.slice(BUFFER_AT, BUFFER_AT + result);
  }

  stat(path: string) {
    const { status } = this.call(FS_CMD.STAT, ...this.path(path), BUFFER_AT, 136);
    return status === 0 ? readStruct(this.share.view, BUFFER_AT, FS_STAT) : status;
  }

  statfs() {
    const { status } = this.call(FS_CMD.STATFS, BUFFER_AT, 32);
    return status === 0 ? readStruct(this.share.view, BUFFER_AT, FS_STATFS) : status;
  }

  readdir(fd: number): string | number {
    const { status, result } = this.call(FS_CMD.DIR_READ, fd, BUFFER_AT, 1024);
    return status === 0 ? new TextDecoder().decode(this.share.bytes.slice(BUFFER_AT, BUFFER_AT + result)) : status;
  }

  list(path: string): string[] {
    const { status, result: fd } = this.opendir(path);
    if (status !== 0) throw new Error(`opendir failed with status ${status}`);
    const names: string[] = [];
    for (let name = this.readdir(fd); typeof name === 'string'; name = this.readdir(fd)) names.push(name);
    this.closedir(fd);
    return names.filter((name) => name !== '.' && name !== '..');
  }

  putFile(path: string, content: Uint8Array | string): void {
    const { status, result: fd } = this.open(path, 2 | 4);
    if (status !== 0) throw new Error(`open failed with status ${status}`);
    this.truncate(fd, 0);
    this.write(fd, 0, content);
    this.close(fd);
  }

  getFile(path: string): Uint8Array {
    const { status, result: fd } = this.open(path);
    if (status !== 0) throw new Error(`open failed with status ${status}`);
    const content = this.read(fd, 0);
    this.close(fd);
    return content;
  }
}
