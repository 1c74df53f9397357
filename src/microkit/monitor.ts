/** Keeps watch over the running workers: who is up, who faulted; carries the control plane; ends and restarts domains. */
import * as Comlink from 'comlink';
import { type BootInfo, CONTROL, CONTROL_BIT, PD_STATE, type PdStateName } from '../protocol/boot';
import { signalThroughGate } from '../protocol/notification';
import { lifeLock, type WorkerReport } from '../protocol/report';
import { Backoff } from './backoff';
import { CountingEndpoint } from './counting_endpoint';
import { bootInfo, type SystemMemory } from './layout';
import { announce, built, emptyQueues, neighbours } from './reboot';
import type { ProtectionDomain } from './sdf';
import { Watchdog } from './watchdog';

export interface DomainStatus {
  readonly name: string;
  readonly state: Exclude<Lowercase<PdStateName>, 'paused'> | 'passive' | 'faulted';
  readonly generation: number;
  readonly notifications: number;
}

export interface Clock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
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
  readonly #words: Map<string, Int32Array>;
  /** Per set of a guest's memory: the death of its last tenant. */
  readonly #vacated = new Map<SharedArrayBuffer, Promise<void>>();
  readonly #backoff = new Backoff();
  /** The last reboot asked for, per guest: a generation starts only after the one before. */
  readonly #reboots = new Map<string, Promise<void>>();
  readonly #watchdogs: Watchdog[] = [];

  constructor(
    readonly memory: SystemMemory,
    readonly print: (text: string) => void,
    readonly spawn: (image: string, name: string) => Worker,
    readonly clock: Clock,
  ) {
    super();
    this.#words = new Map([...memory.control].map(([name, buffer]) => [name, new Int32Array(buffer)]));
    for (const [name, { word }] of memory.guests) this.#watch(name, new Int32Array(word));
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

  /**
   * Ends a guest, whatever it is doing, and starts its next generation. Fulfilled when that is up. Only a guest can be restarted
   * alone: whoever shares memory with it knows that it may be another one at any time.
   */
  reboot(name: string): Promise<void> {
    const before = this.#reboots.get(name) ?? Promise.resolve();
    const reboot = before.catch(() => {}).then(() => this.#reboot(name));
    this.#reboots.set(name, reboot);
    return reboot;
  }

  async #reboot(name: string): Promise<void> {
    const old = this.#runningOf(name);
    if (!this.memory.guests.has(name))
      throw new Error(`'${name}' is not a guest: only a virtual machine can be restarted alone.`);
    const generation = old.boot.generation + 1;
    this.print(`\r\nMON|INFO: virtual machine '${name}' ended, starting generation ${generation}\r\n`);
    // It may die between setting a neighbour's bit and waking it, and whoever comes later leaves the waking to the one before.
    const buried = this.#end(old).then(() =>
      neighbours(this.memory.description, name).forEach((peer) => this.signal(peer, 0)),
    );
    this.#vacated.set(old.boot.control, buried);
    const ending = { ...old, up: false };
    this.#running.set(name, ending);
    this.dispatchEvent(new Event('change'));
    const boot = bootInfo(this.memory, old.domain, generation);
    // Memory that the dead could still write is not lent again before the browser says that they are gone.
    await this.#vacated.get(boot.control);
    emptyQueues(boot);
    this.#words.set(name, new Int32Array(boot.control));
    announce(this.memory, name, generation, (peer, bits) => this.signal(peer, bits));
    await built(this.memory, name, generation);
    // The whole system was ended meanwhile: a worker started now would outlive it.
    if (this.#running.get(name) !== ending) return;
    this.start(old.domain, boot);
    await this.whenUp();
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

  #watch(name: string, word: Int32Array): void {
    const watched = {
      words: () => this.#wordsOf(name),
      hangs: () => void this.#recover(this.#runningOf(name), 'it does not answer'),
    };
    const watchdog = new Watchdog(word, watched, (ms) => this.clock.pause(ms));
    this.#watchdogs.push(watchdog);
    void watchdog.run();
  }

  /** Puts a domain into an endless loop: for seeing what happens then. */
  hang(name: string): void {
    void this.control<{ hang(): void }>(name).hang();
  }

  /** Ends every worker and waits until the browser has really let go of each. */
  async shutdown(): Promise<void> {
    for (const watchdog of this.#watchdogs) watchdog.stop();
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
    if (running.endpoint.gone) return;
    running.fault ??= message;
    if (running.domain.kind === 'guest' && running.up) return void this.#recover(running, message);
    const words = this.#wordsOf(running.domain.name);
    Atomics.store(words, CONTROL.STATE, PD_STATE.DEAD);
    Atomics.notify(words, CONTROL.STATE);
    this.dispatchEvent(new Event('change'));
  }

  /** A guest that crashed or hangs is rebooted, slower each time when that does not help. */
  async #recover({ domain }: Running, why: string): Promise<void> {
    const delayMs = this.#backoff.next(this.clock.nowMs());
    const later = delayMs > 0 ? ` in ${delayMs} ms, as it keeps failing` : '';
    this.print(`\r\nMON|ERROR: virtual machine '${domain.name}' failed: ${why}: rebooting it${later}\r\n`);
    await this.clock.pause(delayMs);
    await this.reboot(domain.name);
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
