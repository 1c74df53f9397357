/** The monitor's end of a worker's control plane: counts each request and rings, so that a sleeping domain comes to answer. */
import type { Endpoint } from 'comlink';
import { CONTROL, CONTROL_BIT } from '../protocol/boot';
import { signalThroughGate } from '../protocol/notification';

export class CountingEndpoint implements Endpoint {
  /** Set when the worker was ended: Comlink still sends RELEASE for collected proxies, and nobody would answer. */
  gone = false;

  constructor(
    readonly worker: Worker,
    readonly words: Int32Array,
  ) {}

  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void {
    this.worker.addEventListener(type, listener, options);
  }

  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: object): void {
    this.worker.removeEventListener(type, listener, options);
  }

  postMessage(message: unknown, transfer: Transferable[] = []): void {
    if (this.gone) return;
    Atomics.add(this.words, CONTROL.SENT, 1);
    this.worker.postMessage(message, transfer);
    signalThroughGate(this.words, CONTROL_BIT.CONTROL);
  }
}
