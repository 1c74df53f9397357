/** What has come into a ring since somebody looked at it last: read from its own indices, nothing is written. */
import type { RingLayout } from '../protocol/spsc';
import { type Fields, readStruct, type Values } from '../protocol/struct';

export class FreshEntries<F extends Fields> {
  /** The tail at the last look, per memory: another generation of a guest has another ring. */
  readonly #seen = new WeakMap<SharedArrayBuffer, bigint>();

  constructor(
    readonly layout: RingLayout<F>,
    readonly capacity: number,
  ) {}

  /** Entries that wait in the ring and were not there last time; none when its indices are impossible. */
  in(buffer: SharedArrayBuffer): Values<F>[] {
    const { layout, capacity } = this;
    const head = this.#index(buffer, layout.head);
    const tail = this.#index(buffer, layout.tail);
    const since = (index: bigint) => BigInt.asUintN(layout.indexBits, tail - index);
    const waiting = Number(since(head));
    if (waiting > capacity) return [];
    const fresh = Math.min(Number(since(this.#seen.get(buffer) ?? head)), waiting);
    this.#seen.set(buffer, tail);
    const view = new DataView(buffer);
    return Array.from({ length: fresh }, (_, i) => {
      const index = BigInt.asUintN(layout.indexBits, tail - BigInt(fresh - i));
      return readStruct(view, layout.slots + Number(index % BigInt(capacity)) * layout.slot.size, layout.slot);
    });
  }

  #index(buffer: SharedArrayBuffer, offset: number): bigint {
    if (this.layout.indexBits === 64) return Atomics.load(new BigUint64Array(buffer, offset, 1), 0);
    return BigInt(Atomics.load(new Uint32Array(buffer, offset, 1), 0));
  }
}
