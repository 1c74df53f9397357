/**
 * The running system as the page knows it: starts it, ends it, passes keys and programs over its serial line, and tells its state. No React.
 */
import type { Board } from '../boards/board';
import { vmfs } from '../boards/vmfs';
import type { Faults } from '../microkit/faults';
import { load, type System } from '../microkit/loader';
import type { DomainStatus } from '../microkit/status';
import type { BlkDriverControl, FilesControl, GuestControl, MountState } from '../protocol/control';
import type { LanControl } from '../protocol/lan';
import { Console } from './console';
import { deferred } from './deferred';
import { Disk } from './disk';
import { DiskUse } from './disk_use';
import { FilesLink } from './files/files_machine';
import { GuestWeb } from './guest_web';
import { type MachineOptions, type MachineState, STARTING } from './machine_state';
import { type ScriptLine, Scripts } from './scripts';

const DISK_NAME = 'vmfs';
const CTRL_C = '\x03';
const CLIENT = 'micropython';
const encoder = new TextEncoder();
const nothing = () => {};

export class Machine {
  readonly console = new Console();
  readonly disk: Disk;
  readonly files: FilesLink;
  readonly web: GuestWeb;
  board: Board;
  state: MachineState = { phase: 'starting', keysTo: 0, scripted: false, restarting: false, starts: 0 };
  #system: System | undefined;
  #ready = deferred();
  readonly #listeners = new Set<() => void>();
  readonly #diskUse = new DiskUse(() => this.domains());
  readonly #scripts: Scripts;

  constructor(readonly options: MachineOptions) {
    this.board = options.board;
    this.disk = new Disk(options.disk, {
      control: () => this.#control<BlkDriverControl>('blk_driver'),
      guest: () => this.#control<GuestControl>('linux_fs_vm'),
      restart: () => this.restart(),
      broken: () => this.domains().some(({ state }) => /killed|hung|faulted/.test(state)),
    });
    const { memory, subscribe } = this;
    this.files = new FilesLink({ control: () => this.#control<FilesControl>('files'), memory, subscribe });
    this.web = new GuestWeb({ control: () => this.#control<LanControl>('lan'), memory }, options.carry ?? false);
    this.#scripts = new Scripts(this.#scriptLine());
    this.console.addEventListener('change', () => this.#lineChanged());
  }

  /** Starts every worker before it returns. */
  start(): void {
    // Whoever waits for it hears of a failure; nobody has to.
    this.#ready.promise.catch(nothing);
    this.#set({ ...STARTING, starts: this.state.starts + 1 });
    try {
      const options = { disk: this.disk.config(DISK_NAME), partition: this.options.partition };
      this.#system = load(vmfs(this.board, options), this.board.ram);
    } catch (error) {
      this.#fail(error);
      return;
    }
    const { line, monitor } = this.#system;
    line.drain((bytes) => this.console.receive(bytes)).catch((error) => this.#fail(error));
    monitor.addEventListener('change', () => this.#domainsChanged());
    monitor.whenUp().then(
      () => this.#up(),
      (error) => this.#fail(error),
    );
  }

  /** Ends every worker and starts a new system, on the disk as it is then. */
  async restart(): Promise<void> {
    const old = this.#system;
    this.#system = undefined;
    if (this.state.phase !== 'starting') this.#ready = deferred();
    old?.line.close();
    await old?.monitor.shutdown();
    this.#clientEnded();
    this.console.restart();
    this.start();
    await this.ready;
  }

  /** Starts the system anew, on this board; the disk stays. */
  async reboot(board: Board = this.board): Promise<void> {
    if (this.state.phase === 'ready') await this.disk.keep();
    this.board = board;
    await this.restart();
  }

  /** The page goes away, and nothing of the machine may outlive it. */
  end(): void {
    void this.#system?.monitor.shutdown();
  }

  /** Fulfilled when the prompt is there; rejected when the system cannot start. A restart makes a new one. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** What the running system's domains share, for looking at; undefined while there is none. */
  memory = () => this.#system?.memory;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  domains(): DomainStatus[] {
    return this.#system?.monitor.list() ?? [];
  }

  /** Ends a virtual machine or the client, whatever it is doing, and starts its next generation; of the client, up to its prompt. */
  async restartDomain(name: string): Promise<void> {
    await this.#running.monitor.restart(name);
    if (name !== CLIENT) return;
    await this.#until(() => !this.state.restarting);
  }

  /** Faults that can be set, cleared and listed while the system runs. */
  get faults(): Faults {
    return this.#running.faults;
  }

  /** Puts a domain into an endless loop. */
  hang(name: string): void {
    this.#system?.monitor.hang(name);
  }

  /** Bytes for the UART's receiver, exactly as they are. */
  send(text: string): void {
    this.#system?.line.send(encoder.encode(text));
  }

  /** Whether the UART has taken everything. */
  get unsent(): number {
    return this.#system?.line.unsent ?? 0;
  }

  /** What a person types: it waits while a script uses the line. */
  type(text: string): void {
    if (!this.state.scripted || text === CTRL_C) this.send(text);
    else this.#scripts.hold(text);
  }

  /** What the Python program printed; rejects with PythonError. */
  run(python: string): Promise<string> {
    return this.#scripts.run(python);
  }

  async mount(): Promise<MountState> {
    await this.ready;
    return this.#control<GuestControl>('linux_fs_vm').mountState();
  }

  /** The disk is in memory and has been used since the prompt. */
  get wouldLoseFiles(): boolean {
    const { storage, phase } = this.state;
    const inMemory = storage !== undefined && storage.state !== 'saved';
    return phase === 'ready' && inMemory && this.#diskUse.sincePrompt;
  }

  get #running(): System {
    if (!this.#system) throw new Error('The system is not running.');
    return this.#system;
  }

  #scriptLine(): ScriptLine {
    const machine = this;
    return {
      console: this.console,
      get ready() {
        return machine.ready;
      },
      send: (text) => this.send(text),
      scripted: (scripted) => this.#set({ scripted }),
    };
  }

  #until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!done()) return;
        this.#listeners.delete(look);
        resolve();
      };
      this.#listeners.add(look);
      look();
    });
  }

  #control<T extends object>(domain: string) {
    return this.#running.monitor.control<T>(domain);
  }

  async #up(): Promise<void> {
    const storage = await this.#control<BlkDriverControl>('blk_driver').storage();
    this.#set({ storage });
    await this.web.started();
  }

  #domainsChanged(): void {
    const client = this.domains().find(({ name }) => name === CLIENT);
    if (client?.state === 'restarting' && !this.state.restarting) this.#clientEnded();
    this.#changed();
  }

  #clientEnded(): void {
    this.#scripts.end();
    this.console.forgetPrompt();
    this.#set({ restarting: true });
  }

  #lineChanged(): void {
    if (this.state.restarting && this.state.phase === 'ready' && this.console.prompted)
      this.#set({ restarting: false });
    if (this.state.phase === 'starting' && this.console.prompted) this.#prompted();
    if (this.state.keysTo !== this.console.keysTo) this.#set({ keysTo: this.console.keysTo });
  }

  #prompted(): void {
    if (this.state.starts === 1) performance.mark('vmfs-prompt');
    this.#set({ phase: 'ready', promptMs: performance.now() });
    this.#diskUse.prompted();
    this.#ready.resolve();
    this.#running.monitor.startLate();
    this.#running.monitor.prepareSpares();
    // A system that is ended before it has answered leaves nothing to tell.
    this.mount().then((mount) => this.#set({ mount }), nothing);
  }

  #fail(error: unknown): void {
    const failure = error instanceof Error ? error.message : String(error);
    this.#ready.reject(new Error(failure));
    this.#set({ phase: 'failed', failure });
  }

  #set(change: { [K in keyof MachineState]?: MachineState[K] | undefined }): void {
    this.state = { ...this.state, ...change } as MachineState;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
