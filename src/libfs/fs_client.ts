/**
 * Requests to the file system server over the LionsOS protocol: blocking for the interpreter, several in flight where it helps. The
 * server is not trusted: a completion must name a request in flight and a result that was asked for.
 */
import type { Channel, Environment, GuestView, Kernel } from '../libmicrokit/pd';
import { FS_CMD, FS_QUEUE_CAPACITY, FS_STATUS } from '../protocol/fs';
import { TRACE } from '../protocol/trace';
import { requestOf } from '../protocol/trace_words';
import { Errno } from './errors';
import { FileHandles } from './file_handles';
import { FsQueues } from './fs_queues';
import type { Completion, FsCommandName, FsRegions, Params, Request, RequestOptions } from './fs_request';
import { ServerConduct } from './server_conduct';
import { ServerRestart } from './server_restart';
import { type ShareBuffer, ShareBuffers } from './share_buffers';

/** More than any client lives to ask, and a little: its low half is another number for each client. 2^13 clients fit into a safe integer. */
const IDS_OF_A_CLIENT = 2 ** 40 + 2 ** 20;

type Block = (deadlineNs: number) => boolean;
type Self = Pick<Environment, 'guest' | 'generation'>;

export class FsClient {
  readonly handles = new FileHandles();
  readonly queues: FsQueues;
  readonly #buffers: ShareBuffers;
  readonly #inFlight = new Map<number, Request>();
  readonly #guest: GuestView | undefined;
  readonly #restart: ServerRestart;
  readonly #conduct: ServerConduct;
  /** Ids below are of clients that ran before this one. */
  readonly #firstId: number;
  #nextId: number;

  constructor(
    readonly kernel: Kernel,
    readonly channel: Channel,
    regions: FsRegions,
    block: Block,
    { guest, generation }: Self,
  ) {
    this.#guest = guest;
    this.#conduct = new ServerConduct(kernel, guest, block);
    this.#firstId = (generation - 1) * IDS_OF_A_CLIENT + 1;
    this.#nextId = this.#firstId;
    this.#buffers = new ShareBuffers(regions.share);
    this.queues = new FsQueues(regions);
    this.#restart = new ServerRestart(this.handles, {
      ask: (command, params, path) => this.#askAnew(command, params, path),
      resend: (request) => this.#issue(request),
      fail: (request, status) => this.#answered(request, { status, result: 0 }),
    });
  }

  /** Of the server that the client talks to. */
  get generation(): number {
    return this.#restart.generation;
  }

  /**
   * Goes over to the server that runs now, if it is another one: mounts, opens the files again, and sends again or fails what was in
   * flight. Interrupted or overtaken by the next reboot, it starts over at the next call.
   */
  #follow(): void {
    const guest = this.#guest;
    if (!guest) return;
    while (this.#restart.behind(guest.generation())) {
      const generation = guest.generation();
      const region = guest.follow(generation);
      this.#buffers.move(region('fs_share'));
      this.queues.connect({ command: region('fs_command'), completion: region('fs_completion') });
      const lost = [...this.#inFlight.values()];
      this.#inFlight.clear();
      this.#restart.run(generation, lost);
    }
  }

  /** During a restart: one request and its answer, or undefined when the server has gone again meanwhile. */
  #askAnew<N extends FsCommandName>(command: N, params: Params<N>, path?: string): Completion | undefined {
    const bytes = path === undefined ? undefined : new TextEncoder().encode(path);
    const buffer = bytes && this.#buffers.take();
    if (bytes && !buffer) return { status: FS_STATUS.ALLOCATION_ERROR, result: 0 };
    if (buffer) buffer.bytes.set(bytes!);
    const at = buffer ? { path_offset: buffer.offset, path_size: bytes!.length } : {};
    const request: Request = {
      id: this.#nextId++,
      command,
      params: { ...params, ...at },
      buffer,
      limit: Number.MAX_SAFE_INTEGER,
    };
    this.#issue(request);
    try {
      while (!request.completion && !this.#restart.overtaken(this.#guest!.generation())) {
        this.#conduct.awaitAnswer(this.generation);
        this.#collect();
      }
    } finally {
      this.#inFlight.delete(request.id);
      this.#giveBack(request);
    }
    return request.completion;
  }

  /** Buffers of the share that no request holds. */
  get freeBuffers(): number {
    return this.#buffers.free;
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
    const known = this.#restart.descriptors();
    const request: Request = { id: this.#nextId++, command, params, buffer, limit, ...(undo && { undo }) };
    try {
      this.#follow();
      this.#restart.renumber(request, known);
      // The completion queue must have room for everything in flight.
      while (this.queues.full || this.#inFlight.size >= FS_QUEUE_CAPACITY) this.#waitForCompletions();
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
  result(request: Request): number {
    return this.#conduct.result(request, this.generation);
  }

  /** The one place where a command enters the queue: whoever must send it again, sends it from here. */
  #issue(request: Request): void {
    const { id, command } = request;
    this.#inFlight.set(id, request);
    this.queues.send(request);
    this.kernel.trace(TRACE.REQUEST, this.channel, requestOf(0, id), FS_CMD[command], request.params.buf_size ?? 0);
    this.kernel.notify(this.channel);
  }

  /** The one place where answers are waited for. */
  #waitForCompletions(): void {
    this.#follow();
    const { damage } = this.queues;
    if (damage) {
      this.#conduct.accuse(damage, this.generation);
      // Its successor is asked again.
      if (!this.#guest) throw new Errno('EIO');
    }
    this.#conduct.awaitAnswer(this.generation);
    this.#follow();
    this.#collect();
  }

  #collect(): void {
    this.queues.receive((completion) => this.#complete(completion));
  }

  #complete({ id, status, result }: { id: number; status: number; result: number }): void {
    const request = this.#inFlight.get(id);
    // An answer to a client that was ended.
    if (!request && id < this.#firstId) return;
    if (!request) return this.#conduct.accuse(`received bad fs completion: invalid request id: ${id}`, this.generation);
    this.#inFlight.delete(id);
    this.#conduct.answered();
    if (request.command === 'INITIALISE' && status === FS_STATUS.SUCCESS) this.#restart.mounted = true;
    this.#answered(request, { status, result });
  }

  #answered(request: Request, completion: Completion): void {
    request.completion = completion;
    this.kernel.trace(TRACE.RESPONSE, this.channel, requestOf(0, request.id), completion.status, completion.result);
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

  /** Asks for something whose answer matters to nobody; a server that is gone has forgotten it anyway. */
  forget<N extends FsCommandName>(command: N, params: Params<N>): void {
    if (this.#guest && this.#restart.behind(this.#guest.generation())) return;
    if (this.queues.full || this.#inFlight.size >= FS_QUEUE_CAPACITY) return;
    this.#issue({ id: this.#nextId++, command, params, buffer: undefined, limit: 0, abandoned: true });
  }
}
