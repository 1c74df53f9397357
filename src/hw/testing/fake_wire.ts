/** A wire whose far end is the test. */
import type { Wire } from '../wire';

export class FakeWire implements Wire {
  /** Frames for the card, oldest first. */
  readonly arriving: Uint8Array[] = [];
  readonly sent: Uint8Array[] = [];

  send(frame: Uint8Array): void {
    this.sent.push(frame.slice());
  }

  receive(): Uint8Array | undefined {
    return this.arriving.shift();
  }
}

/** A frame whose every byte depends on `n` and on its place. */
export const frameOf = (n: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (n + 31 * i + (i >> 8)) & 255);
