/** The user program's side of an io_uring, as liburing has it: get a submission, submit, walk the completions. */
import { AT_FDCWD, CQE, CQE_SIZE, IO_RINGS, SQE, SQE_SIZE } from '../../../src/specs/io_uring';
import type { IoUring } from '../kernel/io_uring';

/** One operation; fields as the opcode uses them. */
export interface Submission {
  readonly opcode: number;
  readonly fd?: number;
  readonly addr?: number;
  readonly len?: number;
  readonly off?: number;
  readonly flags?: number;
}

export class Uring {
  readonly #rings: Int32Array;
  readonly #array: Int32Array;
  #pending = 0;

  constructor(readonly ring: IoUring) {
    const { buffer, byteOffset, byteLength } = ring.rings.bytes;
    this.#rings = new Int32Array(buffer, byteOffset, byteLength >> 2);
    this.#array = this.#rings.subarray((byteLength >> 2) - ring.entries);
  }

  get hasRoom(): boolean {
    return this.#pending < this.ring.entries;
  }

  /** Queues an operation for the next `submit`. The caller checks `hasRoom`. `request`: its number in the flight recorder. */
  queue(
    { opcode, fd = AT_FDCWD, addr = 0, len = 0, off = 0, flags = 0 }: Submission,
    userData: number,
    request = 0,
  ): void {
    const tail = this.#load(IO_RINGS.sq_tail);
    const index = tail & (this.ring.entries - 1);
    const at = index * SQE_SIZE;
    const { bytes, view } = this.ring.sqes;
    bytes.fill(0, at, at + SQE_SIZE);
    view.setUint8(at + SQE.opcode, opcode);
    view.setInt32(at + SQE.fd, fd, true);
    view.setBigUint64(at + SQE.off, BigInt(off), true);
    view.setBigUint64(at + SQE.addr, BigInt(addr), true);
    view.setUint32(at + SQE.len, len, true);
    view.setUint32(at + SQE.op_flags, flags, true);
    view.setBigUint64(at + SQE.user_data, BigInt(userData), true);
    view.setUint32(at + SQE.request, request, true);
    this.#array[index] = index;
    Atomics.store(this.#rings, IO_RINGS.sq_tail >> 2, (tail + 1) | 0);
    this.#pending++;
  }

  /** io_uring_submit_and_wait for all of them, then each completion in order. */
  submit(completed: (userData: number, res: number) => void): void {
    if (this.#pending === 0) return;
    this.ring.enter(this.#pending);
    this.#pending = 0;
    const mask = 2 * this.ring.entries - 1;
    let head = this.#load(IO_RINGS.cq_head);
    while (head !== this.#load(IO_RINGS.cq_tail)) {
      const at = IO_RINGS.cqes + (head & mask) * CQE_SIZE;
      const { view } = this.ring.rings;
      const userData = Number(view.getBigUint64(at + CQE.user_data, true));
      const res = view.getInt32(at + CQE.res, true);
      head = (head + 1) | 0;
      Atomics.store(this.#rings, IO_RINGS.cq_head >> 2, head);
      completed(userData, res);
    }
  }

  #load(offset: number): number {
    return Atomics.load(this.#rings, offset >> 2);
  }
}
