/**
 * The command loop of the file system server: a batch of commands is dispatched, the ring is run, and the batch's completions are
 * published at once. Every command gets exactly one completion, whatever is in it. Trusts nothing in the queues or the share.
 */
import { FS_CMD, FS_COMMAND, FS_COMPLETION, FS_PARAMS, FS_STATUS } from '../../../src/protocol/fs';
import type { Ring } from '../../../src/protocol/spsc';
import { Errno } from '../kernel/errno';
import type { Answer, FsContext, RingWork } from './fs_context';
import { FS_OPS } from './fs_ops';
import { statusOf } from './fs_status';
import type { Mounter } from './mounter';
import type { Uring } from './uring';

const LOW = 0xffff_ffffn;

/** The flight recorder: `id` is the low half of the client's, other numbers the low halves of what they are in the message. */
export interface FsTrace {
  /** Returns the number that the command has in every recorder. */
  request(id: number, type: number, offset: number): number;
  /** The kernel works for that command from now on. */
  turnTo(request: number): void;
  response(id: number, status: number, result: number): void;
}

export class FsServer {
  readonly #encoded = new DataView(new ArrayBuffer(FS_COMMAND.size));
  /** Ring work of the batch by slot. */
  readonly #pending = new Map<number, { readonly id: bigint; readonly work: RingWork }>();
  #replies = 0;

  constructor(
    readonly commands: Ring<typeof FS_COMMAND.fields>,
    readonly completions: Ring<typeof FS_COMPLETION.fields>,
    readonly context: FsContext,
    readonly uring: Uring,
    readonly mounter: Mounter,
    readonly trace: FsTrace,
  ) {}

  /** The client has written impossible indices: nothing more can be served. */
  get broken(): boolean {
    return this.commands.broken || this.completions.broken;
  }

  /** Serves what is queued, as far as completions have room; returns how many commands that was. */
  process(): number {
    const count = Math.min(this.commands.available, this.completions.free);
    this.#replies = 0;
    for (let slot = 0; slot < count; slot++) this.#dispatch(slot, this.#copy(slot));
    this.commands.consume(count);
    this.#runRing();
    if (this.#replies !== count) throw new Error(`${this.#replies} completions for ${count} commands`);
    this.completions.publish(count);
    return count;
  }

  /** A private copy of the message: what is checked afterwards can no longer change. */
  #copy(slot: number): DataView {
    const at = this.commands.slotOffset(slot);
    new Uint8Array(this.#encoded.buffer).set(this.commands.at.bytes.subarray(at, at + FS_COMMAND.size));
    return this.#encoded;
  }

  #dispatch(slot: number, message: DataView): void {
    const id = message.getBigUint64(FS_COMMAND.fields.id.offset, true);
    const type = message.getBigUint64(FS_COMMAND.fields.type.offset, true);
    const position = isTransfer(type) ? message.getUint32(FS_PARAMS.FILE_READ.fields.offset.offset, true) : 0;
    const request = this.trace.request(Number(id & LOW), Number(type & LOW), position);
    const outcome = this.#run(slot, Number(type), message, request);
    if ('submission' in outcome) this.#pending.set(slot, { id, work: outcome });
    else this.#reply(id, outcome);
  }

  #run(slot: number, type: number, message: DataView, request: number): Answer | RingWork {
    if (type === FS_CMD.INITIALISE || type === FS_CMD.DEINITIALISE) return this.#mountOrUnmount(type, request);
    const op = FS_OPS.get(type);
    if (!op) return { status: FS_STATUS.INVALID_COMMAND };
    if (!this.mounter.isMounted) return { status: FS_STATUS.NOT_MOUNTED };
    if (op.barrier || !this.uring.hasRoom) this.#runRing();
    this.context.selectScratch(slot);
    this.trace.turnTo(request);
    try {
      const outcome = op.run(this.context, message);
      if ('submission' in outcome) this.uring.queue(outcome.submission, slot, request);
      return outcome;
    } catch (error) {
      if (error instanceof Errno) return { status: statusOf(error.code) };
      throw error;
    }
  }

  #mountOrUnmount(type: number, request: number): Answer {
    this.#runRing();
    this.trace.turnTo(request);
    return { status: type === FS_CMD.INITIALISE ? this.mounter.mount() : this.mounter.unmount() };
  }

  #runRing(): void {
    this.uring.submit((slot, res) => {
      const { id, work } = this.#pending.get(slot)!;
      this.#pending.delete(slot);
      this.#reply(id, work.finish(res));
    });
  }

  /** Ids are the client's: 64 bits that come back as they were. */
  #reply(id: bigint, { status, result = 0 }: Answer): void {
    this.trace.response(Number(id & LOW), status, result % 0x1_0000_0000);
    const at = this.completions.slotOffset(this.#replies++);
    const { view } = this.completions.at;
    view.setBigUint64(at + FS_COMPLETION.fields.id.offset, id, true);
    view.setBigUint64(at + FS_COMPLETION.fields.status.offset, BigInt(status), true);
    view.setBigUint64(at + FS_COMPLETION.fields.result.offset, BigInt(result), true);
  }
}

function isTransfer(type: bigint): boolean {
  return type === BigInt(FS_CMD.FILE_READ) || type === BigInt(FS_CMD.FILE_WRITE);
}
