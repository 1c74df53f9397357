/**
 * A virtio network device under a test's hand: it takes and gives back chains when and how the test says, right or wrong. Written
 * from [VIRTIO 1.2] 2.7 and 4.2 with offsets as digits; shares no code with the model or the driver.
 */
import type { Region } from '../../../src/protocol/region';
import type { Mmio } from '../driver';

export const RX = 0;
export const TX = 1;

/** Where upstream puts the parts of the two queues in the ring region. */
const PLACES = [
  { desc: 0, avail: 8192, used: 9224 },
  { desc: 13328, avail: 21520, used: 22552 },
] as const;

export interface Chain {
  readonly head: number;
  /** Address, length and flags of each descriptor. */
  readonly parts: readonly { readonly addr: number; readonly len: number; readonly flags: number }[];
}

export class OddNic implements Mmio {
  readonly writes: [offset: number, value: number][] = [];
  onWrite: ((offset: number, value: number) => void) | undefined;
  /** What to read in place of the real value. */
  readonly lies = new Map<number, number>();
  resets = 0;
  needsReset = false;
  #status = 0;
  #interrupt = 0;
  readonly #seen = [0, 0];
  readonly #used = [0, 0];

  constructor(
    readonly rings: Region,
    readonly irq: { level(high: boolean): void },
  ) {}

  read32(offset: number): number {
    const lie = this.lies.get(offset);
    if (lie !== undefined) return lie;
    const fixed: Record<number, number> = { 0: 0x7472_6976, 4: 2, 8: 1, 52: 1024, 96: this.#interrupt };
    return offset === 112 ? this.#status | (this.needsReset ? 0x40 : 0) : (fixed[offset] ?? 0);
  }

  write32(offset: number, value: number): void {
    this.writes.push([offset, value]);
    if (offset === 0x64) this.#interrupt &= ~value;
    if (offset === 0x70) this.#setStatus(value);
    this.onWrite?.(offset, value);
  }

  /** Chains that were made available since the last look. */
  take(queue: number): Chain[] {
    const { view } = this.rings;
    const { avail } = PLACES[queue]!;
    const chains: Chain[] = [];
    for (
      ;
      this.#seen[queue] !== view.getUint16(avail + 2, true);
      this.#seen[queue] = (this.#seen[queue]! + 1) & 0xffff
    ) {
      chains.push(this.#chain(queue, view.getUint16(avail + 4 + 2 * (this.#seen[queue]! % 512), true)));
    }
    return chains;
  }

  give(queue: number, id: number, len: number): void {
    const { used } = PLACES[queue]!;
    const at = used + 4 + 8 * (this.#used[queue]! % 512);
    this.rings.view.setUint32(at, id, true);
    this.rings.view.setUint32(at + 4, len, true);
    this.jump(queue, 1);
  }

  /** Moves the used index on by `n`, whatever the ring holds. */
  jump(queue: number, n: number): void {
    this.#used[queue] = (this.#used[queue]! + n) & 0xffff;
    this.rings.view.setUint16(PLACES[queue]!.used + 2, this.#used[queue]!, true);
  }

  interrupt(bits = 1): void {
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
    this.#seen.fill(0);
    this.#used.fill(0);
  }

  #chain(queue: number, head: number): Chain {
    const { view } = this.rings;
    const { desc } = PLACES[queue]!;
    const parts: { addr: number; len: number; flags: number }[] = [];
    for (let i = head; parts.length < 512; i = view.getUint16(desc + 16 * i + 14, true)) {
      const flags = view.getUint16(desc + 16 * i + 12, true);
      const addr = Number(view.getBigUint64(desc + 16 * i, true));
      parts.push({ addr, len: view.getUint32(desc + 16 * i + 8, true), flags });
      if ((flags & 1) === 0) break;
    }
    return { head, parts };
  }
}
