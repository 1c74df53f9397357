/**
 * A virtio block device under a test's hand: it completes requests when and how the test says, right or wrong. Written from
 * [VIRTIO 1.2] 2.7 and 4.2 with offsets as digits; shares no code with the model or the driver.
 */
import type { Region } from '../../../src/protocol/region';
import type { Mmio } from '../driver';

export interface Taken {
  readonly head: number;
  readonly type: number;
  readonly sector: number;
  /** Physical address and length of the data, if any. */
  readonly addr: number;
  readonly length: number;
  readonly dataFlags: number;
  readonly descriptors: number;
}

export class OddDevice implements Mmio {
  /** Requests made available and not completed. */
  readonly waiting: Taken[] = [];
  readonly writes: [offset: number, value: number][] = [];
  onWrite: ((offset: number, value: number) => void) | undefined;
  resets = 0;
  needsReset = false;
  #status = 0;
  #interrupt = 0;
  #seen = 0;
  #used = 0;
  #select = 0;

  constructor(
    readonly metadata: Region,
    readonly headers: Region,
    readonly irq: { level(high: boolean): void },
    readonly features = 1 << 9,
  ) {}

  read32(offset: number): number {
    const fixed: Record<number, number> = {
      0: 0x7472_6976,
      4: 2,
      8: 2,
      16: this.#select === 0 ? this.features : 1,
      52: 1024,
      96: this.#interrupt,
      112: this.#status | (this.needsReset ? 0x40 : 0),
      256: 1000,
    };
    return fixed[offset] ?? 0;
  }

  write32(offset: number, value: number): void {
    this.writes.push([offset, value]);
    if (offset === 0x14) this.#select = value;
    if (offset === 0x64) this.#interrupt &= ~value;
    if (offset === 0x70) this.#setStatus(value);
    if (offset === 0x50) this.#take();
    this.onWrite?.(offset, value);
  }

  /** Completes a request as the specification says, unless told otherwise. */
  complete(
    { head, type, length }: Taken,
    { status = 0, written = 1 + (type === 0 ? length : 0), id = head } = {},
  ): void {
    const i = this.waiting.findIndex((taken) => taken.head === head);
    if (i !== -1) this.waiting.splice(i, 1);
    if (status !== undefined && status >= 0) this.headers.bytes[head * 24 + 16] = status;
    this.usedElement(id, written);
    this.interrupt(1);
  }

  usedElement(id: number, written: number): void {
    const at = 18440 + 4 + 8 * (this.#used % 1024);
    this.metadata.view.setUint32(at, id, true);
    this.metadata.view.setUint32(at + 4, written, true);
    this.jump(1);
  }

  /** Moves the used index on by `n`, whatever the ring holds. */
  jump(n: number): void {
    this.#used = (this.#used + n) & 0xffff;
    this.metadata.view.setUint16(18440 + 2, this.#used, true);
  }

  interrupt(bits: number): void {
    this.#interrupt |= bits;
    this.irq.level(false);
    this.irq.level(true);
  }

  #setStatus(value: number): void {
    this.#status = value;
    if (value !== 0) return;
    this.resets++;
    this.needsReset = false;
    this.#interrupt = 0;
    this.#seen = 0;
    this.#used = 0;
    this.waiting.length = 0;
  }

  #take(): void {
    const { view } = this.metadata;
    for (; this.#seen !== view.getUint16(16384 + 2, true); this.#seen = (this.#seen + 1) & 0xffff) {
      this.waiting.push(this.#chain(view.getUint16(16384 + 4 + 2 * (this.#seen % 1024), true)));
    }
  }

  #chain(head: number): Taken {
    const { view } = this.metadata;
    const chain = [head];
    const flags = (i: number) => view.getUint16(16 * i + 12, true);
    for (let i = head; flags(i) & 1; ) chain.push((i = view.getUint16(16 * i + 14, true)));
    const data = chain.length === 3 ? chain[1]! : undefined;
    const at = head * 24;
    return {
      head,
      type: this.headers.view.getUint32(at, true),
      sector: Number(this.headers.view.getBigUint64(at + 8, true)),
      addr: data === undefined ? 0 : Number(view.getBigUint64(16 * data, true)),
      length: data === undefined ? 0 : view.getUint32(16 * data + 8, true),
      dataFlags: data === undefined ? 0 : flags(data),
      descriptors: chain.length,
    };
  }
}
