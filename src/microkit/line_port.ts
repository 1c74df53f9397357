/** The page's end of the serial line: bytes out of the UART, keys into it. */
import { Line } from '../protocol/line';
import type { Region } from '../protocol/region';

const encoder = new TextEncoder();

export class LinePort {
  readonly #tx: Line;
  readonly #rx: Line;
  /** Typed faster than the board reads: kept here, in order, until the line has room. */
  #pending: Uint8Array[] = [];
  #closed = false;

  constructor(
    tx: Region,
    rx: Region,
    /** Tells the UART's worker that its line changed. */
    readonly poke: () => void,
  ) {
    this.#tx = new Line(tx);
    this.#rx = new Line(rx);
  }

  /** Debug output of loader and monitor. The ring is empty enough at boot; what does not fit is dropped, as on a real UART. */
  print(text: string): void {
    this.#tx.write(encoder.encode(text));
  }

  /** Sends bytes to the UART's receiver; any amount, none is lost. */
  send(bytes: Uint8Array): void {
    this.#pending.push(bytes.slice());
    this.#flush();
  }

  /** Bytes not yet taken by the UART. */
  get unsent(): number {
    return this.#pending.reduce((sum, { length }) => sum + length, this.#rx.length);
  }

  close(): void {
    this.#closed = true;
    Atomics.notify(this.#tx.words, Line.TAIL);
  }

  /**
   * Hands every byte that leaves the machine to `sink`, at most `chunk` at a time; the next chunk leaves the ring only when the
   * promise is fulfilled, so that a slow terminal holds back `print` instead of filling memory.
   */
  async drain(sink: (bytes: Uint8Array) => Promise<void>, chunk = 16 * 1024): Promise<void> {
    while (!this.#closed) {
      const seen = Atomics.load(this.#tx.words, Line.TAIL);
      const bytes = this.#tx.read(chunk);
      if (this.#tx.takeRoomRequest()) this.poke();
      if (bytes.length > 0) {
        await sink(bytes);
        continue;
      }
      const wait = Atomics.waitAsync(this.#tx.words, Line.TAIL, seen);
      if (wait.async) await wait.value;
    }
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0 && !this.#closed) {
      const head = Atomics.load(this.#rx.words, Line.HEAD);
      const first = this.#pending[0]!;
      const sent = this.#rx.write(first);
      if (sent > 0) this.poke();
      if (sent === first.length) {
        this.#pending.shift();
        continue;
      }
      this.#pending[0] = first.subarray(sent);
      const wait = Atomics.waitAsync(this.#rx.words, Line.HEAD, head);
      if (wait.async) await wait.value;
    }
  }
}
