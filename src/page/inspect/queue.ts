/** A queue as the inspector has it, whatever it is made of: slots in a ring, some of them filled. */
import type { Struct } from '../../protocol/struct';
import type { Meaning } from './fields';
import type { Look } from './look';

/** Where the bytes of a slot are, and what they are. */
export interface Slot {
  readonly region: string;
  /** In bytes. */
  readonly at: number;
  readonly table: Struct;
  readonly meaning?: Meaning;
}

export interface QueueState {
  /** Slots of the next entry to be taken and to be written; undefined where memory does not tell. */
  readonly head: number | undefined;
  readonly tail: number | undefined;
  /** The indices as they are in memory. */
  readonly indices: Readonly<Record<string, number>>;
  /** Entries; undefined when the indices are impossible. */
  readonly length: number | undefined;
  filled(slot: number): boolean;
}

export interface InspectedQueue {
  /** Among those of its domain, as in `inspect('blk_virt.client_0_request')`. */
  readonly name: string;
  /** What goes here, and from whom to whom. */
  readonly title: string;
  readonly from?: string;
  readonly to?: string;
  readonly region: string;
  readonly capacity: number;
  readonly unit: readonly [one: string, many: string];
  /** What is not as it seems. */
  readonly note?: string;
  read(look: Look): QueueState;
  slot(look: Look, index: number): Slot;
  /** Other memory that belongs to the slot. */
  parts?(look: Look, index: number): Slot[];
}

/** Whether a slot is among the `length` from `head` on. */
export const between = (head: number, length: number, capacity: number) => (slot: number) =>
  (slot - head + capacity) % capacity < length;
