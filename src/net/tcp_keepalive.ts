/** Keep-alive, RFC 9293 section 3.8.4: off unless asked for; a probe repeats the byte before the next, which the peer answers. */
import type { NetError } from './errors';
import type { Netif } from './netif';

export interface KeepAliveOptions {
  readonly idleMs: number;
  readonly intervalMs: number;
  /** Probes without an answer before the connection is given up. */
  readonly count: number;
}

/** Section 3.8.4 asks for two hours at least; the rest as Linux has it. */
export const KEEPALIVE_DEFAULT: KeepAliveOptions = { idleMs: 7_200_000, intervalMs: 75_000, count: 9 };

export class KeepAlive {
  options: KeepAliveOptions | undefined;
  #heardMs: number;
  #probes = 0;

  constructor(
    readonly netif: Netif,
    readonly probe: () => void,
  ) {
    this.#heardMs = netif.now;
  }

  heard(): void {
    this.#heardMs = this.netif.now;
    this.#probes = 0;
  }

  /** `isQuiet`: nothing else is on its way that the peer would answer. */
  deadline(isQuiet: boolean): number {
    if (!this.options || !isQuiet) return Number.POSITIVE_INFINITY;
    return this.#heardMs + this.options.idleMs + this.#probes * this.options.intervalMs;
  }

  poll(isQuiet: boolean): NetError | undefined {
    if (this.netif.now < this.deadline(isQuiet)) return undefined;
    if (this.#probes >= this.options!.count) return 'ETIMEDOUT';
    this.#probes++;
    this.probe();
    return undefined;
  }
}
