/**
 * One client of the file system server: its queues, its share, its process with its open files, the interrupt that says it has asked for
 * something. What it does wrong ends the service for it and for nobody else.
 */
import { FS_COMMAND_QUEUE, FS_COMPLETION_QUEUE, FS_QUEUE_CAPACITY } from '../../../src/protocol/fs';
import { FS_CHANGES_WORD } from '../../../src/protocol/fs_changes';
import type { Region } from '../../../src/protocol/region';
import { Ring } from '../../../src/protocol/spsc';
import { TRACE } from '../../../src/protocol/trace';
import { requestOf } from '../../../src/protocol/trace_words';
import { clientSymbol } from '../../../src/protocol/vmfs';
import { IoUring } from '../kernel/io_uring';
import type { Linux } from '../kernel/linux';
import type { UioDevice, UioInterrupt } from '../kernel/uio';
import { FsContext, SCRATCH_SIZE } from './fs_context';
import { FsServer, type FsTrace } from './fs_server';
import type { Mounts } from './mounter';
import { Uring } from './uring';

/** Served at one interrupt at most. */
const MAX_BATCHES = 4;

/** Devices of one client; `data` and the queues have memory. */
export interface ClientDevices {
  readonly command: UioDevice;
  readonly completion: UioDevice;
  readonly data: UioDevice;
}

export class ServedClient {
  readonly #server: FsServer;
  readonly #interrupt: UioInterrupt;
  #complained = false;

  /** `doorbell`: a store to the fault region. */
  constructor(
    readonly linux: Linux,
    readonly index: number,
    { command, completion, data }: ClientDevices,
    mounts: Mounts,
    readonly doorbell: () => void,
  ) {
    this.#interrupt = command.interrupt;
    const { syscalls, user, heap } = linux.process(FS_QUEUE_CAPACITY * SCRATCH_SIZE);
    const { bytes, view } = data.region!;
    const share = { start: data.node.phys, bytes, view };
    user.map(share);
    linux.mounts.watch(syscalls, () => tellOfChange(completion.region!));
    const uring = new IoUring(FS_QUEUE_CAPACITY, linux.memory, user, syscalls, linux.current);
    linux.show(index, uring);
    this.#server = new FsServer(
      new Ring(command.region!, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'consumer'),
      new Ring(completion.region!, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'producer'),
      new FsContext(syscalls, share, heap),
      new Uring(uring),
      mounts.mounter(syscalls),
      this.#trace(),
    );
  }

  fire(): void {
    this.#interrupt.fire();
  }

  /** epoll_wait returned: the command queue's interrupt. */
  poll(): void {
    while (this.#interrupt.readable) {
      this.#interrupt.read();
      this.serve();
      this.#interrupt.enable();
    }
  }

  serve(): void {
    const server = this.#server;
    // What a client adds meanwhile has a signal of its own; one that adds for ever must not keep the others waiting.
    for (let batch = 0; batch < MAX_BATCHES && server.process() > 0; batch++) this.doorbell();
    if (!server.broken || this.#complained) return;
    this.#complained = true;
    const who = this.index === 0 ? 'the client' : `client ${this.index}`;
    this.linux.console?.write(`UIO(FS)|ERROR: ${who} has written an impossible queue index; not serving it any more\n`);
  }

  #trace(): FsTrace {
    const { current, env } = this.linux;
    const { kernel } = env;
    const channel = env.channel(clientSymbol('virq_command', this.index));
    return {
      request: (id, type, offset) => {
        const request = requestOf(this.index, id);
        kernel.trace(TRACE.REQUEST, channel, request, type, offset);
        return request;
      },
      turnTo: (request) => {
        current.request = request;
      },
      response: (id, status, result) =>
        kernel.trace(TRACE.RESPONSE, channel, requestOf(this.index, id), status, result),
    };
  }
}

/** Before the client that changed something has its answer, so that nobody who hears of it there reads what was before. */
function tellOfChange({ words }: Region): void {
  Atomics.add(words, FS_CHANGES_WORD, 1);
  Atomics.notify(words, FS_CHANGES_WORD);
}
