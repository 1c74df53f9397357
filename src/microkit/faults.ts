/** Faults that are set while the system runs, each carried by the worker whose device it befalls. docs/faults.md. */
import { type Fault, type FaultControl, faultProblem, type MemoryFault, type SetFault } from '../protocol/faults';
import { regionNow, type SystemMemory } from './layout';
import type { Monitor } from './monitor';
import type { ProtectionDomain } from './sdf';

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
      const carrier = this.#carrier(fault);
      if (this.#isGone(carrier)) throw new Error(`'${carrier}' is gone, and nothing can befall it any more.`);
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

  /** Those that can be asked; a component that is gone answers nothing, and its faults befall nobody. */
  #carriers(): Set<string> {
    return new Set(this.#set.map(({ fault }) => this.#carrier(fault)).filter((name) => !this.#isGone(name)));
  }

  #isGone(domain: string): boolean {
    const found = this.monitor.list().find(({ name }) => name === domain);
    return found !== undefined && ['killed', 'hung', 'faulted', 'dead'].includes(found.state);
  }

  #carrier(fault: Fault): string {
    const candidates = this.monitor.memory.description.domains.filter((domain) => carries(domain, fault.on));
    const named = 'domain' in fault;
    const found = named ? candidates.find(({ name }) => name === fault.domain) : candidates[0];
    if (found) return found.name;
    if (candidates.length === 0) throw new Error('This system is not on a network.');
    const names = candidates.map(({ name }) => name).join(', ');
    throw new Error(
      fault.on === 'hop' ? `Only these pass frames on: ${names}.` : `Only these have an interrupt: ${names}.`,
    );
  }

  #control(name: string) {
    return this.monitor.control<FaultControl>(name);
  }
}

/** Whether a worker can carry faults of a kind. A hop of the network is one that counts what it loses. */
function carries({ device, irqs, maps }: ProtectionDomain, on: Fault['on']): boolean {
  if (on === 'interrupt') return irqs.length > 0;
  if (on === 'hop') return maps.some(({ symbol }) => symbol === 'net_counters');
  return device?.port === on;
}

function flip(memory: SystemMemory, { region, offset, bits }: MemoryFault): void {
  const buffer = regionNow(memory, region);
  if (!buffer) throw new Error(`There is no region '${region}'.`);
  if (offset + 4 > buffer.byteLength) throw new Error(`'${region}' is ${buffer.byteLength} bytes long.`);
  Atomics.xor(new Int32Array(buffer), offset / 4, bits);
}
