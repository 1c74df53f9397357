/** A wire that misbehaves when it is told to: for seeing what the layers above make of it. */
import type { Wire } from './wire';

export type WireMishap =
  | { readonly what: 'lost' | 'duplicated' }
  /** One bit of the frame, modulo its length. The FCS is right all the same. */
  | { readonly what: 'corrupted'; readonly bit: number }
  /** Frames behind it overtake it. */
  | { readonly what: 'delayed'; readonly ns: number };

export type WireDirection = 'send' | 'receive';

interface Late {
  readonly dueNs: number;
  readonly frame: Uint8Array;
}

export class FaultyWire implements Wire {
  readonly #late: Record<WireDirection, Late[]> = { send: [], receive: [] };
  /** Received frames that the card has not taken yet. */
  readonly #arrived: Uint8Array[] = [];

  constructor(
    readonly wire: Wire,
    /** What goes wrong with the next frame in this direction. */
    readonly mishap: (direction: WireDirection) => WireMishap | undefined,
    readonly nowNs: () => number,
  ) {}

  /** When the next delayed frame is due. */
  get deadlineNs(): number | undefined {
    const due = [...this.#late.send, ...this.#late.receive].map(({ dueNs }) => dueNs);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Sends the delayed frames that are due. */
  poll(): void {
    for (const frame of this.#takeDue('send')) this.wire.send(frame);
  }

  send(frame: Uint8Array): void {
    for (const arriving of this.#befall('send', frame)) this.wire.send(arriving);
  }

  receive(): Uint8Array | undefined {
    this.#arrived.push(...this.#takeDue('receive'));
    while (this.#arrived.length === 0) {
      const frame = this.wire.receive();
      if (!frame) return undefined;
      this.#arrived.push(...this.#befall('receive', frame));
    }
    return this.#arrived.shift();
  }

  /** What arrives at once in place of the frame. */
  #befall(direction: WireDirection, frame: Uint8Array): readonly Uint8Array[] {
    const mishap = this.mishap(direction);
    switch (mishap?.what) {
      case undefined:
        return [frame];
      case 'lost':
        return [];
      case 'duplicated':
        return [frame, frame.slice()];
      case 'corrupted':
        return [turnedOver(frame, mishap.bit)];
      case 'delayed':
        this.#late[direction].push({ dueNs: this.nowNs() + mishap.ns, frame: frame.slice() });
        return [];
    }
  }

  #takeDue(direction: WireDirection): Uint8Array[] {
    const now = this.nowNs();
    const late = this.#late[direction];
    if (late.length === 0) return [];
    this.#late[direction] = late.filter(({ dueNs }) => dueNs > now);
    return late.filter(({ dueNs }) => dueNs <= now).map(({ frame }) => frame);
  }
}

function turnedOver(frame: Uint8Array, bit: number): Uint8Array {
  const copy = frame.slice();
  const at = bit % (8 * copy.length);
  copy[at >> 3]! ^= 1 << (at & 7);
  return copy;
}
