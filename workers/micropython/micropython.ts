/**
 * The MicroPython client: waits for its disk, starts the interpreter, runs boot.py and main.py, and reads, evaluates and prints until
 * the domain ends. It trusts nobody with its memory: the file system server may answer anything, the line may bring anything.
 */

import { Errno, Interrupted } from '../../src/libfs/errors';
import type { Files } from '../../src/libfs/files';
import type { Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { CONTROL_BIT } from '../../src/protocol/boot';
import { STATEMENT_OF, TRACE } from '../../src/protocol/trace';
import { Builtins } from './builtins';
import type { Clock } from './clock';
import { Descriptors } from './descriptors';
import { type Caller, type Host, Interpreter } from './interpreter';
import { USE_MODULES } from './modules';
import { NetControl } from './net_control';
import type { NetPort } from './net_port';
import { SIZED_ILISTDIR } from './sized_ilistdir';
import { START_FILES } from './start_files';
import { Syscalls } from './syscalls';
import type { Terminal } from './terminal';

/** The prompt waits this long for an address, so that its line comes before the banner as in the original. */
const LEASE_PATIENCE_NS = 500e6;

/** To the raw REPL and back. */
const CTRL_A = 1;
const CTRL_B = 2;
/** Ends a program in the raw REPL or a paste. */
const CTRL_D = 4;
const ENTER = 13;

export interface Parts {
  readonly kernel: Kernel;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly files: Files;
  /** None: the machine has no network. */
  readonly port: NetPort | undefined;
  /** What the banner says the interpreter runs on. */
  readonly machine: string;
  /** A client before this one was ended: what it left in the queues is nobody's. */
  readonly heir: boolean;
  readonly wasm: Promise<WebAssembly.Module>;
  /** Gives away what the worker could do besides; called when nothing more is to be loaded. */
  readonly renounce: () => void;
}

export class MicroPython implements ProtectionDomain {
  readonly #parts: Parts;
  #patientUntilNs: number | undefined;
  #statements = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  init(): void {
    const { terminal, port, heir } = this.#parts;
    port?.init(heir);
    if (heir) terminal.discardKeys();
    terminal.print('MP|INFO: initialising!\n');
  }

  /** Everything is waited for in `run`. */
  notified(): void {}

  async run(answerControl: () => Promise<void>): Promise<void> {
    const { files, heir, wasm, renounce, terminal } = this.#parts;
    this.#tolerantly(() => {
      if (heir) files.evictPredecessor();
      files.requestMount();
    });
    const module = await wasm;
    renounce();
    for (let raw = false; ; terminal.print('MPY: soft reboot\n')) {
      this.#tolerantly(() => {
        files.requestMount();
        files.mount();
      });
      this.#tolerantly(() => this.#awaitLease());
      raw = await this.#session(module, raw, answerControl);
    }
  }

  #awaitLease(): void {
    const { kernel, port, terminal } = this.#parts;
    if (!port) return;
    this.#patientUntilNs ??= kernel.now() + LEASE_PATIENCE_NS;
    const deadlineNs = this.#patientUntilNs;
    while (!port.isUp && kernel.now() < deadlineNs) {
      const { events } = port;
      terminal.block(port.channels, deadlineNs, () => port.events !== events);
    }
    terminal.attend();
  }

  /** The prompt comes without the disk too: when the server does not answer, by Ctrl-C. */
  #tolerantly(body: () => void): void {
    try {
      this.#program(body);
    } catch (error) {
      if (!(error instanceof Interrupted || error instanceof Errno)) throw error;
    }
  }

  /** From a fresh interpreter to its end; returns whether the raw REPL was active then. */
  async #session(module: WebAssembly.Module, raw: boolean, answerControl: () => Promise<void>): Promise<boolean> {
    const { files, terminal } = this.#parts;
    const descriptors = new Descriptors();
    const control = new NetControl(this.#parts, descriptors);
    const builtins = new Builtins((name) => control.open(name));
    const interpreter = new Interpreter(module, (caller) => {
      const syscalls = new Syscalls(files, terminal, caller, descriptors, builtins);
      return { env: { ...syscalls.env, ...this.#hooks(caller) }, wasi: syscalls.wasi };
    });
    terminal.interruptChar = () => interpreter.interruptChar;
    try {
      this.#statement(STATEMENT_OF.START, () =>
        this.#program(() => interpreter.exec(USE_MODULES + SIZED_ILISTDIR + START_FILES)),
      );
      this.#startRepl(interpreter, raw);
      await this.#repl(interpreter, answerControl);
      return interpreter.raw;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
      terminal.print(`\nMPY: fatal: ${error.message}\n`);
      return false;
    } finally {
      descriptors.abandonAll();
    }
  }

  #startRepl(interpreter: Interpreter, raw: boolean): void {
    const { terminal } = this.#parts;
    terminal.newsWelcome = false;
    const banner = terminal.captured(() => interpreter.startRepl());
    if (raw) interpreter.replProcessChar(CTRL_A);
    else terminal.print(this.#ourBanner(banner).replace(/^\r\n/, ''));
  }

  /** The build's banner with our machine in it; anything else unchanged. */
  #ourBanner(text: string): string {
    return text.replace(
      /(MicroPython [^;]*;) .*\r\nType .*\r\n/,
      (_, version) => `${version} ${this.#parts.machine}\r\n`,
    );
  }

  /** False when the interpreter wants to end. Ctrl-B leaves the raw REPL with the banner. */
  #give(interpreter: Interpreter, key: number): boolean {
    const { terminal } = this.#parts;
    terminal.newsWelcome = key === ENTER && !interpreter.raw;
    const program = () => this.#program(() => interpreter.replProcessChar(key));
    if (key === CTRL_D) return this.#statement(STATEMENT_OF.PROGRAM, program);
    if (key === ENTER && !interpreter.raw) return this.#statement(STATEMENT_OF.LINE, program);
    if (key !== CTRL_B) return program();
    terminal.print(this.#ourBanner(terminal.captured(() => interpreter.replProcessChar(key))));
    return true;
  }

  async #repl(interpreter: Interpreter, answerControl: () => Promise<void>): Promise<void> {
    const { terminal } = this.#parts;
    for (;;) {
      const key = terminal.key();
      if (key !== undefined) {
        if (!this.#give(interpreter, key)) return;
        continue;
      }
      terminal.newsWelcome = false;
      const bits = terminal.block(CONTROL_BIT.CONTROL, undefined, () => terminal.keysWaiting);
      if (bits & CONTROL_BIT.CONTROL) await answerControl();
    }
  }

  /** For the flight recorder: what is asked of the file system until `body` returns, is asked by one statement. */
  #statement<T>(what: number, body: () => T): T {
    const { kernel } = this.#parts;
    const number = ++this.#statements;
    kernel.trace(TRACE.STATEMENT, 0, 0, number, what);
    try {
      return body();
    } finally {
      kernel.trace(TRACE.STATEMENT_END, 0, 0, number, 0);
    }
  }

  /** While this runs, Ctrl-C interrupts; otherwise it is a key. */
  #program<T>(body: () => T): T {
    const { terminal } = this.#parts;
    terminal.running = true;
    try {
      return body();
    } finally {
      terminal.running = false;
    }
  }

  #hooks(caller: Caller): Host['env'] {
    const { clock, kernel, terminal } = this.#parts;
    return {
      mp_js_ticks_ms: () => clock.ticksMs(),
      mp_js_time_ms: () => clock.unixMs(),
      mp_delay_us: (microseconds: number) => clock.delay(microseconds),
      mp_stdin_rx_chr: () => terminal.waitForKey(),
      // Compiled where nothing may be raised: the interpreter itself raises what is scheduled, right after.
      mp_vm_hook: () => {
        // Throws Killed when the domain is to end.
        kernel.poll(0);
        if (terminal.quiet) return;
        try {
          terminal.attend();
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
          caller.scheduleInterrupt();
        }
      },
    };
  }
}
