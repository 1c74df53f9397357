/** Those of one hop of the network, as its component asks for them. */
import { FaultSet, type HopFault, type SetFault } from './faults';

export class HopFaults {
  readonly #faults = new FaultSet<HopFault>();

  constructor(readonly domain: string) {}

  set(all: readonly SetFault[]): void {
    const mine = (entry: SetFault): entry is SetFault<HopFault> =>
      entry.fault.on === 'hop' && entry.fault.domain === this.domain;
    this.#faults.set(all.filter(mine));
  }

  /** Whether the frame that is about to be passed on is lost. */
  lost(): boolean {
    return this.#faults.next(() => true) !== undefined;
  }

  hits(): Record<number, number> {
    return this.#faults.hits();
  }
}
