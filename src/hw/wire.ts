/** What a network card is plugged into. Frames run from destination to payload, without preamble, padding and FCS. */
export interface Wire {
  /** Takes a frame from the card, which may use the memory again afterwards. */
  send(frame: Uint8Array): void;
  /** The next frame for the card, its own to keep; undefined when none has come. `poll` is to be called when one does. */
  receive(): Uint8Array | undefined;
}
