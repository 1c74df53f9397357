/** Keeps watch over the running workers: who is up, who faulted; carries the control plane; ends and restarts domains. */
import type * as Comlink from 'comlink';
import { type BootInfo, CONTROL, PD_STATE } from '../protocol/boot';
import { signalThroughGate } from '../protocol/notification';
import type { WorkerReport } from '../protocol/report';
import { Backoff } from './backoff';
import { Domains } from './domains';
import { bootInfo, type SystemMemory } from './layout';
import { announce, built, emptyQueues, inherit, neighbours } from './reboot';
import { begun, type Clock, end, type Moment, type Running } from './running';
import type { ProtectionDomain } from './sdf';
import { Spares } from './spares';
import { type DomainStatus, statusOf } from './status';
import { Watchdog } from './watchdog';

export class Monitor extends EventTarget {
  readonly #domains: Domains;
  /** Per set of a guest's memory: the death of its last tenant. */
  readonly #vacated = new Map<SharedArrayBuffer, Promise<void>>();
  readonly #backoffs = new Map<string, Backoff>();
  /** The last restart asked for, per domain: a generation starts only after the one before. */
  readonly #restarts = new Map<string, Promise<void>>();
  readonly #spares: Spares;
  readonly #watchdogs: Watchdog[] = [];

  constructor(
    readonly memory: SystemMemory,
    readonly print: (text: string) => void,
    readonly spawn: (image: string, name: string) => Worker,
    readonly clock: Clock,
  ) {
    super();
    this.#spares = new Spares(spawn);
    this.#domains = new Domains(memory);
    for (const [name, { word }] of memory.guests) this.#watch(name, new Int32Array(word));
  }

  start(domain: ProtectionDomain, boot: BootInfo): void {
    const words = new Int32Array(boot.control);
    this.#domains.livesBy(domain.name, words);
    const worker = this.#spares.take(domain.image, domain.name);
    const running = begun(domain, boot, worker, this.clock.nowMs());
    this.#domains.set(domain.name, running);
    Atomics.store(words, CONTROL.GENERATION, boot.generation);
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerReport>) => this.#reported(running, data));
    worker.addEventListener('error', (event) => this.#faulted(running, event.message || 'its program did not load'));
    worker.postMessage({ boot });
  }

  /**
   * Ends a domain, whatever it is doing, and starts its next generation. Fulfilled when that is up. Only a guest and a client can be
   * restarted alone: whoever shares memory with them knows that they may be another one at any time.
   */
  restart(name: string): Promise<void> {
    const before = this.#restarts.get(name) ?? Promise.resolve();
    const restart = before.catch(() => {}).then(() => this.#restart(this.#domains.runningOf(name)));
    this.#restarts.set(name, restart);
    return restart;
  }

  /**
   * Ends a domain, whatever it is doing. A guest and a client come back: fulfilled when the next generation is up. Nothing restarts another
   * one, as upstream: what does not need it goes on, and this is fulfilled at its death.
   */
  async kill(name: string): Promise<void> {
    if (this.comesBack(name)) return this.restart(name);
    const running = this.#domains.runningOf(name);
    if (!this.memory.control.has(name)) throw new Error(`'${name}' is no protection domain.`);
    if (running.buried) throw new Error(goneFor(name));
    this.print(`\r\nMON|ERROR: PD '${name}' was killed; nothing restarts it\r\n`);
    running.up = false;
    running.buried = this.#bury(running);
    this.#tell('killed', running.boot);
    await running.buried;
    this.#markDead(name);
  }

  comesBack(name: string): boolean {
    return this.#domains.comesBack(name);
  }

  async #restart(old: Running): Promise<void> {
    const { name, kind } = old.domain;
    if (!this.comesBack(name))
      throw new Error(
        `'${name}' cannot be restarted alone: only a virtual machine and a client can. Start the system again.`,
      );
    const what = kind === 'guest' ? 'virtual machine' : 'PD';
    const generation = old.boot.generation + 1;
    this.print(`\r\nMON|INFO: ${what} '${name}' ended, starting generation ${generation}\r\n`);
    const ending = { ...old, up: false, ending: true, fault: undefined };
    this.#tell('ended', old.boot);
    const buried = this.#bury(old);
    this.#domains.set(name, ending);
    this.dispatchEvent(new Event('change'));
    const boot = bootInfo(this.memory, old.domain, generation);
    await (kind === 'guest' ? this.#rebuild(boot, old.boot, buried) : buried.then(() => inherit(boot)));
    // The whole system was ended meanwhile: a worker started now would outlive it.
    if (this.#domains.get(name) !== ending) return;
    this.#tell('built', boot);
    this.start(old.domain, boot);
    await this.whenUp([name]);
  }

  /** A guest's next generation lives in other memory, so that it need not wait for the death of this one. */
  async #rebuild(boot: BootInfo, old: BootInfo, buried: Promise<void>): Promise<void> {
    const { name, generation, control } = boot;
    this.#vacated.set(old.control, buried);
    // Memory that the dead could still write is not lent again before the browser says that they are gone.
    await this.#vacated.get(control);
    emptyQueues(boot);
    this.#domains.livesBy(name, new Int32Array(control));
    announce(this.memory, name, generation, (peer, bits) => this.signal(peer, bits));
    await built(this.memory, name, generation);
  }

  /** The control procedures of a domain, as its program exposes them. */
  control<T extends object>(name: string): Comlink.Remote<T> {
    const { remote, ending, buried } = this.#domains.runningOf(name);
    if (buried) throw new Error(goneFor(name));
    if (ending) throw new Error(`'${name}' is being restarted: ask again when it is up.`);
    return remote as unknown as Comlink.Remote<T>;
  }

  /** Sets bits in a domain's notification word, as the kernel does. */
  signal(name: string, bits: number): void {
    signalThroughGate(this.#domains.wordsOf(name), bits);
  }

  list(): DomainStatus[] {
    return this.memory.description.domains.map((domain) =>
      statusOf(this.#domains.get(domain.name) ?? { domain }, this.#domains.wordsOf(domain.name)),
    );
  }

  startLate(): void {
    const waiting = this.memory.description.domains.filter(({ name, late }) => late && !this.#domains.get(name));
    for (const domain of waiting) this.start(domain, bootInfo(this.memory, domain, 1));
  }

  /** Fulfilled when every domain, or each of these, is up; rejected with the first fault. */
  whenUp(names?: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const all = this.#domains.all().filter(({ domain }) => names?.includes(domain.name) ?? true);
        const faulted = all.find(({ fault }) => fault !== undefined);
        if (faulted) reject(new Error(`${faulted.domain.name} faulted: ${faulted.fault}`));
        else if (all.every(({ up, buried }) => up || buried)) resolve();
        else this.addEventListener('change', look, { once: true });
      };
      look();
    });
  }

  #watch(name: string, word: Int32Array): void {
    const failed = (why: string) => {
      const running = this.#domains.get(name);
      if (running && !running.buried) void this.#recover(running, why);
    };
    const watched = {
      words: () => this.#domains.wordsOf(name),
      hangs: () => failed('it does not answer'),
      brokeProtocol: () => failed('it broke a protocol'),
    };
    const watchdog = new Watchdog(word, watched, (ms) => this.clock.pause(ms));
    this.#watchdogs.push(watchdog);
    void watchdog.run();
  }

  /** Puts a domain into an endless loop: for seeing what happens then. */
  hang(name: string): void {
    void this.control<{ hang(): void }>(name).hang();
    const running = this.#domains.runningOf(name);
    running.hung = true;
    this.#tell('hung', running.boot);
    this.dispatchEvent(new Event('change'));
  }

  /** Loads what a reboot of each guest will need: at leisure, when the system is up. */
  prepareSpares(): void {
    for (const name of this.memory.guests.keys())
      this.#spares.prepare(this.#domains.runningOf(name).domain.image, name);
  }

  /** Ends every worker and waits until the browser has really let go of each. */
  async shutdown(): Promise<void> {
    for (const watchdog of this.#watchdogs) watchdog.stop();
    this.#spares.close();
    const ended = this.#domains.all().map((running) => running.buried ?? this.#bury(running));
    this.#domains.clear();
    await Promise.all(ended);
  }

  /** It may die between setting a neighbour's bit and waking it, and whoever comes later leaves the waking to the one before. */
  async #bury(running: Running): Promise<void> {
    await end(running, (name, bits) => this.signal(name, bits));
    for (const peer of neighbours(this.memory.description, running.boot.name)) this.signal(peer, 0);
  }

  #tell(what: Moment['what'], { name, generation }: BootInfo, why?: string): void {
    const detail: Moment = { what, domain: name, generation, atMs: this.clock.nowMs(), ...(why ? { why } : {}) };
    this.dispatchEvent(new CustomEvent('moment', { detail }));
  }

  #reported(running: Running, message: WorkerReport): void {
    if (message.report === 'fault') this.#faulted(running, message.message);
    if (message.report !== 'up') return;
    running.up = true;
    running.bootMs = this.clock.nowMs() - running.startedMs;
    if (running.domain.kind === 'guest' && running.boot.generation > 1) this.prepareSpares();
    this.#tell('up', running.boot);
    if (running.domain.passive) this.print(`MON|INFO: PD '${running.domain.name}' is now passive!\r\n`);
    this.dispatchEvent(new Event('change'));
  }

  #faulted(running: Running, message: string): void {
    if (running.endpoint.gone) return;
    running.fault ??= message;
    const { name } = running.domain;
    if (running.up && this.comesBack(name)) return void this.#recover(running, message);
    this.#markDead(name);
  }

  #markDead(name: string): void {
    const words = this.#domains.wordsOf(name);
    Atomics.store(words, CONTROL.STATE, PD_STATE.DEAD);
    Atomics.notify(words, CONTROL.STATE);
    this.dispatchEvent(new Event('change'));
  }

  /** A guest or client that crashed, hangs or broke a protocol is restarted, slower each time when that does not help. */
  async #recover({ domain, boot }: Running, why: string): Promise<void> {
    const { name, kind } = domain;
    this.#tell('failed', boot, why);
    if (!this.comesBack(name)) return this.kill(name);
    const backoff = this.#backoffs.get(name) ?? new Backoff();
    this.#backoffs.set(name, backoff);
    const delayMs = backoff.next(this.clock.nowMs());
    const later = delayMs > 0 ? ` in ${delayMs} ms, as it keeps failing` : '';
    const [what, doing] = kind === 'guest' ? ['virtual machine', 'rebooting'] : ['PD', 'restarting'];
    this.print(`\r\nMON|ERROR: ${what} '${name}' failed: ${why}: ${doing} it${later}\r\n`);
    await this.clock.pause(delayMs);
    // Somebody else restarted it meanwhile, or ended the system.
    const now = this.#domains.get(name);
    if (now && !now.ending && now.boot.generation === boot.generation) await this.restart(name);
  }
}

const goneFor = (name: string) => `'${name}' was killed, and nothing restarts it. Start the system again.`;
