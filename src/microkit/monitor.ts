/** Keeps watch over the running workers: who is up, who faulted; carries the control plane; ends and restarts domains. */
import * as Comlink from 'comlink';
import { type BootInfo, CONTROL, CONTROL_BIT, PD_STATE, type PdStateName } from '../protocol/boot';
import { signalThroughGate } from '../protocol/notification';
import { lifeLock, type WorkerReport } from '../protocol/report';
import { CountingEndpoint } from './counting_endpoint';
import type { SystemMemory } from './layout';
import type { ProtectionDomain } from './sdf';

export interface DomainStatus {
  readonly name: string;
  readonly state: Exclude<Lowercase<PdStateName>, 'paused'> | 'passive' | 'faulted';
  readonly generation: number;
  readonly notifications: number;
}

interface Running {
  readonly domain: ProtectionDomain;
  readonly boot: BootInfo;
  readonly worker: Worker;
  readonly endpoint: CountingEndpoint;
  readonly remote: Comlink.Remote<object>;
  up: boolean;
  fault: string | undefined;
}

export class Monitor extends EventTarget {
  readonly #running = new Map<string, Running>();
  readonly #words: ReadonlyMap<string, Int32Array>;

  constructor(
    readonly memory: SystemMemory,
    readonly print: (text: string) => void,
    readonly spawn: (image: string, name: string) => Worker,
  ) {
    super();
    this.#words = new Map([...memory.control].map(([name, buffer]) => [name, new Int32Array(buffer)]));
  }

  start(domain: ProtectionDomain, boot: BootInfo): void {
    const words = this.#wordsOf(domain.name);
    const worker = this.spawn(domain.image, domain.name);
    const endpoint = new CountingEndpoint(worker, words);
    const running = {
      domain,
      boot,
      worker,
      endpoint,
      remote: Comlink.wrap<object>(endpoint),
      up: false,
      fault: undefined,
    };
    this.#running.set(domain.name, running);
    Atomics.store(words, CONTROL.GENERATION, boot.generation);
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReport>) => this.#reported(running, data));
    worker.addEventListener('error', (event) => this.#faulted(running, event.message || 'its program did not load'));
    worker.postMessage({ boot });
  }

  /** The control procedures of a domain, as its program exposes them. */
  control<T extends object>(name: string): Comlink.Remote<T> {
    return this.#runningOf(name).remote as unknown as Comlink.Remote<T>;
  }

  /** Sets bits in a domain's notification word, as the kernel does. */
  signal(name: string, bits: number): void {
    signalThroughGate(this.#wordsOf(name), bits);
  }

  list(): DomainStatus[] {
    return [...this.#running.values()].map((running) => this.#status(running));
  }

  /** Fulfilled when every domain is up; rejected with the first fault. */
  whenUp(): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const all = [...this.#running.values()];
        const faulted = all.find(({ fault }) => fault !== undefined);
        if (faulted) reject(new Error(`${faulted.domain.name} faulted: ${faulted.fault}`));
        else if (all.every(({ up }) => up)) resolve();
        else this.addEventListener('change', look, { once: true });
      };
      look();
    });
  }

  /** Ends every worker and waits until the browser has really let go of each. */
  async shutdown(): Promise<void> {
    const ended = [...this.#running.values()].map((running) => this.#end(running));
    this.#running.clear();
    await Promise.all(ended);
  }

  /** Die flag, notify, terminate: always all three. The life lock is the death certificate. */
  #end({ boot, worker, endpoint }: Running): Promise<void> {
    endpoint.gone = true;
    this.signal(boot.name, CONTROL_BIT.DIE);
    worker.terminate();
    return navigator.locks.request(lifeLock(boot.name, boot.generation, boot.bootTime), () => {});
  }

  #reported(running: Running, message: WorkerReport): void {
    if (message.report === 'fault') this.#faulted(running, message.message);
    if (message.report !== 'up') return;
    running.up = true;
    if (running.domain.passive) this.print(`MON|INFO: PD '${running.domain.name}' is now passive!\r\n`);
    this.dispatchEvent(new Event('change'));
  }

  #faulted(running: Running, message: string): void {
    running.fault ??= message;
    const words = this.#wordsOf(running.domain.name);
    Atomics.store(words, CONTROL.STATE, PD_STATE.DEAD);
    Atomics.notify(words, CONTROL.STATE);
    this.dispatchEvent(new Event('change'));
  }

  #status({ domain, fault }: Running): DomainStatus {
    const words = this.#wordsOf(domain.name);
    // A domain that is held at the gate waits; that the system is paused is the gate's to tell.
    const value = Atomics.load(words, CONTROL.STATE);
    const shown = value === PD_STATE.PAUSED ? PD_STATE.WAITING : value;
    const name = (Object.keys(PD_STATE) as PdStateName[]).find((key) => PD_STATE[key] === shown)!;
    const state = name.toLowerCase() as Exclude<Lowercase<PdStateName>, 'paused'>;
    const waiting = state === 'waiting' && domain.passive ? 'passive' : state;
    return {
      name: domain.name,
      state: fault === undefined ? waiting : 'faulted',
      generation: Atomics.load(words, CONTROL.GENERATION),
      notifications: Atomics.load(words, CONTROL.NOTIFICATIONS),
    };
  }

  #runningOf(name: string): Running {
    const running = this.#running.get(name);
    if (!running) throw new Error(`There is no protection domain '${name}'.`);
    return running;
  }

  #wordsOf(name: string): Int32Array {
    const words = this.#words.get(name);
    if (!words) throw new Error(`There is no protection domain '${name}'.`);
    return words;
  }
}
