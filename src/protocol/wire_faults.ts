/** Those of the wire, as the network card's end asks for them. */
import { FaultSet, type SetFault, type WireFault } from './faults';

const DELAY_MS = 100;
const NS_PER_MS = 1e6;

/** What befalls one frame: the shape of hw/faulty_wire.ts. */
export type FrameMishap =
  | { readonly what: 'lost' | 'duplicated' }
  | { readonly what: 'corrupted'; readonly bit: number }
  | { readonly what: 'delayed'; readonly ns: number };

export class WireFaults {
  readonly #faults = new FaultSet<WireFault>();
  /** The next bit to corrupt: another one each time, and the same ones each time that the system runs. */
  #bit = 0;

  set(all: readonly SetFault[]): void {
    this.#faults.set(all.filter((entry): entry is SetFault<WireFault> => entry.fault.on === 'wire'));
  }

  next(direction: 'send' | 'receive'): FrameMishap | undefined {
    const fault = this.#faults.next((candidate) => (candidate.direction ?? direction) === direction);
    if (!fault) return undefined;
    const { what, ms = DELAY_MS } = fault;
    if (what === 'delayed') return { what, ns: ms * NS_PER_MS };
    if (what !== 'corrupted') return { what };
    this.#bit = (this.#bit * 69_069 + 12_345) % 0x1_0000;
    return { what, bit: this.#bit };
  }

  hits(): Record<number, number> {
    return this.#faults.hits();
  }
}
