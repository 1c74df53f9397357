/** A queue's slots as a strip of cells: a page of 128 of them, and one letter for what each is. */
import type { QueueState } from './queue';

export const CELLS = 128;

export const firstOfPage = (slot: number) => slot - (slot % CELLS);

/** A letter for each slot of the page: `f` filled, `.` not. */
export function cellsOf({ filled }: QueueState, capacity: number, first: number): string {
  const count = Math.min(CELLS, capacity - first);
  return Array.from({ length: count }, (_, i) => (filled(first + i) ? 'f' : '.')).join('');
}

/** The oldest entry; without one the slot that will be written next. */
export function slotOfInterest({ head, tail, length, filled }: QueueState, capacity: number): number {
  if (head !== undefined && length) return head;
  // The last one written is what a reader wants to see of an empty queue.
  if (tail !== undefined) return (tail - 1 + capacity) % capacity;
  for (let slot = 0; slot < capacity; slot++) if (filled(slot)) return slot;
  return 0;
}

export function strides(key: string, slot: number, capacity: number): number | undefined {
  const to = {
    ArrowLeft: slot - 1,
    ArrowRight: slot + 1,
    Home: firstOfPage(slot),
    End: Math.min(firstOfPage(slot) + CELLS, capacity) - 1,
    PageUp: slot - CELLS,
    PageDown: slot + CELLS,
  }[key];
  return to === undefined ? undefined : (to + capacity) % capacity;
}

/** `2 of 128`; `broken` where the indices are impossible. */
export function countWords({ length }: QueueState, capacity: number): string {
  if (length === undefined) return 'broken';
  return length === capacity ? `full, ${capacity}` : `${length} of ${capacity}`;
}
