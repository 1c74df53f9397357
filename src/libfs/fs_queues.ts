/** The command and completion queue to the server that runs now. What is in the completion queue is the server's word, not the truth. */
import { FS_CMD, FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_PARAMS, FS_QUEUE_CAPACITY } from '../protocol/fs';
import { FS_CHANGES_WORD } from '../protocol/fs_changes';
import { Ring } from '../protocol/spsc';
import { type Fields, type Struct, writeStruct } from '../protocol/struct';
import type { Completion, FsRegions, Request } from './fs_request';

export class FsQueues {
  #commands!: Ring<(typeof FS_COMMAND_QUEUE)['slot']['fields']>;
  #completions!: Ring<(typeof FS_COMPLETION_QUEUE)['slot']['fields']>;

  #servers = 0;

  constructor(regions: FsRegions) {
    this.connect(regions);
  }

  connect({ command, completion }: Omit<FsRegions, 'share'>): void {
    this.#servers++;
    this.#commands = new Ring(command, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
    this.#completions = new Ring(completion, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'consumer');
  }

  /** What the server did to the queues that it may not do; undefined while they are sound. */
  get damage(): string | undefined {
    const queues = [this.#commands, this.#completions];
    if (queues.some(({ broken }) => broken)) return 'the file system server wrote an impossible queue index';
    return queues.some(({ tampered }) => tampered)
      ? "the file system server wrote the client's own queue index"
      : undefined;
  }

  /** Another number whenever another client may have changed what is on the disk, and for each server. */
  get changesByOthers(): number {
    return this.#servers * 2 ** 32 + (Atomics.load(this.#completions.at.words, FS_CHANGES_WORD) >>> 0);
  }

  get full(): boolean {
    return this.#commands.free === 0;
  }

  send({ id, command, params }: Request): void {
    this.#commands.put(0, { id, type: FS_CMD[command], p0: 0, p1: 0, p2: 0, p3: 0, p4: 0, p5: 0 });
    const layout: Struct<Fields> = FS_PARAMS[command];
    writeStruct(this.#commands.at.view, this.#commands.slotOffset(0), layout, params);
    this.#commands.publish(1);
  }

  /** Hands each completion to `take`, then frees them all. */
  receive(take: (completion: Completion & { readonly id: number }) => void): void {
    const count = this.#completions.available;
    for (let i = 0; i < count; i++) take(this.#completions.peek(i));
    if (count > 0) this.#completions.consume(count);
  }
}
