/** What a network card is plugged into. Frames run from destination to payload, without preamble, padding and FCS. */
export interface Wire {
  /** Takes a frame from the card, which may use the memory again afterwards. */
  send(frame: Uint8Array): void;
  /** The next frame for the card, its own to keep; undefined when none has come. `poll` is to be called when one does. */
  receive(): Uint8Array | undefined;
}

/** Frames received in one poll: the driver gets its turn, and refills its ring, before the wire falls silent. */
const POLL_BUDGET = 64;

/** Hands frames to `take` as they come; true when the budget of one poll was used up, and more may be waiting. */
export function drainWire(wire: Wire, take: (frame: Uint8Array) => void): boolean {
  for (let left = POLL_BUDGET; left > 0; left--) {
    const frame = wire.receive();
    if (!frame) return false;
    take(frame);
  }
  return true;
}
