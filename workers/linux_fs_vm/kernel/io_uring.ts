/**
 * The kernel's side of an io_uring: takes submissions in order, carries each out at once, and posts its result; writes that follow one
 * another in a file are carried out as one. When the completion ring is full, results wait in the kernel (IORING_FEAT_NODROP). The user
 * program's indices and addresses are checked.
 */
import {
  CQE,
  CQE_SIZE,
  IO_RINGS,
  IORING_SQ_CQ_OVERFLOW,
  ioRingsLayout,
  SQE,
  SQE_SIZE,
} from '../../../src/specs/io_uring';
import type { AddressSpace } from './address_space';
import { Current } from './current';
import { resultOf, runOperation } from './io_uring_ops';
import type { BootAllocator, Memory } from './memory';
import type { Syscalls } from './syscalls';
import { neighbours, writeTogether } from './write_group';

export interface Completion {
  /** As it is in memory: 8 bytes that mean nothing to the kernel. */
  readonly userData: bigint;
  readonly res: number;
}

export class IoUring {
  readonly entries: number;
  readonly rings: Memory;
  readonly sqes: Memory;
  readonly #words: Int32Array;
  readonly #array: Int32Array;
  readonly #overflow: Completion[] = [];

  /** io_uring_setup: entries are rounded up to a power of two; the completion ring has twice as many. */
  constructor(
    entries: number,
    memory: BootAllocator,
    readonly user: AddressSpace,
    readonly syscalls: Syscalls,
    readonly current = new Current(),
  ) {
    this.entries = 2 ** Math.ceil(Math.log2(entries));
    const layout = ioRingsLayout(this.entries);
    this.rings = memory.zeroed(layout.size, 64);
    this.sqes = memory.zeroed(this.entries * SQE_SIZE, 64);
    const { buffer, byteOffset } = this.rings.bytes;
    this.#words = new Int32Array(buffer, byteOffset, IO_RINGS.cqes >> 2);
    this.#array = new Int32Array(buffer, byteOffset + layout.array, this.entries);
    this.#set(IO_RINGS.sq_ring_mask, this.entries - 1);
    this.#set(IO_RINGS.cq_ring_mask, 2 * this.entries - 1);
    this.#set(IO_RINGS.sq_ring_entries, this.entries);
    this.#set(IO_RINGS.cq_ring_entries, 2 * this.entries);
  }

  /** io_uring_enter: returns how many were submitted. Everything completes before it returns, so there is nothing to wait for. */
  enter(toSubmit: number): number {
    this.#flushOverflow();
    const head = this.#get(IO_RINGS.sq_head);
    const queued = (this.#get(IO_RINGS.sq_tail) - head) >>> 0;
    const count = Math.min(toSubmit, queued, this.entries);
    const submitted: DataView[] = [];
    for (let i = 0; i < count; i++) {
      const index = this.#array[(head + i) & (this.entries - 1)]! >>> 0;
      this.#set(IO_RINGS.sq_head, head + i + 1);
      // A private copy: what is checked can no longer change.
      if (index < this.entries)
        submitted.push(new DataView(this.sqes.bytes.slice(index * SQE_SIZE, (index + 1) * SQE_SIZE).buffer));
      else this.#set(IO_RINGS.sq_dropped, this.#get(IO_RINGS.sq_dropped) + 1);
    }
    for (let i = 0; i < submitted.length; ) {
      const group = neighbours(submitted, i);
      if (group.length === 1) this.#complete(submitted[i]!, this.#run(submitted[i]!));
      else this.#write(group);
      i += group.length;
    }
    return submitted.length;
  }

  #write(group: readonly DataView[]): void {
    const [turnTo, run] = [(sqe: DataView) => this.#turnTo(sqe), (sqe: DataView) => this.#run(sqe)];
    const results = writeTogether(group, this.user, this.syscalls, turnTo, run);
    for (const [i, sqe] of group.entries()) this.#complete(sqe, results[i]!);
  }

  #turnTo(sqe: DataView): void {
    this.current.request = sqe.getUint32(SQE.request, true);
  }

  #run(sqe: DataView): number {
    this.#turnTo(sqe);
    return resultOf(() => runOperation(sqe, this.user, this.syscalls));
  }

  #complete(sqe: DataView, res: number): void {
    const completion = { userData: sqe.getBigUint64(SQE.user_data, true), res };
    if (this.#post(completion)) return;
    this.#overflow.push(completion);
    this.#set(IO_RINGS.sq_flags, IORING_SQ_CQ_OVERFLOW);
  }

  #post({ userData, res }: Completion): boolean {
    const tail = this.#get(IO_RINGS.cq_tail);
    if ((tail - this.#get(IO_RINGS.cq_head)) >>> 0 >= 2 * this.entries) return false;
    const at = IO_RINGS.cqes + (tail & (2 * this.entries - 1)) * CQE_SIZE;
    this.rings.view.setBigUint64(at + CQE.user_data, userData, true);
    this.rings.view.setInt32(at + CQE.res, res, true);
    this.rings.view.setUint32(at + CQE.flags, 0, true);
    this.#set(IO_RINGS.cq_tail, tail + 1);
    return true;
  }

  #flushOverflow(): void {
    while (this.#overflow.length > 0 && this.#post(this.#overflow[0]!)) this.#overflow.shift();
    if (this.#overflow.length === 0) this.#set(IO_RINGS.sq_flags, 0);
  }

  #get(offset: number): number {
    return Atomics.load(this.#words, offset >> 2);
  }

  #set(offset: number, value: number): void {
    Atomics.store(this.#words, offset >> 2, value | 0);
  }
}
