/** A wire that tells of every frame, as the card sends or receives it. */
import type { WireDirection } from './faulty_wire';
import type { Wire } from './wire';

export class TappedWire implements Wire {
  constructor(
    readonly wire: Wire,
    /** The frame is the card's own: what is to outlast the call is copied. */
    readonly passed: (direction: WireDirection, frame: Uint8Array) => void,
  ) {}

  send(frame: Uint8Array): void {
    this.passed('send', frame);
    this.wire.send(frame);
  }

  receive(): Uint8Array | undefined {
    const frame = this.wire.receive();
    if (frame) this.passed('receive', frame);
    return frame;
  }
}
