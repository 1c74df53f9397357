/**
 * The worker's end of the control plane. The monitor counts what it sends in SENT and sets the CONTROL bit; this end counts
 * answers, and the domain goes back to its event loop only when every request has been answered.
 */
import type { Endpoint } from 'comlink';
import { CONTROL } from '../protocol/boot';

export class ControlEndpoint implements Endpoint {
  #replied = 0;
  #onReply: (() => void) | undefined;

  constructor(readonly words: Int32Array) {}

  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void {
    self.addEventListener(type, listener, options);
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void {
    self.removeEventListener(type, listener, options);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    self.postMessage(message, transfer);
    this.#replied++;
    this.#onReply?.();
  }

  async answered(): Promise<void> {
    while (((Atomics.load(this.words, CONTROL.SENT) - this.#replied) | 0) > 0) {
      await new Promise<void>((resolve) => {
        this.#onReply = resolve;
      });
    }
  }
}
