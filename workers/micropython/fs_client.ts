/**
 * Requests to the file system server over the LionsOS protocol: blocking for the interpreter, several in flight where it helps. The
 * server is not trusted: a completion must name a request in flight and a result that was asked for.
 */
import type { Channel, Kernel } from '../../src/libmicrokit/pd';
import {
  FS_CMD,
  FS_COMMAND_QUEUE,
  FS_COMPLETION_QUEUE,
  FS_PARAMS,
  FS_QUEUE_CAPACITY,
  FS_STATUS,
  FS_STATUS_ERRNO,
} from '../../src/protocol/fs';
import type { Region } from '../../src/protocol/region';
import { Ring } from '../../src/protocol/spsc';
import { type Fields, type Struct, type Values, writeStruct } from '../../src/protocol/struct';
import { TRACE } from '../../src/protocol/trace';
import type { ErrnoName } from '../../src/specs/errno';
import { Errno } from './errors';
import { type ShareBuffer, ShareBuffers } from './share_buffers';

export type FsCommandName = keyof typeof FS_PARAMS;
export type Params<N extends FsCommandName> = Values<(typeof FS_PARAMS)[N]['fields']>;

const STATUS_ERRNO = new Map<number, ErrnoName>(
  Object.entries(FS_STATUS_ERRNO).map(([status, errno]) => [FS_STATUS[status as keyof typeof FS_STATUS], errno]),
);
const COMPLAINTS = 8;

export interface Request {
  readonly id: number;
  readonly command: FsCommandName;
  readonly params: Readonly<Record<string, number>>;
  /** The server's while the request is in flight, then the caller's until the request is released. */
  readonly buffer: ShareBuffer | undefined;
  /** Results above this are the server's mistake. */
  readonly limit: number;
  completion?: { readonly status: number; readonly result: number };
  /** Nobody waits any more; what the server made for it is undone by this. */
  abandoned?: boolean;
  undo?: (result: number) => void;
}

export interface RequestOptions {
  readonly buffer?: ShareBuffer;
  readonly limit?: number;
  readonly undo?: (result: number) => void;
}

export interface FsRegions {
  readonly command: Region;
  readonly completion: Region;
  readonly share: Region;
}

export class FsClient {
  readonly #kernel: Kernel;
  readonly #channel: Channel;
  /** Blocks until the server may have answered; throws Interrupted on Ctrl-C. */
  readonly #block: () => void;
  readonly #commands: Ring<(typeof FS_COMMAND_QUEUE)['slot']['fields']>;
  readonly #completions: Ring<(typeof FS_COMPLETION_QUEUE)['slot']['fields']>;
  readonly #buffers: ShareBuffers;
  readonly #inFlight = new Map<number, Request>();
  #nextId = 1;
  #bad = 0;

  constructor(kernel: Kernel, channel: Channel, regions: FsRegions, block: () => void) {
    this.#kernel = kernel;
    this.#channel = channel;
    this.#block = block;
    this.#commands = new Ring(regions.command, FS_QUEUE_CAPACITY, FS_COMMAND_QUEUE, 'producer');
    this.#completions = new Ring(regions.completion, FS_QUEUE_CAPACITY, FS_COMPLETION_QUEUE, 'consumer');
    this.#buffers = new ShareBuffers(regions.share);
  }

  /** A buffer for the next request; waits for one when requests left behind by Ctrl-C hold them all. */
  buffer(): ShareBuffer {
    for (;;) {
      const buffer = this.#buffers.take();
      if (buffer) return buffer;
      this.#waitForCompletions();
    }
  }

  /** One request and its answer; `use` sees the result and the buffer before the buffer is given back. */
  call<N extends FsCommandName, T = number>(
    command: N,
    params: Params<N>,
    options: RequestOptions = {},
    use: (result: number) => T = (result) => result as T,
  ): T {
    return this.batch(
      1,
      () => this.submit(command, params, options),
      ([request]) => use(this.result(request!)),
    );
  }

  /**
   * Up to `count` requests in flight together; `submit` returns undefined when there is no more to ask. When all are answered, `use`
   * looks at them, and their buffers are given back. Interrupted, they are left to the server, and undone when it has answered.
   */
  batch<T>(count: number, submit: (i: number) => Request | undefined, use: (requests: readonly Request[]) => T): T {
    const requests: Request[] = [];
    let answered = false;
    try {
      // With no buffer left, fewer do: waiting for one that this very batch holds would be for ever.
      for (let i = 0; i < count && (i === 0 || this.#buffers.free > 0); i++) {
        const request = submit(i);
        if (!request) break;
        requests.push(request);
      }
      for (const request of requests) this.wait(request);
      answered = true;
      return use(requests);
    } finally {
      for (const request of requests) answered ? this.#giveBack(request) : this.#abandon(request);
    }
  }

  /** Sends a request without waiting for its answer. The buffer belongs to the request from here on. */
  submit<N extends FsCommandName>(command: N, params: Params<N>, options: RequestOptions = {}): Request {
    const { buffer, limit = Number.MAX_SAFE_INTEGER, undo } = options;
    const request: Request = { id: this.#nextId++, command, params, buffer, limit, ...(undo && { undo }) };
    try {
      // The completion queue must have room for everything in flight.
      while (this.#commands.free === 0 || this.#inFlight.size >= FS_QUEUE_CAPACITY) this.#waitForCompletions();
    } catch (error) {
      if (buffer) this.#buffers.giveBack(buffer);
      throw error;
    }
    this.#issue(request);
    return request;
  }

  /** Blocks until `request` is answered. Interrupted, it may be waited for again. */
  wait(request: Request): void {
    this.#collect();
    while (!request.completion) this.#waitForCompletions();
  }

  /** The result of an answered request; throws the Errno of its status. */
  result({ completion, limit }: Request): number {
    if (!completion) throw new Error('the request has not been answered');
    const { status, result } = completion;
    if (status !== FS_STATUS.SUCCESS) throw new Errno(STATUS_ERRNO.get(status) ?? 'EIO');
    if (!(result <= limit)) throw new Errno('EIO');
    return result;
  }

  /** The one place where a command enters the queue: whoever must send it again, sends it from here. */
  #issue(request: Request): void {
    const { id, command, params } = request;
    this.#inFlight.set(id, request);
    this.#commands.put(0, { id, type: FS_CMD[command], p0: 0, p1: 0, p2: 0, p3: 0, p4: 0, p5: 0 });
    const layout: Struct<Fields> = FS_PARAMS[command];
    writeStruct(this.#commands.at.view, this.#commands.slotOffset(0), layout, params);
    this.#commands.publish(1);
    this.#kernel.trace(TRACE.REQUEST, this.#channel, id, FS_CMD[command], 0);
    this.#kernel.notify(this.#channel);
  }

  /** The one place where answers are waited for. */
  #waitForCompletions(): void {
    if (this.#commands.broken || this.#completions.broken) throw new Errno('EIO');
    this.#block();
    this.#collect();
  }

  #collect(): void {
    const count = this.#completions.available;
    for (let i = 0; i < count; i++) this.#complete(this.#completions.peek(i));
    if (count > 0) this.#completions.consume(count);
  }

  #complete({ id, status, result }: { id: number; status: number; result: number }): void {
    const request = this.#inFlight.get(id);
    if (!request) {
      if (this.#bad++ < COMPLAINTS) this.#kernel.print(`received bad fs completion: invalid request id: ${id}\r\n`);
      return;
    }
    this.#inFlight.delete(id);
    request.completion = { status, result };
    this.#kernel.trace(TRACE.RESPONSE, this.#channel, id, status, 0);
    if (request.abandoned) this.#dispose(request);
  }

  /** The request's caller is gone: the server may still write to the buffer until it has answered. */
  #abandon(request: Request): void {
    if (request.completion) this.#dispose(request);
    else request.abandoned = true;
  }

  #dispose(request: Request): void {
    this.#giveBack(request);
    if (request.completion?.status === FS_STATUS.SUCCESS) request.undo?.(request.completion.result);
  }

  #giveBack({ buffer }: Request): void {
    if (buffer) this.#buffers.giveBack(buffer);
  }

  /** Asks for something whose answer matters to nobody. */
  forget<N extends FsCommandName>(command: N, params: Params<N>): void {
    if (this.#commands.free === 0 || this.#inFlight.size >= FS_QUEUE_CAPACITY) return;
    const id = this.#nextId++;
    this.#issue({ id, command, params, buffer: undefined, limit: Number.MAX_SAFE_INTEGER, abandoned: true });
  }
}
