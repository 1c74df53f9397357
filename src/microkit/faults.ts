/** Faults that are set while the system runs, each carried by the worker whose device it befalls. docs/faults.md. */
import { type Fault, type FaultControl, faultProblem, type MemoryFault, type SetFault } from '../protocol/faults';
import { regionNow, type SystemMemory } from './layout';
import type { Monitor } from './monitor';

export interface FaultStatus extends SetFault {
  /** How often it has happened. */
  readonly hits: number;
}

export class Faults {
  #set: SetFault[] = [];
  #nextId = 1;

  constructor(readonly monitor: Monitor) {}

  /** Sets a fault and returns its number. Throws one sentence when there can be no such fault in this system. */
  async set(fault: Fault): Promise<number> {
    const problem = faultProblem(fault);
    if (problem) throw new Error(problem);
    const id = this.#nextId++;
    if (fault.on === 'memory') {
      flip(this.monitor.memory, fault);
    } else {
      this.#carrier(fault);
      this.#set.push({ id, fault: { ...fault } });
      await this.#tell();
    }
    return id;
  }

  /** Takes back one fault, or all. A disk request that had no answer fails then. */
  async clear(id?: number): Promise<void> {
    const carriers = this.#carriers();
    this.#set = id === undefined ? [] : this.#set.filter((entry) => entry.id !== id);
    await this.#tell(carriers);
  }

  async list(): Promise<FaultStatus[]> {
    const hits = await Promise.all([...this.#carriers()].map((name) => this.#control(name).faultHits()));
    const byId: Record<number, number> = Object.assign({}, ...hits);
    return this.#set.map(({ id, fault }) => ({ id, fault, hits: byId[id] ?? 0 }));
  }

  async #tell(carriers = this.#carriers()): Promise<void> {
    await Promise.all([...carriers].map((name) => this.#control(name).setFaults(this.#set)));
  }

  #carriers(): Set<string> {
    return new Set(this.#set.map(({ fault }) => this.#carrier(fault)));
  }

  #carrier(fault: Fault): string {
    const { domains } = this.monitor.memory.description;
    const found =
      fault.on === 'interrupt'
        ? domains.find(({ name, irqs }) => name === fault.domain && irqs.length > 0)
        : domains.find(({ device }) => device?.port === fault.on);
    if (found) return found.name;
    if (fault.on === 'wire') throw new Error('This system is not on a network.');
    const drivers = domains.filter(({ irqs }) => irqs.length > 0).map(({ name }) => name);
    throw new Error(`Only these have an interrupt: ${drivers.join(', ')}.`);
  }

  #control(name: string) {
    return this.monitor.control<FaultControl>(name);
  }
}

function flip(memory: SystemMemory, { region, offset, bits }: MemoryFault): void {
  const buffer = regionNow(memory, region);
  if (!buffer) throw new Error(`There is no region '${region}'.`);
  if (offset + 4 > buffer.byteLength) throw new Error(`'${region}' is ${buffer.byteLength} bytes long.`);
  Atomics.xor(new Int32Array(buffer), offset / 4, bits);
}
